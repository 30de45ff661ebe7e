/** R1 to R4: where a new token goes. */
import type { TokenIssued } from './event.js';
import { type Refused, refused } from './refusal.js';
import type { Slot } from './slot.js';
import type { Token, TokenId, TokenSource } from './token.js';
import type { Turn } from './turn.js';

/** What is known of a token before it has a place. */
export interface NewToken {
  readonly id: TokenId;
  readonly source: TokenSource;
  readonly patientRef: string;
  /** The token in whose place it comes, where the patient asked for another slot. */
  readonly rescheduledFromTokenId?: TokenId;
}

/** Seats a new token in a slot, or queues it there. Says whether that displaced somebody. */
export function seatOrQueue(turn: Turn, slot: Slot, token: NewToken): { displaced: boolean } {
  if (slot.hasFreeSeat) {
    issue(turn, 'ALLOCATED', slot, token); // R1
    return { displaced: false };
  }
  const weaker = weakerThan(turn, slot, token.source);
  if (!weaker) {
    issue(turn, 'QUEUED', slot, token); // R3
    return { displaced: false };
  }
  issue(turn, 'ALLOCATED', slot, token); // R2
  turn.record({ kind: 'DISPLACED', tokenId: weaker.id, byTokenId: token.id });
  return { displaced: true };
}

/**
 * For a token that only a seat will do for: the refusal, if {@link seatOrQueue} would queue it.
 * Both R1 and R2 give a seat. A seat that the same command frees later counts for nothing: it is in
 * another slot.
 */
export function ifNoSeat(turn: Turn, slot: Slot, source: TokenSource): Refused | undefined {
  const hasSeat = slot.hasFreeSeat || weakerThan(turn, slot, source) !== undefined;
  return hasSeat ? undefined : refused('NO_FREE_SEAT', { slotId: slot.id });
}

/** R2: who makes way in a full slot for a token issued now; R4: equal strength never displaces. */
function weakerThan(turn: Turn, slot: Slot, source: TokenSource): Token | undefined {
  const weakest = slot.weakestUnprotected; // R24
  const claim = { source, createdAt: turn.now };
  return weakest && turn.day.strength.outranks(claim, weakest) ? weakest : undefined;
}

export function issue(turn: Turn, kind: TokenIssued['kind'], slot: Slot, token: NewToken): void {
  turn.record({
    kind,
    tokenId: token.id,
    number: turn.day.nextNumber,
    slotId: slot.id,
    source: token.source,
    patientRef: token.patientRef,
    ...(token.rescheduledFromTokenId && { rescheduledFromTokenId: token.rescheduledFromTokenId }),
  });
}
