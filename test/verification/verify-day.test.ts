import type { DayEvent, SlotCreated } from '../../src/domain/event.js';
import { parseDay } from '../../src/domain/notation.js';
import type { Instant, LocalDate, TimeZone } from '../../src/domain/time.js';
import { encodeEntry } from '../../src/store/journal-codec.js';
import type { DayRecord, JournalRecord } from '../../src/store/store-reader.js';
import { verifyDay } from '../../src/verification/verify-day.js';
import { slotId, tokenId } from '../store/samples.js';
import { DOCTOR, KEY, sampleRecord } from './sample-day.js';

/** The sample day with one row of its journal told otherwise. */
function journalWith(revision: number, otherwise: (row: JournalRecord) => Partial<JournalRecord>): DayRecord {
  const sound = sampleRecord();
  const journal = sound.journal.map((row) => (row.revision === revision ? { ...row, ...otherwise(row) } : row));
  return { ...sound, journal };
}

function eventsOf(row: JournalRecord): DayEvent[] {
  return JSON.parse(row.text.events);
}

function eventsWith(revision: number, otherwise: (events: DayEvent[]) => DayEvent[]): DayRecord {
  return journalWith(revision, (row) => ({
    text: { ...row.text, events: JSON.stringify(otherwise(eventsOf(row))) },
  }));
}

function slotWith(number: number, fields: object): DayRecord {
  const sound = sampleRecord();
  return { ...sound, slots: sound.slots.map((slot, index) => (index === number - 1 ? { ...slot, ...fields } : slot)) };
}

function tokenWith(number: number, fields: object): DayRecord {
  const sound = sampleRecord();
  const tokens = sound.tokens.map((token) => (token.number === number ? { ...token, ...fields } : token));
  return { ...sound, tokens };
}

const without = <T>(rows: readonly T[], index: number) => rows.filter((_, at) => at !== index);

test('a sound day has no difference', () => {
  expect(verifyDay(sampleRecord())).toBeUndefined();
});

test('a token whose source and patient were corrected is as the journal left it', () => {
  const record = sampleRecord([
    { kind: 'UpdateToken', tokenId: tokenId(3), source: 'PAID', patientRef: 'MRN-SECRET-4' },
  ]);
  expect(record.tokens[0]).toMatchObject({ source: 'PAID', patientRef: 'MRN-SECRET-4' });
  expect(verifyDay(record)).toBeUndefined();
  const stale = record.tokens.map((token) => ({ ...token, source: 'WALK_IN' as const }));
  expect(verifyDay({ ...record, tokens: stale })?.what).toContain('the table says source WALK_IN, the journal PAID');
});

test('a day from before references had one form is sound with two tokens of one patient', () => {
  const slot = { slotId: slotId(1), source: 'WALK_IN' } as const;
  const sound = sampleRecord([
    { kind: 'AllocateToken', ...slot, patientRef: 'MRN-9' },
    { kind: 'AllocateToken', ...slot, patientRef: 'x' },
  ]);
  const rename = (text: string) => text.replace('"patientRef":"x"', '"patientRef":" MRN-9"');
  const journal = sound.journal.map((row) => ({
    ...row,
    text: { ...row.text, command: rename(row.text.command), events: rename(row.text.events) },
  }));
  const tokens = sound.tokens.map((token) => (token.patientRef === 'x' ? { ...token, patientRef: ' MRN-9' } : token));
  expect(verifyDay({ ...sound, journal, tokens })).toBeUndefined();
});

test('a difference comes with the day, as far as it was replayed, and names no patient', () => {
  expect(verifyDay(tokenWith(1, { status: 'DISPLACED' }))).toEqual({
    key: KEY,
    revision: 6,
    what: `token 1 (${tokenId(3)}): the table says status DISPLACED, the journal ACTIVE`,
    day: [
      '2026-01-31 Asia/Kolkata ON_EMERGENCY r6',
      '09:00-10:00 1/1: 1W',
      '10:00-11:00 1/1: 2P<09:00',
      'gone: 3E@09:00 cancelled',
    ].join('\n'),
  });
});

