/**
 * A day in the outpatient department, told by a seed: drives a server over its gRPC connection on a virtual clock, watches
 * its queues, and checks I1 to I9 from outside as it goes. One command at a time; the same seed gives the same day.
 */
import type { AllocationPolicy } from '../domain/doctor.js';
import { Agenda } from './agenda.js';
import { doctorProfile } from './doctors.js';
import { DoctorsDay } from './doctors-day.js';
import { Random } from './random.js';
import type { Reception } from './reception.js';
import { DATE, type DAWN, ZONE } from './scene.js';
import type { DaySummary } from './summary.js';
import type { TimelineEntry } from './timeline.js';
import type { VirtualClock } from './virtual-clock.js';
import type { Checks } from './witness.js';

export interface OpdDayTerms {
  readonly reception: Reception;
  /** The server's own clock, at {@link DAWN}. */
  readonly clock: VirtualClock;
  /** Has the server see to what is due by that clock; resolves when it is done. */
  readonly letTimePass: () => Promise<unknown>;
  /** 0 to SEED_MAX. */
  readonly seed: number;
  /** How many, 1 to DOCTORS_MAX. */
  readonly doctors: number;
  /** Told of each entry of the timeline as it comes about. */
  readonly tell?: (entry: TimelineEntry) => void;
}

export interface DoctorReport {
  /** What the timeline calls the doctor. */
  readonly label: string;
  readonly name: string;
  readonly department: string;
  readonly policy: AllocationPolicy;
  readonly summary: DaySummary;
}

export interface OpdDayReport {
  readonly seed: number;
  readonly date: string;
  readonly timeZone: string;
  readonly doctors: readonly DoctorReport[];
  readonly timeline: readonly TimelineEntry[];
  readonly checks: Checks;
}

/** Runs the day to its end. Rejects with BrokenInvariant at the first thing that is not as it should be. */
export async function runOpdDay(terms: OpdDayTerms): Promise<OpdDayReport> {
  const { reception, clock, letTimePass, seed, doctors, tell } = terms;
  const timeline: TimelineEntry[] = [];
  const agenda = new Agenda(clock);
  const hospital = {
    reception,
    agenda,
    letTimePass,
    date: DATE,
    zone: ZONE,
    tell(entry: TimelineEntry) {
      timeline.push(entry);
      tell?.(entry);
    },
  };
  const days: DoctorsDay[] = [];
  for (let number = 0; number < doctors; number += 1) {
    const random = new Random(seed, number);
    days.push(await DoctorsDay.open(hospital, doctorProfile(number, random), random));
  }
  await agenda.run();
  const reports = days.map(({ profile: { label, name, department, policy }, summary }) => ({
    ...{ label, name, department, policy, summary },
  }));
  return { seed, date: DATE, timeZone: ZONE, doctors: reports, timeline, checks: together(days) };
}

function together(days: readonly DoctorsDay[]): Checks {
  const sum = (of: (checks: Checks) => number) => days.reduce((total, { checks }) => total + of(checks), 0);
  return {
    commands: sum(({ commands }) => commands),
    acts: sum(({ acts }) => acts),
    refusals: sum(({ refusals }) => refusals),
    repeats: sum(({ repeats }) => repeats),
    comparisons: sum(({ comparisons }) => comparisons),
  };
}
