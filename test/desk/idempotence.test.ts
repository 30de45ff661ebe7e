/** R18 at the desk: a request id that came before gets the answer it got then, and changes nothing. */
import type { LocalDate } from '../../src/domain/time.js';
import {
  accepted,
  Clinic,
  durableRevision,
  inFreshClinic,
  isPending,
  newId,
  reasonOf,
  recordOf,
  TODAY,
  tokenOf,
} from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

describe('R18 · a repeat of what was done', () => {
  test('gets the very answer of the first time, whatever has happened since', async () => {
    const { key, slotId } = await clinic.day(1);
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    await clinic.cancel(first.change.effects[0]?.token.id as never);
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(first);
    expect(await durableRevision(clinic, key)).toBe(3);
  });

  test('is answered from the journal where it is no longer among the latest changes', async () => {
    const { slotId } = await clinic.day();
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    await Promise.all(Array.from({ length: 200 }, (_, n) => clinic.allocate(slotId, `patient ${n}`)));
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(first);
  });

  test('gets it after a restart too, also where it would be refused now', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    clinic.restart();
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(first);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('gets it after a restart too, where it would be accepted once more', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, '', { requestId }));
    clinic.restart();
    expect(accepted(await clinic.allocate(slotId, '', { requestId }))).toEqual(first);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('gets it where the slot has ended meanwhile', async () => {
    const { slotId } = await clinic.day();
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    clinic.now = (clinic.now + 24 * 3_600_000) as typeof clinic.now;
    clinic.restart();
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(first);
    expect(reasonOf(await clinic.allocate(slotId, 'bala'))).toBe('SLOT_ENDED');
  });

  test('takes down nobody who was decided after it and shared its batch', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    await clinic.allocate(slotId, '', { requestId });
    clinic.restart();
    const [repeat, other] = await Promise.all([
      clinic.allocate(slotId, '', { requestId }),
      clinic.allocate(slotId, 'bala', { requestId: newId() }),
    ]);
    expect([repeat, other].map((answer) => accepted(answer).change.revision)).toEqual([2, 3]);
    expect(await durableRevision(clinic, key)).toBe(3);
  });
});

describe('R18 · the same id with other contents', () => {
  test.each([
    ['is refused', false],
    ['is refused after a restart', true],
  ])('%s', async (_, restarts) => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    await clinic.allocate(slotId, '', { requestId });
    if (restarts) clinic.restart();
    expect(reasonOf(await clinic.allocate(slotId, '', { requestId, source: 'PAID' }))).toBe('REQUEST_ID_REUSED');
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('is refused as such even where the rules would refuse it, since that comes first', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    await clinic.allocate(slotId, 'asha', { requestId });
    clinic.restart();
    expect(reasonOf(await clinic.createSlot(key, { requestId }))).toBe('REQUEST_ID_REUSED');
  });
});

