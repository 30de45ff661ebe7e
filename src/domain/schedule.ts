/**
 * A recurring schedule: the same sessions on many days, each cut into slots. Every slot is judged, and seated (R16), as one that
 * CreateSlot makes; but one that cannot be created stops them all.
 */
import type { CreateSlots, Session } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import { refuseIfRetired } from './guards.js';
import { isOver, isSkipped, type Opening, openingOn, openSlot, overlappedBy, type SlotWanted } from './new-slot.js';
import { type Answer, answered, type Refused, refused } from './refusal.js';
import { beginTurn, type DayDecision, finishTurns, type WideCircumstances } from './several-days.js';
import type { SlotId } from './slot.js';
import { runTogether } from './slot-times.js';
import {
  type DayOfWeek,
  datesBetween,
  dayOfWeekOf,
  formatTimeOfDay,
  type LocalDate,
  type TimeOfDay,
  type TimeZone,
} from './time.js';
import type { Turn } from './turn.js';

export interface Schedule {
  readonly firstDate: LocalDate;
  /** Included. */
  readonly lastDate: LocalDate;
  /** Every day of the week where empty. */
  readonly daysOfWeek: readonly DayOfWeek[];
  readonly exceptDates: readonly LocalDate[];
  /** Of each day, by start; they do not overlap. */
  readonly sessions: readonly Session[];
}

/** A day on which a schedule is to open slots, by start. */
export interface PlannedDay {
  readonly day: DoctorDay;
  readonly openings: readonly Opening[];
}

/** Tokens that new slots may take from waiting queues in one call, so that its answer fits one message. */
const MOVES_MAX = 2_000;

/** The dates of a schedule, in order. */
export function datesOf({ firstDate, lastDate, daysOfWeek, exceptDates }: Schedule): LocalDate[] {
  const left = new Set(exceptDates);
  const isMeant = (date: LocalDate) => daysOfWeek.length === 0 || daysOfWeek.includes(dayOfWeekOf(date));
  return datesBetween(firstDate, lastDate).filter((date) => !left.has(date) && isMeant(date));
}

/** How many slots sessions come to, a day. */
export function slotCountOf(sessions: readonly Session[]): number {
  return sessions.reduce((count, { start, end, slotMinutes }) => count + (end - start) / slotMinutes, 0);
}

/** The slots of a schedule on one date, by start. */
export function openingsOn(date: LocalDate, zone: TimeZone, sessions: readonly Session[]): Opening[] {
  return sessions.flatMap(slotsOf).map((wanted) => openingOn(date, zone, wanted));
}

function slotsOf({ start, end, slotMinutes, capacity }: Session): SlotWanted[] {
  return Array.from({ length: (end - start) / slotMinutes }, (_, index) => {
    const from = start + index * slotMinutes;
    return { start: from as TimeOfDay, end: (from + slotMinutes) as TimeOfDay, capacity };
  });
}

/** Decides on all days together; answers with what happened, a day each, in their order. */
export function createSlots(
  planned: readonly PlannedDay[],
  sessions: readonly Session[],
  { now, newId }: WideCircumstances,
): Answer<readonly DayDecision[]> {
  const part: CreateSlots = { kind: 'CreateSlots', sessions };
  const turns = planned.map(({ day }) => beginTurn(day, part, now));
  const refusal =
    ifNoTime(turns, planned) ?? ifTooManyMove(planned) ?? refuseIfAnyRetired(planned) ?? ifOverlapping(planned);
  if (refusal) return refusal;

  planned.forEach(({ openings }, index) => {
    for (const opening of openings) openSlot(turns[index] as Turn, `slot_${newId()}` as SlotId, opening);
  });
  return answered(finishTurns(turns, part));
}

/** R17, and slots of which clocks that go forward leave nothing. The earliest is told. */
function ifNoTime(turns: readonly Turn[], planned: readonly PlannedDay[]): Refused | undefined {
  for (const [index, { day, openings }] of planned.entries()) {
    const { now } = turns[index] as Turn;
    for (const opening of openings) {
      if (isSkipped(opening)) {
        return wrong('sessions', `no time is left of ${nameOf(day, opening)}, since clocks go forward`);
      }
      if (isOver(opening, now)) return wrong('first_date', `${nameOf(day, opening)} would already have ended`);
    }
    const together = openings.find((opening, at) => openings.slice(0, at).some((other) => runTogether(opening, other)));
    if (together) {
      return wrong(
        'sessions',
        `${nameOf(day, together)} would run together with an earlier one, since clocks go forward`,
      );
    }
  }
  return undefined;
}

function nameOf({ date }: DoctorDay, { start, end }: Opening): string {
  return `the slot ${formatTimeOfDay(start)}-${formatTimeOfDay(end)} of ${date}`;
}

function ifTooManyMove(planned: readonly PlannedDay[]): Refused | undefined {
  const moves = planned.reduce((sum, plannedDay) => sum + movesMax(plannedDay), 0);
  if (moves <= MOVES_MAX) return undefined;
  return wrong(
    'last_date',
    `up to ${moves} waiting tokens would move, which is too much for one answer: name fewer days`,
  );
}

/** How many tokens the new slots of a day can take in at the most (R16). */
function movesMax({ day, openings }: PlannedDay): number {
  if (day.doctor.policy.rebalance === 'NEVER') return 0;
  const seats = openings.reduce((sum, { capacity }) => sum + capacity, 0);
  return Math.min(
    seats,
    day.slots.reduce((sum, { waiting }) => sum + waiting, 0),
  );
}

/** All days are of one doctor. */
function refuseIfAnyRetired(planned: readonly PlannedDay[]): Refused | undefined {
  return planned[0] && refuseIfRetired(planned[0].day);
}

function ifOverlapping(planned: readonly PlannedDay[]): Refused | undefined {
  for (const { day, openings } of planned) {
    const overlapped = overlappedBy(day, openings);
    if (overlapped) return refused('SLOT_OVERLAPS', { slotId: overlapped.id });
  }
  return undefined;
}

function wrong(field: string, description: string): Refused {
  return refused('INVALID_FIELDS', { violations: [{ field, description }] });
}
