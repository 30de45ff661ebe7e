/** A command over two days: both or neither, cut at each gap of the order of effects. */
import type { SlotId } from '../../src/domain/slot.js';
import type { TokenId } from '../../src/domain/token.js';
import type { DayKey } from '../../src/store/store.js';
import {
  accepted,
  type Clinic,
  durableRevision,
  inFreshClinic,
  isPending,
  newId,
  reasonOf,
  seenOf,
  TODAY,
  TOMORROW,
  tokenOf,
} from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

interface TwoDays {
  readonly today: DayKey;
  readonly tomorrow: DayKey;
  /** Asha's token of today, in the only seat of its slot; Bala waits for it. */
  readonly asha: TokenId;
  /** Of today. */
  readonly near: SlotId;
  /** Of tomorrow. */
  readonly far: SlotId;
}

/** Today at revision 3, tomorrow at revision 1. */
async function twoDays(): Promise<TwoDays> {
  const { key: today, slotId: near } = await clinic.day(1, TODAY);
  const tomorrow = { ...today, date: TOMORROW };
  const far = await clinic.slot(tomorrow);
  const asha = tokenOf(await clinic.allocate(near, 'asha'));
  await clinic.allocate(near, 'bala');
  return { today, tomorrow, asha, near, far };
}

/** What somebody who comes anew makes of a day: its revision, and who is live there. */
async function seenBy(key: DayKey) {
  const { revision, tokens } = accepted(await clinic.standing(key));
  const live = tokens.filter(({ status }) => status === 'ACTIVE' || status === 'WAITING');
  return [revision, ...live.map(({ patientRef, status }) => `${patientRef} ${status}`)];
}

/** Nobody has been rescheduled, or somebody has. */
const BEFORE = { today: [3, 'asha ACTIVE', 'bala WAITING'], tomorrow: [1] };
const AFTER = { today: [4, 'bala ACTIVE'], tomorrow: [2, 'asha ACTIVE'] };
const seen = async ({ today, tomorrow }: TwoDays) => ({ today: await seenBy(today), tomorrow: await seenBy(tomorrow) });
const durable = ({ today, tomorrow }: TwoDays) =>
  Promise.all([durableRevision(clinic, today), durableRevision(clinic, tomorrow)]);

describe('rescheduling to another day', () => {
  test('changes both, and answers with the new place first', async () => {
    const days = await twoDays();
    const done = accepted(await clinic.reschedule(days.asha, days.far));
    expect(done.map(({ key, change }) => [key.date, change.revision, change.cause])).toEqual([
      [TOMORROW, 2, 'RescheduleToken'],
      [TODAY, 4, 'RescheduleToken'],
    ]);
    expect(done[0]?.change.effects[0]?.token.rescheduledFromTokenId).toBe(days.asha);
    expect(await seen(days)).toEqual(AFTER);
    expect(await durable(days)).toEqual([4, 2]);
  });

  test('the new token can be found at once', async () => {
    const days = await twoDays();
    const [there] = accepted(await clinic.reschedule(days.asha, days.far));
    accepted(await clinic.cancel(there?.change.effects[0]?.token.id as TokenId));
  });

  test('is one group of one batch', async () => {
    const days = await twoDays();
    clinic.store.hold();
    void clinic.reschedule(days.asha, days.far);
    const { batch } = await clinic.store.nextHeld();
    expect(batch.map(({ key }) => key.date)).toEqual([TOMORROW, TODAY]);
    expect(batch[0]?.group).toBeDefined();
    expect(batch[1]?.group).toBe(batch[0]?.group);
  });

  test('a command on one day, and a rescheduling within one, need no group', async () => {
    const { asha, today, near } = await twoDays();
    const later = await clinic.slot(today, 10, 11);
    clinic.store.hold();
    void clinic.reschedule(asha, later);
    void clinic.allocate(near, 'chitra');
    const { batch } = await clinic.store.nextHeld();
    expect(batch.map(({ group, entries }) => [group, entries.length])).toEqual([[undefined, 2]]);
  });
});

test('what was due by itself on either day is done first, and lands with it', async () => {
  const days = await twoDays();
  clinic.now = Date.parse('2026-01-31T10:30:00Z') as typeof clinic.now;
  clinic.store.hold();
  const command = clinic.reschedule(days.asha, days.far);
  const held = await clinic.store.nextHeld();
  expect(held.batch.map(({ key, entries }) => [key.date, entries.map(({ command: { kind } }) => kind)])).toEqual([
    [TODAY, ['CLOCK', 'RescheduleToken']],
    [TOMORROW, ['RescheduleToken']],
  ]);
  expect(new Set(held.batch.map(({ group }) => group)).size).toBe(1);
  held.meet('keep');
  accepted(await command);
  expect(await seen(days)).toEqual({ today: [5], tomorrow: [2, 'asha ACTIVE'] });
});

