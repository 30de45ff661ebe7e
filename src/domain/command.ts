/** What may be asked of a doctor-day. Every field has been checked; ids are well-formed but may name nothing. */
import type { DoctorId } from './doctor.js';
import type { SlotId } from './slot.js';
import type { TimeOfDay } from './time.js';
import type { TokenId, TokenSource } from './token.js';

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

export type Command = CreateSlot | AllocateToken | InsertEmergency | CancelToken | MarkNoShow;
