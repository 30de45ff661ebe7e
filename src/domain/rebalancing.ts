/** R7 and R16: DISPLACED tokens find seats in later slots. Nobody is displaced by it. */
import type { DoctorDay } from './doctor-day.js';
import type { Slot } from './slot.js';
import type { Token } from './token.js';
import type { Turn } from './turn.js';

/**
 * R7: seats the DISPLACED tokens of the day, strongest first, each in the earliest later slot with a free seat.
 * Only those are looked at for whom there is a seat, so that it costs by the seats filled, not by the tokens that wait.
 */
export function rebalance(turn: Turn): void {
  for (;;) {
    const open = turn.day.slots.filter((slot) => slot.hasFreeSeat && slot.isOpen(turn.now));
    const last = open.at(-1);
    const token = last && strongestDisplacedBefore(turn.day, last);
    if (!token) return;
    const from = turn.day.slotOf(token.slotId);
    const to = open.find((slot) => slot.terms.start > from.terms.start);
    if (!to) throw new Error(`no seat after ${from.id}, though ${last.id} has one`);
    turn.record({ kind: 'MOVED', tokenId: token.id, toSlotId: to.id });
  }
}

/** R16: seats in a new slot, strongest first, the DISPLACED tokens of earlier slots, as many as fit. */
export function seatInNewSlot(turn: Turn, slot: Slot): void {
  while (slot.hasFreeSeat) {
    const token = strongestDisplacedBefore(turn.day, slot);
    if (!token) return;
    turn.record({ kind: 'MOVED', tokenId: token.id, toSlotId: slot.id });
  }
}

/** The strongest DISPLACED token that waits in a slot before this one. */
export function strongestDisplacedBefore(day: DoctorDay, slot: Slot): Token | undefined {
  let strongest: Token | undefined;
  for (const earlier of day.slotsBefore(slot)) strongest = day.strength.stronger(strongest, earlier.strongestDisplaced);
  return strongest;
}