describe('a table that is not as the journal has it', () => {
  test.each<[string, DayRecord, number, string]>([
    [
      'a token with a call that nobody made',
      tokenWith(1, { calledAt: 1 }),
      6,
      `token 1 (${tokenId(3)}): the table says called at 1, the journal undefined`,
    ],
    [
      'a token in another slot',
      tokenWith(2, { slotId: slotId(1) }),
      5,
      `token 2 (${tokenId(4)}): the table says slot id ${slotId(1)}, the journal ${slotId(2)}`,
    ],
    [
      "another patient's token",
      tokenWith(3, { patientRef: 'MRN-SECRET-9' }),
      6,
      `token 3 (${tokenId(5)}): the table says another patient ref than the journal`,
    ],
    [
      'a seat too many in a tally',
      slotWith(2, { seatsTaken: 2 }),
      5,
      `slot 10:00-11:00 (${slotId(2)}): the table says seats taken 2, the journal 1`,
    ],
    [
      'a token without a row',
      { ...sampleRecord(), tokens: without(sampleRecord().tokens, 1) },
      5,
      `token 2 (${tokenId(4)}) is in the journal, and has no row in its table`,
    ],
    [
      'a row without a token',
      {
        ...sampleRecord(),
        tokens: [...sampleRecord().tokens, { ...sampleRecord().tokens[0], id: tokenId(9) } as never],
      },
      0,
      `token 1 (${tokenId(9)}) has a row in its table, and is not in the journal`,
    ],
    [
      'a slot without a row',
      { ...sampleRecord(), slots: without(sampleRecord().slots, 0) },
      6,
      `slot 09:00-10:00 (${slotId(1)}) is in the journal, and has no row in its table`,
    ],
    [
      'rows of a day without a journal',
      { ...sampleRecord(), journal: [] },
      0,
      '2 rows of slots and 3 of tokens belong to a day that has no journal',
    ],
    [
      'an instant too late for what is due next',
      { ...sampleRecord(), dueAt: (Date.parse('2026-01-31T04:30:00Z') + 1) as Instant },
      6,
      'day_due: something is due at 2026-01-31T04:30:00.000Z, and its row says 2026-01-31T04:30:00.001Z',
    ],
    [
      'no instant, though something is due',
      { ...sampleRecord(), dueAt: undefined },
      6,
      'day_due: something is due at 2026-01-31T04:30:00.000Z, and its row says nothing',
    ],
    ['a day without a doctor', { ...sampleRecord(), doctor: undefined }, 0, 'its doctor has no row'],
  ])('%s', (_, record, revision, what) => {
    expect(verifyDay(record)).toMatchObject({ key: KEY, revision, what });
  });
});

describe('slots that run at the same time', () => {
  const later = (instant: Instant) => (instant + 3_600_000) as Instant;
  /** Its first slot was made by rules by which local times came an hour later. */
  function byOlderRules(): DayRecord {
    const { journal } = eventsWith(1, ([event]) => {
      const { startsAt, endsAt } = event as SlotCreated;
      return [{ ...(event as SlotCreated), startsAt: later(startsAt), endsAt: later(endsAt) }];
    });
    const [first, ...others] = sampleRecord().slots;
    const slots = first ? [{ ...first, startsAt: later(first.startsAt), endsAt: later(first.endsAt) }, ...others] : [];
    return { ...sampleRecord(), journal, slots };
  }
  const at = (time: string) => Date.parse(`2026-01-31T${time}:00Z`) as Instant;

  test('are found while they are still to end', () => {
    const what = `slots: ${slotId(1)} and ${slotId(2)} run at the same time`;
    expect(verifyDay(byOlderRules(), undefined, at('05:29'))).toMatchObject({ revision: 6, what });
  });

  test('are what happened, once they have ended', () => {
    expect(verifyDay(byOlderRules(), undefined, at('05:30'))).toBeUndefined();
  });

  test('are let be where clocks that go forward put them together', () => {
    const date = '2026-03-08' as LocalDate;
    const slots = parseDay('2026-03-08 America/Los_Angeles NEVER\n02:15-02:45 0/1:\n03:00-03:30 0/1:').slots;
    const rows = slots.map((slot, index) => ({ ...slot.summary(), id: slotId(index + 1) }));
    const journal = rows.map(({ isClosed: _, seatsTaken: __, waiting: ___, ...terms }, index) => ({
      revision: index + 1,
      at: at('00:00'),
      text: encodeEntry({
        command: { kind: 'CreateSlot', start: terms.start, end: terms.end, capacity: 1 },
        events: [{ kind: 'SLOT_CREATED', ...terms }],
      }),
      requestId: null,
      requestDigest: null,
      commandId: null,
    }));
    const doctor = { ...DOCTOR, timeZone: 'America/Los_Angeles' as TimeZone };
    const record = { key: { ...KEY, date }, doctor, journal, slots: rows, tokens: [], dueAt: at('00:00') };
    expect(verifyDay(record, undefined, at('00:00'))).toBeUndefined();
  });
});

test('R21 · when the day ends may have been reckoned by other time zone data', () => {
  const sound = sampleRecord();
  const ended = (instant: string): JournalRecord => ({
    revision: sound.journal.length + 1,
    at: Date.parse(instant),
    text: encodeEntry({
      command: { kind: 'CLOCK' },
      events: [slotId(1), slotId(2)].map((id) => ({ kind: 'SLOT_ENDED', slotId: id }) as const),
    }),
    requestId: null,
    requestDigest: null,
    commandId: null,
  });
  const journal = [...sound.journal, ended('2026-01-31T05:30:00Z')];
  const dueAt = (instant: string) => verifyDay({ ...sound, journal, dueAt: Date.parse(instant) as Instant });
  expect(dueAt('2026-01-31T18:30:00Z')).toBeUndefined();
  expect(dueAt('2026-01-31T21:30:00Z')).toBeUndefined();
  expect(dueAt('2026-01-31T21:30:01Z')?.what).toMatch(/^day_due: something is due at 2026-01-31T18:30:00\.000Z/);
});

