/** A doctor is changed: what is decided from then on is judged by the new policy, whatever was in memory or on its way. */
import type { DoctorId, RebalancePolicy } from '../../src/domain/doctor.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import { type DayKey, StoreUnavailable } from '../../src/store/store.js';
import { accepted, Clinic, durableRevision, isPending, newId, reasonOf, TOMORROW } from './clinic.js';

let clinic: Clinic;
beforeEach(async () => {
  clinic = await Clinic.open();
});
afterEach(async () => {
  clinic.store.release();
  await clinic.store.idle();
  await clinic.store.close();
});

/** Two slots of a seat each, the first one taken by a walk-in: who displaces it moves it on, or not, as the policy is. */
async function fullDay(): Promise<{ key: DayKey; slotId: SlotId }> {
  const day = await clinic.day(1);
  await clinic.slot(day.key, 1, 11);
  await clinic.allocate(day.slotId, 'walks in', { source: 'WALK_IN' });
  return day;
}

const update = (id: DoctorId, rebalance: RebalancePolicy, requestId?: string) =>
  clinic.desk.updateDoctor(
    id,
    { policy: { rebalance } },
    requestId ? { request: { id: requestId, digest: rebalance } } : {},
  );

/** What the next PAID token does to the walk-in. */
async function whatBecomesOf(slotId: SlotId): Promise<string[]> {
  return accepted(await clinic.allocate(slotId, '', { source: 'PAID' })).change.effects.map(({ kind }) => kind);
}

describe('what is decided after an update', () => {
  test('is judged by the new policy, on a day in memory', async () => {
    const { key, slotId } = await fullDay();
    expect(accepted(await update(key.doctorId, 'ALWAYS')).policy.rebalance).toBe('ALWAYS');
    expect(await whatBecomesOf(slotId)).toEqual(['ALLOCATED', 'DISPLACED', 'MOVED']);
  });

  test('is judged by the new policy, though its day began to be loaded before', async () => {
    const { key, slotId } = await fullDay();
    clinic.restart();
    const go = clinic.store.stallReads();
    const reading = clinic.standing(key);
    const updating = update(key.doctorId, 'ALWAYS');
    const next = whatBecomesOf(slotId);
    expect(await isPending(clinic, updating)).toBe(true);
    go();
    accepted(await reading);
    accepted(await updating);
    await next;
    const policy = accepted(await clinic.desk.read(key, (day) => answered(day.doctor.policy.rebalance)));
    expect(policy).toBe('ALWAYS');
  });

  test('sees the new name in snapshots, also where only that has changed', async () => {
    const { key } = await fullDay();
    accepted(await clinic.desk.updateDoctor(key.doctorId, { name: 'Dr Sen' }));
    expect(accepted(await clinic.desk.read(key, (day) => answered(day.doctor.name)))).toBe('Dr Sen');
    expect(accepted(await clinic.desk.findDoctor(key.doctorId)).name).toBe('Dr Sen');
  });

  test('is judged by the new policy, though somebody read the doctor before and was slow', async () => {
    const { id } = await clinic.doctor();
    clinic.restart();
    const { inner } = clinic.store;
    let arrive = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    clinic.store.findDoctor = async (asked) => {
      const doctor = await inner.findDoctor(asked);
      await arrived;
      return doctor;
    };
    const reading = clinic.desk.findDoctor(id);
    accepted(await update(id, 'ALWAYS'));
    arrive();
    const found = [await reading, await clinic.desk.findDoctor(id)].map((answer) => accepted(answer).policy.rebalance);
    expect(found).toEqual(['ALWAYS', 'ALWAYS']);
  });

  test('is seen by those who watched the day before it', async () => {
    const { key, slotId } = await fullDay();
    const watcher = await clinic.watch(key, 3);
    accepted(await update(key.doctorId, 'ALWAYS'));
    await whatBecomesOf(slotId);
    await clinic.allocate(slotId, 'late');
    expect(watcher.revisions).toEqual([4, 5]);
  });
});

