/** Whether what stands beside a journal entry or a doctor is sound in itself. */
import type { RecordedCommand } from '../domain/command.js';
import type { Doctor } from '../domain/doctor.js';
import { parseTimeZone } from '../domain/time.js';
import type { RequestColumns } from '../store/store-reader.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A kind of command, a colon, and a SHA-256 in base64. */
const DIGEST = /^([A-Za-z]+):[A-Za-z0-9+/]{43}=$/;
const POLICIES: readonly string[] = ['ON_EMERGENCY', 'ALWAYS', 'NEVER'];

/** R18: a request id and the digest of what it asked for; or neither. */
export function brokenMark(
  { requestId, requestDigest }: RequestColumns,
  kind: RecordedCommand['kind'] | 'CreateDoctor' | 'UpdateDoctor',
): string | undefined {
  if (requestId === null && requestDigest === null) return undefined;
  if (requestId === null || requestDigest === null) return 'R18: of its request id and digest there is only one';
  if (!UUID.test(requestId)) return 'R18: its request id is no lower-case UUID';
  return DIGEST.exec(requestDigest)?.[1] === kind ? undefined : `R18: its request digest is not that of ${kind}`;
}

/** A command id, or none in rows from before it was kept. */
export function brokenCommandId(commandId: string | null): string | undefined {
  return commandId === null || UUID.test(commandId) ? undefined : 'its command id is no lower-case UUID';
}

export function brokenDoctor({ timeZone, policy }: Doctor): string | undefined {
  if (!parseTimeZone(timeZone)) return `its doctor's time zone is none: ${JSON.stringify(timeZone)}`;
  if (!POLICIES.includes(policy.rebalance)) {
    return `its doctor's rebalance policy is none: ${JSON.stringify(policy.rebalance)}`;
  }
  const { noShowGraceMilliseconds = GRACE_MIN, agingPointsPerHour, displacementsMax } = policy;
  if (!isWithin(noShowGraceMilliseconds, GRACE_MIN, GRACE_MAX)) return "its doctor's no-show grace is out of range";
  if (!isWithin(agingPointsPerHour, 0, POINTS_MAX)) return "its doctor's aging points are out of range";
  return isWithin(displacementsMax, 0, DISPLACEMENTS_MAX) ? undefined : "its doctor's displacements are out of range";
}

/** What the contract allows. */
const GRACE_MIN = 1_000;
const GRACE_MAX = 24 * 3_600_000;
const POINTS_MAX = 1_000;
const DISPLACEMENTS_MAX = 1_000;

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && least <= value && value <= most;
}
