/** What may be asked of a doctor-day. Every field has been checked; ids are well-formed but may name nothing. */
import type { DoctorId } from './doctor.js';
import type { SlotId } from './slot.js';
import type { LocalDate, TimeOfDay } from './time.js';
import type { TokenId, TokenSource } from './token.js';
import type { ZoneDataVersion } from './zone-data.js';

export interface CreateSlot {
  readonly kind: 'CreateSlot';
  readonly start: TimeOfDay;
  /** After `start`. */
  readonly end: TimeOfDay;
  readonly capacity: number;
}

export interface AllocateToken {
  readonly kind: 'AllocateToken';
  readonly slotId: SlotId;
  /** R5: emergencies go through {@link InsertEmergency} only. */
  readonly source: Exclude<TokenSource, 'EMERGENCY'>;
  readonly patientRef: string;
  /** Set if the command is refused when the token would have to wait (R3). */
  readonly seatOnly?: true;
}

export interface InsertEmergency {
  readonly kind: 'InsertEmergency';
  /** A slot, or the doctor: whose open slot now running, else the next one of the day, takes the emergency. */
  readonly target: { readonly slotId: SlotId } | { readonly doctorId: DoctorId };
  readonly patientRef: string;
}

export interface CancelToken {
  readonly kind: 'CancelToken';
  readonly tokenId: TokenId;
  readonly reason: string;
}

export interface MarkNoShow {
  readonly kind: 'MarkNoShow';
  readonly tokenId: TokenId;
}

/** What is absent stays as it is. At least one of the two is set. */
export interface UpdateToken {
  readonly kind: 'UpdateToken';
  readonly tokenId: TokenId;
  /** R5: emergencies go through {@link InsertEmergency} only. */
  readonly source?: Exclude<TokenSource, 'EMERGENCY'>;
  /** Empty: the token names no patient from then on. */
  readonly patientRef?: string;
}

/** R12, R17: what is absent stays as it is. At least one of the three is set. */
export interface UpdateSlot {
  readonly kind: 'UpdateSlot';
  readonly slotId: SlotId;
  readonly capacity?: number;
  readonly start?: TimeOfDay;
  readonly end?: TimeOfDay;
}

/**
 * R13, R16: opens a closed slot again (ReopenSlot), or deletes a slot that never had a token
 * (DeleteSlot).
 */
export interface ReopenOrDeleteSlot {
  readonly kind: 'ReopenSlot' | 'DeleteSlot';
  readonly slotId: SlotId;
}

/** R13. */
export interface CloseSlot {
  readonly kind: 'CloseSlot';
  readonly slotId: SlotId;
  readonly reason: string;
}

/** Of a token: its patient is here (CheckInToken), goes back to the seat (ReturnToken), is done with (CompleteToken). */
export interface AttendToken {
  readonly kind: 'CheckInToken' | 'ReturnToken' | 'CompleteToken';
  readonly tokenId: TokenId;
}

/** What a call says of the token that is with the doctor. */
export interface Admission {
  /** Whether the call completes the token that is with the doctor. */
  readonly completeCurrent: boolean;
  /** The token that is with the doctor, as far as the caller knows; absent: not stated. */
  readonly expectedCurrentTokenId?: TokenId;
}

export interface CallNextToken extends Admission {
  readonly kind: 'CallNextToken';
  /** One slot; or the doctor, for all slots of the day in the order of calling (R25). */
  readonly target: { readonly slotId: SlotId } | { readonly doctorId: DoctorId };
}

export interface CallToken extends Admission {
  readonly kind: 'CallToken';
  readonly tokenId: TokenId;
}

/** Time has passed, and something has fallen due by itself (R20 to R22). Nobody gives it but the clock. */
export interface Clock {
  readonly kind: 'CLOCK';
  /**
   * The version of the time zone data by whose rules slots were retimed (R17). The command does
   * nothing else then. Absent if something fell due.
   */
  readonly zoneData?: ZoneDataVersion;
}

export type Command =
  | CreateSlot
  | AllocateToken
  | InsertEmergency
  | CancelToken
  | MarkNoShow
  | UpdateToken
  | UpdateSlot
  | CloseSlot
  | ReopenOrDeleteSlot
  | AttendToken
  | CallNextToken
  | CallToken
  | Clock;

/** A stretch of a day that is cut into slots of equal length. */
export interface Session {
  readonly start: TimeOfDay;
  /** After `start`, by a whole number of slots. */
  readonly end: TimeOfDay;
  /** 1 to 1,440. */
  readonly slotMinutes: number;
  /** Of each slot. */
  readonly capacity: number;
}

/** A revision of another day of the same doctor. */
export interface DayRevision {
  readonly date: LocalDate;
  readonly revision: number;
}

/** Of a command over several days of a doctor, what belongs to one of them. */
interface PartOnOneDay {
  /** What the command did on the other days: said on its first day alone, whose row so answers for all (R18). */
  readonly elsewhere?: readonly DayRevision[];
}

export interface CreateSlots extends PartOnOneDay {
  readonly kind: 'CreateSlots';
  readonly sessions: readonly Session[];
}

export interface RescheduleToken extends PartOnOneDay {
  readonly kind: 'RescheduleToken';
  /** The token that is given up. */
  readonly tokenId: TokenId;
  /** Where the new one is issued; of another day, it may be. */
  readonly slotId: SlotId;
  /** Set if the command is refused when the new token would have to wait (R3). */
  readonly seatOnly?: true;
}

/** R13, for all slots of a span of days together. */
export interface CloseSlots extends PartOnOneDay {
  readonly kind: 'CloseSlots';
  readonly reason: string;
  /**
   * The tokens that stay in a slot that it closed, because there is no later one: so that they are
   * told of again (R18).
   */
  readonly left?: readonly TokenId[];
}

/** A command over several days as one of them sees it. */
export type DayPart = CreateSlots | RescheduleToken | CloseSlots;

/** What a revision may be the doing of. */
export type RecordedCommand = Command | DayPart;

/** Why it was given, in the words of whoever gave it; empty where a command has none. */
export function reasonOf(command: RecordedCommand): string {
  return 'reason' in command ? command.reason : '';
}