describe('R18 · the original is still on its way to disk', () => {
  test('duplicates that race are one command, and all get its answer', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const all = Array.from({ length: 20 }, () => clinic.allocate(slotId, '', { requestId }));
    const held = await clinic.store.nextHeld();
    expect(held.revisions).toEqual([1]);
    expect(await isPending(clinic, Promise.race(all))).toBe(true);
    held.meet('keep');
    const answers = (await Promise.all(all)).map(accepted);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('duplicates that race while the day is being loaded are one command', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.restart();
    const go = clinic.store.stallReads();
    const all = Array.from({ length: 20 }, () => clinic.allocate(slotId, '', { requestId }));
    await clinic.store.idle();
    go();
    const revisions = (await Promise.all(all)).map((answer) => accepted(answer).change.revision);
    expect(new Set(revisions)).toEqual(new Set([2]));
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('where it fails, one duplicate takes its place', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const original = clinic.allocate(slotId, '', { requestId });
    const held = await clinic.store.nextHeld();
    const duplicates = [clinic.allocate(slotId, '', { requestId }), clinic.allocate(slotId, '', { requestId })];
    await clinic.store.idle();
    held.meet('failBefore');
    expect(reasonOf(await original)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    const [one, other] = (await Promise.all(duplicates)).map(accepted);
    expect(one).toEqual(other);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('where it landed though its answer was lost, duplicates get that answer', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const original = clinic.allocate(slotId, '', { requestId });
    const held = await clinic.store.nextHeld();
    const duplicate = clinic.allocate(slotId, '', { requestId });
    await clinic.store.idle();
    held.meet('failAfter');
    await original;
    clinic.store.release();
    expect(accepted(await duplicate).change).toEqual((await recordOf(clinic.store, key)).changes[1]);
  });

  test('other contents under its id wait to see whether it stands', async () => {
    const { slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const original = clinic.allocate(slotId, 'asha', { requestId });
    const held = await clinic.store.nextHeld();
    const reused = clinic.allocate(slotId, 'bala', { requestId });
    expect(await isPending(clinic, reused)).toBe(true);
    held.meet('failBefore');
    clinic.store.release();
    expect(reasonOf(await original)).toBe('STORE_UNAVAILABLE');
    expect(tokenOf(await reused)).toMatch(/^token_/);
  });

  test('a duplicate at a desk that knows nothing of it gets its answer once the store has told them apart', async () => {
    const { key, slotId } = await clinic.day();
    const elsewhere = Clinic.over(clinic.store);
    const requestId = newId();
    clinic.store.hold();
    const original = clinic.allocate(slotId, '', { requestId });
    const held = await clinic.store.nextHeld();
    clinic.store.release();
    const duplicate = await elsewhere.allocate(slotId, '', { requestId });
    held.meet('keep');
    expect(accepted(await original)).toEqual(accepted(duplicate));
    expect(await durableRevision(clinic, key)).toBe(2);
  });
});

describe('R18 · an id is looked for among the commands of the doctor concerned', () => {
  test.each([
    ['also on another date', false],
    ['also on another date after a restart', true],
  ])('%s', async (_, restarts) => {
    const { key, slotId } = await clinic.day();
    const tomorrow = { ...key, date: '2026-02-01' as LocalDate };
    const requestId = newId();
    const first = accepted(await clinic.allocate(slotId, '', { requestId }));
    if (restarts) clinic.restart();
    expect(reasonOf(await clinic.createSlot(tomorrow, { requestId }))).toBe('REQUEST_ID_REUSED');
    expect(await durableRevision(clinic, tomorrow)).toBe(0);
    expect(accepted(await clinic.allocate(slotId, '', { requestId }))).toEqual(first);
  });

  test('an emergency for a doctor repeated after midnight is yesterday’s', async () => {
    const { key } = await clinic.day();
    const emergency = { kind: 'InsertEmergency', target: { doctorId: key.doctorId }, patientRef: '' } as const;
    const requestId = newId();
    const first = accepted(await clinic.ask({ doctorId: key.doctorId }, emergency, requestId));
    expect(first.key.date).toBe(TODAY);
    clinic.now = (clinic.now + 24 * 3_600_000) as typeof clinic.now;
    clinic.restart();
    expect(accepted(await clinic.ask({ doctorId: key.doctorId }, emergency, requestId))).toEqual(first);
  });

  test('another doctor’s is another command', async () => {
    const [mine, theirs] = [await clinic.day(), await clinic.day()];
    const requestId = newId();
    accepted(await clinic.allocate(mine.slotId, '', { requestId }));
    accepted(await clinic.allocate(theirs.slotId, '', { requestId }));
    expect(await durableRevision(clinic, theirs.key)).toBe(2);
  });

  test('a desk whose memory of the day lags behind the journal reads it anew', async () => {
    const { key, slotId } = await clinic.day();
    const elsewhere = Clinic.over(clinic.store);
    const requestId = newId();
    const first = accepted(await elsewhere.allocate(slotId, 'asha', { requestId }));
    // A slot that overlaps is refused without a commit, so that no conflict tells this desk that it lags.
    expect(reasonOf(await clinic.createSlot(key, { requestId }))).toBe('REQUEST_ID_REUSED');
    expect(accepted(await clinic.allocate(slotId, 'asha', { requestId }))).toEqual(first);
  });
});

describe('R18 · only accepted commands are remembered', () => {
  test('a refused one is judged afresh under its id', async () => {
    const { slotId } = await clinic.day();
    const requestId = newId();
    const earlier = tokenOf(await clinic.allocate(slotId, 'asha'));
    expect(reasonOf(await clinic.allocate(slotId, 'asha', { requestId }))).toBe('PATIENT_HAS_TOKEN');
    await clinic.cancel(earlier);
    accepted(await clinic.allocate(slotId, 'asha', { requestId }));
  });

  test('one that names nothing known is NOT_FOUND, whatever its id', async () => {
    const { slotId } = await clinic.day();
    const requestId = newId();
    await clinic.allocate(slotId, '', { requestId });
    expect(reasonOf(await clinic.allocate(`slot_${newId()}` as never, '', { requestId }))).toBe('SLOT_NOT_FOUND');
  });
});

describe('R18 · a new doctor', () => {
  const wanted = { name: 'Dr Rao', department: '', timeZone: undefined, policy: {} };
  const create = (id: string, digest: string) => clinic.desk.createDoctor(wanted, { id, digest });

  test('asked for twice is one doctor, also where both race', async () => {
    const id = newId();
    const [first, second] = await Promise.all([create(id, 'a'), create(id, 'a')]);
    expect(accepted(first)).toEqual(accepted(second));
    expect(accepted(await clinic.desk.listDoctors(undefined, 10, { showsRetired: true }))).toHaveLength(1);
  });

  test('asked for with other contents is refused', async () => {
    const id = newId();
    await create(id, 'a');
    expect(reasonOf(await create(id, 'b'))).toBe('REQUEST_ID_REUSED');
  });
});
