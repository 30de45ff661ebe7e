/** A schedule: a command over many days, all of them or none. */
import { FrontDesk } from '../../src/desk/front-desk.js';
import type { LocalDate, TimeZone } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, Clinic, durableRevision, inFreshClinic, newId, reasonOf } from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

describe('a schedule', () => {
  const [FIRST, LAST] = ['2026-03-01', '2026-04-09'] as [LocalDate, LocalDate];

  test('is made on all of its days, and is the same after a restart (R18)', async () => {
    const { id } = await clinic.doctor();
    const requestId = newId();
    const first = accepted(await clinic.schedule(id, [FIRST, LAST], { requestId }));
    expect(first).toHaveLength(40);
    clinic.restart();
    expect(accepted(await clinic.schedule(id, [FIRST, LAST], { requestId }))).toEqual(first);
    expect(accepted(await clinic.standing({ doctorId: id, date: LAST })).slots).toHaveLength(1);
  });

  test('is made nowhere where one day is in the way', async () => {
    const { id: doctorId } = await clinic.doctor();
    await clinic.slot({ doctorId, date: LAST });
    expect(reasonOf(await clinic.schedule(doctorId, [FIRST, LAST]))).toBe('SLOT_OVERLAPS');
    expect(await durableRevision(clinic, { doctorId, date: FIRST })).toBe(0);
  });

  test('takes more days than are kept in memory, and lets them go again', async () => {
    const own = Clinic.over(clinic.store, { daysMax: 4, tokensMax: 10 });
    const { id } = await own.doctor();
    expect(accepted(await own.schedule(id, [FIRST, LAST]))).toHaveLength(40);
    await clinic.store.idle();
    expect(own.desk.held.days).toBeLessThanOrEqual(4);
  });

  test('waits for the one before it, so that memory and batches stay small', async () => {
    const doctors = [await clinic.doctor(), await clinic.doctor()];
    clinic.store.hold();
    const both = doctors.map(({ id }) => clinic.schedule(id, [FIRST, LAST]));
    for (const { id } of doctors) {
      const held = await clinic.store.nextHeld();
      expect(new Set(held.batch.map(({ key }) => key.doctorId))).toEqual(new Set([id]));
      held.meet('keep');
    }
    expect((await Promise.all(both)).map(reasonOf)).toEqual(['answered', 'answered']);
  });

  test('is not made on a day that was lost while the others were being loaded', async () => {
    const { key, slotId } = await clinic.day(10, FIRST);
    clinic.store.hold();
    const lost = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const go = clinic.store.stallReads();
    const making = clinic.schedule(key.doctorId, [FIRST, '2026-03-02' as LocalDate], { hours: [12, 13] });
    await clinic.store.idle();
    held.meet('failBefore');
    expect(reasonOf(await lost)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    go();
    expect(accepted(await making)[0]?.change.revision).toBe(2);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('that fails does not stop the next', async () => {
    const { id } = await clinic.doctor();
    clinic.store.failReads(true);
    expect(reasonOf(await clinic.schedule(id, [FIRST, LAST]))).toBe('STORE_UNAVAILABLE');
    clinic.store.failReads(false);
    accepted(await clinic.schedule(id, [FIRST, LAST]));
  });

  test('that a bug stops half-way leaves nothing of it on any day', async () => {
    const { id } = await clinic.doctor();
    let idsLeft = 3;
    const desk = new FrontDesk(clinic.store, {
      now: () => clinic.now,
      timeZone: 'UTC' as TimeZone,
      onFault: () => {},
      newId: () => {
        if (idsLeft-- === 0) throw new Error('a bug');
        return newId();
      },
    });
    clinic.desk = desk;
    await expect(clinic.schedule(id, [FIRST, LAST])).rejects.toThrow('a bug');
    expect(accepted(await clinic.schedule(id, [FIRST, LAST])).map(({ change }) => change.revision)).toEqual(
      Array(40).fill(1),
    );
  });

  test('for nobody is refused', async () => {
    const nobody = `doc_${newId()}` as DayKey['doctorId'];
    expect(reasonOf(await clinic.schedule(nobody, [FIRST, LAST]))).toBe('DOCTOR_NOT_FOUND');
  });
});
