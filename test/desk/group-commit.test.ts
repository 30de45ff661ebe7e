/** One write to disk serves all who came while the one before was under way. */
import { accepted, Clinic, durableRevision, isPending, newId, reasonOf, TODAY, TOMORROW, tokenOf } from './clinic.js';

let clinic: Clinic;

beforeEach(async () => {
  clinic = await Clinic.open();
});

afterEach(async () => {
  clinic.store.release();
  await clinic.store.idle();
  await clinic.store.close();
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

  test('that never ends is refused as such after eight attempts', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const before = clinic.store.batches;
    const command = clinic.allocate(slotId, 'asha');
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      (await clinic.store.nextHeld()).meet({ conflictOn: () => true });
    }
    expect(reasonOf(await command)).toBe('CONFLICT');
    expect(clinic.store.batches - before).toBe(8);
  });
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
