/** What every store must do: one test a promise of the port. A store is right if it passes. */
import type { RecordedCommand } from '../../src/domain/command.js';
import { DEFAULT_POLICY, type RebalancePolicy } from '../../src/domain/doctor.js';
import type { DayEvent } from '../../src/domain/event.js';
import type { SlotSummary } from '../../src/domain/slot.js';
import type { Instant, LocalDate } from '../../src/domain/time.js';
import type { Token } from '../../src/domain/token.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import type { DueDay, JournalEntry, KeptSlot, Store } from '../../src/store/store.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { doctorChanges } from './doctor-changes-contract.js';
import { groupContract } from './group-contract.js';
import * as samples from './samples.js';

const { AT, day, dayCommit, doctor, doctorId, entry, request, slot, slotId, token, tokenId } = samples;

/** @param open a new, empty store at each call */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    describe('doctors', () => doctors(() => store));
    describe('the changes of doctors', () => doctorChanges(() => store));
    describe('the journal', () => journal(() => store));
    describe('batches', () => batches(() => store));
    describe('conflicts', () => conflicts(() => store));
    describe('groups', () => groupContract(() => store));
    describe('look-ups', () => lookUps(() => store));
    describe("a patient's tokens", () => patients(() => store));
    describe('days on which something is due', () => dueDays(() => store));
    describe('slots from a date on', () => slotsFrom(() => store));
    describe('time zone data', () => zoneData(() => store));
    describe('the clock mark', () => clockMark(() => store));
    describe('the end', () => end(() => store));
  });
}

function doctors(store: () => Store): void {
  test.each<RebalancePolicy>(['ON_EMERGENCY', 'ALWAYS', 'NEVER'])(
    'a doctor whose policy is %s comes back as kept',
    async (rebalance) => {
      const kept = doctor(1, { policy: { ...DEFAULT_POLICY, rebalance } });
      expect(await store().createDoctor(kept)).toEqual({ doctor: kept });
      expect(await store().findDoctor(kept.id)).toEqual(kept);
    },
  );

  test('names come back in any script, with quotes and signs outside the basic plane', async () => {
    const kept = doctor(1, { name: `डॉ. राव "O'Neil" \\ 🩺`, department: 'हृदय रोग' });
    await store().createDoctor(kept);
    expect(await store().findDoctor(kept.id)).toEqual(kept);
  });

  test('a doctor that nobody created is not found', async () => {
    expect(await store().findDoctor(doctorId(1))).toBeUndefined();
  });

  test('R18 · a request id that came before keeps nothing and answers with what it created, and its digest', async () => {
    const first = doctor(1);
    expect(await store().createDoctor(first, request(7, 'first'))).toEqual({ doctor: first, digest: 'first' });
    const second = await store().createDoctor(doctor(2, { name: 'Dr. Sen' }), request(7, 'second'));
    expect(second).toEqual({ doctor: first, digest: 'first' });
    expect(await store().listDoctors(undefined, 10)).toEqual([first]);
  });

  test('R18 · of two creations under one id that are asked for at once, one is kept', async () => {
    const both = await Promise.all([1, 2].map((number) => store().createDoctor(doctor(number), request(7))));
    expect(both[0]).toEqual(both[1]);
    expect(await store().listDoctors(undefined, 10)).toHaveLength(1);
  });

  test('doctors without a request id are each kept', async () => {
    await Promise.all([1, 2].map((number) => store().createDoctor(doctor(number))));
    expect(await store().listDoctors(undefined, 10)).toEqual([doctor(1), doctor(2)]);
  });

  test('doctors are listed by id, in pages that go on after the last one seen', async () => {
    for (const number of [3, 1, 5, 2, 4]) await store().createDoctor(doctor(number));
    expect(await store().listDoctors(undefined, 2)).toEqual([doctor(1), doctor(2)]);
    expect(await store().listDoctors(doctorId(2), 2)).toEqual([doctor(3), doctor(4)]);
    expect(await store().listDoctors(doctorId(4), 2)).toEqual([doctor(5)]);
    expect(await store().listDoctors(doctorId(5), 2)).toEqual([]);
  });
}

