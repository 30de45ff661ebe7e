/** One patient's place in a doctor's queue. Tokens are values: a change of state is another Token. */
import type { SlotId, TokenId } from './ids.js';
import type { Instant } from './time.js';

export type { TokenId };

/** Each source's priority: the higher, the stronger. */
export const PRIORITY = { EMERGENCY: 100, PAID: 80, FOLLOW_UP: 60, ONLINE: 40, WALK_IN: 20 } as const;

export type TokenSource = keyof typeof PRIORITY;

export type TokenStatus =
  | 'ACTIVE'
  | 'WAITING'
  | 'DISPLACED'
  | 'SERVING'
  | 'COMPLETED'
  | 'CANCELLED'
  | 'NO_SHOW'
  | 'EXPIRED';

interface Standing {
  readonly holdsSeat: boolean;
  readonly live: boolean;
  readonly mayBecome: readonly TokenStatus[];
}

/** The table of states. */
export const STANDING: Readonly<Record<TokenStatus, Standing>> = {
  ACTIVE: { holdsSeat: true, live: true, mayBecome: ['SERVING', 'DISPLACED', 'CANCELLED', 'NO_SHOW', 'EXPIRED'] },
  WAITING: { holdsSeat: false, live: true, mayBecome: ['ACTIVE', 'CANCELLED', 'EXPIRED'] },
  DISPLACED: { holdsSeat: false, live: true, mayBecome: ['ACTIVE', 'CANCELLED', 'EXPIRED'] },
  SERVING: { holdsSeat: true, live: true, mayBecome: ['COMPLETED', 'ACTIVE'] },
  COMPLETED: { holdsSeat: true, live: false, mayBecome: [] },
  CANCELLED: { holdsSeat: false, live: false, mayBecome: [] },
  NO_SHOW: { holdsSeat: false, live: false, mayBecome: [] },
  EXPIRED: { holdsSeat: false, live: false, mayBecome: [] },
};

export interface Token {
  readonly id: TokenId;
  /** 1, 2, 3, … in the doctor-day (R15): what the patient is called by. */
  readonly number: number;
  /** Where it sits or waits now. */
  readonly slotId: SlotId;
  /** What was asked for at first. */
  readonly requestedSlotId: SlotId;
  readonly source: TokenSource;
  readonly status: TokenStatus;
  /** The hospital's own reference for the patient; may be empty. */
  readonly patientRef: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** When the patient was checked in; undefined before that. Kept when the token moves. */
  readonly checkedInAt: Instant | undefined;
  /** How often it has been DISPLACED. */
  readonly displacements: number;
  /** When it last got a seat, or came back to it; undefined before that. Kept when it loses the seat. */
  readonly seatedAt: Instant | undefined;
  /** When it was last called in to the doctor; undefined before that. Kept when it is sent back. */
  readonly calledAt: Instant | undefined;
  /** The token in whose place it was issued when the patient asked for another slot. */
  readonly rescheduledFromTokenId: TokenId | undefined;
}

export function isLive(token: Token): boolean {
  return STANDING[token.status].live;
}

/** The statuses of live tokens. */
export const LIVE_STATUSES = (Object.keys(STANDING) as TokenStatus[]).filter((status) => STANDING[status].live);

export function holdsSeat(token: Token): boolean {
  return STANDING[token.status].holdsSeat;
}

/** Has a seat, and is here: the doctor can call it next. */
export function isCallable({ status, checkedInAt }: Token): boolean {
  return status === 'ACTIVE' && checkedInAt !== undefined;
}

/** Order of strength where priority alone counts: higher priority first, then earlier issue. Negative where `a` is the stronger. */
export function byStrength(a: Token, b: Token): number {
  return PRIORITY[b.source] - PRIORITY[a.source] || a.number - b.number;
}
