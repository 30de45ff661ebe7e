/** Every reason to say no. A refusal is a value; it has changed nothing (I9). */
import type { DoctorId } from './doctor.js';
import type { SlotId } from './slot.js';
import type { Instant, LocalDate } from './time.js';
import type { TokenId, TokenStatus } from './token.js';

/** One wrong field: its path in the request, and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** Every reason, in order of precedence: where several apply, the first is said. */
export const REASONS = [
  'INVALID_FIELDS',
  'REQUEST_ID_REUSED',
  'DOCTOR_NOT_FOUND',
  'SLOT_NOT_FOUND',
  'TOKEN_NOT_FOUND',
  'DOCTOR_RETIRED',
  'DOCTOR_HAS_SLOTS',
  'SLOT_OVERLAPS',
  'SLOT_ENDED',
  'SLOT_STARTED',
  'SLOT_CLOSED',
  'SLOT_NOT_CLOSED',
  'SLOT_NOT_EMPTY',
  'NO_OPEN_SLOT',
  'PATIENT_HAS_TOKEN',
  'DAY_FULL',
  'TOKEN_NOT_LIVE',
  'TOKEN_SERVING',
  'TOKEN_WITHOUT_SEAT',
  'TOKEN_IS_EMERGENCY',
  'NO_FREE_SEAT',
  'TOKEN_CHECKED_IN',
  'TOKEN_NOT_SERVING',
  'NOBODY_TO_CALL',
  'DOCTOR_BUSY',
  'CONFLICT',
  'SLOW_WATCHER',
  'TOO_MANY_WATCHERS',
  'TOO_MANY_REQUESTS',
  'DRAINING',
  'STORE_UNAVAILABLE',
  'INTERNAL',
] as const;

export type Reason = (typeof REASONS)[number];

interface Details {
  INVALID_FIELDS: { readonly violations: readonly FieldViolation[] };
  REQUEST_ID_REUSED: { readonly requestId: string };
  DOCTOR_NOT_FOUND: { readonly doctorId: DoctorId };
  SLOT_NOT_FOUND: { readonly slotId: SlotId };
  TOKEN_NOT_FOUND: { readonly tokenId: TokenId };
  DOCTOR_RETIRED: { readonly doctorId: DoctorId };
  /** The earliest slot of the doctor that has not ended, or that somebody is still in. */
  DOCTOR_HAS_SLOTS: { readonly doctorId: DoctorId; readonly slotId: SlotId };
  /** The earliest slot of the day that the new one would overlap. */
  SLOT_OVERLAPS: { readonly slotId: SlotId };
  SLOT_ENDED: { readonly slotId: SlotId; readonly endedAt: Instant };
  SLOT_STARTED: { readonly slotId: SlotId; readonly startedAt: Instant };
  SLOT_CLOSED: { readonly slotId: SlotId };
  SLOT_NOT_CLOSED: { readonly slotId: SlotId };
  /** Somebody has, or had, a token in it. */
  SLOT_NOT_EMPTY: { readonly slotId: SlotId };
  NO_OPEN_SLOT: { readonly doctorId: DoctorId };
  /** The live token that the patient has. */
  PATIENT_HAS_TOKEN: { readonly tokenId: TokenId };
  DAY_FULL: { readonly doctorId: DoctorId; readonly date: LocalDate };
  TOKEN_NOT_LIVE: { readonly tokenId: TokenId; readonly status: TokenStatus };
  TOKEN_SERVING: { readonly tokenId: TokenId; readonly status: TokenStatus };
  TOKEN_WITHOUT_SEAT: { readonly tokenId: TokenId; readonly status: TokenStatus };
  TOKEN_IS_EMERGENCY: { readonly tokenId: TokenId; readonly status: TokenStatus };
  /** The slot in which only a seat would do. */
  NO_FREE_SEAT: { readonly slotId: SlotId };
  TOKEN_CHECKED_IN: { readonly tokenId: TokenId; readonly status: TokenStatus };
  TOKEN_NOT_SERVING: { readonly tokenId: TokenId; readonly status: TokenStatus };
  /** What was asked for: the slot, or the doctor. */
  NOBODY_TO_CALL: { readonly slotId: SlotId } | { readonly doctorId: DoctorId };
  /** Who is with the doctor. */
  DOCTOR_BUSY: { readonly tokenId: TokenId };
  CONFLICT: object;
  SLOW_WATCHER: object;
  TOO_MANY_WATCHERS: object;
  TOO_MANY_REQUESTS: object;
  DRAINING: object;
  STORE_UNAVAILABLE: object;
  /** Names the line of the server's log that says what went wrong. */
  INTERNAL: { readonly requestId: string };
}

export type RefusalOf<R extends Reason> = { readonly reason: R } & Details[R];
export type Refusal = { [R in Reason]: RefusalOf<R> }[Reason];

/** What a question gets: an answer or a refusal. */
export type Answer<T> = { readonly ok: true; readonly value: T } | Refused;

/** What a command gets that there is nothing to answer but that it was carried out. */
export type Verdict = Answer<undefined>;

export function answered<T>(value: T): Answer<T> {
  return { ok: true, value };
}

export const DONE: Verdict = answered(undefined);

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

export function refused<R extends Reason>(reason: R, details: Details[R]): Refused {
  return { ok: false, refusal: { reason, ...details } as RefusalOf<R> as Refusal };
}
