/** What every reader of a store must do: one test a promise of the port. */

import type { DoctorId } from '../../src/domain/doctor.js';
import type { Instant } from '../../src/domain/time.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import { DOCTOR_FORMAT, encodeDoctor } from '../../src/store/doctor-codec.js';
import { encodeEntry } from '../../src/store/journal-codec.js';
import type { Store } from '../../src/store/store.js';
import type { DayRecord, StoreReader } from '../../src/store/store-reader.js';
import { AT, day, dayCommit, doctor, doctorId, entry, request, slot, token } from './samples.js';

/** A store, and readers of what it keeps. */
export interface Readable {
  readonly store: Store;
  read(): Promise<StoreReader>;
  /** Deletes a doctor's row, and nothing else, behind the store's back. */
  loseDoctor(id: DoctorId): Promise<unknown>;
}

/** @param open a new, empty store at each call */
export function readerContract(name: string, open: () => Promise<Readable>): void {
  describe(`${name} keeps the readers' contract`, () => {
    let readable: Readable;
    let reader: StoreReader | undefined;
    beforeEach(async () => {
      readable = await open();
    });
    afterEach(async () => {
      await reader?.close();
      await readable.store.close();
    });
    /** Opened when it is asked for: what it shows is as of then. */
    const read = async () => {
      await reader?.close();
      reader = await readable.read();
      return reader;
    };
    promises(() => readable, read);
  });
}

