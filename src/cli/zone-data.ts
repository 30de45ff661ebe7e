/** The time zone data that this process computes local times by, for its greeting and its log. */
import type { Instant } from '../domain/time.js';
import { isStale, parseZoneDataVersion, type ZoneDataVersion } from '../domain/zone-data.js';

/**
 * The version of the data of Intl. Temporal takes its rules from Intl too, or from the same ICU files where it comes with Node.js.
 * Undefined where Node.js does not say.
 */
export const ZONE_DATA: ZoneDataVersion | undefined = parseZoneDataVersion(process.versions.tz ?? '');

export function nameOfZoneData(version: ZoneDataVersion | undefined): string {
  return version ?? 'of unknown version';
}

/** What to tell an operator whose zone data are old; undefined where they are not. */
export function warningOfStaleness(version: ZoneDataVersion | undefined, now: Instant): string | undefined {
  if (version && !isStale(version, now)) return undefined;
  const age = version ? 'more than a year old' : 'of unknown age';
  return `The time zone data are ${age}: slots in zones whose law has changed since get wrong instants. Update Node.js, or see docs/operations.md.`;
}
