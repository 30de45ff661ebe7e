/** Time acts by itself, through the same journal and streams as any command: once, in order, also after a restart. */
import { DayClock } from '../../src/desk/day-clock.js';
import type { Change } from '../../src/domain/event.js';
import type { Instant } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, type Clinic, inFreshClinic, recordOf, TODAY, tokenOf } from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

/** Slots of an hour from 09:00 and 10:00, of one seat each, and two patients who asked for the first. */
async function twoSlots() {
  const { key, slotId } = await clinic.day(1);
  const later = await clinic.slot(key, 1, 10);
  const seated = tokenOf(await clinic.allocate(slotId, 'asha'));
  const waiting = tokenOf(await clinic.allocate(slotId, 'bela'));
  return { key, slotId, later, seated, waiting };
}

function at(time: string): Instant {
  return Date.parse(`${TODAY}T${time}:00Z`) as Instant;
}

function clock(): DayClock {
  const { desk, store } = clinic;
  return new DayClock(store, (key) => desk.letTimePass(key), {
    now: () => clinic.now,
    onFault: (error) => clinic.faults.push(error),
  });
}

/** A day's changes from its fifth on: what came after {@link twoSlots}. */
async function since(key: DayKey): Promise<string[]> {
  const { changes } = await recordOf(clinic.store.inner, key);
  return changes.slice(4).map(told);
}

function told({ at: instant, cause, effects }: Change): string {
  const time = new Date(instant).toISOString().slice(11, 16);
  return [`${time} ${cause}`, ...effects.map(({ kind, token }) => `${kind} ${token.patientRef}`)].join(', ');
}

test('R20 · a slot’s end comes by itself, at its own instant', async () => {
  const { key } = await twoSlots();
  clinic.now = at('10:00');
  expect(await clock().strike()).toBe(true);
  expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela']);
});

test('R20 · nothing comes before its instant, and nothing twice', async () => {
  const { key } = await twoSlots();
  clinic.now = (at('10:00') - 1) as Instant;
  await clock().strike();
  expect(await since(key)).toEqual([]);
  clinic.now = at('10:00');
  await Promise.all([clock().strike(), clock().strike()]);
  await clock().strike();
  expect(await since(key)).toHaveLength(1);
});

test('what fell due while no server ran is made good after a restart, in order of its due time', async () => {
  const { key } = await twoSlots();
  clinic.restart();
  clinic.now = at('12:34');
  expect(await clock().strike()).toBe(true);
  expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela', '11:00 CLOCK']);
});

test('R21 · the day’s end comes by itself, and then nothing more', async () => {
  const { key } = await twoSlots();
  clinic.now = at('23:00');
  await clock().strike();
  clinic.now = (at('23:59') + 60_000) as Instant;
  await clock().strike();
  expect((await since(key)).at(-1)).toBe('00:00 CLOCK, NO_SHOW asha, NO_SHOW bela');
  expect(await clinic.store.dueDays((clinic.now + 9e10) as Instant, undefined, 10)).toEqual([]);
});

test('a command that comes before the clock does finds it made good, and lands after it', async () => {
  const { key, later } = await twoSlots();
  clinic.now = at('10:30');
  accepted(await clinic.allocate(later, 'chitra'));
  expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela', '10:30 AllocateToken, QUEUED chitra']);
});

test('a refused command, too, finds it made good', async () => {
  const { key, slotId } = await twoSlots();
  clinic.now = at('10:30');
  expect(await clinic.allocate(slotId, 'chitra')).toMatchObject({ refusal: { reason: 'SLOT_ENDED' } });
  expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela']);
});

test('watchers see it', async () => {
  const { key } = await twoSlots();
  const watcher = await clinic.watch(key, 4);
  clinic.now = at('10:00');
  await clock().strike();
  expect(watcher.seen.map(told)).toEqual(['10:00 CLOCK, MOVED bela']);
});

test('what did not reach the disk is done again, once', async () => {
  const { key } = await twoSlots();
  clinic.now = at('10:00');
  clinic.store.hold();
  const striking = clock().strike();
  (await clinic.store.nextHeld()).meet('failBefore');
  clinic.store.release();
  await striking;
  await clock().strike();
  expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela']);
});

test('where the store is out of reach it says so, and makes it good when the store is back', async () => {
  const { key } = await twoSlots();
  clinic.now = at('10:00');
  clinic.store.failReads(true);
  expect(await clock().strike()).toBe(false);
  clinic.store.failReads(false);
  expect(await clock().strike()).toBe(true);
  expect(await since(key)).toHaveLength(1);
});

test('a day that was said to be due too early is looked at once, and set right', async () => {
  const { key } = await twoSlots();
  await clinic.store.noteDue(key, 4, at('07:00'));
  clinic.now = at('08:00');
  await clock().strike();
  expect(await clinic.store.dueDays(at('23:00'), undefined, 10)).toEqual([{ key, at: at('10:00') }]);
  expect(await since(key)).toEqual([]);
});

test('many days are seen to in one round, and no more of them are asked for than fit', async () => {
  const days = await Promise.all(Array.from({ length: 30 }, () => twoSlots()));
  clinic.restart();
  clinic.now = at('10:00');
  expect(await clock().strike()).toBe(true);
  for (const { key } of days) expect(await since(key)).toEqual(['10:00 CLOCK, MOVED bela']);
});

test('R22 · a grace that a doctor is given acts on days that nobody has in memory', async () => {
  const { key } = await twoSlots();
  clinic.now = at('09:30');
  accepted(await clinic.desk.updateDoctor(key.doctorId, { policy: { noShowGraceMilliseconds: 60_000 } }));
  clinic.restart();
  expect(await clock().strike()).toBe(true);
  expect(await since(key)).toEqual(['09:30 CLOCK, NO_SHOW asha, PROMOTED bela']);
});

test('where the clock has gone back, what is due by the day’s own time comes before what is decided at it', async () => {
  const { key, later } = await twoSlots();
  clinic.now = at('10:30');
  accepted(await clinic.allocate(later, 'chitra'));
  clinic.now = at('09:30');
  // So that who has had a seat since 06:00, in a slot from 09:00 on, is due at 10:10.
  accepted(await clinic.desk.updateDoctor(key.doctorId, { policy: { noShowGraceMilliseconds: 70 * 60_000 } }));
  accepted(await clinic.allocate(later, 'dev'));
  expect((await since(key)).slice(-2)).toEqual(['10:30 CLOCK, NO_SHOW asha', '10:30 AllocateToken, QUEUED dev']);
});
