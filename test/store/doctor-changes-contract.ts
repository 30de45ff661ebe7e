/** What every store must do about the changes of doctors. */
import { DEFAULT_POLICY, type Doctor } from '../../src/domain/doctor.js';
import type { DoctorUpdate } from '../../src/domain/doctor-update.js';
import type { Instant, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import type { Store } from '../../src/store/store.js';
import { AT, day, dayCommit, doctor, doctorId, entry, request, slot, token } from './samples.js';

const LATER = (AT + 60_000) as Instant;
const GRACE = { ...DEFAULT_POLICY, noShowGraceMilliseconds: 900_000 };

export function doctorChanges(store: () => Store): void {
  beforeEach(() => store().createDoctor(doctor(1)));
  const update = (asked: DoctorUpdate, mark = request(8)) => store().updateDoctor(doctorId(1), asked, LATER, mark);
  const kept = () => store().findDoctor(doctorId(1));

  test.each<[string, DoctorUpdate, Partial<Doctor>]>([
    ['a name', { name: 'डॉ. सेन' }, { name: 'डॉ. सेन' }],
    ['a department, which may be empty', { department: '' }, { department: '' }],
    [
      'one term of the policy',
      { policy: { agingPointsPerHour: 7 } },
      { policy: { ...DEFAULT_POLICY, agingPointsPerHour: 7 }, policySince: LATER },
    ],
    [
      'every term of the policy',
      { policy: { ...GRACE, rebalance: 'NEVER', protectCheckedIn: true, displacementsMax: 3 } },
      { policy: { ...GRACE, rebalance: 'NEVER', protectCheckedIn: true, displacementsMax: 3 }, policySince: LATER },
    ],
    ['the policy to what it is', { policy: DEFAULT_POLICY }, {}],
    ['the time zone', { timeZone: 'Asia/Tokyo' as TimeZone }, { timeZone: 'Asia/Tokyo' as TimeZone }],
    ['whether the doctor is retired', { isRetired: true }, { isRetired: true }],
    ['nothing', {}, {}],
  ])('an update may change %s', async (_, asked, fields) => {
    const changed = doctor(1, fields);
    expect(await update(asked)).toEqual({ doctor: changed, current: changed, digest: 'digest' });
    expect(await kept()).toEqual(changed);
  });

  test('a grace is taken back by one that is undefined, and kept by none at all', async () => {
    await update({ policy: GRACE });
    expect((await update({ policy: { protectCheckedIn: true } }, request(9)))?.doctor.policy).toEqual({
      ...GRACE,
      protectCheckedIn: true,
    });
    await update({ policy: { noShowGraceMilliseconds: undefined } }, request(10));
    expect((await kept())?.policy.noShowGraceMilliseconds).toBeUndefined();
  });

  test('a policy is what it is since later than the one before, though the clock was put back', async () => {
    await update({ policy: GRACE });
    await store().updateDoctor(doctorId(1), { policy: DEFAULT_POLICY }, AT);
    expect(await kept()).toMatchObject({ policy: DEFAULT_POLICY, policySince: LATER + 1 });
  });

  describe('a new time zone', () => {
    const moves = (at: number) =>
      store().updateDoctor(doctorId(1), { timeZone: 'UTC' as TimeZone, name: 'x' }, at as Instant);
    const first = slot(1);
    const later = (first.endsAt + 3_600_000) as Instant;
    const second = slot(2, { start: 600 as TimeOfDay, end: 660 as TimeOfDay, startsAt: first.endsAt, endsAt: later });

    beforeEach(async () => {
      await store().commit([dayCommit(day(1), [entry(1)], { slots: [second, first] })]);
    });

    test('is not kept while a slot is to come, and nothing else of the update', async () => {
      const stays = await moves(first.endsAt - 1);
      expect(stays).toEqual({ doctor: doctor(1), current: doctor(1), slotToCome: first.id });
      expect(await kept()).toEqual(doctor(1));
      expect(await store().findSlotToCome(doctorId(1), first.endsAt)).toBe(second.id);
      expect((await moves(first.endsAt))?.slotToCome).toBe(second.id);
    });

    test('is not kept while somebody is still in a slot that has ended', async () => {
      const here = dayCommit(day(1), [entry(2)], { tokens: [token(1)], due: { at: later } });
      await store().commit([here]);
      expect(await store().findSlotToCome(doctorId(1), second.endsAt)).toBe(first.id);
      expect((await moves(second.endsAt))?.slotToCome).toBe(first.id);
      const gone = dayCommit(day(1), [entry(3)], { tokens: [token(1, { status: 'COMPLETED' })] });
      await store().commit([gone]);
      expect((await moves(second.endsAt))?.slotToCome).toBeUndefined();
    });

    test('is kept once every slot has ended, and has the days looked at anew', async () => {
      expect(await store().findSlotToCome(doctorId(1), second.endsAt)).toBeUndefined();
      expect((await moves(second.endsAt))?.current).toEqual(doctor(1, { timeZone: 'UTC' as TimeZone, name: 'x' }));
      expect(await kept()).toMatchObject({ timeZone: 'UTC' });
    });
  });

  test('a doctor that nobody created is not updated', async () => {
    expect(await store().updateDoctor(doctorId(2), { name: 'x' }, LATER)).toBeUndefined();
    expect(await store().findDoctor(doctorId(2))).toBeUndefined();
  });

  test('of many updates asked for at once none is lost to another', async () => {
    const points = Array.from({ length: 20 }, (_, index) => index + 1);
    const all = [
      ...points.map((agingPointsPerHour) => ({ policy: { agingPointsPerHour } })),
      { name: 'Dr. Sen' },
      { policy: { displacementsMax: 5 } },
    ];
    await Promise.all(all.map((asked) => store().updateDoctor(doctorId(1), asked, LATER)));
    expect(await kept()).toMatchObject({ name: 'Dr. Sen', policy: { displacementsMax: 5, agingPointsPerHour: 20 } });
  });

  test('R18 · a request id that came before changes nothing, and answers as it was answered then', async () => {
    const first = await update({ name: 'Dr. Sen' }, request(8, 'first'));
    await update({ name: 'Dr. Bose' }, request(9));
    const current = doctor(1, { name: 'Dr. Bose' });
    expect(await update({ name: 'Dr. Pal' }, request(8, 'other'))).toEqual({ ...first, current, digest: 'first' });
    expect(await kept()).toEqual(current);
  });

  test('R18 · a doctor whose creation is asked for again is as created, whatever has changed since', async () => {
    const created = doctor(2);
    await store().createDoctor(created, request(7, 'first'));
    await store().updateDoctor(created.id, { name: 'Dr. Sen' }, LATER, request(7));
    await store().updateDoctor(created.id, { policy: GRACE }, LATER);
    expect(await store().createDoctor(doctor(3), request(7, 'other'))).toEqual({ doctor: created, digest: 'first' });
  });

  test('R18 · a request id that came with a command on a day changes nothing, and answers with its digest', async () => {
    await store().commit([dayCommit(day(1), [entry(1, { request: request(8, 'on a day') })])]);
    expect(await update({ name: 'Dr. Sen' })).toMatchObject({ digest: 'on a day', current: doctor(1) });
    expect(await kept()).toEqual(doctor(1));
  });

  test('R18 · a request id that came with an update is a conflict on every day of that doctor, and of no other', async () => {
    await update({ name: 'Dr. Sen' });
    const commits = [1, 2].map((number) => dayCommit(day(number), [entry(1, { request: request(8) }), entry(2)]));
    expect(await store().commit(commits)).toEqual(['conflict', 'committed']);
    expect(await store().readJournal(day(1), 0, 10)).toEqual([]);
  });

  test('R18 · of an update and a command on a day under one id that are asked for at once, one is kept', async () => {
    const [updated, [landed]] = await Promise.all([
      update({ name: 'Dr. Sen' }, request(8, 'update')),
      store().commit([dayCommit(day(1), [entry(1, { request: request(8, 'command') })])]),
    ] as const);
    const isUpdated = updated?.digest === 'update';
    expect(landed).toBe(isUpdated ? 'conflict' : 'committed');
    expect((await kept())?.name).toBe(isUpdated ? 'Dr. Sen' : 'Dr. Rao');
  });

  test('R18 · an update is found by its request id among those of the doctor alone', async () => {
    await update({ name: 'Dr. Sen' }, request(8, 'ours'));
    expect(await store().findRequest(doctorId(1), request(8).id)).toEqual({ doctorId: doctorId(1), digest: 'ours' });
    expect(await store().findRequest(doctorId(2), request(8).id)).toBeUndefined();
    expect(await store().findRequest(doctorId(1), request(9).id)).toBeUndefined();
  });
}
