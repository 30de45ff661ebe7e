/** One write to disk serves all who came while the one before was under way. */
import type { Answer } from '../../src/domain/refusal.js';
import type { TokenId } from '../../src/domain/token.js';
import type { DayCommit, DayKey } from '../../src/store/store.js';
import {
  accepted,
  Clinic,
  durableRevision,
  inFreshClinic,
  isPending,
  newId,
  reasonOf,
  TODAY,
  TOMORROW,
  tokenOf,
} from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

describe('gathering', () => {
  test('commands that come together go to disk together', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const commands = ['asha', 'bala', 'chitra'].map((patient) => clinic.allocate(slotId, patient));
    const held = await clinic.store.nextHeld();
    expect(held.revisions).toEqual([3]);
    held.meet('keep');
    expect((await Promise.all(commands)).map(reasonOf)).toEqual(['answered', 'answered', 'answered']);
  });

  test('while one batch is under way the next gathers, of all days', async () => {
    const [first, second] = [await clinic.day(), await clinic.day()];
    clinic.store.hold();
    const early = clinic.allocate(first.slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const late = [clinic.allocate(first.slotId, 'bala'), clinic.allocate(second.slotId, 'asha')];
    await clinic.store.idle();
    expect(clinic.store.heldNow()).toBeUndefined();
    held.meet('keep');
    accepted(await early);
    const next = await clinic.store.nextHeld();
    expect(next.revisions).toEqual([1, 1]);
    expect(await isPending(clinic, Promise.race(late))).toBe(true);
    next.meet('keep');
    expect((await Promise.all(late)).map(reasonOf)).toEqual(['answered', 'answered']);
  });

  test('commands of one day build on each other without waiting for the disk', async () => {
    const { key, slotId } = await clinic.day(1);
    clinic.store.hold();
    const walkIn = clinic.allocate(slotId, 'asha', { source: 'WALK_IN' });
    const held = await clinic.store.nextHeld();
    const paid = clinic.allocate(slotId, 'bala', { source: 'PAID' });
    await clinic.store.idle();
    held.meet('keep');
    const next = await clinic.store.nextHeld();
    next.meet('keep');
    const { effects, revision } = accepted(await paid).change;
    expect(effects.map(({ kind }) => kind)).toEqual(['ALLOCATED', 'DISPLACED']);
    expect(effects[1]?.token.id).toBe(tokenOf(await walkIn));
    expect([revision, await durableRevision(clinic, key)]).toEqual([3, 3]);
  });

  test('a batch carries each slot and token once, as it stands after the last entry', async () => {
    const { slotId } = await clinic.day(1);
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha', { source: 'WALK_IN' });
    void clinic.allocate(slotId, 'bala', { source: 'PAID' });
    const [day] = (await clinic.store.nextHeld()).batch;
    expect(day?.tokens.map(({ patientRef, status }) => [patientRef, status])).toEqual([
      ['asha', 'DISPLACED'],
      ['bala', 'ACTIVE'],
    ]);
    expect(day?.slots.map(({ seatsTaken, waiting }) => [seatsTaken, waiting])).toEqual([[1, 1]]);
  });
});

