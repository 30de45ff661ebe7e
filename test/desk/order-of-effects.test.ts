/** The order of effects, cut at each gap: load → decide → commit → publish → answer. */
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { DayKey } from '../../src/store/store.js';
import {
  accepted,
  type Clinic,
  durableRevision,
  inFreshClinic,
  isPending,
  newId,
  reasonOf,
  recordOf,
  seenOf,
  tokenOf,
} from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

/** What a watcher and a reader who come anew make of a day. */
async function seenBy(key: DayKey) {
  const { revision, tokens } = accepted(await clinic.standing(key));
  return { revision, patients: tokens.map(({ patientRef }) => patientRef) };
}

describe('before the commit', () => {
  test('a day that cannot be loaded leaves nothing behind', async () => {
    const { key, slotId } = await clinic.day();
    clinic.restart();
    clinic.store.failReads(true);
    expect(reasonOf(await clinic.allocate(slotId, 'asha'))).toBe('STORE_UNAVAILABLE');
    clinic.store.failReads(false);
    expect(await seenBy(key)).toEqual({ revision: 1, patients: [] });
    expect(clinic.faults).toHaveLength(1);
  });

  test('a crash leaves nothing of what was decided', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha');
    await clinic.store.nextHeld();
    clinic.restart();
    expect(await seenBy(key)).toEqual({ revision: 1, patients: [] });
  });

  test('a caller whose command never reached the disk asks again under the same id, and it happens once', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const first = clinic.allocate(slotId, 'asha', { requestId });
    (await clinic.store.nextHeld()).meet('failBefore');
    expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
    expect(await durableRevision(clinic, key)).toBe(1);
    clinic.store.release();
    accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    expect(await seenBy(key)).toEqual({ revision: 2, patients: ['asha'] });
  });
});

describe('while the commit is under way', () => {
  test('neither the caller, nor a reader, nor a watcher is told', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const reading = seenBy(key);
    expect(await isPending(clinic, command)).toBe(true);
    expect(await isPending(clinic, reading)).toBe(true);
    expect(watcher.revisions).toEqual([]);
    held.meet('keep');
    await command;
    expect(await reading).toEqual({ revision: 2, patients: ['asha'] });
    expect(watcher.revisions).toEqual([2]);
  });

  test('a refusal that rests on what is not on disk waits for it', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const first = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const second = clinic.allocate(slotId, 'asha');
    expect(await isPending(clinic, second)).toBe(true);
    held.meet('keep');
    accepted(await first);
    expect(reasonOf(await second)).toBe('PATIENT_HAS_TOKEN');
  });

  test('whoever comes to watch then gets the change when it is durable', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const watcher = await clinic.watch(key, 1);
    expect(watcher.revisions).toEqual([]);
    held.meet('keep');
    await command;
    expect(watcher.revisions).toEqual([2]);
  });
});

describe('the commit landed, and its answer was lost', () => {
  test('the caller, told that the store failed, gets the very change under the same id', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const first = clinic.allocate(slotId, 'asha', { requestId });
    (await clinic.store.nextHeld()).meet('failAfter');
    expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    const again = await clinic.allocate(slotId, 'asha', { requestId });
    const { entries, changes } = await recordOf(clinic.store, key);
    expect(entries).toHaveLength(2);
    expect(accepted(again).change).toEqual(changes[1]);
  });

  test('readers see it, since it is on disk', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const reading = seenBy(key);
    await clinic.store.idle();
    held.meet('failAfter');
    await command;
    expect(await reading).toEqual({ revision: 2, patients: ['asha'] });
  });

  test('watchers are given it, though nobody asks for the day again', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failAfter');
    await command;
    await clinic.store.idle();
    expect(watcher.revisions).toEqual([2]);
  });

  test('the next command builds on it', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failAfter');
    await command;
    clinic.store.release();
    const { change } = accepted(await clinic.allocate(slotId, 'bala'));
    expect(change.revision).toBe(3);
    expect(change.effects[0]?.token.number).toBe(2);
  });
});

describe('published, and not yet answered', () => {
  test('watchers are woken before the caller goes on', async () => {
    const { key, slotId } = await clinic.day();
    const order: string[] = [];
    accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, 1), () => order.push('published')));
    await clinic.allocate(slotId, 'asha').then(() => order.push('answered'));
    expect(order).toEqual(['published', 'answered']);
  });

  test('after a crash the same id gets the same answer, and a watcher resumes after what it saw', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    const watcher = await clinic.watch(key, 1);
    const lost = accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    clinic.restart();
    const resumed = await clinic.watch(key, 1);
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(lost);
    expect(resumed.seen).toEqual(watcher.seen);
    expect(await durableRevision(clinic, key)).toBe(2);
  });
});

// A source that throws where its priority is looked up, which is after its number was given out.
const BUG = {
  toString() {
    throw new Error('a bug in the rules');
  },
} as never;

