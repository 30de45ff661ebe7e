/**
 * R13: the doctor is called away. Slots are closed, and their tokens go to later ones, as far as
 * there are any.
 */
import type { CloseSlot } from './command.js';
import { makeWay } from './emergency.js';
import { ifNotOpen } from './guards.js';
import { rebalance } from './rebalancing.js';
import { DONE, refused, type Verdict } from './refusal.js';
import type { Slot } from './slot.js';
import type { Token } from './token.js';
import type { Turn } from './turn.js';

export function closeSlot(turn: Turn, { slotId }: CloseSlot): Verdict {
  const slot = turn.day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const shut = ifNotOpen(slot, turn.now);
  if (shut) return shut;

  closeTogether(turn, [slot]);
  return DONE;
}

/**
 * All are closed before anybody leaves one, so that nobody moves into a slot that is closed a
 * moment later.
 */
export function closeTogether(turn: Turn, slots: readonly Slot[]): void {
  for (const { id } of slots) turn.record({ kind: 'SLOT_CLOSED', slotId: id });
  clear(turn, slots);
}

/**
 * Has everybody leave closed slots but those who are with the doctor or done with; in order of
 * strength over all of them.
 */
export function clear(turn: Turn, slots: readonly Slot[]): void {
  const { strength, doctor } = turn.day;
  const active = slots.flatMap((slot) => slot.active()).sort(strength.compare);
  const moved = active.filter((token) => token.source === 'EMERGENCY' && moveEmergency(turn, token));
  for (const { id, source } of active) {
    if (source !== 'EMERGENCY') turn.record({ kind: 'DISPLACED', tokenId: id });
  }
  seatDownstream(turn, slots);
  // An emergency that has moved counts as one inserted there.
  if (moved.length > 0 && doctor.policy.rebalance !== 'NEVER') rebalance(turn); // R7
}

/**
 * It takes its seat along; the weakest there makes way, and where nobody can, the slot overflows
 * (R5).
 */
function moveEmergency(turn: Turn, { id, slotId }: Token): boolean {
  const [next] = turn.day.openSlotsAfter(turn.day.slotOf(slotId), turn.now);
  if (!next) return false;
  turn.record({ kind: 'CARRIED_OVER', tokenId: id, toSlotId: next.id });
  makeWay(turn, next, id);
  return true;
}

/**
 * Strongest first, each to the earliest free seat after its slot; if there is none, to the queue of
 * the next open slot.
 */
function seatDownstream(turn: Turn, slots: readonly Slot[]): void {
  const downstream = new Map(slots.map((slot) => [slot.id, new Downstream(turn, slot)]));
  const waiting = slots.flatMap((slot) => slot.waitingQueue()).sort(turn.day.strength.compare);
  for (const { id, slotId } of waiting) {
    const { next, seat } = downstream.get(slotId) as Downstream;
    if (seat) turn.record({ kind: 'MOVED', tokenId: id, toSlotId: seat.id });
    else if (next) turn.record({ kind: 'CARRIED_OVER', tokenId: id, toSlotId: next.id });
  }
}

/** The open slots after one. */
class Downstream {
  /** The earliest of all, if there is one. */
  readonly next: Slot | undefined;
  /** Those that had a free seat when they were last looked at; the earliest is the last. */
  readonly #withSeats: Slot[];

  constructor(turn: Turn, slot: Slot) {
    const later = turn.day.openSlotsAfter(slot, turn.now);
    this.next = later[0];
    this.#withSeats = later.filter(({ hasFreeSeat }) => hasFreeSeat).reverse();
  }

  /**
   * The earliest with a free seat. Nobody gives up a seat meanwhile: a slot that is full stays so.
   */
  get seat(): Slot | undefined {
    while (this.#withSeats.length > 0 && !this.#withSeats.at(-1)?.hasFreeSeat) this.#withSeats.pop();
    return this.#withSeats.at(-1);
  }
}
