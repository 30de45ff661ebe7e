/** The doctor-days in memory: loaded by journal, let go when there are too many. */
import { DEFAULT_SHELF_LIMITS, shelfLimitsFor } from '../../src/desk/day-shelf.js';
import type { LocalDate } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, Clinic, newId, reasonOf, recordOf, tokenOf } from './clinic.js';

let clinic: Clinic | undefined;

async function open(limits?: { daysMax: number; tokensMax: number }): Promise<Clinic> {
  clinic = await Clinic.open(limits);
  return clinic;
}

afterEach(async () => {
  clinic?.store.release();
  await clinic?.store.idle();
  await clinic?.store.close();
});

const PLENTY = 1_000_000;

/** The nth date from 2030 on. */
function dateNumber(n: number): LocalDate {
  return new Date(Date.UTC(2030, 0, 1 + n)).toISOString().slice(0, 10) as LocalDate;
}

describe('loading', () => {
  test('a day of more revisions than a page of the journal is the day that was served', async () => {
    const clinic = await open();
    const { key, slotId } = await clinic.day(1_000);
    await Promise.all(Array.from({ length: 2_100 }, (_, n) => clinic.allocate(slotId, `patient ${n}`)));
    const served = accepted(await clinic.standing(key));
    clinic.restart();
    const pagesBefore = clinic.store.callsOf('readJournal');
    expect(accepted(await clinic.standing(key))).toEqual(served);
    expect(served.revision).toBe(2_101);
    expect(clinic.store.callsOf('readJournal') - pagesBefore).toBe(3);
  });

  test('all who ask for a day while it is being loaded share one loading', async () => {
    const clinic = await open();
    const { key, slotId } = await clinic.day();
    clinic.restart();
    const pagesBefore = clinic.store.callsOf('readJournal');
    await Promise.all([clinic.standing(key), clinic.standing(key), clinic.allocate(slotId, 'asha')]);
    expect(clinic.store.callsOf('readJournal') - pagesBefore).toBe(1);
  });

  test('a day that nobody has touched is there, empty, at revision 0', async () => {
    const clinic = await open();
    const { id: doctorId } = await clinic.doctor();
    const standing = accepted(await clinic.standing({ doctorId, date: dateNumber(0) }));
    expect(standing).toEqual({ revision: 0, slots: [], tokens: [] });
  });

  test('a day of a doctor who does not exist is not kept', async () => {
    const clinic = await open();
    const key = { doctorId: `doc_${newId()}`, date: dateNumber(0) } as DayKey;
    expect(reasonOf(await clinic.standing(key))).toBe('DOCTOR_NOT_FOUND');
    expect(clinic.desk.held.days).toBe(0);
  });

  test('one that failed is tried again by the next to ask', async () => {
    const clinic = await open();
    const { key } = await clinic.day();
    clinic.restart();
    clinic.store.failReads(true);
    expect(reasonOf(await clinic.standing(key))).toBe('STORE_UNAVAILABLE');
    clinic.store.failReads(false);
    expect(accepted(await clinic.standing(key)).revision).toBe(1);
  });
});

