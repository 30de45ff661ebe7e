/** Someone who sees patients, and the policy by which their tokens are moved about. */
import type { DoctorId } from './ids.js';
import type { Instant, TimeZone } from './time.js';
import type { Token } from './token.js';

export type { DoctorId };

/** When DISPLACED tokens are seated in later slots (R7). */
export type RebalancePolicy = 'ON_EMERGENCY' | 'ALWAYS' | 'NEVER';

export interface AllocationPolicy {
  readonly rebalance: RebalancePolicy;
  /**
   * R22: how long after its slot's start, or after getting its seat, an ACTIVE token whose patient is not here becomes a
   * NO_SHOW; undefined: never.
   */
  readonly noShowGraceMilliseconds: number | undefined;
  /** R23: by how many points strength grows each hour since issue; 0 to 1,000. */
  readonly agingPointsPerHour: number;
  /** R24: whether a token whose patient is here is displaced by emergencies only. */
  readonly protectCheckedIn: boolean;
  /** R24: how often a token may be displaced before only emergencies displace it; 0 to 1,000; 0: no limit. */
  readonly displacementsMax: number;
}

export const DEFAULT_POLICY: AllocationPolicy = {
  rebalance: 'ON_EMERGENCY',
  noShowGraceMilliseconds: undefined,
  agingPointsPerHour: 0,
  protectCheckedIn: false,
  displacementsMax: 0,
};

/** A policy, and since when it has been what it is. */
export interface PolicyTerms {
  readonly policy: AllocationPolicy;
  readonly policySince: Instant;
}

export interface Doctor extends PolicyTerms {
  readonly id: DoctorId;
  readonly name: string;
  readonly department: string;
  readonly timeZone: TimeZone;
  readonly createdAt: Instant;
  /** Sees no more patients: gets no new slots and no new tokens. What exists goes on. */
  readonly isRetired: boolean;
}

/** R24: whether a policy ever has a token displaced by emergencies only. */
export function protectsSome({ protectCheckedIn, displacementsMax }: AllocationPolicy): boolean {
  return protectCheckedIn || displacementsMax > 0;
}

/** R24: whether a policy has this token displaced by emergencies only. Once it is so, it stays so. */
export function protects({ protectCheckedIn, displacementsMax }: AllocationPolicy, token: Token): boolean {
  if (protectCheckedIn && token.checkedInAt !== undefined) return true;
  return displacementsMax > 0 && token.displacements >= displacementsMax;
}
