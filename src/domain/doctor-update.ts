/** What may be changed of a doctor, and what comes of it. */
import type { AllocationPolicy, Doctor } from './doctor.js';
import type { Instant, TimeZone } from './time.js';

/** What is not named stays as it is. */
export interface DoctorUpdate {
  readonly name?: string;
  readonly department?: string;
  /** The terms that are to change; a grace that is named and undefined is to be none. */
  readonly policy?: Partial<AllocationPolicy>;
  /** Changes only while no slot is to come, see {@link changesZone}. */
  readonly timeZone?: TimeZone;
  readonly isRetired?: boolean;
}

/**
 * The doctor as an update leaves it.
 *
 * @param now since when a policy that has really changed is what it is; later where the one before is not older, since clocks are put
 *     back and servers' clocks differ: which of two policies is the newer is always told by that
 */
export function updated(doctor: Doctor, update: DoctorUpdate, now: Instant): Doctor {
  const policy = { ...doctor.policy, ...update.policy };
  const policySince = isSamePolicy(policy, doctor.policy)
    ? doctor.policySince
    : (Math.max(now, doctor.policySince + 1) as Instant);
  return {
    ...doctor,
    name: update.name ?? doctor.name,
    department: update.department ?? doctor.department,
    policy,
    policySince,
    timeZone: update.timeZone ?? doctor.timeZone,
    isRetired: update.isRetired ?? doctor.isRetired,
  };
}

/**
 * Whether an update moves the doctor to another time zone. The slots of a doctor were resolved in
 * the old zone, so this is refused (DOCTOR_HAS_SLOTS) while a slot of the doctor has not ended, or
 * somebody is still in it: the end of that day (R21) would be another, and could be past.
 */
export function changesZone(doctor: Doctor, { timeZone }: DoctorUpdate): boolean {
  return timeZone !== undefined && timeZone !== doctor.timeZone;
}

/**
 * Whether an update may change when something is next due on the doctor's days: by the policy (R22)
 * or the zone (R21).
 */
export function changesDue(before: Doctor, after: Doctor): boolean {
  return !isSamePolicy(before.policy, after.policy) || before.timeZone !== after.timeZone;
}

export function isSamePolicy(a: AllocationPolicy, b: AllocationPolicy): boolean {
  return (Object.keys(a) as (keyof AllocationPolicy)[]).every((term) => a[term] === b[term]);
}
