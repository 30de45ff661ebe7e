/** The time zone data that this process computes local times by, for its greeting and its log. */
import type { ZoneDataReport } from '../desk/zone-data-check.js';
import type { Instant } from '../domain/time.js';
import { isOlder, isStale, parseZoneDataVersion, type ZoneDataVersion } from '../domain/zone-data.js';

/**
 * The version of the data of Intl. Temporal takes its rules from Intl too, or from the same ICU
 * files where it comes with Node.js. Undefined if Node.js does not say.
 */
export const ZONE_DATA: ZoneDataVersion | undefined = parseZoneDataVersion(process.versions.tz ?? '');

export function nameOfZoneData(version: ZoneDataVersion | undefined): string {
  return version ?? 'of unknown version';
}

/** What to tell an operator whose zone data are old; undefined if they are not. */
export function warningOfStaleness(version: ZoneDataVersion | undefined, now: Instant): string | undefined {
  if (version && !isStale(version, now)) return undefined;
  const age = version ? 'more than a year old' : 'of unknown age';
  return `The time zone data are ${age}: slots in zones whose law has changed since get wrong instants. Update Node.js, or see docs/operations.md.`;
}

/**
 * Tells what a look for slots that are not at their local times came to; nothing if there was
 * nothing to do.
 */
export function logZoneData(
  log: Record<'info' | 'warn', (fields: object, message: string) => void>,
  { zoneData, newest, days, slots, kept }: ZoneDataReport,
): void {
  if (isOlder(zoneData, newest)) {
    log.warn(
      { zoneData, newest },
      'The database has been served with newer time zone data: slots that this server makes may get other instants. Update its data, see docs/operations.md.',
    );
  }
  if (slots > 0)
    log.info({ zoneData, days, slots }, 'Slots that have not begun follow the new rules of their time zones.');
  if (kept > 0) {
    log.warn(
      { zoneData, slots: kept },
      'Slots keep instants that are not those of their local times, see docs/operations.md. opd verify names the first.',
    );
  }
}