const COMMANDS: readonly RecordedCommand[] = [
  { kind: 'CreateSlot', start: 540 as never, end: samples.MIDNIGHT_AT_END, capacity: 1_000 },
  samples.allocateToken(''),
  { kind: 'InsertEmergency', target: { slotId: slotId(1) }, patientRef: 'MRN-1' },
  { kind: 'InsertEmergency', target: { doctorId: doctorId(1) }, patientRef: '' },
  { kind: 'CancelToken', tokenId: tokenId(1), reason: 'went home, "better"\n' },
  { kind: 'MarkNoShow', tokenId: tokenId(1) },
  { kind: 'UpdateToken', tokenId: tokenId(1), source: 'PAID', patientRef: '' },
  { kind: 'CreateSlots', sessions: [{ start: 540 as never, end: 600 as never, slotMinutes: 15, capacity: 4 }] },
  {
    kind: 'RescheduleToken',
    tokenId: tokenId(1),
    slotId: slotId(2),
    elsewhere: [{ date: day(1).date, revision: 7 }],
  },
  { kind: 'CloseSlots', reason: 'ill', left: [tokenId(1)], elsewhere: [{ date: day(1).date, revision: 7 }] },
];

const { seatsTaken: _seats, waiting: _waiting, ...TERMS } = slot(1);
const EVENTS: readonly DayEvent[] = [
  { kind: 'SLOT_CREATED', ...TERMS },
  samples.allocated(1),
  { ...samples.allocated(2), kind: 'QUEUED' } as DayEvent,
  { ...samples.allocated(3), rescheduledFromTokenId: tokenId(1) } as DayEvent,
  { kind: 'DISPLACED', tokenId: tokenId(1), byTokenId: tokenId(2) },
  { kind: 'PROMOTED', tokenId: tokenId(1) },
  { kind: 'MOVED', tokenId: tokenId(1), toSlotId: slotId(2) },
  { kind: 'CANCELLED', tokenId: tokenId(1) },
  { kind: 'NO_SHOW', tokenId: tokenId(2) },
  { kind: 'UPDATED', tokenId: tokenId(1), source: 'PAID', patientRef: 'MRN-9' },
];

function journal(store: () => Store): void {
  async function keep(...entries: JournalEntry[]): Promise<JournalEntry[]> {
    await store().commit([dayCommit(day(1), entries)]);
    return store().readJournal(day(1), 0, 100);
  }

  test.each(COMMANDS.map((command) => [command.kind, command] as const))(
    'the command %s comes back as kept',
    async (_, command) => {
      const kept = entry(1, { command, events: [] });
      expect(await keep(kept)).toEqual([kept]);
    },
  );

  test.each(EVENTS.map((event) => [event.kind, event] as const))(
    'the event %s comes back as kept',
    async (_, event) => {
      const kept = entry(1, { events: [event] });
      expect(await keep(kept)).toEqual([kept]);
    },
  );

  test('the events of a revision come back in their order', async () => {
    const kept = entry(1, { events: [...EVENTS, ...EVENTS.toReversed()] });
    expect(await keep(kept)).toEqual([kept]);
  });

  test('an entry comes back with its request id and digest, and without where it had none', async () => {
    const entries = [entry(1, { request: request(7, 'd1') }), entry(2)];
    expect(await keep(...entries)).toEqual(entries);
  });

  test('an entry comes back with its command id, and without where it had none', async () => {
    const entries = [entry(1, { commandId: request(7).id }), entry(2), entry(3, { commandId: request(8).id })];
    expect(await keep(...entries)).toEqual(entries);
  });

  test.each([
    ['empty', ''],
    ['of 128 bytes of one-byte letters', 'x'.repeat(128)],
    ['of 128 bytes of signs outside the basic plane', '🩺'.repeat(32)],
    ['of quotes, backslashes, line ends and control characters', `"'\\\r\n\t\u0001\u001f`],
  ])('a patient reference %s comes back as kept', async (_, patientRef) => {
    const kept = entry(1, { command: samples.allocateToken(patientRef), events: [samples.allocated(1, patientRef)] });
    const outcome = await store().commit([dayCommit(day(1), [kept], { tokens: [token(1, { patientRef })] })]);
    expect(outcome).toEqual(['committed']);
    expect(await store().readJournal(day(1), 0, 1)).toEqual([kept]);
  });

  test('instants come back to the millisecond, those before 1970 too', async () => {
    const entries = [
      entry(1, { at: -62_135_510_400_001 as Instant }),
      entry(2, { at: 253_402_128_000_001 as Instant }),
    ];
    expect(await keep(...entries)).toEqual(entries);
  });

  test('revisions are read in order, in pages that go on after the last one seen', async () => {
    const entries = Array.from({ length: 12 }, (_, index) => entry(index + 1));
    await keep(...entries);
    expect(await store().readJournal(day(1), 0, 5)).toEqual(entries.slice(0, 5));
    expect(await store().readJournal(day(1), 5, 5)).toEqual(entries.slice(5, 10));
    expect(await store().readJournal(day(1), 10, 5)).toEqual(entries.slice(10));
    expect(await store().readJournal(day(1), 12, 5)).toEqual([]);
  });

  test('a day that nobody touched has no entries, whatever its neighbours have', async () => {
    await store().commit([dayCommit(day(1), [entry(1)])]);
    expect(await store().readJournal(day(2), 0, 10)).toEqual([]);
    expect(await store().readJournal(day(1, '2026-02-01'), 0, 10)).toEqual([]);
  });
}