describe('a write that fails', () => {
  test('fails every command that built on it: in its batch, gathering, and refused', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const inBatch = [clinic.allocate(slotId, 'asha'), clinic.allocate(slotId, 'bala')];
    const held = await clinic.store.nextHeld();
    const gathering = [clinic.allocate(slotId, 'chitra'), clinic.allocate(slotId, 'deepa')];
    const refusedOnIt = clinic.allocate(slotId, 'asha');
    await clinic.store.idle();
    held.meet('failBefore');
    const answers = await Promise.all([...inBatch, ...gathering, refusedOnIt]);
    expect(new Set(answers.map(reasonOf))).toEqual(new Set(['STORE_UNAVAILABLE']));
    expect(await durableRevision(clinic, key)).toBe(1);
    expect(clinic.store.heldNow()).toBeUndefined();
  });

  test('has a read that saw it read again, from the journal', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const reading = clinic.standing(key);
    await clinic.store.idle();
    held.meet('failBefore');
    expect(accepted(await reading)).toMatchObject({ revision: 1, tokens: [] });
  });

  test('is told for the log', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const command = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failBefore');
    await command;
    expect(clinic.faults.map(String)).toEqual(['StoreUnavailable: the disk is full']);
  });

  test('has the day loaded anew, which goes on with the next number and revision', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const lost = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failBefore');
    await lost;
    clinic.store.release();
    const { change } = accepted(await clinic.allocate(slotId, 'bala'));
    expect([change.revision, change.effects[0]?.token.number]).toEqual([2, 1]);
  });

  test('does not stop those of other days that gather meanwhile', async () => {
    const [first, second] = [await clinic.day(), await clinic.day()];
    clinic.store.hold();
    const lost = clinic.allocate(first.slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const other = clinic.allocate(second.slotId, 'asha');
    await clinic.store.idle();
    held.meet('failBefore');
    (await clinic.store.nextHeld()).meet('keep');
    expect([await lost, await other].map(reasonOf)).toEqual(['STORE_UNAVAILABLE', 'answered']);
  });

  test('shows watchers nothing, and they go on with what lands next', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const lost = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failBefore');
    await lost;
    clinic.store.release();
    accepted(await clinic.allocate(slotId, 'bala'));
    expect(watcher.seen.map(({ revision, effects }) => [revision, effects[0]?.token.patientRef])).toEqual([
      [2, 'bala'],
    ]);
  });
});

describe('a conflict', () => {
  test('concerns its own day alone; the others of the batch are answered', async () => {
    const [first, second] = [await clinic.day(), await clinic.day()];
    clinic.store.hold();
    const loser = clinic.allocate(first.slotId, 'asha');
    const other = clinic.allocate(second.slotId, 'asha');
    const held = await clinic.store.nextHeld();
    expect(held.revisions).toEqual([1, 1]);
    held.meet({ conflictOn: ({ doctorId }) => doctorId === first.key.doctorId });
    accepted(await other);
    expect(await isPending(clinic, loser)).toBe(true);
    clinic.store.release();
    expect(accepted(await loser).change.revision).toBe(2);
  });

  test('has its commands decided anew on what the journal says, those that gathered included', async () => {
    const { key, slotId } = await clinic.day();
    const elsewhere = Clinic.over(clinic.store);
    clinic.store.hold();
    const early = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const late = clinic.allocate(slotId, 'bala');
    clinic.store.release();
    accepted(await elsewhere.allocate(slotId, 'chitra'));
    held.meet('keep');
    const revisions = (await Promise.all([early, late])).map((answer) => accepted(answer).change.revision);
    expect(revisions.sort()).toEqual([3, 4]);
    expect(await durableRevision(clinic, key)).toBe(4);
  });

  test('may turn an acceptance into a refusal', async () => {
    const { slotId } = await clinic.day();
    const elsewhere = Clinic.over(clinic.store);
    clinic.store.hold();
    const slower = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    clinic.store.release();
    accepted(await elsewhere.allocate(slotId, 'asha'));
    held.meet('keep');
    expect(reasonOf(await slower)).toBe('PATIENT_HAS_TOKEN');
  });

  test('that never ends is refused as such after twenty attempts', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const before = clinic.store.batches;
    const command = clinic.allocate(slotId, 'asha');
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      (await clinic.store.nextHeld()).meet({ conflictOn: () => true });
    }
    expect(reasonOf(await command)).toBe('CONFLICT');
    expect(clinic.store.batches - before).toBe(20);
  });
});

