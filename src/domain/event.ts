/**
 * What has happened to a doctor-day: the journal's own words. Each says only what cannot be worked out from those before
 * it. Shapes are kept for ever: a new need is a new kind, or an optional field whose absence means what it always meant.
 */
import type { RecordedCommand } from './command.js';
import type { SlotId, SlotSummary, SlotTerms, SlotTimes } from './slot.js';
import type { Instant } from './time.js';
import type { Token, TokenId, TokenSource } from './token.js';

export interface SlotCreated extends SlotTerms {
  readonly kind: 'SLOT_CREATED';
}

/** ALLOCATED: got a seat when it was issued. QUEUED: was issued into the waiting queue. */
export interface TokenIssued {
  readonly kind: 'ALLOCATED' | 'QUEUED';
  readonly tokenId: TokenId;
  readonly number: number;
  readonly slotId: SlotId;
  readonly source: TokenSource;
  readonly patientRef: string;
  /** The token in whose place it was issued when the patient asked for another slot; absent where it was not. */
  readonly rescheduledFromTokenId?: TokenId;
}

export interface TokenDisplaced {
  readonly kind: 'DISPLACED';
  readonly tokenId: TokenId;
  /** Absent where no other token took the seat: the slot was closed, or has fewer seats (R12, R13). */
  readonly byTokenId?: TokenId;
}

/** Got a seat in the slot in whose queue it waited. */
export interface TokenPromoted {
  readonly kind: 'PROMOTED';
  readonly tokenId: TokenId;
}

/** Got a seat in a later slot. */
export interface TokenMoved {
  readonly kind: 'MOVED';
  readonly tokenId: TokenId;
  readonly toSlotId: SlotId;
}

export interface TokenEnded {
  readonly kind: 'CANCELLED' | 'NO_SHOW' | 'EXPIRED';
  readonly tokenId: TokenId;
}

/** What is absent stays as it is. */
export interface TokenUpdated {
  readonly kind: 'UPDATED';
  readonly tokenId: TokenId;
  readonly source?: TokenSource;
  /** May be empty. */
  readonly patientRef?: string;
}

/** R12. */
export interface SlotResized {
  readonly kind: 'SLOT_RESIZED';
  readonly slotId: SlotId;
  readonly capacity: number;
}

/** R13. */
export interface SlotClosed {
  readonly kind: 'SLOT_CLOSED';
  readonly slotId: SlotId;
}

/** REOPENED: the slot takes tokens again. DELETED: the slot is gone; it never had a token. */
export interface SlotReopenedOrDeleted {
  readonly kind: 'SLOT_REOPENED' | 'SLOT_DELETED';
  readonly slotId: SlotId;
}

/**
 * A slot that has not begun got other times (R17). If the rules of its time zone changed, only its
 * instants are new.
 */
export interface SlotRetimed extends SlotTimes {
  readonly kind: 'SLOT_RETIMED';
  readonly slotId: SlotId;
}

/** R20: what was to be done at its end has been done. */
export interface SlotEnded {
  readonly kind: 'SLOT_ENDED';
  readonly slotId: SlotId;
}

/** Went from a closed or ended slot to a later one as it was: from queue to queue, or, an emergency, with its seat (R13, R20). */
export interface TokenCarriedOver {
  readonly kind: 'CARRIED_OVER';
  readonly tokenId: TokenId;
  readonly toSlotId: SlotId;
}

/** CHECKED_IN: the patient is here. CALLED: went in to the doctor. RETURNED: back to the seat. COMPLETED: is done with. */
export interface TokenAttended {
  readonly kind: 'CHECKED_IN' | 'CALLED' | 'RETURNED' | 'COMPLETED';
  readonly tokenId: TokenId;
}

export type DayEvent =
  | SlotCreated
  | TokenIssued
  | TokenDisplaced
  | TokenPromoted
  | TokenMoved
  | TokenEnded
  | TokenUpdated
  | SlotResized
  | SlotClosed
  | SlotReopenedOrDeleted
  | SlotRetimed
  | SlotEnded
  | TokenCarriedOver
  | TokenAttended;

/** One event's effect on one token. */
export interface TokenEffect {
  /** Who was CARRIED_OVER is told of as MOVED; the token's status says whether into a seat. */
  readonly kind: Exclude<
    DayEvent['kind'],
    | 'SLOT_CREATED'
    | 'SLOT_RESIZED'
    | 'SLOT_CLOSED'
    | 'SLOT_REOPENED'
    | 'SLOT_DELETED'
    | 'SLOT_RETIMED'
    | 'SLOT_ENDED'
    | 'CARRIED_OVER'
  >;
  /** As it stands after this effect. */
  readonly token: Token;
  /** Where a MOVED token came from. */
  readonly fromSlotId?: SlotId;
  /** The token that a DISPLACED one made way for. */
  readonly displacedByTokenId?: TokenId;
}

/** All that one command did to a doctor-day, together. */
export interface Change {
  readonly revision: number;
  readonly at: Instant;
  /** The command's name; CLOCK where time itself acted. */
  readonly cause: RecordedCommand['kind'];
  /** Why, in the words of whoever gave the command; may be empty. */
  readonly reason: string;
  /** The command's own token first, then in the order of effects; a token once an effect. */
  readonly effects: readonly TokenEffect[];
  /** Every slot that a token of these was in before or is in after, and one created, changed or ended, as they stand now, by start. */
  readonly slots: readonly SlotSummary[];
  /** The slots that this command created, if it did, by start. */
  readonly createdSlotIds?: readonly SlotId[];
  /** The slots that CloseSlots closed, by start, and the live tokens that stay in them, by number. */
  readonly closed?: { readonly slotIds: readonly SlotId[]; readonly left: readonly Token[] };
  /** The slot that this command resized, retimed, closed, reopened or deleted, if it did. */
  readonly changedSlotId?: SlotId;
}