describe('an update', () => {
  test('waits for what is under way, and what comes meanwhile waits for it', async () => {
    const { key, slotId } = await fullDay();
    clinic.store.hold();
    const before = clinic.allocate(slotId, 'before', { source: 'ONLINE' });
    const held = await clinic.store.nextHeld();
    const updating = update(key.doctorId, 'ALWAYS');
    await new Promise(setImmediate);
    const after = clinic.allocate(slotId, 'after', { source: 'PAID' });
    expect([await isPending(clinic, updating), clinic.store.callsOf('updateDoctor')]).toEqual([true, 0]);
    clinic.store.release();
    held.meet('keep');
    expect(accepted(await before).change.effects.map(({ kind }) => kind)).toEqual(['ALLOCATED', 'DISPLACED']);
    accepted(await updating);
    expect(accepted(await after).change.effects.map(({ kind }) => kind)).toEqual(['ALLOCATED', 'DISPLACED', 'MOVED']);
  });

  test('holds up no other doctor', async () => {
    const [one, other] = [await clinic.day(), await clinic.day()];
    clinic.store.hold();
    const stuck = clinic.allocate(one.slotId, 'stuck');
    const held = await clinic.store.nextHeld();
    const updating = update(one.key.doctorId, 'ALWAYS');
    accepted(await update(other.key.doctorId, 'NEVER'));
    expect(await isPending(clinic, updating)).toBe(true);
    held.meet('keep');
    accepted(await stuck);
    accepted(await updating);
  });

  test('goes on from the one before, though both came at once', async () => {
    const { id } = await clinic.doctor();
    const [first, second] = await Promise.all([
      clinic.desk.updateDoctor(id, { policy: { agingPointsPerHour: 3 } }),
      clinic.desk.updateDoctor(id, { policy: { displacementsMax: 2 } }),
    ]);
    expect(accepted(first).policy).toMatchObject({ agingPointsPerHour: 3, displacementsMax: 0 });
    expect(accepted(second).policy).toMatchObject({ agingPointsPerHour: 3, displacementsMax: 2 });
    expect(accepted(await clinic.desk.findDoctor(id))).toEqual(accepted(second));
  });

  test('that the store could not say it has kept is read again from there', async () => {
    const { key, slotId } = await fullDay();
    const requestId = newId();
    const { inner } = clinic.store;
    clinic.store.updateDoctor = async (...asked) => {
      await inner.updateDoctor(...asked);
      throw new StoreUnavailable('the line broke');
    };
    expect(reasonOf(await update(key.doctorId, 'ALWAYS', requestId))).toBe('STORE_UNAVAILABLE');
    expect(await whatBecomesOf(slotId)).toEqual(['ALLOCATED', 'DISPLACED', 'MOVED']);
    clinic.store.updateDoctor = inner.updateDoctor.bind(inner);
    expect(accepted(await update(key.doctorId, 'ALWAYS', requestId)).policy.rebalance).toBe('ALWAYS');
  });

  test('of a doctor whom nobody knows is refused, and so is its rehearsal', async () => {
    const nobody = `doc_${newId()}` as DoctorId;
    expect(reasonOf(await update(nobody, 'ALWAYS'))).toBe('DOCTOR_NOT_FOUND');
    expect(reasonOf(await clinic.desk.updateDoctor(nobody, {}, { validateOnly: true }))).toBe('DOCTOR_NOT_FOUND');
  });
});

describe('R18 · an update asked for again', () => {
  test('is answered as it was then, after later updates and a restart, and changes nothing', async () => {
    const { id } = await clinic.doctor();
    const requestId = newId();
    const first = accepted(await update(id, 'ALWAYS', requestId));
    const second = accepted(await update(id, 'NEVER', newId()));
    expect(accepted(await update(id, 'ALWAYS', requestId))).toEqual(first);
    clinic.restart();
    expect(accepted(await update(id, 'ALWAYS', requestId))).toEqual(first);
    expect(accepted(await clinic.desk.findDoctor(id))).toEqual(second);
  });

  test.each([
    ['', false],
    [', after a restart', true],
  ])('with other contents, as an update or as a command on any day, is refused%s', async (_, restarts) => {
    const { key, slotId } = await clinic.day();
    const tomorrow = await clinic.slot({ ...key, date: TOMORROW });
    const requestId = newId();
    accepted(await update(key.doctorId, 'ALWAYS', requestId));
    if (restarts) clinic.restart();
    expect(reasonOf(await update(key.doctorId, 'NEVER', requestId))).toBe('REQUEST_ID_REUSED');
    expect(reasonOf(await clinic.allocate(slotId, 'asha', { requestId }))).toBe('REQUEST_ID_REUSED');
    expect(reasonOf(await clinic.allocate(tomorrow, 'asha', { requestId }))).toBe('REQUEST_ID_REUSED');
    expect(await durableRevision(clinic, key)).toBe(1);
  });

  test('as a command that would be refused anyway, is refused for its id', async () => {
    const { key, slotId } = await clinic.day();
    await clinic.allocate(slotId, 'asha');
    const requestId = newId();
    accepted(await update(key.doctorId, 'ALWAYS', requestId));
    expect(reasonOf(await clinic.allocate(slotId, 'asha', { requestId }))).toBe('REQUEST_ID_REUSED');
  });

  test('after a command on a day came under its id, is refused, and so is its rehearsal', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    accepted(await clinic.allocate(slotId, 'asha', { requestId }));
    expect(reasonOf(await update(key.doctorId, 'ALWAYS', requestId))).toBe('REQUEST_ID_REUSED');
    const mark = { id: requestId, digest: '' };
    expect(reasonOf(await clinic.desk.updateDoctor(key.doctorId, {}, { request: mark, validateOnly: true }))).toBe(
      'REQUEST_ID_REUSED',
    );
    expect(accepted(await clinic.desk.findDoctor(key.doctorId)).policy.rebalance).toBe('ON_EMERGENCY');
  });

  test('at the same time as a command on a day under its id: one of them is carried out', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    const both = await Promise.all([
      clinic.allocate(slotId, '', { requestId }),
      update(key.doctorId, 'ALWAYS', requestId),
    ]);
    expect(both.map(reasonOf).sort()).toEqual(['REQUEST_ID_REUSED', 'answered']);
  });
});

test('a rehearsed update tells what would be, and changes nothing', async () => {
  const { key, slotId } = await fullDay();
  const mark = { id: newId(), digest: 'a rehearsal' };
  const policy = { rebalance: 'ALWAYS', agingPointsPerHour: 9 } as const;
  expect(
    accepted(await clinic.desk.updateDoctor(key.doctorId, { policy }, { request: mark, validateOnly: true })).policy,
  ).toMatchObject(policy);
  expect(accepted(await clinic.desk.findDoctor(key.doctorId)).policy.rebalance).toBe('ON_EMERGENCY');
  expect(await whatBecomesOf(slotId)).toEqual(['ALLOCATED', 'DISPLACED']);
  expect(await clinic.store.inner.findRequest(key.doctorId, mark.id)).toBeUndefined();
});