function batches(store: () => Store): void {
  test('an empty batch has no outcomes', async () => {
    expect(await store().commit([])).toEqual([]);
  });

  test('a batch of many days keeps each, with outcomes in its order', async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    const outcomes = await store().commit(numbers.map((number) => dayCommit(day(number), [entry(1)])));
    expect(outcomes).toEqual(numbers.map(() => 'committed'));
    const counts = await Promise.all(numbers.map((number) => store().readJournal(day(number), 0, 10)));
    expect(counts.flat()).toHaveLength(300);
  });

  test('what is asked after a commit, in the same turn, sees it', async () => {
    const committing = store().commit([dayCommit(day(1), [entry(1)], { tokens: [token(1)] })]);
    const reading = store().readJournal(day(1), 0, 10);
    const locating = store().locateToken(tokenId(1));
    expect(await committing).toEqual(['committed']);
    expect(await reading).toEqual([entry(1)]);
    expect(await locating).toEqual(day(1));
  });

  test('commits made in one turn land in the order in which they were made', async () => {
    const commits = [1, 2, 3].map((revision) => store().commit([dayCommit(day(1), [entry(revision)])]));
    expect(await Promise.all(commits)).toEqual([['committed'], ['committed'], ['committed']]);
    expect(await store().readJournal(day(1), 0, 10)).toEqual([entry(1), entry(2), entry(3)]);
  });

  test('slots and tokens are kept again as they change', async () => {
    await store().commit([dayCommit(day(1), [entry(1)], { slots: [slot(1)], tokens: [token(1)] })]);
    const changed = { slots: [slot(1, { seatsTaken: 0 })], tokens: [token(1, { status: 'CANCELLED' })] };
    expect(await store().commit([dayCommit(day(1), [entry(2)], changed)])).toEqual(['committed']);
    expect(await store().locateToken(tokenId(1))).toEqual(day(1));
  });
}