describe('letting go', () => {
  test('the day not used for longest goes first', async () => {
    const clinic = await open({ daysMax: 2, tokensMax: PLENTY });
    const [a, b, c] = [await clinic.day(), await clinic.day(), await clinic.day()];
    await clinic.standing(b.key);
    await clinic.standing(c.key);
    await clinic.standing(b.key);
    await clinic.standing(a.key);
    await clinic.store.idle();
    const pages = clinic.store.callsOf('readJournal');
    await clinic.standing(b.key);
    expect(clinic.store.callsOf('readJournal')).toBe(pages);
    await clinic.standing(c.key);
    expect(clinic.store.callsOf('readJournal')).toBe(pages + 1);
  });

  test('memory stays bounded over thousands of days', async () => {
    const clinic = await open({ daysMax: 20, tokensMax: PLENTY });
    const { id: doctorId } = await clinic.doctor();
    for (let n = 0; n < 3_000; n += 100) {
      const dates = Array.from({ length: 100 }, (_, each) => dateNumber(n + each));
      await Promise.all(dates.map((date) => clinic.standing({ doctorId, date })));
      await clinic.store.idle();
      expect(clinic.desk.held.days).toBeLessThanOrEqual(20);
    }
  });

  test('days that were in use when others came go once they are not', async () => {
    const clinic = await open({ daysMax: 5, tokensMax: PLENTY });
    const { id: doctorId } = await clinic.doctor();
    const dates = Array.from({ length: 50 }, (_, n) => dateNumber(n));
    await Promise.all(dates.map((date) => clinic.createSlot({ doctorId, date }, {})));
    await clinic.store.idle();
    expect(clinic.desk.held.days).toBe(5);
  });

  test('as many days as are asked for at once are served, however few are kept', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const { id: doctorId } = await clinic.doctor();
    const dates = Array.from({ length: 200 }, (_, n) => dateNumber(n));
    const slots = await Promise.all(dates.map((date) => clinic.createSlot({ doctorId, date }, {})));
    expect(slots.filter(({ ok }) => !ok)).toEqual([]);
    await clinic.store.idle();
    const readings = await Promise.all(dates.map((date) => clinic.standing({ doctorId, date })));
    expect(new Set(readings.map((reading) => accepted(reading).revision))).toEqual(new Set([1]));
  });

  test('tokens count too, those issued after the day was loaded included', async () => {
    const clinic = await open({ daysMax: PLENTY, tokensMax: 25 });
    for (let day = 1; day <= 4; day += 1) {
      const { slotId } = await clinic.day();
      await Promise.all(Array.from({ length: 10 }, (_, n) => clinic.allocate(slotId, `patient ${n}`)));
    }
    await clinic.store.idle();
    expect(clinic.desk.held).toEqual({ days: 2, tokens: 20 });
  });

  test('leaves no entry of the index behind, over many comings and goings', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const [busy, other] = [await clinic.day(), await clinic.day()];
    for (let round = 1; round <= 10; round += 1) {
      await clinic.allocate(busy.slotId, `patient ${round}`);
      await clinic.standing(other.key);
      await clinic.store.idle();
      expect(clinic.desk.held).toEqual({ days: 1, tokens: 0 });
    }
    expect(accepted(await clinic.standing(busy.key)).tokens).toHaveLength(10);
  });

  test('leaves no entry of the index behind where a write failed', async () => {
    const clinic = await open();
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const lost = clinic.allocate(slotId, 'asha');
    (await clinic.store.nextHeld()).meet('failBefore');
    await lost;
    expect(clinic.desk.held).toEqual({ days: 0, tokens: 0 });
    await clinic.standing(key);
    expect(clinic.desk.held).toEqual({ days: 1, tokens: 0 });
  });

  test('slots and tokens are found by their ids again', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const { key, slotId } = await clinic.day();
    const tokenId = tokenOf(await clinic.allocate(slotId, 'asha'));
    await clinic.day();
    await clinic.store.idle();
    expect(clinic.desk.held.tokens).toBe(0);
    expect(accepted(await clinic.allocate(slotId, 'bala')).key).toEqual(key);
    await clinic.day();
    await clinic.store.idle();
    expect(accepted(await clinic.cancel(tokenId)).change.revision).toBe(4);
  });
});

describe('days in use stay', () => {
  test('those with a commit under way', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const [a, b] = [await clinic.day(), await clinic.day()];
    await clinic.standing(a.key);
    await clinic.store.idle();
    clinic.store.hold();
    const command = clinic.allocate(a.slotId, 'asha');
    const held = await clinic.store.nextHeld();
    await clinic.standing(b.key);
    await clinic.store.idle();
    expect(clinic.desk.held).toEqual({ days: 2, tokens: 1 });
    held.meet('keep');
    clinic.store.release();
    accepted(await command);
    expect((await recordOf(clinic.store, a.key)).entries).toHaveLength(2);
  });

  test('those that are watched, until nobody does', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const [a, b] = [await clinic.day(), await clinic.day()];
    const watcher = await clinic.watch(a.key, 1);
    await clinic.standing(b.key);
    await clinic.store.idle();
    expect(clinic.desk.held.days).toBe(2);
    watcher.subscription?.close();
    await clinic.store.idle();
    expect(clinic.desk.held.days).toBe(1);
  });

  test('and the one used last, where all others are in use', async () => {
    const clinic = await open({ daysMax: 1, tokensMax: PLENTY });
    const watched = [await clinic.day(), await clinic.day()];
    for (const { key } of watched) await clinic.watch(key, 1);
    const { key } = await clinic.day();
    await clinic.store.idle();
    const pages = clinic.store.callsOf('readJournal');
    await clinic.standing(key);
    await clinic.standing(key);
    expect(clinic.store.callsOf('readJournal')).toBe(pages);
  });
});

test('a process whose heap may not grow far keeps fewer tokens in memory', () => {
  const MEBIBYTE = 1024 * 1024;
  expect(shelfLimitsFor(4_096 * MEBIBYTE)).toEqual(DEFAULT_SHELF_LIMITS);
  expect(shelfLimitsFor(256 * MEBIBYTE)).toEqual({ ...DEFAULT_SHELF_LIMITS, tokensMax: 104_857 });
});