describe('before the commit', () => {
  test('a crash leaves nothing on either day', async () => {
    const days = await twoDays();
    clinic.store.hold();
    void clinic.reschedule(days.asha, days.far);
    await clinic.store.nextHeld();
    clinic.restart();
    expect(await seen(days)).toEqual(BEFORE);
  });

  test('a write that fails leaves nothing on either, and both go on', async () => {
    const days = await twoDays();
    clinic.store.hold();
    const lost = clinic.reschedule(days.asha, days.far);
    (await clinic.store.nextHeld()).meet('failBefore');
    expect(reasonOf(await lost)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    expect(await seen(days)).toEqual(BEFORE);
    accepted(await clinic.reschedule(days.asha, days.far));
    expect(await seen(days)).toEqual(AFTER);
  });

  test('a day that cannot be loaded leaves nothing, and holds nothing in memory', async () => {
    const days = await twoDays();
    clinic.restart();
    clinic.store.failReads(true);
    expect(reasonOf(await clinic.reschedule(days.asha, days.far))).toBe('STORE_UNAVAILABLE');
    clinic.store.failReads(false);
    expect(await seen(days)).toEqual(BEFORE);
  });
});

describe('while the commit is under way', () => {
  test('nobody is told of either day: not the caller, no reader, no watcher', async () => {
    const days = await twoDays();
    const watchers = [await clinic.watch(days.today, 3), await clinic.watch(days.tomorrow, 1)];
    clinic.store.hold();
    const command = clinic.reschedule(days.asha, days.far);
    const held = await clinic.store.nextHeld();
    const readings = [seenBy(days.today), seenBy(days.tomorrow)];
    for (const question of [command, ...readings]) expect(await isPending(clinic, question)).toBe(true);
    expect(watchers.map(({ revisions }) => revisions)).toEqual([[], []]);
    held.meet('keep');
    await command;
    expect(watchers.map(({ revisions }) => revisions)).toEqual([[4], [2]]);
    expect(await Promise.all(readings)).toEqual([AFTER.today, AFTER.tomorrow]);
  });

  test.each([
    ['old', 'near'],
    ['new', 'far'],
  ] as const)('a refusal that rests on what is not on disk of the %s day waits for it', async (_, which) => {
    const days = await twoDays();
    clinic.store.hold();
    // The end of Asha's token, or a place of hers tomorrow, is on its way to disk.
    const first = which === 'near' ? clinic.cancel(days.asha) : clinic.allocate(days.far, 'asha');
    const held = await clinic.store.nextHeld();
    const second = clinic.reschedule(days.asha, days.far);
    expect(await isPending(clinic, second)).toBe(true);
    held.meet('keep');
    accepted(await first);
    expect(reasonOf(await second)).toBe(which === 'near' ? 'TOKEN_NOT_LIVE' : 'PATIENT_HAS_TOKEN');
  });

  test('commands on both days build on it, and land after it', async () => {
    const days = await twoDays();
    clinic.store.hold();
    const command = clinic.reschedule(days.asha, days.far);
    const held = await clinic.store.nextHeld();
    const others = [clinic.allocate(days.near, 'chitra'), clinic.allocate(days.far, 'deepa')];
    await clinic.store.idle();
    held.meet('keep');
    (await clinic.store.nextHeld()).meet('keep');
    accepted(await command);
    const numbers = (await Promise.all(others)).map((answer) => accepted(answer).change);
    expect(numbers.map(({ revision, effects }) => [revision, effects[0]?.token.number])).toEqual([
      [5, 3],
      [3, 2],
    ]);
  });
});

describe('the commit landed, and its answer was lost', () => {
  test('both days show it, and the same id gets the whole answer', async () => {
    const days = await twoDays();
    const requestId = newId();
    clinic.store.hold();
    const first = clinic.reschedule(days.asha, days.far, requestId);
    (await clinic.store.nextHeld()).meet('failAfter');
    expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    expect(await seen(days)).toEqual(AFTER);
    const again = accepted(await clinic.reschedule(days.asha, days.far, requestId));
    expect(again.map(({ key, change }) => [key.date, change.revision])).toEqual([
      [TOMORROW, 2],
      [TODAY, 4],
    ]);
    expect(await durable(days)).toEqual([4, 2]);
  });
});

describe('published, and not yet answered', () => {
  test('watchers of both days are woken before the caller goes on', async () => {
    const days = await twoDays();
    const order: string[] = [];
    for (const key of [days.today, days.tomorrow]) {
      accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, 9), () => order.push(key.date)));
    }
    await clinic.reschedule(days.asha, days.far).then(() => order.push('answered'));
    expect(order).toEqual([TOMORROW, TODAY, 'answered']);
  });
});

