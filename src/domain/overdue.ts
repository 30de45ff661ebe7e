/** What time owes a day (R20 to R22): all that has fallen due by itself, seen to before anything else is decided. */
import { nextDue } from './clock.js';
import type { Clock } from './command.js';
import { type Decision, decide } from './decide.js';
import type { DoctorDay } from './doctor-day.js';
import type { Instant } from './time.js';

export const CLOCK: Clock = { kind: 'CLOCK' };

/**
 * Decides what has fallen due by now, step by step: a revision for each instant at which something was, in their order. Where
 * the clock has gone back, the day's own time counts, as it does for whatever is decided next.
 */
export function* makeGood(day: DoctorDay, now: Instant): Generator<Decision> {
  for (let due = nextDue(day); due !== undefined && due <= Math.max(now, day.changedAt); due = nextDue(day)) {
    const decision = decide(day, CLOCK, { now: due, newId: '' });
    if (!decision.ok) throw new Error(`time was refused: ${decision.refusal.reason}`);
    yield decision.value;
  }
}
