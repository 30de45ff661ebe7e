/** Live views: a subscription is a place in a day's sequence of durable changes. */
import { RECENT_CHANGES_MAX, RECENT_CHANGES_UNWATCHED_MAX } from '../../src/desk/loaded-day.js';
import type { Change } from '../../src/domain/event.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, Clinic, newId, reasonOf, recordOf, seenOf, TODAY, Watcher } from './clinic.js';

let clinic: Clinic;
let key: DayKey;
let slotId: SlotId;

beforeEach(async () => {
  clinic = await Clinic.open({ daysMax: 1, tokensMax: 1_000_000 });
  ({ key, slotId } = await clinic.day());
});

afterEach(async () => {
  clinic.store.release();
  await clinic.store.idle();
  await clinic.store.close();
});

function issue(count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => clinic.allocate(slotId, '')));
}

async function subscribe(revision: number) {
  return accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, revision), () => {}));
}

describe('taking', () => {
  test('changes come one by one, in order, each once', async () => {
    const subscription = await subscribe(1);
    await issue(3);
    const { changes } = await recordOf(clinic.store, key);
    expect([1, 2, 3].map(() => subscription.take())).toEqual(changes.slice(1).map((change) => ({ change })));
    expect(subscription.take()).toBeUndefined();
  });

  test('every subscriber gets the same change, not a copy of it', async () => {
    const [one, other] = [await subscribe(1), await subscribe(1)];
    await issue(1);
    const [first, second] = [one.take(), other.take()] as { change: Change }[];
    expect(first?.change).toBe(second?.change);
  });

  test('one who resumes gets what came after the revision it saw', async () => {
    await issue(5);
    const watcher = await clinic.watch(key, 3);
    expect(watcher.revisions).toEqual([4, 5, 6]);
  });

  test('one who resumes after a restart gets the very same changes', async () => {
    await issue(5);
    const before = await clinic.watch(key, 2);
    clinic.restart();
    const after = await clinic.watch(key, 2);
    expect(after.seen).toEqual(before.seen);
  });

  test('a day that nobody has touched can be watched, from its first change on', async () => {
    const fresh = { doctorId: (await clinic.doctor()).id, date: TODAY };
    const watcher = await clinic.watch(fresh, 0);
    await clinic.slot(fresh);
    expect(watcher.revisions).toEqual([1]);
  });

  test('one who is ahead of the day gets nothing until the day is ahead of it', async () => {
    const watcher = await clinic.watch(key, 3);
    await issue(3);
    expect(watcher.revisions).toEqual([4]);
  });
});

describe('waking', () => {
  test('wakes are per batch, not per change', async () => {
    const watcher = await clinic.watch(key, 1);
    const before = watcher.wakes;
    await issue(10);
    expect(watcher.wakes - before).toBe(1);
    expect(watcher.revisions).toHaveLength(10);
  });

  test('nobody is woken for another day, nor for what is refused', async () => {
    const watcher = await clinic.watch(key, 1);
    const before = watcher.wakes;
    await clinic.day();
    await clinic.allocate(`slot_${newId()}` as SlotId, '');
    expect(reasonOf(await clinic.createSlot(key, {}))).toBe('SLOT_OVERLAPS');
    expect(watcher.wakes).toBe(before);
  });

  test('nobody is woken once it has closed', async () => {
    const watcher = await clinic.watch(key, 1);
    const before = watcher.wakes;
    watcher.subscription?.close();
    await issue(1);
    expect(watcher.wakes).toBe(before);
  });
});

