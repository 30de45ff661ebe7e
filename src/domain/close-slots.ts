/**
 * R13 for a span of days: the doctor is ill, or at a congress. All slots that are meant are closed together, so that each token is
 * displaced once, and nobody moves into a slot that the same command closes.
 */

import { closeTogether } from './closing.js';
import type { CloseSlots } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import { type Answer, answered, type Refused, refused } from './refusal.js';
import { beginTurn, type DayDecision, finishTurns, type WideCircumstances } from './several-days.js';
import type { Slot } from './slot.js';
import { datesBetween, type LocalDate, type TimeOfDay } from './time.js';
import type { TokenId } from './token.js';
import type { Turn } from './turn.js';

export interface SlotsToClose {
  readonly firstDate: LocalDate;
  /** Included. */
  readonly lastDate: LocalDate;
  /** Of each day, the slots that overlap `[start, end)`. */
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  readonly reason: string;
}

/** Live tokens that one call takes out of their slots, so that its answer fits one message. */
const TOKENS_MAX = 2_000;

export function datesToClose({ firstDate, lastDate }: SlotsToClose): LocalDate[] {
  return datesBetween(firstDate, lastDate);
}

/** Decides on all days together; answers with what happened on those that have a slot to close, in their order. */
export function closeSlots(
  days: readonly DoctorDay[],
  wanted: SlotsToClose,
  { now }: WideCircumstances,
): Answer<readonly DayDecision[]> {
  const part: CloseSlots = { kind: 'CloseSlots', reason: wanted.reason };
  const turns = days.map((day) => beginTurn(day, part, now));
  const slots = turns.map((turn) => slotsToClose(turn, wanted));
  const refusal = refuseTooMany(slots.flat()) ?? refuseNone(days, slots.flat());
  if (refusal) return refusal;

  turns.forEach((turn, index) => {
    const closing = slots[index] as Slot[];
    if (closing.length === 0) return;
    closeTogether(turn, closing);
    turn.leave(leftIn(closing));
  });
  return answered(finishTurns(turns, part));
}

/** Those that are closed already, or have ended, are passed over. */
function slotsToClose({ day, now }: Turn, { start, end }: SlotsToClose): Slot[] {
  return day.slots.filter((slot) => slot.isOpen(now) && slot.terms.start < end && start < slot.terms.end);
}

function refuseTooMany(slots: readonly Slot[]): Refused | undefined {
  const tokens = slots.reduce((sum, slot) => sum + slot.activeCount + slot.waiting, 0);
  if (tokens <= TOKENS_MAX) return undefined;
  const description = `${tokens} tokens would lose their slots, which is too much for one answer: name fewer days or hours`;
  return refused('INVALID_FIELDS', { violations: [{ field: 'last_date', description }] });
}

/** So that a wrong date or hour is noticed. */
function refuseNone([day]: readonly DoctorDay[], slots: readonly Slot[]): Refused | undefined {
  return day && slots.length === 0 ? refused('NO_OPEN_SLOT', { doctorId: day.doctor.id }) : undefined;
}

/** Who stays in a closed slot though the doctor is not there, by number: nothing has happened to some of them. */
function leftIn(closed: readonly Slot[]): TokenId[] {
  const left = closed.flatMap((slot) => [...slot.active(), ...slot.waitingQueue()]);
  left.sort((a, b) => a.number - b.number);
  return left.map(({ id }) => id);
}