describe('another server wins one of the days', () => {
  test.each([
    ['the new', 'far', { today: [4, 'bala ACTIVE'], tomorrow: [3, 'zoya ACTIVE', 'asha ACTIVE'] }],
    ['the old', 'near', { today: [5, 'bala ACTIVE', 'zoya WAITING'], tomorrow: [2, 'asha ACTIVE'] }],
  ] as const)('%s: nothing of it is kept on either, and it is decided anew on both', async (_, which, after) => {
    const days = await twoDays();
    const elsewhere = clinic.elsewhere();
    clinic.store.hold();
    const command = clinic.reschedule(days.asha, days.far);
    const held = await clinic.store.nextHeld();
    accepted(await elsewhere.allocate(days[which], 'zoya'));
    held.meet('keep');
    (await clinic.store.nextHeld()).meet('keep');
    accepted(await command);
    expect(await seen(days)).toEqual(after);
  });

  test('and what it decides is a refusal: nothing happened', async () => {
    const days = await twoDays();
    clinic.store.hold();
    const command = clinic.reschedule(days.asha, days.far);
    const held = await clinic.store.nextHeld();
    accepted(await clinic.elsewhere().cancel(days.asha));
    clinic.store.release();
    held.meet('keep');
    expect(reasonOf(await command)).toBe('TOKEN_NOT_LIVE');
    expect(await durable(days)).toEqual([4, 1]);
  });

  test('again and again: refused as such after twenty attempts', async () => {
    const days = await twoDays();
    clinic.store.hold();
    const command = clinic.reschedule(days.asha, days.far);
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      (await clinic.store.nextHeld()).meet({ conflictOn: ({ date }) => date === TODAY });
    }
    expect(reasonOf(await command)).toBe('CONFLICT');
    expect(await durable(days)).toEqual([3, 1]);
  });
});

describe('R18 · a repeat', () => {
  test.each([
    ['gets the very answer of the first time', false, 0],
    ['gets it after a restart', true, 0],
    ['gets it when neither change is among the latest', false, 100],
    ['gets it from the journals after a restart', true, 100],
  ])('%s', async (_, restarts, later) => {
    const days = await twoDays();
    const requestId = newId();
    const first = accepted(await clinic.reschedule(days.asha, days.far, requestId));
    for (const slotId of [days.near, days.far]) {
      await Promise.all(Array.from({ length: later }, () => clinic.allocate(slotId, '')));
    }
    if (restarts) clinic.restart();
    expect(accepted(await clinic.reschedule(days.asha, days.far, requestId))).toEqual(first);
    expect(await durable(days)).toEqual([4 + later, 2 + later]);
  });

  test.each([
    ['other contents', false],
    ['other contents after a restart', true],
  ])('%s under the id are refused, those of one day and of many', async (_, restarts) => {
    const days = await twoDays();
    const requestId = newId();
    accepted(await clinic.reschedule(days.asha, days.far, requestId));
    if (restarts) clinic.restart();
    const answers = [
      await clinic.reschedule(days.asha, days.near, requestId),
      await clinic.allocate(days.near, 'chitra', { requestId }),
      await clinic.schedule(days.today.doctorId, [TODAY, TOMORROW], { hours: [12, 13], requestId }),
    ];
    expect(answers.map(reasonOf)).toEqual(Array(3).fill('REQUEST_ID_REUSED'));
  });

  test('an id of a command on one day is refused for one over several', async () => {
    const days = await twoDays();
    const requestId = newId();
    accepted(await clinic.allocate(days.near, 'chitra', { requestId }));
    expect(reasonOf(await clinic.reschedule(days.asha, days.far, requestId))).toBe('REQUEST_ID_REUSED');
  });

  test('duplicates that race are one command, and all get its answer', async () => {
    const days = await twoDays();
    const requestId = newId();
    clinic.restart();
    const all = Array.from({ length: 10 }, () => clinic.reschedule(days.asha, days.far, requestId));
    const answers = (await Promise.all(all)).map(accepted);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await durable(days)).toEqual([4, 2]);
  });

  test('a refused one may be sent again under its id', async () => {
    const days = await twoDays();
    const requestId = newId();
    const inTheWay = tokenOf(await clinic.allocate(days.far, 'asha'));
    expect(reasonOf(await clinic.reschedule(days.asha, days.far, requestId))).toBe('PATIENT_HAS_TOKEN');
    await clinic.cancel(inTheWay);
    accepted(await clinic.reschedule(days.asha, days.far, requestId));
  });
});

describe('what is named', () => {
  test('the slot of another doctor is none, once R18 has been looked at', async () => {
    const days = await twoDays();
    const other = await clinic.day();
    const requestId = newId();
    expect(await clinic.reschedule(days.asha, other.slotId)).toMatchObject({
      refusal: { reason: 'SLOT_NOT_FOUND', slotId: other.slotId },
    });
    accepted(await clinic.allocate(days.near, '', { requestId }));
    expect(reasonOf(await clinic.reschedule(days.asha, other.slotId, requestId))).toBe('REQUEST_ID_REUSED');
  });

  test('a slot that nobody knows is said before a token that nobody knows', async () => {
    const { far } = await twoDays();
    const [slotId, tokenId] = [`slot_${newId()}`, `token_${newId()}`] as [SlotId, TokenId];
    expect(reasonOf(await clinic.reschedule(tokenId, slotId))).toBe('SLOT_NOT_FOUND');
    expect(reasonOf(await clinic.reschedule(tokenId, far))).toBe('TOKEN_NOT_FOUND');
  });
});
