/**
 * A policy in a few words, and back: when it rebalances, and then, where it is not as by default,
 *
 *     ON_EMERGENCY no-show-after=600s aging=20 protects-here displaced-at-most=2
 *
 * the grace (R22), the points per hour (R23), and whom it protects (R24).
 */
import { type AllocationPolicy, DEFAULT_POLICY, type RebalancePolicy } from './doctor.js';

const REBALANCE: readonly RebalancePolicy[] = ['ON_EMERGENCY', 'ALWAYS', 'NEVER'];
const GRACE = /^no-show-after=(\d+(?:\.\d{1,3})?)s$/;
const AGING = /^aging=([1-9]\d*)$/;
const DISPLACEMENTS = /^displaced-at-most=([1-9]\d*)$/;
const PROTECTS_HERE = 'protects-here';

export function printPolicy(policy: AllocationPolicy): string {
  const { rebalance, noShowGraceMilliseconds, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  const words: string[] = [rebalance];
  if (noShowGraceMilliseconds !== undefined) words.push(`no-show-after=${noShowGraceMilliseconds / 1_000}s`);
  if (agingPointsPerHour > 0) words.push(`aging=${agingPointsPerHour}`);
  if (protectCheckedIn) words.push(PROTECTS_HERE);
  if (displacementsMax > 0) words.push(`displaced-at-most=${displacementsMax}`);
  return words.join(' ');
}

/** Undefined where one of the words is none of these. */
export function parsePolicy(text: string): AllocationPolicy | undefined {
  const [first, ...words] = text.split(' ');
  const rebalance = REBALANCE.find((known) => known === first);
  const terms = words.map(parseTerm);
  const isKnown = rebalance !== undefined && terms.every((term) => term !== undefined);
  return isKnown ? Object.assign({}, DEFAULT_POLICY, { rebalance }, ...terms) : undefined;
}

function parseTerm(word: string): Partial<AllocationPolicy> | undefined {
  if (word === PROTECTS_HERE) return { protectCheckedIn: true };
  const [grace, aging, displacements] = [GRACE, AGING, DISPLACEMENTS].map((pattern) => pattern.exec(word)?.[1]);
  if (grace) return { noShowGraceMilliseconds: Math.round(Number(grace) * 1_000) };
  if (aging) return { agingPointsPerHour: Number(aging) };
  return displacements ? { displacementsMax: Number(displacements) } : undefined;
}