describe('a bug in the rules', () => {
  /** Asks so that the day is the first thing that is loaded. */
  function stumble(key: DayKey, slotId: SlotId): Promise<unknown> {
    return clinic.ask(key, { kind: 'AllocateToken', slotId, source: BUG, patientRef: 'bala' });
  }

  test('stops its command half-way, and leaves nothing of it', async () => {
    const { key, slotId } = await clinic.day();
    await clinic.allocate(slotId, 'asha');
    await expect(clinic.allocate(slotId, 'bala', { source: BUG })).rejects.toThrow('a bug in the rules');
    expect(await seenBy(key)).toEqual({ revision: 2, patients: ['asha'] });
    expect(accepted(await clinic.allocate(slotId, 'chitra')).change.effects[0]?.token.number).toBe(2);
  });

  test('is not built on by those who waited for the same loading', async () => {
    const { key, slotId } = await clinic.day();
    await clinic.allocate(slotId, 'asha');
    clinic.restart();
    const stopped = stumble(key, slotId);
    const next = clinic.ask(key, { kind: 'AllocateToken', slotId, source: 'ONLINE', patientRef: 'chitra' });
    await expect(stopped).rejects.toThrow('a bug in the rules');
    expect(tokenNumber(await next)).toBe(2);
  });

  test('shows its half-changed day to nobody who waited for the same loading', async () => {
    const { key, slotId } = await clinic.day();
    await clinic.allocate(slotId, 'asha');
    clinic.restart();
    const stopped = stumble(key, slotId);
    const reading = clinic.desk.read(key, ({ nextNumber }) => answered(nextNumber));
    const watching = clinic.desk.subscribe(key, seenOf(clinic.store, 2), () => {});
    await expect(stopped).rejects.toThrow('a bug in the rules');
    expect(accepted(await reading)).toBe(2);
    expect((await watching).ok).toBe(true);
  });

  test('leaves no watcher at a day that was let go', async () => {
    const { key, slotId } = await clinic.day();
    await clinic.allocate(slotId, 'asha');
    clinic.restart();
    const stopped = stumble(key, slotId);
    const watching = clinic.desk.subscribe(key, seenOf(clinic.store, 2), () => {});
    await expect(stopped).rejects.toThrow('a bug in the rules');
    await watching;
    expect(clinic.desk.held.days).toBe(1);
  });

  test('takes nothing from what was decided before it, and the day is read only once that is on disk', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const before = [clinic.allocate(slotId, 'asha'), clinic.allocate(slotId, 'bala')];
    const held = await clinic.store.nextHeld();
    const gathering = clinic.allocate(slotId, 'chitra');
    await expect(clinic.allocate(slotId, 'deepa', { source: BUG })).rejects.toThrow('a bug in the rules');
    const after = clinic.allocate(slotId, 'esha');
    expect(await isPending(clinic, after)).toBe(true);
    held.meet('keep');
    clinic.store.release();
    const numbers = await Promise.all([...before, gathering, after].map(async (answer) => tokenNumber(await answer)));
    expect(numbers).toEqual([1, 2, 3, 4]);
    expect(watcher.revisions).toEqual([2, 3, 4, 5]);
    expect((await seenBy(key)).patients).toEqual(['asha', 'bala', 'chitra', 'esha']);
  });

  test('hides no durable change from those who watch', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const before = [clinic.allocate(slotId, 'asha'), clinic.allocate(slotId, 'bala')];
    await expect(clinic.allocate(slotId, 'deepa', { source: BUG })).rejects.toThrow('a bug in the rules');
    clinic.store.release();
    await Promise.all(before);
    await clinic.store.idle();
    expect(watcher.revisions).toEqual([2, 3]);
  });
});

describe('a bug in the rules is told of', () => {
  test('by the day that its command found, not as it left it, and by the command; without patients', async () => {
    const { key, slotId } = await clinic.day(2);
    await clinic.allocate(slotId, 'asha');
    await expect(clinic.allocate(slotId, 'bala', { source: BUG })).rejects.toThrow('a bug in the rules');
    await clinic.store.idle();
    expect(clinic.brokenRules).toEqual([
      {
        doctorId: key.doctorId,
        day: '2026-01-31 UTC ON_EMERGENCY r2\n09:00-10:00 1/2: 1O',
        command: '{"kind":"AllocateToken","slotId":"slot_09:00","source":{}}',
      },
    ]);
  });

  test('also where the day before it is still on its way to disk', async () => {
    const { slotId } = await clinic.day(2);
    clinic.store.hold();
    const before = clinic.allocate(slotId, 'asha');
    await expect(clinic.allocate(slotId, 'bala', { source: BUG })).rejects.toThrow('a bug in the rules');
    clinic.store.release();
    await before;
    await clinic.store.idle();
    expect(clinic.brokenRules).toMatchObject([{ day: expect.stringContaining('r2\n09:00-10:00 1/2: 1O') }]);
  });
});

function tokenNumber(answer: Awaited<ReturnType<Clinic['allocate']>>): number | undefined {
  const id = tokenOf(answer);
  return accepted(answer).change.effects.find(({ token }) => token.id === id)?.token.number;
}