function promises(readable: () => Readable, read: () => Promise<StoreReader>): void {
  const store = (): Store => readable().store;

  test('an empty store has no doctors, no days and no damage', async () => {
    const reader = await read();
    expect([await all(reader.doctors()), await all(reader.days())]).toEqual([[], []]);
    expect([await reader.countRevisions(), await reader.findDamage()]).toEqual([0, undefined]);
  });

  test('the newest version of the time zone data by which it was served', async () => {
    expect(await (await read()).zoneData()).toBeUndefined();
    await store().noteZoneData('2026a' as ZoneDataVersion);
    expect(await (await read()).zoneData()).toBe('2026a');
  });

  test('doctors come by id, with their request ids', async () => {
    await store().createDoctor(doctor(2), request(7, 'd'));
    await store().createDoctor(doctor(1));
    expect(await all((await read()).doctors())).toEqual([
      { doctor: doctor(1), requestId: null, requestDigest: null, changes: [] },
      { doctor: doctor(2), requestId: request(7).id, requestDigest: 'd', changes: [] },
    ]);
  });

  test('a doctor comes with all changes made, as text, in order', async () => {
    await store().createDoctor(doctor(1));
    await store().updateDoctor(doctorId(1), { name: 'Dr. Sen' }, AT);
    const later = (AT + 5) as Instant;
    await store().updateDoctor(doctorId(1), { name: 'Dr. Bose' }, later, request(7, 'd'));
    const [record] = await all((await read()).doctors());
    const named = (name: string) => encodeDoctor(doctor(1, { name }));
    const shared = { format: DOCTOR_FORMAT, isOnDay: false };
    expect(record?.doctor).toEqual(doctor(1, { name: 'Dr. Bose' }));
    expect(record?.changes).toEqual([
      {
        revision: 1,
        at: AT,
        before: named('Dr. Rao'),
        after: named('Dr. Sen'),
        requestId: null,
        requestDigest: null,
        ...shared,
      },
      {
        revision: 2,
        at: later,
        before: named('Dr. Sen'),
        after: named('Dr. Bose'),
        requestId: request(7).id,
        requestDigest: 'd',
        ...shared,
      },
    ]);
  });

  test('changes of a doctor who has no row are damage, named by the first such doctor', async () => {
    for (const number of [1, 2, 3]) {
      await store().createDoctor(doctor(number));
      await store().updateDoctor(doctorId(number), { name: 'Dr. Sen' }, AT);
      await store().updateDoctor(doctorId(number), { name: 'Dr. Bose' }, AT);
    }
    expect(await (await read()).findDamage()).toBeUndefined();
    for (const number of [2, 3]) await readable().loseDoctor(doctorId(number));
    expect(await (await read()).findDamage()).toBe(`doctor ${doctorId(2)} has no row, and 2 of changes`);
  });

  test('a slot that got other times comes with those', async () => {
    const [first] = [slot(1)];
    await store().createDoctor(doctor(1));
    await store().commit([dayCommit(day(1), [entry(1)], { slots: [first] })]);
    const later = (instant: number) => (instant + 3_600_000) as Instant;
    const times = { start: 600 as never, end: 660 as never, startsAt: later(AT), endsAt: later(first.endsAt) };
    await store().commit([dayCommit(day(1), [entry(2)], { slots: [{ ...first, ...times }] })]);
    const [record] = await all((await read()).days());
    expect(record?.slots).toEqual([{ ...first, ...times }]);
  });

  test('a day comes with its doctor, its journal in order, its slots and its tokens', async () => {
    await store().createDoctor(doctor(1));
    const commandId = request(8).id;
    const entries = [entry(1, { request: request(7, 'd'), commandId }), entry(2)];
    const slots = [slot(1), slot(2, { start: 600 as never, waiting: 3 })];
    const tokens = [token(1, { status: 'CANCELLED', calledAt: AT }), token(2, { patientRef: '' })];
    const dueAt = slots[0]?.endsAt;
    await store().commit([{ ...dayCommit(day(1), entries, { slots, tokens }), due: { at: dueAt } }]);
    const [record, ...others] = await all((await read()).days());
    expect(others).toEqual([]);
    expect(record).toEqual({ key: day(1), doctor: doctor(1), journal: expect.anything(), slots, tokens, dueAt });
    const text = encodeEntry(entry(1));
    const { at } = entry(1);
    expect(record?.journal).toEqual([
      { revision: 1, at, text, requestId: request(7).id, requestDigest: 'd', commandId },
      { revision: 2, at, text: encodeEntry(entry(2)), requestId: null, requestDigest: null, commandId: null },
    ]);
  });

  test('every day that any row names comes once, also without a journal or a doctor', async () => {
    await store().commit([
      dayCommit(day(2), [entry(1)], { tokens: [token(2)] }),
      dayCommit(day(1, '2026-02-01'), [], { slots: [slot(3)], tokens: [token(3)] }),
      dayCommit(day(1), [entry(1), entry(2)]),
      dayCommit(day(3), [], { tokens: [token(4), token(5)] }),
    ]);
    const reader = await read();
    const counts = (await all(reader.days())).map(countsOf).sort();
    expect(counts).toEqual([
      [day(1).doctorId, '2026-01-31', 2, 0, 0],
      [day(1).doctorId, '2026-02-01', 0, 1, 1],
      [day(2).doctorId, '2026-01-31', 1, 0, 1],
      [day(3).doctorId, '2026-01-31', 0, 0, 2],
    ]);
    expect(await reader.countRevisions()).toBe(3);
  });

  test('what is written after opening is not seen, and writing does not wait for the reader', async () => {
    await store().commit([dayCommit(day(1), [entry(1)], { tokens: [token(1)] })]);
    const reader = await read();
    const days = reader.days()[Symbol.asyncIterator]();
    const later = { tokens: [token(1, { status: 'CANCELLED' }), token(2)] };
    const batch = [dayCommit(day(1), [entry(2)], later), dayCommit(day(2), [entry(1)])];
    expect(await store().commit(batch)).toEqual(['committed', 'committed']);
    const first = await days.next();
    expect(first.value).toMatchObject({ key: day(1), journal: [{ revision: 1 }], tokens: [token(1)] });
    expect(await days.next()).toMatchObject({ done: true });
    expect(await reader.countRevisions()).toBe(1);
  });

  test('going through the days may stop before their end', async () => {
    await store().commit([1, 2, 3].map((number) => dayCommit(day(number), [entry(1)])));
    const reader = await read();
    for await (const { key } of reader.days()) if (key.doctorId === day(2).doctorId) break;
    expect(await all(reader.days())).toHaveLength(3);
  });
}

function countsOf({ key, journal, slots, tokens }: DayRecord) {
  return [key.doctorId, key.date, journal.length, slots.length, tokens.length];
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