describe('falling behind', () => {
  test('the latest changes are at hand', async () => {
    await issue(RECENT_CHANGES_UNWATCHED_MAX);
    const watcher = await clinic.watch(key, 1);
    expect(watcher.seen).toHaveLength(RECENT_CHANGES_UNWATCHED_MAX);
  });

  test('more of them where somebody watches', async () => {
    await clinic.watch(key, 1);
    await issue(RECENT_CHANGES_MAX);
    const another = await clinic.watch(key, 1);
    expect(another.seen).toHaveLength(RECENT_CHANGES_MAX);
  });

  test('what is older is said to be behind, and is in the journal', async () => {
    await issue(2 * RECENT_CHANGES_MAX);
    const subscription = await subscribe(1);
    expect(subscription.isAtHand).toBe(false);
    expect(subscription.take()).toBe('behind');
    const revisions: number[] = [];
    for await (const { revision } of clinic.desk.history(key, 1)) revisions.push(revision);
    expect(revisions).toEqual(Array.from({ length: 2 * RECENT_CHANGES_MAX }, (_, n) => n + 2));
  });

  test('one who is moved on, by a snapshot or the journal, goes on from there', async () => {
    await issue(2 * RECENT_CHANGES_MAX);
    const subscription = await subscribe(1);
    subscription.seen = seenOf(clinic.store, 2 * RECENT_CHANGES_MAX);
    expect(subscription.isAtHand).toBe(true);
    expect(subscription.take()).toMatchObject({ change: { revision: 2 * RECENT_CHANGES_MAX + 1 } });
  });

  test('one who takes nothing hinders nobody, and costs no more than its place', async () => {
    const [idle, busy] = [await subscribe(1), await clinic.watch(key, 1)];
    for (let round = 0; round < 5; round += 1) await issue(RECENT_CHANGES_MAX);
    expect(busy.revisions).toHaveLength(5 * RECENT_CHANGES_MAX);
    expect(idle.take()).toBe('behind');
  });
});

describe('counting', () => {
  test('subscriptions are counted, and closing one twice counts once', async () => {
    const [one, other] = [await subscribe(1), await subscribe(1)];
    expect(clinic.desk.board.watchers).toBe(2);
    one.close();
    one.close();
    expect(clinic.desk.board.watchers).toBe(1);
    other.close();
    expect(clinic.desk.board.watchers).toBe(0);
  });

  test('an unknown doctor’s day cannot be watched, and counts nothing', async () => {
    const unknown = { doctorId: `doc_${newId()}`, date: TODAY } as DayKey;
    expect(reasonOf(await clinic.desk.subscribe(unknown, seenOf(clinic.store, 0), () => {}))).toBe('DOCTOR_NOT_FOUND');
    expect(clinic.desk.board.watchers).toBe(0);
  });
});

describe('a day that is loaded anew', () => {
  async function failOnce(fate: 'failBefore' | 'failAfter'): Promise<void> {
    clinic.store.hold();
    const lost = clinic.allocate(slotId, '');
    (await clinic.store.nextHeld()).meet(fate);
    await lost;
    clinic.store.release();
  }

  test('keeps its subscriptions, which miss nothing and see nothing twice', async () => {
    const watcher = await clinic.watch(key, 1);
    await issue(2);
    await failOnce('failBefore');
    await issue(2);
    expect(watcher.revisions).toEqual([2, 3, 4, 5]);
  });

  test('is still watched, and so stays', async () => {
    await clinic.watch(key, 1);
    await failOnce('failBefore');
    await clinic.store.idle();
    await clinic.day();
    await clinic.store.idle();
    expect(clinic.desk.held.days).toBe(2);
  });

  test('takes in who subscribes while it is being loaded', async () => {
    await failOnce('failBefore');
    const go = clinic.store.stallReads();
    const watching = clinic.watch(key, 1);
    const command = clinic.allocate(slotId, '');
    await clinic.store.idle();
    go();
    accepted(await command);
    expect((await watching).revisions).toEqual([2]);
  });

  test('is asked for again by the next to take, where the store could not be read', async () => {
    const watcher = await clinic.watch(key, 1);
    clinic.store.failReads(true);
    await failOnce('failAfter');
    await clinic.store.idle();
    clinic.store.failReads(false);
    watcher.look();
    await clinic.store.idle();
    expect(watcher.revisions).toEqual([2]);
  });

  test('is not brought back where nobody watches', async () => {
    const watcher = await clinic.watch(key, 1);
    watcher.subscription?.close();
    await failOnce('failBefore');
    await clinic.store.idle();
    expect(clinic.desk.held.days).toBe(0);
  });
});

test('a watcher’s own look may ask the desk for more', async () => {
  const watcher = new Watcher();
  let asked: Promise<unknown> | undefined;
  const wake = () => {
    watcher.look();
    asked ??= clinic.allocate(slotId, '');
  };
  watcher.subscription = accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, 1), wake));
  await issue(1);
  await asked;
  expect(watcher.revisions).toEqual([2, 3]);
});
