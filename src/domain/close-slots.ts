/**
 * R13 for a span of days: the doctor is ill, or at a congress. All slots that are meant are closed
 * together, so that each token is displaced once, and nobody moves into a slot that the same
 * command closes.
 */

import { closeTogether } from './closing.js';
import type { CloseSlots } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import type { Change } from './event.js';
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

/**
 * So many slots fit the answer to one call, which is one message of at most 4 MiB: each is in it
 * twice.
 */
const SLOTS_MAX = 12_000;
/**
 * A token takes as much of the answer as so many slots: it is in it up to three times, with a
 * longer text.
 */
const SLOTS_A_TOKEN = 6;

export function datesToClose({ firstDate, lastDate }: SlotsToClose): LocalDate[] {
  return datesBetween(firstDate, lastDate);
}

/**
 * Decides on all days together; answers with what happened on those that have a slot to close, in
 * their order.
 */
export function closeSlots(
  days: readonly DoctorDay[],
  wanted: SlotsToClose,
  { now }: WideCircumstances,
): Answer<readonly DayDecision[]> {
  const part: CloseSlots = { kind: 'CloseSlots', reason: wanted.reason };
  const turns = days.map((day) => beginTurn(day, part, now));
  const slots = turns.map((turn) => slotsToClose(turn, wanted));
  const refusal = refuseTooMany(turns, slots) ?? refuseNone(days, slots.flat());
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

function refuseTooMany(turns: readonly Turn[], slots: readonly (readonly Slot[])[]): Refused | undefined {
  const closing = slots.flat().length;
  const tokens = turns.reduce((sum, turn, index) => sum + tokensMax(turn, slots[index] as Slot[]), 0);
  if (closing + tokens * SLOTS_A_TOKEN <= SLOTS_MAX) return undefined;
  const what = `${closing} slots would be closed and up to ${tokens} tokens would change or be left`;
  const bound = `one answer holds ${SLOTS_MAX} slots, and a token counts as ${SLOTS_A_TOKEN} of them`;
  const description = `${what}, which is too much: ${bound}. Name fewer days or hours`;
  return refused('INVALID_FIELDS', { violations: [{ field: 'last_date', description }] });
}

/**
 * How many tokens the answer tells of at the most: those in the slots, and those elsewhere that an
 * emergency moves (R5, R7).
 */
function tokensMax({ day, now }: Turn, closing: readonly Slot[]): number {
  const own = closing.reduce((sum, { activeCount, waiting }) => sum + activeCount + waiting, 0);
  const active = closing.flatMap((slot) => slot.active());
  const emergencies = active.filter(({ source }) => source === 'EMERGENCY').length;
  if (emergencies === 0 || day.doctor.policy.rebalance === 'NEVER') return own + emergencies;
  const others = day.slots.filter((slot) => !closing.includes(slot));
  const waiting = others.reduce((sum, slot) => sum + slot.waiting, 0);
  const seats = others
    .filter((slot) => slot.isOpen(now))
    .reduce((sum, { capacity, seatsTaken }) => sum + Math.max(0, capacity - seatsTaken), 0);
  return own + emergencies + Math.min(waiting, seats);
}

/** So that a wrong date or hour is noticed. */
function refuseNone([day]: readonly DoctorDay[], slots: readonly Slot[]): Refused | undefined {
  return day && slots.length === 0 ? refused('NO_OPEN_SLOT', { doctorId: day.doctor.id }) : undefined;
}

/**
 * Who stays in a closed slot though the doctor is not there, by number: nothing has happened to
 * some of them.
 */
function leftIn(closed: readonly Slot[]): TokenId[] {
  const left = closed.flatMap((slot) => [...slot.active(), ...slot.waitingQueue()]);
  left.sort((a, b) => a.number - b.number);
  return left.map(({ id }) => id);
}

/**
 * What a change says wrongly of those whom CloseSlots left in its slots; `day` is as it stands
 * after the change.
 */
export function checkLeft(day: DoctorDay, { closed }: Change): string[] {
  if (!closed) return [];
  const said = closed.left.map(({ id }) => id);
  const found = leftIn(closed.slotIds.map((id) => day.slotOf(id)));
  if (said.join() === found.join()) return [];
  return [
    `R13: CloseSlots is said to have left ${said.join(', ') || 'nobody'}, and left ${found.join(', ') || 'nobody'}`,
  ];
}