describe('days that land together', () => {
  const LATER = '2026-02-02' as typeof TODAY;

  /** Three dates of a doctor, a day of another's, and a token on the first two of the dates. */
  async function fourDays() {
    const { key, slotId: first } = await clinic.day(10, TODAY);
    const second = await clinic.slot({ ...key, date: TOMORROW });
    const third = await clinic.slot({ ...key, date: LATER });
    const { slotId: other } = await clinic.day();
    const [asha, bala] = [await clinic.allocate(first, 'asha'), await clinic.allocate(second, 'bala')].map(tokenOf);
    return { key, first, second, third, other, asha: asha as TokenId, bala: bala as TokenId };
  }

  const dates = (batch: readonly DayCommit[], group: number | undefined) =>
    batch.filter((day) => day.group === group).map(({ key }) => key.date);

  test('become one group where they share a day, from first to last; others stay out of it', async () => {
    const days = await fourDays();
    clinic.store.hold();
    void clinic.allocate(days.second, 'chitra');
    void clinic.reschedule(days.asha, days.second);
    void clinic.reschedule(days.bala, days.third);
    void clinic.allocate(days.other, 'asha');
    await clinic.store.idle();
    const { batch } = await clinic.store.nextHeld();
    const [group] = batch.map((day) => day.group);
    expect(dates(batch, group).sort()).toEqual([TODAY, TOMORROW, LATER]);
    expect(dates(batch, undefined)).toEqual([TODAY]);
  });

  test('a conflict on one of them is one for all that share a day with it, and for nobody else', async () => {
    const days = await fourDays();
    clinic.store.hold();
    const together = [
      clinic.allocate(days.second, 'chitra'),
      clinic.reschedule(days.asha, days.second),
      clinic.reschedule(days.bala, days.third),
    ];
    const other = clinic.allocate(days.other, 'asha');
    await clinic.store.idle();
    const held = await clinic.store.nextHeld();
    held.meet({ conflictOn: ({ doctorId, date }) => doctorId === days.key.doctorId && date === LATER });
    accepted(await other);
    for (const command of together) expect(await isPending(clinic, command)).toBe(true);
    expect(await revisions(days.key)).toEqual([2, 2, 1]);
    clinic.store.release();
    expect((await Promise.all<Answer<unknown>>(together)).map(reasonOf)).toEqual(['answered', 'answered', 'answered']);
    expect(await revisions(days.key)).toEqual([3, 5, 2]);
  });

  test('a day that is lost takes along what is to land together with it, and what that was built on', async () => {
    const days = await fourDays();
    clinic.store.hold();
    const lost = clinic.allocate(days.first, 'chitra');
    const landing = clinic.allocate(days.third, 'deepa');
    const held = await clinic.store.nextHeld();
    const dependent = [
      clinic.reschedule(days.asha, days.second),
      clinic.reschedule(days.bala, days.third),
      clinic.allocate(days.third, 'esha'),
    ];
    await clinic.store.idle();
    held.meet({ conflictOn: ({ doctorId, date }) => doctorId === days.key.doctorId && date === TODAY });
    accepted(await landing);
    expect(await revisions(days.key)).toEqual([2, 2, 2]);
    clinic.store.release();
    const answers = await Promise.all<Answer<unknown>>([lost, ...dependent]);
    expect(answers.map(reasonOf)).toEqual(Array(4).fill('answered'));
    expect(await revisions(days.key)).toEqual([4, 4, 4]);
  });

  test('a write that fails fails them all, and nobody is told of any of it', async () => {
    const days = await fourDays();
    const watchers = await Promise.all(
      [TODAY, TOMORROW, LATER].map((date, index) => clinic.watch({ ...days.key, date }, index < 2 ? 2 : 1)),
    );
    clinic.store.hold();
    const first = clinic.reschedule(days.asha, days.second);
    const held = await clinic.store.nextHeld();
    const dependent = [clinic.reschedule(days.bala, days.third), clinic.allocate(days.third, 'esha')];
    await clinic.store.idle();
    held.meet('failBefore');
    const answers = await Promise.all<Answer<unknown>>([first, ...dependent]);
    expect(new Set(answers.map(reasonOf))).toEqual(new Set(['STORE_UNAVAILABLE']));
    expect(await revisions(days.key)).toEqual([2, 2, 1]);
    expect(watchers.flatMap(({ seen }) => seen)).toEqual([]);
    expect(clinic.store.heldNow()).toBeUndefined();
  });

  /** Of the three dates, on disk. */
  function revisions({ doctorId }: DayKey) {
    return Promise.all([TODAY, TOMORROW, LATER].map((date) => durableRevision(clinic, { doctorId, date })));
  }
});

test('two dates of one doctor are two days, each with its own revisions', async () => {
  const { key } = await clinic.day(10, TODAY);
  const tomorrow = { ...key, date: TOMORROW };
  const [more, first] = await Promise.all([
    clinic.createSlot(key, { hour: 11, requestId: newId() }),
    clinic.createSlot(tomorrow, { hour: 11, requestId: newId() }),
  ]);
  expect([more, first].map((answer) => accepted(answer).change.revision)).toEqual([2, 1]);
});
