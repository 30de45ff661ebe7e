/**
 * Many days in the outpatient department on the engine in process, for each of several policies: the same patients come, at the same
 * times and with the same habits, whatever the policy, so that what differs is its doing.
 */

import type { AllocationPolicy } from '../domain/doctor.js';
import type { Recorded } from '../domain/turn.js';
import { Agenda } from './agenda.js';
import { ClinicDay, type Visit } from './clinic-day.js';
import { Figures, type FiguresReport } from './day-figures.js';
import { type DayPlan, maybeCalledAway, planDay } from './day-plan.js';
import { type DoctorProfile, doctorProfile } from './doctors.js';
import { EngineCounter } from './engine-counter.js';
import { doctorOf, openingOf } from './opening.js';
import { POLICIES, type PolicyName } from './policies.js';
import { Random, SEED_MAX } from './random.js';
import { DATE, DAWN, ZONE } from './scene.js';
import { VirtualClock } from './virtual-clock.js';

/** The share of days on which a road accident brings emergencies, to the doctor to whom it ever does. */
const ACCIDENT = 0.1;

export interface ClinicDaysTerms {
  readonly days: number;
  /** How many, 1 to DOCTORS_MAX. */
  readonly doctors: number;
  /** 0 to SEED_MAX. */
  readonly seed: number;
  readonly policies: readonly PolicyName[];
  /** Told after each day; the next begins when this has settled. */
  readonly onDay?: (done: number) => Promise<void>;
}

export interface PolicyReport extends FiguresReport {
  readonly name: PolicyName;
  readonly policy: AllocationPolicy;
}

export interface ClinicDaysReport {
  readonly days: number;
  readonly doctors: number;
  readonly seed: number;
  readonly policies: readonly PolicyReport[];
}

/** Plays all days. Rejects with BrokenInvariant at the first thing that is not as it should be. */
export async function runClinicDays(terms: ClinicDaysTerms): Promise<ClinicDaysReport> {
  const { days, doctors, seed, policies, onDay } = terms;
  const clinics = Array.from({ length: doctors }, (_, number) => new Clinic(seed, number));
  const trials = policies.map((name) => ({ name, policy: POLICIES[name], figures: new Figures() }));
  const leaving = clinics.filter(({ profile }) => maybeCalledAway(profile));
  for (let day = 0; day < days; day += 1) {
    // Each day one doctor is called away, one after the other.
    const away = leaving[day % leaving.length];
    for (const clinic of clinics) {
      const plan = clinic.plan(clinic === away);
      for (const { policy, figures } of trials) await clinic.play(plan, policy, figures);
    }
    await onDay?.(day + 1);
  }
  const reports = trials.map(({ name, policy, figures }) => ({ name, policy, ...figures.report() }));
  return { days, doctors, seed, policies: reports };
}

/** One doctor, day after day. */
class Clinic {
  readonly profile: DoctorProfile;
  readonly #random: Random;
  readonly #opening: readonly Recorded[];

  constructor(seed: number, number: number) {
    this.#random = new Random(seed, number);
    this.profile = doctorProfile(number, this.#random);
    this.#opening = openingOf(this.profile);
  }

  /** What the next day brings. */
  plan(isCalledAway: boolean): DayPlan {
    const random = new Random(this.#random.between(0, SEED_MAX), 0);
    const hasAccident = this.profile.accidentVictims > 0 && random.chance(ACCIDENT);
    return planDay(this.profile, random, { hasAccident, isCalledAway });
  }

  async play(plan: DayPlan, policy: AllocationPolicy, figures: Figures): Promise<void> {
    const { profile } = this;
    const clock = new VirtualClock(DAWN);
    const agenda = new Agenda(clock);
    const counter = new EngineCounter({
      doctor: doctorOf(profile, policy),
      date: DATE,
      opening: this.#opening,
      clock,
      onChange: (change) => figures.note(change),
    });
    const onVisit = (visit: Visit) => figures.noteVisit(visit);
    const day = new ClinicDay({ agenda, counter, plan, profile, date: DATE, zone: ZONE, onVisit });
    day.begin();
    await agenda.run();
    counter.check();
    figures.noteDay({ seats: profile.slotCount * profile.capacity, overtimeMilliseconds: day.overtimeMilliseconds });
  }
}
