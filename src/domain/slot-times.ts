/** When a slot is, and what is told of it. */
import type { SlotId } from './ids.js';
import type { Instant, TimeOfDay } from './time.js';

/** `[start, end)`. */
export interface SlotTimes {
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  /**
   * `start` and `end` as instants. They are kept with the slot, so that a change of zone rules
   * moves no slot that has begun. A slot that has not begun is retimed (R17).
   */
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** What is said when a slot is created. */
export interface SlotTerms extends SlotTimes {
  readonly id: SlotId;
  /** 1 to 1,000. It may change later (R12). */
  readonly capacity: number;
}

/** A slot as it stood at one moment. */
export interface SlotSummary extends SlotTerms {
  /** R13: the doctor is called away. */
  readonly isClosed: boolean;
  readonly seatsTaken: number;
  readonly waiting: number;
  /** Set if the slot was deleted. */
  readonly isDeleted?: true;
}

export function hasSameTimes(a: SlotTimes, b: SlotTimes): boolean {
  return a.start === b.start && a.end === b.end && a.startsAt === b.startsAt && a.endsAt === b.endsAt;
}

/** Whether two slots run at the same time, whatever their local times say. */
export function runTogether(
  a: Pick<SlotTimes, 'startsAt' | 'endsAt'>,
  b: Pick<SlotTimes, 'startsAt' | 'endsAt'>,
): boolean {
  return a.startsAt < b.endsAt && b.startsAt < a.endsAt;
}