function conflicts(store: () => Store): void {
  test('a revision that is there already is a conflict, and stays as it was', async () => {
    await store().commit([dayCommit(day(1), [entry(1)])]);
    expect(await store().commit([dayCommit(day(1), [entry(1, { at: 0 as Instant })])])).toEqual(['conflict']);
    expect(await store().readJournal(day(1), 0, 10)).toEqual([entry(1)]);
  });

  test('R18 · a request id that the doctor has seen on another day is a conflict', async () => {
    await store().commit([dayCommit(day(1), [entry(1, { request: request(7) })])]);
    const later = dayCommit(day(1, '2026-02-01'), [entry(1, { request: request(7) })]);
    expect(await store().commit([later])).toEqual(['conflict']);
    expect(await store().readJournal(later.key, 0, 10)).toEqual([]);
  });

  test('R18 · one request id may come once at each doctor', async () => {
    const commits = [1, 2].map((number) => dayCommit(day(number), [entry(1, { request: request(7) })]));
    expect(await store().commit(commits)).toEqual(['committed', 'committed']);
  });

  test('R18 · of two days of one batch with one request id, the second is in conflict', async () => {
    const commits = ['2026-01-31', '2026-02-01'].map((date) =>
      dayCommit(day(1, date), [entry(1, { request: request(7) })]),
    );
    expect(await store().commit(commits)).toEqual(['committed', 'conflict']);
  });

  test('R18 · one request id twice on one day leaves the day out', async () => {
    const twice = [1, 2].map((revision) => entry(revision, { request: request(7) }));
    expect(await store().commit([dayCommit(day(1), twice)])).toEqual(['conflict']);
    expect(await store().readJournal(day(1), 0, 10)).toEqual([]);
  });

  test.each([
    ['first', 1],
    ['middle', 2],
    ['last', 3],
  ])('a day whose %s entry is in conflict is left out whole, with its slots and tokens', async (_, revision) => {
    await store().commit([dayCommit(day(1), [entry(revision)])]);
    const shown = { slots: [slot(1), slot(2)], tokens: [token(1), token(2)] };
    const outcomes = await store().commit([dayCommit(day(1), [entry(1), entry(2), entry(3)], shown)]);
    expect(outcomes).toEqual(['conflict']);
    expect(await store().readJournal(day(1), 0, 10)).toEqual([entry(revision)]);
    expect(await store().locateSlot(slotId(2))).toBeUndefined();
    expect(await store().locateToken(tokenId(2))).toBeUndefined();
  });

  test('a day in conflict does not hinder the others of its batch, before it or after', async () => {
    await store().commit([dayCommit(day(2), [entry(1)])]);
    const batch = [1, 2, 3].map((number) => {
      return dayCommit(day(number), [entry(1), entry(2)], { slots: [slot(number)], tokens: [token(number)] });
    });
    expect(await store().commit(batch)).toEqual(['committed', 'conflict', 'committed']);
    expect(await store().readJournal(day(3), 0, 10)).toEqual([entry(1), entry(2)]);
    const places = await Promise.all([1, 2, 3].map((number) => store().locateToken(tokenId(number))));
    expect(places).toEqual([day(1), undefined, day(3)]);
  });

  test('the request id of a day that was left out is free for the next one', async () => {
    await store().commit([dayCommit(day(1), [entry(2)])]);
    const leftOut = dayCommit(day(1), [entry(1, { request: request(7) }), entry(2)]);
    const next = dayCommit(day(1, '2026-02-01'), [entry(1, { request: request(7) })]);
    expect(await store().commit([leftOut, next])).toEqual(['conflict', 'committed']);
  });
}

function lookUps(store: () => Store): void {
  beforeEach(async () => {
    const ours = dayCommit(day(1), [entry(1, { request: request(7, 'ours') })], {
      slots: [slot(1)],
      tokens: [token(1)],
    });
    const other = dayCommit(day(2, '2026-02-01'), [entry(1)], { slots: [slot(2)], tokens: [token(2)] });
    await store().commit([ours, other]);
  });

  test('a slot is located by its id', async () => {
    expect(await store().locateSlot(slotId(1))).toEqual(day(1));
    expect(await store().locateSlot(slotId(2))).toEqual(day(2, '2026-02-01'));
    expect(await store().locateSlot(slotId(3))).toBeUndefined();
  });

  test('a token is located by its id', async () => {
    expect(await store().locateToken(tokenId(1))).toEqual(day(1));
    expect(await store().locateToken(tokenId(2))).toEqual(day(2, '2026-02-01'));
    expect(await store().locateToken(tokenId(3))).toBeUndefined();
  });

  test('R18 · a request is found by its id among those of the doctor alone', async () => {
    const seen = { key: day(1), revision: 1, digest: 'ours' };
    expect(await store().findRequest(doctorId(1), request(7).id)).toEqual(seen);
    expect(await store().findRequest(doctorId(2), request(7).id)).toBeUndefined();
    expect(await store().findRequest(doctorId(1), request(8).id)).toBeUndefined();
  });
}

function slotsFrom(store: () => Store): void {
  const keep = (number: number, date: string, ...slots: SlotSummary[]) =>
    store().commit([dayCommit(day(number, date), [entry(1)], { slots })]);

  test('those of earlier dates are left out', async () => {
    await keep(1, '2026-01-30', slot(1));
    await keep(1, '2026-01-31', slot(2));
    await keep(2, '2026-02-01', slot(3, { isClosed: true }));
    const found = await store().slotsFrom('2026-01-31' as LocalDate, undefined, 10);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ key: day(1), slot: slot(2) });
    expect(found).toContainEqual({ key: day(2, '2026-02-01'), slot: slot(3, { isClosed: true }) });
  });

  test('they come in pages, each once', async () => {
    for (const number of [1, 2, 3]) await keep(number, '2026-01-31', slot(10 * number), slot(10 * number + 1));
    for (const number of [1, 2]) await keep(number, '2026-02-01', slot(10 * number + 2), slot(10 * number + 3));
    const seen: KeptSlot[] = [];
    for (;;) {
      const page = await store().slotsFrom('2026-01-31' as LocalDate, seen.at(-1), 3);
      seen.push(...page);
      if (page.length < 3) break;
    }
    const ids = [10, 11, 12, 13, 20, 21, 22, 23, 30, 31].map(slotId);
    expect(seen.map((each) => each.slot.id).sort()).toEqual(ids);
  });
}

