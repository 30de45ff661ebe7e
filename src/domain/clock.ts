/**
 * What time does by itself. Whoever keeps the day asks {@link nextDue} after every change, and gives the command CLOCK at that
 * very instant, before any other command: so that each thing happens at its own time, and in order, also when it is done
 * belatedly.
 */
import { endDay } from './day-end.js';
import type { DoctorDay } from './doctor-day.js';
import { markNoShows } from './no-show.js';
import { endSlot } from './slot-end.js';
import type { Instant } from './time.js';
import type { Turn } from './turn.js';

/**
 * The earliest instant at which something falls due by itself on a day as it stands; it may be past. Undefined where nothing
 * ever will. Costs a look at each slot.
 */
export function nextDue(day: DoctorDay): Instant | undefined {
  let due = Number.POSITIVE_INFINITY;
  let goesOn = false;
  let isAnybodyThere = false;
  for (const slot of day.slots) {
    if (!slot.isEnded) due = Math.min(due, slot.terms.endsAt); // R20
    const absent = slot.nextNoShow;
    if (absent) due = Math.min(due, slot.noShowDue(absent) ?? due); // R22
    goesOn ||= !slot.isEnded;
    isAnybodyThere ||= slot.hasLiveTokens;
  }
  // R21: the day ends when its last slot has, or later.
  if (isAnybodyThere && !goesOn) due = Math.min(due, day.endsAt);
  return Number.isFinite(due) ? (due as Instant) : undefined;
}

/**
 * Does all that is due by now: first what the ends of slots bring, by end; then the no-shows, by the instant at which each
 * was due and by number; then what the day's end brings.
 *
 * @throws Error where nothing is due: the clock is not to be asked in vain
 */
export function letTimePass(turn: Turn): void {
  const { day, now } = turn;
  const due = nextDue(day);
  if (due === undefined || due > now) throw new Error(`nothing is due on ${day.doctor.id}'s ${day.date} at ${now}`);

  const over = day.slots.filter((slot) => !slot.isEnded && slot.hasEnded(now));
  over.sort((a, b) => a.terms.endsAt - b.terms.endsAt);
  for (const slot of over) endSlot(turn, slot); // R20
  markNoShows(turn); // R22
  if (now >= day.endsAt) endDay(turn); // R21
}
