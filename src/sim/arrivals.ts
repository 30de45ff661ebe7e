/**
 * When patients ask for tokens: a Poisson process for each source, whose rate rises and falls over the day.
 *
 * | source    | tokens per seat | from, to                                  | course                                        |
 * | --------- | --------------- | ----------------------------------------- | --------------------------------------------- |
 * | ONLINE    | 0.50            | 2½ h before opening, opening              | twice as busy at the end                      |
 * | FOLLOW_UP | 0.15            | 2 h before opening, half of the day       | even                                          |
 * | PAID      | 0.18            | 1 h before opening, seven eighths         | even                                          |
 * | WALK_IN   | 0.38            | ¼ h before opening, three quarters        | a peak at one eighth, six times the end's rate |
 * | EMERGENCY | 0.06            | opening, closing                          | even                                          |
 *
 * Fractions are of the time from opening to closing. Together that is a quarter more than there are seats: queues form, and
 * not all who wait are seated. A road accident comes on top.
 */
import type { TokenSource } from '../domain/token.js';
import { closingTime, type DoctorProfile } from './doctors.js';
import type { Random } from './random.js';

/** Minutes since local midnight, and how busy it is then; in between, busyness changes evenly. By time. */
type Course = readonly (readonly [minute: number, busyness: number])[];

interface Demand {
  /** Tokens asked for, on average, for each seat of the day. */
  readonly perSeat: number;
  readonly course: (opens: number, lasts: number) => Course;
}

const DEMAND: Readonly<Record<TokenSource, Demand>> = {
  ONLINE: {
    perSeat: 0.5,
    course: (opens) => [
      [opens - 150, 1],
      [opens, 2],
    ],
  },
  FOLLOW_UP: {
    perSeat: 0.15,
    course: (opens, lasts) => [
      [opens - 120, 1],
      [opens + lasts / 2, 1],
    ],
  },
  PAID: {
    perSeat: 0.18,
    course: (opens, lasts) => [
      [opens - 60, 1],
      [opens + (lasts * 7) / 8, 1],
    ],
  },
  WALK_IN: {
    perSeat: 0.38,
    course: (opens, lasts) => [
      [opens - 15, 2],
      [opens + lasts / 8, 6],
      [opens + lasts / 3, 2],
      [opens + (lasts * 3) / 4, 1],
    ],
  },
  EMERGENCY: {
    perSeat: 0.06,
    course: (opens, lasts) => [
      [opens, 1],
      [opens + lasts, 1],
    ],
  },
};

export const SOURCES = Object.keys(DEMAND) as TokenSource[];

/** The minutes since midnight at which tokens of a source are asked for. */
export function arrivals(doctor: DoctorProfile, source: TokenSource, random: Random): number[] {
  const { perSeat, course } = DEMAND[source];
  const seats = doctor.capacity * doctor.slotCount;
  return poisson(course(doctor.opens, closingTime(doctor) - doctor.opens), perSeat * seats, random);
}

/**
 * Draws from a process that brings `expected` on average over a course. By thinning: arrivals are drawn at the highest rate
 * throughout, and each is kept with the probability that the rate at its time is of the highest.
 */
export function poisson(course: Course, expected: number, random: Random): number[] {
  const [start, end] = [course[0]?.[0] ?? 0, course.at(-1)?.[0] ?? 0];
  const busiest = Math.max(...course.map(([, busyness]) => busyness));
  const highestRate = (expected * busiest) / area(course);
  const kept: number[] = [];
  for (let minute = start + random.wait(highestRate); minute < end; minute += random.wait(highestRate)) {
    if (random.chance(busynessAt(course, minute) / busiest)) kept.push(minute);
  }
  return kept;
}

function busynessAt(course: Course, minute: number): number {
  for (const [[from, before], [to, after]] of stretches(course)) {
    if (minute <= to) return before + ((after - before) * (minute - from)) / (to - from);
  }
  return 0;
}

function area(course: Course): number {
  return stretches(course).reduce(
    (sum, [[from, before], [to, after]]) => sum + ((to - from) * (before + after)) / 2,
    0,
  );
}

function stretches(course: Course): (readonly [Course[number], Course[number]])[] {
  return course.slice(1).map((after, index) => [course[index] as Course[number], after] as const);
}
