/** The terms of an allocation policy, checked one by one: each by its name in the proto, so that a field mask may name it. */
import type { AllocationPolicy as WirePolicy } from '../../gen/opd/v1/resources.js';
import { type AllocationPolicy, DEFAULT_POLICY } from '../domain/doctor.js';
import type { FieldCheck } from './field-check.js';

const GRACE_SECONDS_MAX = 24 * 60 * 60;
const COUNT_MAX = 1_000;

/** Reads one term out of a policy; what is not set takes its default. */
type Term = (check: FieldCheck, path: string, policy: Partial<WirePolicy>) => Partial<AllocationPolicy>;

const TERMS = {
  rebalance: (check, path, { rebalance }) => ({
    rebalance: DEFAULT_POLICY.rebalance,
    ...check.rebalance(path, rebalance),
  }),
  no_show_grace: (check, path, { noShowGrace }) => ({
    noShowGraceMilliseconds: noShowGrace && grace(check, path, noShowGrace),
  }),
  aging_points_per_hour: (check, path, { agingPointsPerHour = 0 }) => ({
    agingPointsPerHour: count(check, path, agingPointsPerHour),
  }),
  protect_checked_in: (_check, _path, { protectCheckedIn = false }) => ({ protectCheckedIn }),
  max_displacements: (check, path, { maxDisplacements = 0 }) => ({
    displacementsMax: count(check, path, maxDisplacements),
  }),
} satisfies Readonly<Record<string, Term>>;

export type TermName = keyof typeof TERMS;
export const TERM_NAMES = Object.keys(TERMS) as readonly TermName[];

/** The terms of these names. Those that are not named are not looked at. */
export function policyTerms(
  check: FieldCheck,
  policy: WirePolicy | undefined,
  names: readonly TermName[] = TERM_NAMES,
): Partial<AllocationPolicy> {
  return Object.assign({}, ...names.map((name) => TERMS[name](check, `policy.${name}`, policy ?? {})));
}

/** In milliseconds; what is finer is cut off. */
function grace(check: FieldCheck, path: string, { seconds, nanos }: NonNullable<WirePolicy['noShowGrace']>): number {
  const isWithin = seconds >= 1 && (seconds < GRACE_SECONDS_MAX || (seconds === GRACE_SECONDS_MAX && nanos === 0));
  if (!isWithin || nanos < 0 || nanos > 999_999_999) check.violation(path, 'must be 1 second to 24 hours');
  return seconds * 1_000 + Math.floor(nanos / 1_000_000);
}

function count(check: FieldCheck, path: string, count: number): number {
  if (count < 0 || count > COUNT_MAX) check.violation(path, 'must be 0 to 1,000');
  return count;
}
