import { formatInstant, type Instant } from '../../src/domain/time.js';
import {
  isOlder,
  isStale,
  parseZoneDataVersion,
  releasedAbout,
  type ZoneDataVersion,
} from '../../src/domain/zone-data.js';

const version = (text: string) => text as ZoneDataVersion;
const at = (text: string) => Date.parse(text) as Instant;

test.each(['2025b', '2026a', '2016za'])('%s is a version of the zone data', (text) => {
  expect(parseZoneDataVersion(text)).toBe(text);
});

test.each(['', '2025', 'b2025', '2025B', '2025b ', '25b', 'unknown'])('%j is none', (text) => {
  expect(parseZoneDataVersion(text)).toBeUndefined();
});

test.each([
  ['2025b', '2025c'],
  ['2025c', '2026a'],
  ['2016z', '2016za'],
])('%s is older than %s', (older, newer) => {
  expect(isOlder(version(older), version(newer))).toBe(true);
  expect(isOlder(version(newer), version(older))).toBe(false);
  expect(isOlder(version(newer), version(newer))).toBe(false);
});

test.each([
  ['2026a', '2026-01-01'],
  ['2025b', '2025-03-01'],
  ['2025c', '2025-05-01'],
  ['2022f', '2022-11-01'],
  ['2022g', '2022-12-01'],
  ['2016j', '2016-12-01'],
])('%s counts as released on %s', (text, date) => {
  expect(formatInstant(releasedAbout(version(text)))).toBe(`${date}T00:00:00.000Z`);
});

test('zone data are stale when they were released more than a year ago', () => {
  expect(isStale(version('2025c'), at('2026-05-01T00:00:00Z'))).toBe(false);
  expect(isStale(version('2025c'), at('2026-05-01T00:00:01Z'))).toBe(true);
});
