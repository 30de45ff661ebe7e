/**
 * Slots of several days that are closed together: all of the days change, or none, whatever happens
 * on the way.
 */
import type { DoctorId } from '../../src/domain/doctor.js';
import type { Instant, LocalDate, TimeOfDay } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, type Clinic, durableRevision, inFreshClinic, newId, reasonOf } from './clinic.js';

const [MONDAY, TUESDAY, WEDNESDAY] = ['2026-03-02', '2026-03-03', '2026-03-04'] as LocalDate[] as [
  LocalDate,
  LocalDate,
  LocalDate,
];

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

/** A doctor with a slot on Monday and on Wednesday, a token in each, and nothing on Tuesday. */
async function twoDays() {
  const monday = await clinic.day(1, MONDAY);
  const wednesday = { ...monday.key, date: WEDNESDAY };
  const slotId = await clinic.slot(wednesday, 1);
  await clinic.allocate(monday.slotId, 'asha');
  await clinic.allocate(slotId, 'bela');
  return { doctorId: monday.key.doctorId, keys: [monday.key, wednesday] as const };
}

function close(doctorId: DoctorId, requestId?: string) {
  const wanted = {
    ...{ firstDate: MONDAY, lastDate: WEDNESDAY, reason: 'ill' },
    ...{ start: 0 as TimeOfDay, end: 1_440 as TimeOfDay },
  };
  const request = requestId ? { id: requestId, digest: JSON.stringify(wanted) } : undefined;
  return clinic.desk.closeSlots(doctorId, wanted, { request });
}

const revisions = (keys: readonly DayKey[]) => Promise.all(keys.map((key) => durableRevision(clinic, key)));

test('days with a slot change once, and the others not at all', async () => {
  const { doctorId, keys } = await twoDays();
  const done = accepted(await close(doctorId));
  expect(done.map(({ key, change }) => [key.date, change.cause, change.closed?.left.length])).toEqual([
    [MONDAY, 'CloseSlots', 1],
    [WEDNESDAY, 'CloseSlots', 1],
  ]);
  expect(await revisions([...keys, { doctorId, date: TUESDAY }])).toEqual([3, 3, 0]);
});

test('R18 · the same id gives the same answer, also after a restart', async () => {
  const { doctorId } = await twoDays();
  const requestId = newId();
  const first = accepted(await close(doctorId, requestId));
  expect(accepted(await close(doctorId, requestId))).toEqual(first);
  clinic.restart();
  expect(accepted(await close(doctorId, requestId))).toEqual(first);
});

test.each([
  ['failBefore', 2],
  ['failAfter', 3],
] as const)(
  'a commit that meets %s leaves all of the days at revision %i, and can be asked for again',
  async (fate, revision) => {
    const { doctorId, keys } = await twoDays();
    const requestId = newId();
    clinic.store.hold();
    const first = close(doctorId, requestId);
    (await clinic.store.nextHeld()).meet(fate);
    expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
    expect(await revisions(keys)).toEqual([revision, revision]);
    clinic.store.release();
    expect(accepted(await close(doctorId, requestId))).toHaveLength(2);
    expect(await revisions(keys)).toEqual([3, 3]);
  },
);

test('a crash before the commit leaves nothing of it', async () => {
  const { doctorId, keys } = await twoDays();
  clinic.store.hold();
  void close(doctorId);
  await clinic.store.nextHeld();
  clinic.restart();
  expect(await revisions(keys)).toEqual([2, 2]);
});

test('what time does to a day by itself comes first', async () => {
  const { doctorId } = await twoDays();
  clinic.now = Date.parse(`${WEDNESDAY}T00:00:00+05:30`) as Instant;
  const done = accepted(await close(doctorId));
  expect(done.map(({ key }) => key.date)).toEqual([WEDNESDAY]);
});
