/** R16 and R17: what a slot will be, whether it can be created, and what happens when it is. */
import type { DoctorDay } from './doctor-day.js';
import { seatInNewSlot } from './rebalancing.js';
import type { Slot, SlotId, SlotTerms } from './slot.js';
import type { SlotTimes } from './slot-times.js';
import { type Instant, instantOf, type LocalDate, type TimeOfDay, type TimeZone } from './time.js';
import type { Turn } from './turn.js';

/** A slot to be: all but its id. */
export type Opening = Omit<SlotTerms, 'id'>;

export interface SlotWanted {
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  readonly capacity: number;
}

export function openingOn(date: LocalDate, zone: TimeZone, { start, end, capacity }: SlotWanted): Opening {
  return { start, end, startsAt: instantOf(date, start, zone), endsAt: instantOf(date, end, zone), capacity };
}

/** Where clocks go forward, a slot may fall into the hour that is skipped so that no time is left of it. */
export function isSkipped({ startsAt, endsAt }: SlotTimes): boolean {
  return endsAt <= startsAt;
}

/** R17. */
export function isOver({ endsAt }: Opening, now: Instant): boolean {
  return endsAt <= now;
}

/**
 * The earliest slot of a day that any of these would overlap, except closed slots without live
 * tokens (R13).
 */
export function overlappedBy({ slots }: DoctorDay, openings: readonly SlotTimes[], except?: Slot): Slot | undefined {
  return slots.find(
    (slot) => slot !== except && slot.blocksItsTime && openings.some((opening) => slot.overlaps(opening)),
  );
}

export function openSlot(turn: Turn, id: SlotId, opening: Opening): void {
  turn.record({ kind: 'SLOT_CREATED', id, ...opening });
  if (turn.day.doctor.policy.rebalance !== 'NEVER') seatInNewSlot(turn, turn.day.slotOf(id)); // R16
}
