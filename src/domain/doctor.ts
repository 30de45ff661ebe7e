/** Someone who sees patients, and the policy by which their tokens are moved about. */
import type { DoctorId } from './ids.js';
import type { Instant, TimeZone } from './time.js';

export type { DoctorId };

/** When DISPLACED tokens are seated in later slots (R7). */
export type RebalancePolicy = 'ON_EMERGENCY' | 'ALWAYS' | 'NEVER';

export interface AllocationPolicy {
  readonly rebalance: RebalancePolicy;
}

export const DEFAULT_POLICY: AllocationPolicy = { rebalance: 'ON_EMERGENCY' };

export interface Doctor {
  readonly id: DoctorId;
  readonly name: string;
  readonly department: string;
  readonly timeZone: TimeZone;
  readonly policy: AllocationPolicy;
  readonly createdAt: Instant;
}
