/**
 * What a day brings to one doctor, drawn before it begins: who will come, when, and how each will behave. What comes of it is for
 * the rules to say; so the same day can be played under several policies.
 */
import type { TokenSource } from '../domain/token.js';
import { arrivals, SOURCES } from './arrivals.js';
import type { DoctorProfile } from './doctors.js';
import { type Patient, Patients } from './patients.js';
import { type Random, SEED_MAX } from './random.js';

/** The share of emergencies that are patients who have asked for a token already (R19, where they still have it). */
const TAKEN_ILL_WAITING = 0.3;
const NOON = 12 * 60;

/** Somebody asks for a token. */
export interface Asking {
  /** Since local midnight. */
  readonly minute: number;
  readonly source: TokenSource;
  readonly patient: Patient;
  /** A seed for which slot to ask for, so that tastes are the same whatever is free. */
  readonly taste: number;
}

export interface DayPlan {
  readonly patients: Patients;
  /** By minute. */
  readonly askings: readonly Asking[];
  readonly accident: { readonly minute: number; readonly victims: number } | undefined;
  /** When the doctor is called away, until the slot of that minute ends; undefined where that does not happen. */
  readonly calledAwayAtMinute: number | undefined;
}

export interface DayTerms {
  readonly hasAccident: boolean;
  readonly isCalledAway: boolean;
}

export function planDay(doctor: DoctorProfile, random: Random, { hasAccident, isCalledAway }: DayTerms): DayPlan {
  const patients = new Patients(doctor.label.toUpperCase(), random);
  const accident = hasAccident ? planAccident(doctor, random) : undefined;
  const comings = [
    ...SOURCES.flatMap((source) => arrivals(doctor, source, random).map((minute) => ({ minute, source }))),
    ...victims(doctor, accident, random),
  ].sort((a, b) => a.minute - b.minute);
  const askings: Asking[] = [];
  for (const { minute, source } of comings) {
    const before = askings.filter((asking) => asking.source !== 'EMERGENCY');
    const known = source === 'EMERGENCY' && random.chance(TAKEN_ILL_WAITING) ? random.pick(before) : undefined;
    const patient = known?.patient ?? patients.welcome(source);
    askings.push({ minute, source, patient, taste: random.between(0, SEED_MAX) });
  }
  return { patients, askings, accident, calledAwayAtMinute: isCalledAway ? NOON : undefined };
}

/** Whether a doctor who is called away at noon has a slot to close then, and a later one for its patients. */
export function maybeCalledAway({ opens, slotMinutes, slotCount }: DoctorProfile): boolean {
  return opens <= NOON && NOON < opens + slotMinutes * (slotCount - 1);
}

/** Early in some slot, but not in the last: those who make way are to have somewhere to go. */
function planAccident({ opens, slotMinutes, slotCount, accidentVictims }: DoctorProfile, random: Random) {
  const minute = opens + slotMinutes * random.between(0, Math.max(0, slotCount - 2)) + slotMinutes / 8;
  return { minute, victims: accidentVictims };
}

/** They are brought in within half a slot. */
function victims({ slotMinutes }: DoctorProfile, accident: DayPlan['accident'], random: Random) {
  return Array.from({ length: accident?.victims ?? 0 }, () => {
    const minute = (accident?.minute ?? 0) + (random.fraction() * slotMinutes) / 2;
    return { minute, source: 'EMERGENCY' as const };
  });
}
