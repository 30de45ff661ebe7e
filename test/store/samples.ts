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