function zoneData(store: () => Store): void {
  const note = (version: string) => store().noteZoneData(version as ZoneDataVersion);

  test('the newest version is kept, in whatever order they come', async () => {
    expect(await note('2025c')).toEqual({ before: undefined, newest: '2025c' });
    expect(await note('2026a')).toEqual({ before: '2025c', newest: '2026a' });
    expect(await note('2025c')).toEqual({ before: '2026a', newest: '2026a' });
    expect(await note('2026a')).toEqual({ before: '2026a', newest: '2026a' });
  });
}

function clockMark(store: () => Store): void {
  test('there is none before the first is kept', async () => {
    expect(await store().readClockMark()).toBeUndefined();
  });

  test('the last one that was kept comes back, also where it is earlier than the one before', async () => {
    await store().keepClockMark({ at: AT, uptime: 7_000, bootId: 'a boot' });
    expect(await store().readClockMark()).toEqual({ at: AT, uptime: 7_000, bootId: 'a boot' });
    await store().keepClockMark({ at: (AT - 1) as Instant, uptime: 8_000.4 });
    expect(await store().readClockMark()).toEqual({ at: AT - 1, uptime: 8_000 });
  });
}

function dueDays(store: () => Store): void {
  const at = (hour: number) => (AT + hour * 3_600_000) as Instant;
  const due = (number: number, hour: number): DueDay => ({ key: day(number), at: at(hour) });
  const keep = (number: number, revision: number, dueAt: Instant | undefined) =>
    store().commit([{ ...dayCommit(day(number), [entry(revision)]), due: { at: dueAt } }]);

  test('those come on which something may be due by then, the earliest first', async () => {
    await keep(1, 1, at(3));
    await keep(2, 1, at(1));
    await keep(3, 1, at(2));
    expect(await store().dueDays(at(2), undefined, 10)).toEqual([due(2, 1), due(3, 2)]);
    expect(await store().dueDays(at(0), undefined, 10)).toEqual([]);
  });

  test('they come in pages that go on after the last one seen, whether or not it is still there', async () => {
    for (const number of [1, 2, 3, 4]) await keep(number, 1, at(number < 4 ? 1 : 2));
    expect(await store().dueDays(at(2), undefined, 2)).toEqual([due(1, 1), due(2, 1)]);
    await keep(2, 2, undefined);
    expect(await store().dueDays(at(2), due(2, 1), 2)).toEqual([due(3, 1), due(4, 2)]);
    expect(await store().dueDays(at(2), due(4, 2), 2)).toEqual([]);
  });

  test('a commit changes when something is next due, or leaves it', async () => {
    await keep(1, 1, at(1));
    await store().commit([dayCommit(day(1), [entry(2)])]);
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(1, 1)]);
    await keep(1, 3, at(5));
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(1, 5)]);
    await keep(1, 4, undefined);
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([]);
  });

  test('one in conflict leaves it', async () => {
    await keep(1, 1, at(1));
    expect(await keep(1, 1, at(5))).toEqual(['conflict']);
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(1, 1)]);
  });

  test('it can be set right without a commit, but only while the day is as it was', async () => {
    await keep(1, 1, at(1));
    await store().noteDue(day(1), 0, at(2));
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(1, 1)]);
    await store().noteDue(day(1), 1, at(3));
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(1, 3)]);
    await store().noteDue(day(1), 1, undefined);
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([]);
    await store().noteDue(day(2), 0, at(4));
    expect(await store().dueDays(at(9), undefined, 10)).toEqual([due(2, 4)]);
  });
}

