/** R5 and R19: an emergency is seated at once, whatever it takes. */
import { fillFreedSeat } from './promotion.js';
import { rebalance } from './rebalancing.js';
import { issue, type NewToken } from './seating.js';
import type { Slot } from './slot.js';
import { holdsSeat, type Token, type TokenId } from './token.js';
import type { Turn } from './turn.js';

/**
 * Inserts an emergency in an open slot.
 *
 * @param earlier the patient's live token of that day, which the emergency replaces (R19)
 */
export function insertEmergency(turn: Turn, slot: Slot, emergency: NewToken, earlier: Token | undefined): void {
  issue(turn, 'ALLOCATED', slot, emergency);
  if (earlier) turn.record({ kind: 'CANCELLED', tokenId: earlier.id });
  const freed = earlier && holdsSeat(earlier) ? turn.day.slotOf(earlier.slotId) : undefined;
  if (freed !== slot) {
    makeWay(turn, slot, emergency.id);
    if (freed) fillFreedSeat(turn, freed); // R8
  }
  if (turn.day.doctor.policy.rebalance !== 'NEVER') rebalance(turn); // R7
}

/** R5: where an emergency has just come in, the weakest who is no emergency makes way; where there is none, the slot overflows. */
export function makeWay(turn: Turn, slot: Slot, emergencyId: TokenId): void {
  if (slot.seatsTaken <= slot.capacity) return;
  const weakest = slot.weakestDisplaceable;
  if (weakest) turn.record({ kind: 'DISPLACED', tokenId: weakest.id, byTokenId: emergencyId });
}
