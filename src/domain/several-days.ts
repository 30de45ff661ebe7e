/**
 * Commands that span several doctor-days of one doctor. Each day has a turn of its own, and a revision of its own in the end; all
 * guards of all days come before the first effect on any, so that a refused command has touched none of them (I9).
 */
import type { DayPart } from './command.js';
import type { Decision } from './decide.js';
import type { DoctorDay } from './doctor-day.js';
import type { Instant, LocalDate } from './time.js';
import { Turn } from './turn.js';

/** All that a decision over several days may not find out for itself. */
export interface WideCircumstances {
  readonly now: Instant;
  /** Gives a UUID nobody has had before, for each slot or token that the command creates. */
  readonly newId: () => string;
}

/** What an accepted command did on one of its days. */
export interface DayDecision extends Decision {
  /** The day that it was decided on. */
  readonly date: LocalDate;
  /** What the day's journal is to say of the command. */
  readonly command: DayPart;
}

export function beginTurn(day: DoctorDay, part: DayPart, now: Instant): Turn {
  return new Turn(day, part, Math.max(now, day.changedAt) as Instant);
}

/**
 * Closes the turns in which something happened, in the order of the answer. The first day is told
 * of the others, so as to answer for all (R18).
 */
export function finishTurns(turns: readonly Turn[], part: DayPart): DayDecision[] {
  const busy = turns.filter(({ events }) => events.length > 0);
  const decisions = busy.map((turn) => ({
    date: turn.day.date,
    command: turn.left.length > 0 ? { ...part, left: turn.left } : part,
    events: turn.events,
    change: turn.finish(),
  }));
  const elsewhere = busy.map(({ day: { date, revision } }) => ({ date, revision })).slice(1);
  return decisions.map((each, index) =>
    index === 0 && elsewhere.length > 0 ? { ...each, command: { ...each.command, elsewhere } } : each,
  );
}