function patients(store: () => Store): void {
  const theirs = [1, 2, 3, 4].map((number) => token(number, { patientRef: 'MRN-7' }));
  const keys = [day(1), day(2), day(1, '2026-02-01'), day(2, '2026-02-01')];
  const kept = theirs.map((each, index) => ({ key: keys[index], token: each }));
  beforeEach(async () => {
    const others = [token(5, { patientRef: 'mrn-7' }), token(6, { patientRef: '' })];
    const tokens = theirs.map((each, index) => (index === 0 ? [each, ...others] : [each]));
    // Not in the order of their ids.
    const commits = keys.map((key, index) => dayCommit(key, [entry(1)], { tokens: tokens[index] as Token[] }));
    await store().commit(commits.toReversed());
  });

  test('are found over all doctors and dates, in order of their ids, and nobody else’s', async () => {
    expect(await store().listTokensOf('MRN-7', [], undefined, 10)).toEqual(kept);
    expect(await store().listTokensOf('MRN-8', [], undefined, 10)).toEqual([]);
  });

  test('come in pages that go on after the last one seen', async () => {
    expect(await store().listTokensOf('MRN-7', [], undefined, 3)).toEqual(kept.slice(0, 3));
    expect(await store().listTokensOf('MRN-7', [], tokenId(3), 3)).toEqual(kept.slice(3));
    expect(await store().listTokensOf('MRN-7', [], tokenId(4), 3)).toEqual([]);
  });

  test('are as they stand now, and can be asked for by how they stand', async () => {
    const later = { slotId: slotId(2), status: 'DISPLACED', updatedAt: 0 as Instant } as const;
    const changed = token(2, { patientRef: 'MRN-7', ...later, calledAt: (AT + 60_000) as Instant });
    await store().commit([dayCommit(day(2), [entry(2)], { tokens: [changed] })]);
    expect(await store().listTokensOf('MRN-7', ['DISPLACED', 'EXPIRED'], undefined, 10)).toEqual([
      { key: day(2), token: changed },
    ]);
    const active = [kept[0], kept[2], kept[3]];
    expect(await store().listTokensOf('MRN-7', ['ACTIVE', 'WAITING'], undefined, 10)).toEqual(active);
  });

  test('are those of the patient that a token has now, with the source that it has now', async () => {
    const changed = token(2, { patientRef: 'MRN-9', source: 'PAID' });
    await store().commit([dayCommit(day(2), [entry(2)], { tokens: [changed] })]);
    expect(await store().listTokensOf('MRN-9', [], undefined, 10)).toEqual([{ key: day(2), token: changed }]);
    expect(await store().listTokensOf('MRN-7', [], undefined, 10)).toEqual([kept[0], kept[2], kept[3]]);
    const nobody = token(2, { patientRef: '' });
    await store().commit([dayCommit(day(2), [entry(3)], { tokens: [nobody] })]);
    expect(await store().listTokensOf('MRN-9', [], undefined, 10)).toEqual([]);
  });

  test('of a day in conflict are not there', async () => {
    await store().commit([dayCommit(day(1), [entry(1)], { tokens: [token(9, { patientRef: 'MRN-9' })] })]);
    expect(await store().listTokensOf('MRN-9', [], undefined, 10)).toEqual([]);
  });
}

function end(store: () => Store): void {
  test('closing finishes what is under way', async () => {
    const committing = store().commit([dayCommit(day(1), [entry(1)])]);
    await store().close();
    expect(await committing).toEqual(['committed']);
  });

  test('closing twice is closing once', async () => {
    await Promise.all([store().close(), store().close()]);
    await expect(store().close()).resolves.toBeUndefined();
  });

  test.each<[string, (closed: Store) => Promise<unknown>]>([
    ['createDoctor', (closed) => closed.createDoctor(doctor(1))],
    ['updateDoctor', (closed) => closed.updateDoctor(doctorId(1), {}, samples.AT)],
    ['findDoctor', (closed) => closed.findDoctor(doctorId(1))],
    ['listDoctors', (closed) => closed.listDoctors(undefined, 1)],
    ['locateSlot', (closed) => closed.locateSlot(slotId(1))],
    ['locateToken', (closed) => closed.locateToken(tokenId(1))],
    ['listTokensOf', (closed) => closed.listTokensOf('MRN-1', [], undefined, 1)],
    ['findRequest', (closed) => closed.findRequest(doctorId(1), request(1).id)],
    ['readJournal', (closed) => closed.readJournal(day(1), 0, 1)],
    ['dueDays', (closed) => closed.dueDays(AT, undefined, 1)],
    ['readClockMark', (closed) => closed.readClockMark()],
    ['keepClockMark', (closed) => closed.keepClockMark({ at: AT, uptime: 0 })],
    ['noteDue', (closed) => closed.noteDue(day(1), 0, undefined)],
    ['commit', (closed) => closed.commit([dayCommit(day(1), [entry(1)])])],
  ])('a closed store cannot do %s', async (_, call) => {
    await store().close();
    await expect(call(store())).rejects.toThrow(StoreUnavailable);
  });
}
