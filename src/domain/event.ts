/**
 * What has happened to a doctor-day: the journal's own words. Each says only what cannot be worked out from those before
 * it. Shapes are kept for ever: a new need is a new kind, or an optional field whose absence means what it always meant.
 */
import type { SlotId, SlotSummary, SlotTerms } from './slot.js';
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
}

export interface TokenDisplaced {
  readonly kind: 'DISPLACED';
  readonly tokenId: TokenId;
  readonly byTokenId: TokenId;
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
  readonly kind: 'CANCELLED' | 'NO_SHOW';
  readonly tokenId: TokenId;
}

export type DayEvent = SlotCreated | TokenIssued | TokenDisplaced | TokenPromoted | TokenMoved | TokenEnded;

/** One event's effect on one token. */
export interface TokenEffect {
  readonly kind: Exclude<DayEvent['kind'], 'SLOT_CREATED'>;
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
  /** The command's own token first, then in the order of effects; a token once an effect. */
  readonly effects: readonly TokenEffect[];
  /** Every slot that one of these tokens was in before or is in after, and a created one, as they stand now, by start. */
  readonly slots: readonly SlotSummary[];
  /** The slot that this command created, if it did. */
  readonly createdSlotId?: SlotId;
}
