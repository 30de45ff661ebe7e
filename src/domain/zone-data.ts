/**
 * Versions of the IANA time zone database (tz). Each version has the laws that were known when it
 * was released. Its name is the year and a letter in order of release: `2025c`, then `2026a`.
 */
import type { Brand } from './brand.js';
import type { Instant } from './time.js';

export type ZoneDataVersion = Brand<string, 'ZoneDataVersion'>;

const VERSION = /^(\d{4})([a-z]+)$/;

/** Parses `2026a`; undefined for anything else. */
export function parseZoneDataVersion(text: string): ZoneDataVersion | undefined {
  return VERSION.test(text) ? (text as ZoneDataVersion) : undefined;
}

/**
 * Whether one version was released before another. The order of release is the order of the texts.
 */
export function isOlder(version: ZoneDataVersion, other: ZoneDataVersion): boolean {
  return version < other;
}

/**
 * About when a version was released. The name tells the year and the letter only, and a year has
 * some two to seven releases. So `a` counts as of January, `b` as of March, and so on by two
 * months; every letter from `g` on as of December. Releases mostly come later than that, up to nine
 * months; a few came earlier, up to four.
 */
export function releasedAbout(version: ZoneDataVersion): Instant {
  const [, year, letter] = VERSION.exec(version) as unknown as [string, string, string];
  const months = Math.min(2 * (letter.charCodeAt(0) - 'a'.charCodeAt(0)), 11);
  return Date.UTC(Number(year), months) as Instant;
}

const YEAR_MILLISECONDS = 365 * 24 * 3_600_000;

/** Whether zone data were released more than a year ago, as far as their version tells. */
export function isStale(version: ZoneDataVersion, now: Instant): boolean {
  return now - releasedAbout(version) > YEAR_MILLISECONDS;
}