describe('a journal that cannot be', () => {
  test.each<[string, DayRecord, number, string | RegExp]>([
    [
      'I7 · a revision in the middle is missing',
      { ...sampleRecord(), journal: without(sampleRecord().journal, 3) },
      4,
      'I7: the journal goes on with revision 5',
    ],
    [
      'the last revision is missing',
      { ...sampleRecord(), journal: without(sampleRecord().journal, 5) },
      5,
      `slot 09:00-10:00 (${slotId(1)}): the table says waiting 0, the journal 1`,
    ],
    [
      'I6 · the stronger is displaced by the weaker',
      eventsWith(4, ([issued]) => [{ ...issued, source: 'WALK_IN' } as DayEvent, displaced(3, 4)]),
      4,
      `I6: ${tokenId(3)} was displaced by ${tokenId(4)}, who is no stronger`,
    ],
    [
      'I4 · a token is displaced that holds no seat',
      eventsWith(5, ([issued]) => [issued as DayEvent, displaced(3, 5)]),
      5,
      `${tokenId(3)} is DISPLACED and cannot become DISPLACED (I4)`,
    ],
    [
      'I5 · a token moves back',
      eventsWith(6, () => [{ kind: 'MOVED', tokenId: tokenId(3), toSlotId: slotId(1) }]),
      6,
      /cannot move from .* back to .* \(I5\)$/,
    ],
    [
      'I1 · a slot overflows, though somebody could have made way',
      eventsWith(4, ([issued]) => [issued as DayEvent]),
      4,
      `I1: ${slotId(1)} overflowed, though somebody there could have made way`,
    ],
    [
      'I2 · a seat stays free while somebody waits',
      eventsWith(6, ([cancelled]) => [cancelled as DayEvent]),
      6,
      `I2: ${slotId(1)} has a free seat while 1 wait in its queue`,
    ],
    [
      'I7 · a number is left out',
      eventsWith(4, ([issued, ...rest]) => [{ ...issued, number: 7 } as DayEvent, ...rest]),
      4,
      'number 7 cannot follow 1 (I7)',
    ],
    [
      'R14 · a patient has two tokens',
      eventsWith(4, ([issued, ...rest]) => [{ ...issued, patientRef: 'MRN-SECRET-1' } as DayEvent, ...rest]),
      4,
      `R14: the patient of ${tokenId(4)} also has ${tokenId(3)}`,
    ],
    [
      'a text that is no JSON',
      journalWith(3, ({ text }) => ({ text: { ...text, events: text.events.slice(0, -9) } })),
      3,
      /cannot be read: its text is no JSON$/,
    ],
    ['time goes back', journalWith(5, () => ({ at: 0 })), 5, 'it happened before the revision before it'],
    [
      'R18 · a request id without a digest',
      journalWith(4, () => ({ requestDigest: null })),
      4,
      'R18: of its request id and digest there is only one',
    ],
    [
      'R18 · a request id in capitals',
      journalWith(4, () => ({ requestId: '0189ABCD-0000-7000-8000-000000000000' })),
      4,
      'R18: its request id is no lower-case UUID',
    ],
    [
      "R18 · another command's digest",
      journalWith(4, ({ requestDigest }) => ({ requestDigest: `${requestDigest}`.replace('Allocate', 'Cancel') })),
      4,
      'R18: its request digest is not that of AllocateToken',
    ],
    [
      'a doctor whose zone is none',
      { ...sampleRecord(), doctor: { ...sampleRecord().doctor, timeZone: 'Mars/Olympus' } as never },
      0,
      `its doctor's time zone is none: "Mars/Olympus"`,
    ],
  ])('%s', (_, record, revision, what) => {
    const difference = verifyDay(record);
    expect(difference).toMatchObject({ key: KEY, revision });
    expect(difference?.what).toMatch(what);
    expect(JSON.stringify(difference)).not.toContain('SECRET');
  });
});

function displaced(weaker: number, stronger: number): DayEvent {
  return { kind: 'DISPLACED', tokenId: tokenId(weaker), byTokenId: tokenId(stronger) };
}

describe('command ids', () => {
  test('may be missing, as in rows from before they were kept', () => {
    expect(verifyDay(journalWith(3, () => ({ commandId: null })))).toBeUndefined();
  });

  test('a call that was carried out twice is found', () => {
    const [first] = sampleRecord().journal;
    expect(verifyDay(journalWith(3, () => ({ commandId: first?.commandId ?? null })))).toMatchObject({
      revision: 3,
      what: 'its command was carried out already, as revision 1',
    });
  });

  test('one that is no UUID is found', () => {
    expect(verifyDay(journalWith(2, () => ({ commandId: 'A-1' })))).toMatchObject({
      revision: 2,
      what: 'its command id is no lower-case UUID',
    });
  });
});
