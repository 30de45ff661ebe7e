/** Doctors, days and entries for the store's tests: well-formed, and otherwise as short as can be. */
import type { Command } from '../../src/domain/command.js';
import { DEFAULT_POLICY, type Doctor, type DoctorId } from '../../src/domain/doctor.js';
import type { DayEvent } from '../../src/domain/event.js';
import type { SlotId, SlotSummary } from '../../src/domain/slot.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import type { Token, TokenId } from '../../src/domain/token.js';
import type { DayCommit, DayKey, JournalEntry, RequestMark } from '../../src/store/store.js';

export const AT = Date.UTC(2026, 0, 31, 3, 30) as Instant;
export const MIDNIGHT_AT_END = 1_440 as TimeOfDay;

function uuid(number: number): string {
  return `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export const doctorId = (number: number) => `doc_${uuid(number)}` as DoctorId;
export const slotId = (number: number) => `slot_${uuid(number)}` as SlotId;
export const tokenId = (number: number) => `token_${uuid(number)}` as TokenId;

export function request(number: number, digest = 'digest'): RequestMark {
  return { id: uuid(number), digest };
}

export function day(doctor: number, date = '2026-01-31'): DayKey {
  return { doctorId: doctorId(doctor), date: date as LocalDate };
}

export function doctor(number: number, fields: Partial<Doctor> = {}): Doctor {
  return {
    id: doctorId(number),
    name: 'Dr. Rao',
    department: 'Cardiology',
    timeZone: 'Asia/Kolkata' as TimeZone,
    policy: DEFAULT_POLICY,
    policySince: AT,
    isRetired: false,
    createdAt: AT,
    ...fields,
  };
}

export function slot(number: number, fields: Partial<SlotSummary> = {}): SlotSummary {
  const startsAt = AT;
  const endsAt = (AT + 3_600_000) as Instant;
  const terms = { id: slotId(number), start: 540 as TimeOfDay, end: 600 as TimeOfDay, startsAt, endsAt, capacity: 20 };
  return { ...terms, isClosed: false, seatsTaken: 1, waiting: 0, ...fields };
}

export function token(number: number, fields: Partial<Token> = {}): Token {
  return {
    id: tokenId(number),
    number,
    slotId: slotId(1),
    requestedSlotId: slotId(1),
    source: 'ONLINE',
    status: 'ACTIVE',
    patientRef: `MRN-${number}`,
    createdAt: AT,
    updatedAt: AT,
    checkedInAt: undefined,
    displacements: 0,
    seatedAt: AT,
    calledAt: undefined,
    rescheduledFromTokenId: undefined,
    ...fields,
  };
}

export function allocateToken(patientRef = 'MRN-1'): Command {
  return { kind: 'AllocateToken', slotId: slotId(1), source: 'ONLINE', patientRef };
}

export function allocated(number: number, patientRef = 'MRN-1'): DayEvent {
  return { kind: 'ALLOCATED', tokenId: tokenId(number), number, slotId: slotId(1), source: 'ONLINE', patientRef };
}

export function entry(revision: number, fields: Partial<JournalEntry> = {}): JournalEntry {
  return { revision, at: AT, command: allocateToken(), events: [allocated(revision)], ...fields };
}

export function dayCommit(key: DayKey, entries: readonly JournalEntry[], fields: Partial<DayCommit> = {}): DayCommit {
  return { key, entries, slots: [], tokens: [], ...fields };
}

/**
 * Rows of a day as versions wrote them that did not keep when a token was called. Token 1 was
 * called twice, and 2 once, after it; nobody called 3. The patient is called CALLED.
 */
export function rowsOfCalledDay(schema = ''): string {
  const [called, returned, completed] = (['CALLED', 'RETURNED', 'COMPLETED'] as const).map(
    (kind) => (number: number) => ({ kind, tokenId: tokenId(number) }) as DayEvent,
  ) as [Told, Told, Told];
  const revisions = [
    [1, 2, 3].map((number) => allocated(number, 'CALLED')),
    [called(1)],
    [returned(1)],
    [called(1)],
    [called(2), completed(1)],
    [returned(2)],
  ];
  const journal = revisions.map((events, index) => {
    const [command, told] = [allocateToken('CALLED'), events].map((each) => JSON.stringify(each));
    return `('${doctorId(1)}', '2026-01-31', ${index + 1}, ${AT + index * 60_000}, 1, '${command}', '${told}')`;
  });
  const tokens = [1, 2, 3].map((number) => {
    const slots = `'${slotId(1)}', '${slotId(1)}'`;
    return `('${tokenId(number)}', '${doctorId(1)}', '2026-01-31', ${number}, ${slots}, 'ONLINE', 'ACTIVE', 'CALLED', ${AT}, ${AT}, 0)`;
  });
  return `INSERT INTO ${schema}journal (doctor_id, date, revision, at, format, command, events) VALUES ${journal.join()};
    INSERT INTO ${schema}token (id, doctor_id, date, number, slot_id, requested_slot_id, source, status, patient_ref, created_at,
    updated_at, displacements) VALUES ${tokens.join()};`;
}

type Told = (number: number) => DayEvent;

/** When the tokens of that day were last called, as the table tells. */
export const CALLED_AT = [
  { number: 1, called_at: AT + 180_000 },
  { number: 2, called_at: AT + 240_000 },
  { number: 3, called_at: null },
];
