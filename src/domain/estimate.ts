/**
 * R25: when somebody may expect to be called. It is reckoned as on the clock in a waiting room:
 * whoever is with the doctor is finished with, and then those ahead take the doctor's pace each, in
 * the order of calling.
 *
 * That is the queue-length estimator (Ibrahim and Whitt 2009, M&SOM 11, 397–415): those ahead and
 * the one in service, times the mean time of service. Of the one in service only what is left of
 * that time is counted: consultations do not begin anew all the time, as exponential ones would.
 */
import { calledFirst, calledInSlot } from './calling-order.js';
import type { DoctorDay } from './doctor-day.js';
import type { Slot, SlotId } from './slot.js';
import type { Instant } from './time.js';
import { isLive, type Token, type TokenId } from './token.js';

export interface QueueEstimate {
  /** Live tokens that would be called before it; whoever is with the doctor is none of them. */
  readonly ahead: number;
  /**
   * Should all go quickly. Like `expected` never past; and never before its slot starts, but for an
   * emergency who is here.
   */
  readonly earliest: Instant;
  readonly expected: Instant;
}

/** So many consultations must have been completed before the doctor's own pace counts. */
const CONSULTATIONS_MIN = 3;
/** `earliest` reckons with this part of the pace. */
const QUICK = 0.8;

/**
 * Looks at a day as it is at an instant, and answers for one token of it after another, as long as the day stays as it is;
 * with undefined for those whom nobody waits to call: who is with the doctor, and who is no longer live. Costs a look at each
 * slot, and an ordering of those slots whose tokens are asked for: all of a day costs hardly more than one.
 */
export function estimator(day: DoctorDay, now: Instant): (token: Token) => QueueEstimate | undefined {
  const { first, stretches } = callOrder(day, Math.max(now, day.changedAt) as Instant);
  const places = new Map<SlotId, ReadonlyMap<TokenId, number>>();
  return (token) => {
    const stretch = stretches.get(token.slotId);
    if (!stretch || !isLive(token) || token.status === 'SERVING') return undefined;
    const head = first.get(token.id);
    if (head) return head;
    const inSlot = places.get(token.slotId) ?? placesIn(stretch);
    places.set(token.slotId, inSlot);
    const place = inSlot.get(token.id);
    return place === undefined ? undefined : estimateAt(stretch, place);
  };
}

/** The day's calls in their order. */
interface CallOrder {
  /** Those who are called first, whatever their slots. */
  readonly first: ReadonlyMap<TokenId, QueueEstimate>;
  readonly stretches: ReadonlyMap<SlotId, Stretch>;
}

/** The doctor's work in one slot, without those who are called first. */
interface Stretch {
  readonly slot: Slot;
  readonly isOpen: boolean;
  /** Those ahead of all its tokens. */
  readonly ahead: number;
  readonly earliestStart: number;
  readonly expectedStart: number;
  readonly paceMilliseconds: number;
}

/**
 * First the emergencies who are here, from when the doctor works. Then one slot after another: each
 * begins at its start, or when the work before it is done, whichever is later.
 */
function callOrder(day: DoctorDay, now: Instant): CallOrder {
  const stretches = new Map<SlotId, Stretch>();
  const first = new Map<TokenId, QueueEstimate>();
  let [earliest, expected] = [now + remaining(day, now, QUICK), now + remaining(day, now, 1)];
  const worksFrom = workBegins(day, now);
  for (const { id, slotId } of calledFirst(day.slots, day.strength.compare)) {
    [earliest, expected] = [Math.max(earliest, worksFrom), Math.max(expected, worksFrom)];
    first.set(id, { ahead: first.size, earliest: toSecond(earliest), expected: toSecond(expected) });
    const pace = paceIn(day, day.slotOf(slotId));
    [earliest, expected] = [earliest + QUICK * pace, expected + pace];
  }
  let ahead = first.size;
  for (const slot of day.slots) {
    const paceMilliseconds = paceIn(day, slot);
    const isOpen = slot.isOpen(now);
    const earliestStart = Math.max(earliest, slot.terms.startsAt);
    const expectedStart = Math.max(expected, slot.terms.startsAt);
    stretches.set(slot.id, { slot, isOpen, ahead, earliestStart, expectedStart, paceMilliseconds });
    const tokens = isOpen
      ? slot.activeCount + slot.waiting - slot.emergenciesHere().length
      : calledInSlot(slot).filter(isReckonedWith).length;
    if (tokens === 0) continue;
    ahead += tokens;
    earliest = earliestStart + tokens * QUICK * paceMilliseconds;
    expected = expectedStart + tokens * paceMilliseconds;
  }
  return { first, stretches };
}

/**
 * When the doctor next works: when the first slot starts that is open, or in which somebody is left
 * over.
 */
function workBegins({ slots }: DoctorDay, now: Instant): number {
  const next = slots.find((slot) => slot.isOpen(now) || slot.active().some(isReckonedWith));
  return next ? next.terms.startsAt : now;
}

/** What is left of the consultation that is going on; nothing, where it has taken longer than the pace already. */
function remaining(day: DoctorDay, now: Instant, share: number): number {
  const { serving } = day;
  if (serving?.calledAt === undefined) return 0;
  const pace = paceIn(day, day.slotOf(serving.slotId)) * share;
  return Math.max(0, pace - (now - serving.calledAt));
}

/** The mean of the latest consultations; until there are enough, what the slot has planned for each of its seats. */
function paceIn({ latestConsultations }: DoctorDay, { terms, capacity }: Slot): number {
  const count = latestConsultations.length;
  if (count < CONSULTATIONS_MIN) return (terms.endsAt - terms.startsAt) / capacity;
  return latestConsultations.reduce((sum, milliseconds) => sum + milliseconds, 0) / count;
}

/** In the order of calling, after those who are called first. */
function placesIn({ slot, isOpen }: Stretch): ReadonlyMap<TokenId, number> {
  const places = new Map<TokenId, number>();
  let place = 0;
  for (const token of calledInSlot(slot)) {
    places.set(token.id, place);
    if (isOpen || isReckonedWith(token)) place += 1;
  }
  return places;
}

/** In a slot that is closed or has ended, nobody waits for those who are not here, or have no seat, to be called. */
function isReckonedWith({ status, source, checkedInAt }: Token): boolean {
  return status === 'ACTIVE' && (checkedInAt !== undefined || source === 'EMERGENCY');
}

function estimateAt(stretch: Stretch, place: number): QueueEstimate {
  const { ahead, earliestStart, expectedStart, paceMilliseconds } = stretch;
  return {
    ahead: ahead + place,
    earliest: toSecond(earliestStart + place * QUICK * paceMilliseconds),
    expected: toSecond(expectedStart + place * paceMilliseconds),
  };
}

/** Upwards, so that it is never past. Nobody in a waiting room reckons in less, and a queue of thousands is sent the smaller. */
function toSecond(milliseconds: number): Instant {
  return (Math.ceil(milliseconds / 1_000) * 1_000) as Instant;
}
