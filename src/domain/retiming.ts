/**
 * R17: a slot that has not begun follows its local time. The rules of a time zone change by law,
 * and newer time zone data tell of it; the instants of such a slot are then reckoned anew. Its
 * local times, its place in the day and its tokens stay as they are.
 */
import type { DoctorDay } from './doctor-day.js';
import type { Change } from './event.js';
import type { Slot, SlotSummary } from './slot.js';
import { hasSameTimes, type SlotTimes } from './slot-times.js';
import { type Instant, instantOf, type LocalDate, type TimeZone } from './time.js';
import type { Turn } from './turn.js';

/** A slot, and the times that it would have by the zone rules of this process. */
export interface Retiming {
  readonly slot: Slot;
  readonly times: SlotTimes;
}

/**
 * Whether a slot has not begun by its instants, and these are not those of its local times.
 *
 * @param resolve tells the instant of a local time as {@link instantOf} does
 */
export function isOutOfTime(
  slot: SlotTimes,
  date: LocalDate,
  zone: TimeZone,
  now: Instant,
  resolve = instantOf,
): boolean {
  return slot.startsAt > now && !hasSameTimes(slot, timesOf(slot, date, zone, resolve));
}

/**
 * The slots that have not begun by their instants, and whose instants are not those of their local
 * times.
 */
export function slotsOutOfTime(day: DoctorDay, now: Instant): Retiming[] {
  const { date, doctor } = day;
  return day.slots
    .filter(({ terms }) => isOutOfTime(terms, date, doctor.timeZone, now))
    .map((slot) => ({ slot, times: timesOf(slot.terms, date, doctor.timeZone) }));
}

function timesOf({ start, end }: SlotTimes, date: LocalDate, zone: TimeZone, resolve = instantOf): SlotTimes {
  return { start, end, startsAt: resolve(date, start, zone), endsAt: resolve(date, end, zone) };
}

/**
 * Those of {@link slotsOutOfTime} that can be retimed. A slot keeps its instants in three cases: it
 * would have begun already; clocks that go forward leave no time of it; or it would overlap or pass
 * a slot that keeps its instants, such as the running one.
 */
export function slotsToRetime(day: DoctorDay, now: Instant): Retiming[] {
  let retimed = slotsOutOfTime(day, now).filter(({ times }) => times.startsAt > now && times.startsAt < times.endsAt);
  for (;;) {
    const free = retimed.filter((each) => fitsBetween(day, each, retimed));
    if (free.length === retimed.length) return retimed;
    // A slot that keeps its instants may be in the way of another.
    retimed = free;
  }
}

/** Whether a slot would run after those before it and before those after it. */
function fitsBetween({ slots }: DoctorDay, { slot, times }: Retiming, retimed: readonly Retiming[]): boolean {
  const newTimes = new Map(retimed.map((each) => [each.slot, each.times]));
  const place = slots.indexOf(slot);
  return slots.every((other, index) => {
    const { startsAt, endsAt } = newTimes.get(other) ?? other.terms;
    return (
      index === place || !other.blocksItsTime || (index < place ? endsAt <= times.startsAt : startsAt >= times.endsAt)
    );
  });
}

/** @throws Error if there is nothing to retime: this is not to be asked in vain */
export function retimeSlots(turn: Turn): void {
  const retimed = slotsToRetime(turn.day, turn.now);
  if (retimed.length === 0) throw new Error(`nothing is to be retimed on ${turn.day.doctor.id}'s ${turn.day.date}`);
  for (const { slot, times } of retimed) turn.record({ kind: 'SLOT_RETIMED', slotId: slot.id, ...times });
}

/**
 * R17: only a slot that has not begun gets other times, and none by which it would have begun.
 * Answers with what is broken.
 */
export function checkRetimed(before: readonly SlotSummary[], { at }: Change, after: readonly SlotSummary[]): string[] {
  const known = new Map(before.map((slot) => [slot.id, slot]));
  const hasBegun = ({ id, startsAt }: SlotSummary) => Math.min(startsAt, known.get(id)?.startsAt ?? startsAt) <= at;
  return after
    .filter((slot) => !hasSameTimes(known.get(slot.id) ?? slot, slot) && hasBegun(slot))
    .map(({ id }) => `R17: ${id} got other times, and has begun`);
}
