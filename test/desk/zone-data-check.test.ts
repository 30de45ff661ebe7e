/** R17: slots that have not begun follow their local times when a server has newer time zone data. */
import { ZoneDataCheck, type ZoneDataReport } from '../../src/desk/zone-data-check.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, LocalDate, TimeOfDay } from '../../src/domain/time.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import type { DayKey, Store } from '../../src/store/store.js';
import { dayCommit, slotId } from '../store/samples.js';
import { accepted, type Clinic, inFreshClinic, recordOf, seenOf, TODAY, tokenOf } from './clinic.js';

const HOUR = 3_600_000;
const [OLD, NEW] = ['2025c', '2026e'] as ZoneDataVersion[] as [ZoneDataVersion, ZoneDataVersion];

let clinic: Clinic;
let reports: ZoneDataReport[];

inFreshClinic((fresh) => {
  clinic = fresh;
  reports = [];
});

function check(zoneData = NEW, store: Store = clinic.store): ZoneDataCheck {
  return new ZoneDataCheck(store, clinic.desk, {
    now: () => clinic.now,
    zoneData,
    onReport: (report) => reports.push(report),
    onFault: (error) => clinic.faults.push(error),
  });
}

/** When an hour of a day begins in UTC, which is the doctor's zone. */
function at(hour: number, date = TODAY): Instant {
  return (Date.parse(`${date}T00:00:00Z`) + hour * HOUR) as Instant;
}

let made = 0;

/** A day with slots of an hour, made by rules by which local times came an hour later. */
async function madeByOlderRules(hours: number[], date: LocalDate = TODAY): Promise<{ key: DayKey; slots: SlotId[] }> {
  const key = { doctorId: (await clinic.doctor()).id, date };
  const slots = hours.map((hour) => {
    made += 1;
    const times = { start: (hour * 60) as TimeOfDay, end: (hour * 60 + 60) as TimeOfDay };
    return { id: slotId(made), ...times, startsAt: at(hour + 1, date), endsAt: at(hour + 2, date), capacity: 2 };
  });
  const entries = slots.map((slot, index) => {
    const command = { kind: 'CreateSlot', start: slot.start, end: slot.end, capacity: 2 } as const;
    return { revision: index + 1, at: clinic.now, command, events: [{ kind: 'SLOT_CREATED', ...slot } as const] };
  });
  const rows = slots.map((slot) => ({ ...slot, isClosed: false, seatsTaken: 0, waiting: 0 }));
  const due = { at: slots[0]?.endsAt };
  await clinic.store.inner.commit([{ ...dayCommit(key, entries, { slots: rows }), due }]);
  return { key, slots: slots.map(({ id }) => id) };
}

async function startsOf(key: DayKey): Promise<number[]> {
  const slots = accepted(
    await clinic.desk.read(key, (day) => ({ ok: true, value: day.slots.map(({ terms }) => terms) }) as const),
  );
  return slots.map(({ startsAt }) => (startsAt - at(0, key.date)) / HOUR);
}

test('R17 · slots made by older rules are retimed, and the journal, the rows and what is due tell so', async () => {
  clinic.now = at(-30);
  const { key } = await madeByOlderRules([9, 10]);
  expect(await check().look()).toBe(true);
  expect(await startsOf(key)).toEqual([9, 10]);
  expect(reports).toEqual([{ zoneData: NEW, newest: NEW, days: 1, slots: 2, kept: 0 }]);
  const { changes } = await recordOf(clinic.store.inner, key);
  expect(changes.at(-1)).toMatchObject({ revision: 3, cause: 'CLOCK', at: clinic.now, effects: [] });
  const found = await clinic.store.slotsFrom(TODAY, undefined, 10);
  expect(found.map(({ slot: { startsAt } }) => startsAt).sort()).toEqual([at(9), at(10)]);
  expect(await clinic.store.dueDays(at(24), undefined, 10)).toEqual([{ key, at: at(10) }]);
});

test('R17 · the slot after one made by older rules can be created once that one is retimed', async () => {
  clinic.now = at(-30);
  const { key, slots } = await madeByOlderRules([9]);
  expect(await clinic.createSlot(key, { hour: 10 })).toEqual({
    ok: false,
    refusal: { reason: 'SLOT_OVERLAPS', slotId: slots[0] },
  });
  await check().look();
  accepted(await clinic.createSlot(key, { hour: 10 }));
  expect(await startsOf(key)).toEqual([9, 10]);
});

