/** Policies worth comparing, by name. */
import { type AllocationPolicy, DEFAULT_POLICY } from '../domain/doctor.js';

const MINUTE = 60_000;

/** Each differs from the default, `on-emergency`, in what its name says. */
export const POLICIES = {
  'on-emergency': DEFAULT_POLICY,
  always: { ...DEFAULT_POLICY, rebalance: 'ALWAYS' },
  never: { ...DEFAULT_POLICY, rebalance: 'NEVER' },
  // R22.
  grace: { ...DEFAULT_POLICY, noShowGraceMilliseconds: 10 * MINUTE },
  // R23: an hour is worth as much as the next source.
  aging: { ...DEFAULT_POLICY, agingPointsPerHour: 20 },
  // R24.
  protective: { ...DEFAULT_POLICY, protectCheckedIn: true, displacementsMax: 1 },
} as const satisfies Record<string, AllocationPolicy>;

export type PolicyName = keyof typeof POLICIES;

export const POLICY_NAMES = Object.keys(POLICIES) as PolicyName[];
