/** R13: the doctor is called away. A slot is closed, and its tokens go to later ones, as far as there are any. */
import type { CloseSlot } from './command.js';
import { makeWay } from './emergency.js';
import { ifNotOpen } from './guards.js';
import { rebalance } from './rebalancing.js';
import { DONE, refused, type Verdict } from './refusal.js';
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

export function closeSlot(turn: Turn, { slotId }: CloseSlot): Verdict {
  const slot = turn.day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const shut = ifNotOpen(slot, turn.now);
  if (shut) return shut;

  turn.record({ kind: 'SLOT_CLOSED', slotId });
  clear(turn, slot);
  return DONE;
}

/** Has everybody leave a closed slot but those who are with the doctor or done with. */
export function clear(turn: Turn, slot: Slot): void {
  const later = turn.day.openSlotsAfter(slot, turn.now);
  const emergencies = later[0] ? moveEmergencies(turn, slot, later[0]) : 0;
  for (const { id, source } of slot.active()) {
    if (source !== 'EMERGENCY') turn.record({ kind: 'DISPLACED', tokenId: id });
  }
  seatDownstream(turn, slot, later);
  // An emergency that has moved counts as one inserted there.
  if (emergencies > 0 && turn.day.doctor.policy.rebalance !== 'NEVER') rebalance(turn); // R7
}

/** Each takes its seat along; the weakest there makes way, and where nobody can, the slot overflows (R5). */
function moveEmergencies(turn: Turn, slot: Slot, next: Slot): number {
  const emergencies = slot.active().filter(({ source }) => source === 'EMERGENCY');
  for (const { id } of emergencies) {
    turn.record({ kind: 'CARRIED_OVER', tokenId: id, toSlotId: next.id });
    makeWay(turn, next, id);
  }
  return emergencies.length;
}

/** Strongest first, each to the earliest free seat; when there is none left, to the queue of the next open slot. */
function seatDownstream(turn: Turn, slot: Slot, later: readonly Slot[]): void {
  const [next] = later;
  if (!next) return;
  const withSeats = later.filter((each) => each.hasFreeSeat).reverse();
  for (const { id } of slot.waitingQueue()) {
    while (withSeats.length > 0 && !withSeats.at(-1)?.hasFreeSeat) withSeats.pop();
    const seat = withSeats.at(-1);
    if (seat) turn.record({ kind: 'MOVED', tokenId: id, toSlotId: seat.id });
    else turn.record({ kind: 'CARRIED_OVER', tokenId: id, toSlotId: next.id });
  }
}
