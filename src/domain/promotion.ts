/** R8: a freed seat goes to the strongest who waits. */
import { strongestDisplacedOf } from './rebalancing.js';
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

/** Fills the seat that a token of this slot has just given up, if it may be filled. One freed seat seats at most one token. */
export function fillFreedSeat(turn: Turn, slot: Slot): void {
  // R17: an ended slot promotes nobody. An overflowing one has no free seat yet.
  if (slot.hasEnded(turn.now) || !slot.hasFreeSeat) return;
  const own = slot.strongestWaiting;
  if (own) {
    turn.record({ kind: 'PROMOTED', tokenId: own.id });
    return;
  }
  if (turn.day.doctor.policy.rebalance === 'NEVER') return;
  const earlier = strongestDisplacedOf(turn.day.slotsBefore(slot));
  if (earlier) turn.record({ kind: 'MOVED', tokenId: earlier.id, toSlotId: slot.id });
}
