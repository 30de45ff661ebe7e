/** R1 to R4: where a new token goes. */
import type { TokenIssued } from './event.js';
import type { Slot } from './slot.js';
import type { TokenId, TokenSource } from './token.js';
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
  const weakest = slot.weakestUnprotected; // R24
  const claim = { source: token.source, createdAt: turn.now };
  if (!weakest || !turn.day.strength.outranks(claim, weakest)) {
    issue(turn, 'QUEUED', slot, token); // R3; R4: equal strength never displaces
    return { displaced: false };
  }
  issue(turn, 'ALLOCATED', slot, token); // R2
  turn.record({ kind: 'DISPLACED', tokenId: weakest.id, byTokenId: token.id });
  return { displaced: true };
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
