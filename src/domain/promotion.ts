/** R8: a freed seat goes to the strongest who waits. */
import { strongestDisplacedBefore } from './rebalancing.js';
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

/**
 * Fills the seat that a token of this slot has just given up, if it may be filled; says whether it was. One freed seat seats
 * at most one token.
 */
export function fillFreedSeat(turn: Turn, slot: Slot): boolean {
  // R13, R17: a slot that is closed or has ended promotes nobody. An overflowing one has no free seat yet.
  if (!slot.isOpen(turn.now) || !slot.hasFreeSeat) return false;
  const own = slot.strongestWaiting;
  if (own) {
    turn.record({ kind: 'PROMOTED', tokenId: own.id });
    return true;
  }
  if (turn.day.doctor.policy.rebalance === 'NEVER') return false;
  const earlier = strongestDisplacedBefore(turn.day, slot);
  if (earlier) turn.record({ kind: 'MOVED', tokenId: earlier.id, toSlotId: slot.id });
  return earlier !== undefined;
}
