/** The doctors of the simulated day: three whom everybody knows, and as many more as are asked for. */
import { type AllocationPolicy, DEFAULT_POLICY, type RebalancePolicy } from '../domain/doctor.js';
import { parseTimeOfDay, type TimeOfDay } from '../domain/time.js';
import type { Random } from './random.js';

export interface DoctorProfile {
  readonly name: string;
  readonly department: string;
  /** What a line of the timeline calls the doctor. */
  readonly label: string;
  readonly opens: TimeOfDay;
  readonly slotMinutes: number;
  readonly slotCount: number;
  /** Of each slot. */
  readonly capacity: number;
  readonly policy: AllocationPolicy;
  /** How many emergencies a road accident brings at once; 0 where it brings them elsewhere. */
  readonly accidentVictims: number;
  /** Whether it is this one whom the ward calls away at noon. */
  readonly isCalledAway: boolean;
}

const GRACE_MILLISECONDS = 10 * 60_000;

/** They differ in hours, slots, capacities and policies, so that each policy can be seen at work. */
const NAMED: readonly DoctorProfile[] = [
  {
    name: 'Dr Meera Iyer',
    department: 'General Medicine',
    label: 'General',
    opens: timeOfDay('09:00'),
    slotMinutes: 30,
    slotCount: 8,
    capacity: 6,
    policy: { ...DEFAULT_POLICY, noShowGraceMilliseconds: GRACE_MILLISECONDS },
    accidentVictims: 0,
    isCalledAway: true,
  },
  {
    name: 'Dr Arjun Nair',
    department: 'Orthopaedics',
    label: 'Ortho',
    opens: timeOfDay('09:30'),
    slotMinutes: 45,
    slotCount: 4,
    capacity: 4,
    policy: { ...DEFAULT_POLICY, rebalance: 'ALWAYS', protectCheckedIn: true },
    accidentVictims: 6,
    isCalledAway: false,
  },
  {
    name: 'Dr Leela Thomas',
    department: 'Paediatrics',
    label: 'Paeds',
    opens: timeOfDay('10:00'),
    slotMinutes: 20,
    slotCount: 9,
    capacity: 3,
    policy: { ...DEFAULT_POLICY, rebalance: 'NEVER', agingPointsPerHour: 20 },
    accidentVictims: 0,
    isCalledAway: false,
  },
];

/** Department, label and doctor of those who come after. */
const FURTHER: readonly (readonly [string, string, string])[] = [
  ['Dermatology', 'Skin', 'Dr Kabir Sethi'],
  ['Ear, Nose and Throat', 'ENT', 'Dr Nisha Menon'],
  ['Ophthalmology', 'Eyes', 'Dr Rohan Das'],
  ['Cardiology', 'Heart', 'Dr Farah Khan'],
  ['Gynaecology', 'Gynae', 'Dr Sunita Rao'],
  ['Dentistry', 'Dental', 'Dr Vikram Bose'],
  ['Neurology', 'Neuro', 'Dr Tara Pillai'],
  ['Urology', 'Urology', 'Dr Imran Sheikh'],
  ['Pulmonology', 'Lungs', 'Dr Anita Joshi'],
  ['Nephrology', 'Renal', 'Dr Dev Malhotra'],
  ['Gastroenterology', 'Gastro', 'Dr Priya Kurian'],
  ['Endocrinology', 'Endo', 'Dr Sameer Gupta'],
  ['Oncology', 'Onco', 'Dr Lata Hegde'],
  ['Rheumatology', 'Rheuma', 'Dr Joseph Mathew'],
  ['Psychiatry', 'Psych', 'Dr Zoya Ansari'],
  ['General Surgery', 'Surgery', 'Dr Harish Patel'],
  ['Physiotherapy', 'Physio', 'Dr Kavya Reddy'],
];

const REBALANCE: readonly RebalancePolicy[] = ['ON_EMERGENCY', 'ALWAYS', 'NEVER'];

export const DOCTORS_MAX = NAMED.length + FURTHER.length;

/** The doctor of that number, from 0 up to, but not, {@link DOCTORS_MAX}; beyond the first three, hours and slots are drawn. */
export function doctorProfile(number: number, random: Random): DoctorProfile {
  const named = NAMED[number];
  if (named) return named;
  const further = FURTHER[number - NAMED.length];
  if (!further) throw new RangeError(`there are only ${DOCTORS_MAX} doctors`);
  const [department, label, name] = further;
  const slotMinutes = random.pick([15, 20, 30, 45, 60]) ?? 30;
  return {
    name,
    department,
    label,
    opens: (random.between(16, 28) * 30) as TimeOfDay,
    slotMinutes,
    slotCount: Math.floor((random.between(4, 8) * 30) / slotMinutes),
    capacity: Math.max(1, Math.round((slotMinutes / 60) * random.between(6, 12))),
    policy: { ...DEFAULT_POLICY, rebalance: random.pick(REBALANCE) ?? 'ON_EMERGENCY' },
    accidentVictims: 0,
    isCalledAway: false,
  };
}

/** When the last slot ends. */
export function closingTime({ opens, slotMinutes, slotCount }: DoctorProfile): TimeOfDay {
  return (opens + slotMinutes * slotCount) as TimeOfDay;
}

function timeOfDay(text: string): TimeOfDay {
  return parseTimeOfDay(text) as TimeOfDay;
}
