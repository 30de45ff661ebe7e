/** What may be changed of a doctor, and what comes of it. */
import type { AllocationPolicy, Doctor } from './doctor.js';
import type { Instant } from './time.js';

/** What is not named stays as it is. */
export interface DoctorUpdate {
  readonly name?: string;
  readonly department?: string;
  /** The terms that are to change; a grace that is named and undefined is to be none. */
  readonly policy?: Partial<AllocationPolicy>;
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
  };
}

export function isSamePolicy(a: AllocationPolicy, b: AllocationPolicy): boolean {
  return (Object.keys(a) as (keyof AllocationPolicy)[]).every((term) => a[term] === b[term]);
}
