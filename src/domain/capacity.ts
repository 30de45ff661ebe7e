/** R12: a slot gets more seats, or fewer. */
import type { UpdateSlot } from './command.js';
import { ifNotOpen } from './guards.js';
import { fillFreedSeat } from './promotion.js';
import { rebalance } from './rebalancing.js';
import { DONE, refused, type Verdict } from './refusal.js';
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

export function updateSlot(turn: Turn, { slotId, capacity }: UpdateSlot): Verdict {
  const slot = turn.day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const shut = ifNotOpen(slot, turn.now);
  if (shut) return shut;

  const more = capacity - slot.capacity;
  turn.record({ kind: 'SLOT_RESIZED', slotId, capacity });
  if (more > 0) fill(turn, slot, more);
  if (more < 0) cut(turn, slot);
  return DONE;
}

/** R8, once for each new seat. Where the slot overflows, the first of them are taken already. */
function fill(turn: Turn, slot: Slot, newSeats: number): void {
  for (let left = newSeats; left > 0 && fillFreedSeat(turn, slot); left -= 1);
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