test('a second look finds nothing to do', async () => {
  clinic.now = at(-30);
  const { key } = await madeByOlderRules([9]);
  await check().look();
  await check().look();
  expect(reports.map(({ slots }) => slots)).toEqual([1, 0]);
  expect((await recordOf(clinic.store.inner, key)).changes).toHaveLength(2);
});

test('R17 · all days to come are gone through, over several pages', async () => {
  clinic.now = at(-30);
  const days: DayKey[] = [];
  for (let number = 0; number < 30; number += 1) {
    const date = new Date(at(0) + number * 24 * HOUR).toISOString().slice(0, 10) as LocalDate;
    days.push((await madeByOlderRules([8, 9, 10, 11, 12, 13, 14, 15, 16], date)).key);
  }
  await check().look();
  expect(reports).toMatchObject([{ days: 30, slots: 270, kept: 0 }]);
  for (const key of days) expect(await startsOf(key)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16]);
});

test('R17 · a slot that has begun keeps its instants, and a later session follows its local time', async () => {
  clinic.now = at(-30);
  const { key } = await madeByOlderRules([9, 10, 14]);
  clinic.now = (at(10) + 1) as Instant;
  await check().look();
  expect(await startsOf(key)).toEqual([10, 11, 14]);
  expect(reports).toMatchObject([{ days: 1, slots: 1, kept: 1 }]);
});

test('a patient in the slot keeps the place, and is told why it got another instant', async () => {
  clinic.now = at(-30);
  const { slots } = await madeByOlderRules([9]);
  const tokenId = tokenOf(await clinic.allocate(slots[0] as SlotId, 'asha'));
  await check().look();
  const { token, steps } = accepted(await clinic.desk.explainToken(tokenId));
  expect(token).toMatchObject({ status: 'ACTIVE', slotId: slots[0] });
  expect(steps.map(({ rule, change }) => [rule, change.cause])).toEqual([
    ['R1', 'AllocateToken'],
    ['R17', 'CLOCK'],
  ]);
  expect(steps[1]?.sentence).toContain('time zone data 2026e');
});

test('who watches the day is told', async () => {
  clinic.now = at(-30);
  const { key, slots } = await madeByOlderRules([9]);
  const subscription = accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, 1), () => {}));
  await check().look();
  expect(subscription.take()).toMatchObject({
    change: { cause: 'CLOCK', slots: [{ id: slots[0], startsAt: at(9) }] },
  });
  subscription.close();
});

describe('servers with different data', () => {
  test('one with older data retimes nothing, and says that there are newer ones', async () => {
    clinic.now = at(-30);
    await check(NEW).look();
    const { key } = await madeByOlderRules([9]);
    expect(await check(OLD).look()).toBe(true);
    expect(await startsOf(key)).toEqual([10]);
    expect(reports.at(-1)).toEqual({ zoneData: OLD, newest: NEW, days: 0, slots: 0, kept: 0 });
  });

  test('what one with older data has made meanwhile is retimed by the next look of one with newer', async () => {
    clinic.now = at(-30);
    const newer = check(NEW);
    await newer.look();
    await check(OLD).look();
    const { key } = await madeByOlderRules([9]);
    await newer.look();
    expect(await startsOf(key)).toEqual([9]);
  });
});

test('R21 · with newer data, when the day ends is reckoned anew', async () => {
  const { key, slotId: slot } = await clinic.day(1);
  accepted(await clinic.allocate(slot, 'asha'));
  clinic.now = at(23);
  accepted(await clinic.desk.letTimePass(key));
  const { revision } = accepted(await clinic.desk.read(key, (day) => ({ ok: true, value: day }) as const));
  // As it was reckoned by rules by which midnight came an hour later.
  await clinic.store.inner.noteDue(key, revision, at(25));
  await check(OLD).look();
  expect(await clinic.store.dueDays(at(30), undefined, 1)).toEqual([{ key, at: at(25) }]);
  await check(NEW).look();
  expect(await clinic.store.dueDays(at(30), undefined, 1)).toEqual([{ key, at: at(24) }]);
});

test('a store that fails is told of, and the next look goes on where this one broke off', async () => {
  clinic.now = at(-30);
  const { key } = await madeByOlderRules([9]);
  clinic.store.failReads(true);
  expect(await check().look()).toBe(false);
  expect(clinic.faults).toHaveLength(1);
  clinic.store.failReads(false);
  clinic.faults.length = 0;
  expect(await check().look()).toBe(true);
  expect(await startsOf(key)).toEqual([9]);
});
