/** R12: a slot gets more seats, or fewer. */
import { fillFreedSeat } from './promotion.js';
import { rebalance } from './rebalancing.js';
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

export function resize(turn: Turn, slot: Slot, capacity: number): void {
  const more = capacity - slot.capacity;
  turn.record({ kind: 'SLOT_RESIZED', slotId: slot.id, capacity });
  if (more > 0) fillSeats(turn, slot, more);
  if (more < 0) cut(turn, slot);
}

/**
 * R8, once for each free seat, but `seatsMax` times at the most. Of new seats in an overflowing
 * slot, the first are taken already.
 */
export function fillSeats(turn: Turn, slot: Slot, seatsMax = Number.POSITIVE_INFINITY): void {
  for (let left = seatsMax; left > 0 && fillFreedSeat(turn, slot); left -= 1);
}

/** Displaces the weakest until the slot fits, or only those are left whom nobody displaces (R4), or emergencies alone (R24). */
function cut(turn: Turn, slot: Slot): void {
  while (slot.seatsTaken > slot.capacity) {
    const weakest = slot.weakestUnprotected;
    if (!weakest) break;
    turn.record({ kind: 'DISPLACED', tokenId: weakest.id });
  }
  if (turn.day.doctor.policy.rebalance !== 'NEVER') rebalance(turn); // R7
}
