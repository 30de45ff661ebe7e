/** R20: a slot ends. Who waits there goes on to the next one, and who has not come is a no-show. */
import type { Slot } from './slot.js';
import type { Turn } from './turn.js';

export function endSlot(turn: Turn, slot: Slot): void {
  turn.record({ kind: 'SLOT_ENDED', slotId: slot.id });
  sendOn(turn, slot);
  giveUpAbsent(turn, slot);
}

/** The waiting queue, strongest first: into the free seats of the next open slot, and then into its queue. */
function sendOn(turn: Turn, slot: Slot): void {
  const [next] = turn.day.openSlotsAfter(slot, turn.now);
  // R13: who was left behind in a closed slot stays until the day ends.
  if (!next && slot.isClosed) return;
  for (const { id } of slot.waitingQueue()) {
    if (!next) turn.record({ kind: 'EXPIRED', tokenId: id });
    else if (next.hasFreeSeat) turn.record({ kind: 'MOVED', tokenId: id, toSlotId: next.id });
    else turn.record({ kind: 'CARRIED_OVER', tokenId: id, toSlotId: next.id });
  }
}

/** Nobody is promoted to their seats: the slot is over. Those who are here are served late. */
function giveUpAbsent(turn: Turn, slot: Slot): void {
  const { policy, policySince } = turn.day.doctor;
  // A policy that was set after the end, which is only now seen to, does not reach back to it.
  if (policy.noShowGraceMilliseconds === undefined || turn.now < policySince) return;
  for (const { id, checkedInAt } of slot.active()) {
    if (checkedInAt === undefined) turn.record({ kind: 'NO_SHOW', tokenId: id });
  }
}
