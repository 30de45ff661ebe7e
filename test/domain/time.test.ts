import {
  dateAt,
  formatInstant,
  formatTimeOfDay,
  type Instant,
  instantOf,
  type LocalDate,
  parseDate,
  parseTimeOfDay,
  parseTimeZone,
  type TimeZone,
} from '../../src/domain/time.js';
import { allocate, createSlot, emergencyForDoctor, given, timeOfDay } from './scenario.js';

const instant = (text: string) => Date.parse(text) as Instant;
const resolve = (date: string, time: string, zone: string) =>
  formatInstant(instantOf(date as LocalDate, timeOfDay(time), zone as TimeZone));

describe('dates', () => {
  test.each(['2026-01-31', '2028-02-29', '0001-01-02', '9999-12-30'])('%s is a date', (text) => {
    expect(parseDate(text)).toBe(text);
  });

  test.each(['2026-02-29', '2026-02-30', '2026-13-01', '2026-1-31', '26-01-31', '2026-01-31T00:00', ' 2026-01-31', ''])(
    '"%s" is none',
    (text) => expect(parseDate(text)).toBeUndefined(),
  );

  test.each(['0000-01-01', '0001-01-01', '9999-12-31'])('%s is out of bounds', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});

describe('times of day', () => {
  test.each([
    ['00:00', 0],
    ['09:05', 545],
    ['23:59', 1439],
    ['24:00', 1440],
  ])('%s is minute %i of the day, and back', (text, minutes) => {
    expect(parseTimeOfDay(text)).toBe(minutes);
    expect(formatTimeOfDay(timeOfDay(text))).toBe(text);
  });

  test.each(['9:00', '25:00', '24:01', '12:60', '12:00:00', '12.00', '-1:00', ''])('"%s" is none', (text) => {
    expect(parseTimeOfDay(text)).toBeUndefined();
  });
});

describe('time zones', () => {
  test.each(['Asia/Kolkata', 'America/Los_Angeles', 'UTC', 'Etc/GMT+5', 'asia/kolkata'])('%s is one', (name) => {
    expect(parseTimeZone(name)).toBe(name);
    expect(() => resolve('2026-01-31', '09:00', name)).not.toThrow();
  });

  test.each(['+05:30', '-08:00', 'Mars/Olympus', 'Asia/Kolkata ', ''])('"%s" is none', (name) => {
    expect(parseTimeZone(name)).toBeUndefined();
  });

  test.each(['IST', 'PST', 'CST', 'JST', 'BST', 'AET', 'ACT'])(
    '%s is none: nothing could be reckoned with it',
    (name) => {
      expect(parseTimeZone(name)).toBeUndefined();
    },
  );

  test('every zone that Intl knows can be reckoned with', () => {
    const unknown = Intl.supportedValuesOf('timeZone').filter((name) => {
      const zone = parseTimeZone(name);
      return (
        zone === undefined ||
        dateAt(instantOf('2026-01-31' as LocalDate, timeOfDay('12:00'), zone), zone) !== '2026-01-31'
      );
    });
    expect(unknown).toEqual([]);
  });
});

describe('R17 · local times where clocks change', () => {
  test.each([
    ['in a gap, the later', '2026-03-08', '02:30', 'America/Los_Angeles', '2026-03-08T10:30:00.000Z'],
    ['in a fold, the earlier', '2026-11-01', '01:30', 'America/Los_Angeles', '2026-11-01T08:30:00.000Z'],
    ['before a gap at midnight', '2018-11-03', '24:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['on a date that was left out', '2011-12-30', '09:00', 'Pacific/Apia', '2011-12-30T19:00:00.000Z'],
    ['the end of the day', '2026-01-31', '24:00', 'Asia/Kolkata', '2026-01-31T18:30:00.000Z'],
  ])('R17 · %s', (_, date, time, zone, expected) => {
    expect(resolve(date, time, zone)).toBe(expected);
  });

  test('R17 · a slot in the hour that comes twice is open both times', () => {
    given('2026-11-01 America/Los_Angeles NEVER\n01:00-02:00 0/1:')
      .at('2026-11-01T09:59:59.999Z')
      .when(allocate('WALK_IN', '01:00'))
      .gives('01:00-02:00 1/1: 1W', '1W@01:00 allocated')
      .at('2026-11-01T10:00:00.000Z')
      .when(allocate('WALK_IN', '01:00'))
      .refuses({ reason: 'SLOT_ENDED', slotId: 'slot_01:00', endedAt: instant('2026-11-01T10:00:00Z') });
  });

  test('R5 · an emergency goes into the slot that runs, though one of the hour left out is yet to come', () => {
    given('2026-03-08 America/Los_Angeles NEVER\n02:15-02:45 0/1:\n03:00-03:30 0/1:')
      .at('03:05')
      .when(emergencyForDoctor())
      .gives('02:15-02:45 0/1:\n03:00-03:30 1/1: 1E', '1E@03:00 allocated');
  });
});

describe('near midnight', () => {
  test.each([
    ['Asia/Kolkata', '2026-01-31T18:29:59.999Z', '2026-01-31'],
    ['Asia/Kolkata', '2026-01-31T18:30:00.000Z', '2026-02-01'],
    ['America/Los_Angeles', '2026-02-01T07:59:59.999Z', '2026-01-31'],
    ['America/Los_Angeles', '2026-02-01T08:00:00.000Z', '2026-02-01'],
  ])('in %s, at %s it is %s', (zone, at, date) => {
    expect(dateAt(instant(at), zone as TimeZone)).toBe(date);
  });

  test.each([
    ['Asia/Kolkata', '2026-01-31T18:30:00Z'],
    ['America/Los_Angeles', '2026-02-01T08:00:00Z'],
  ])('R17 · in %s, a slot to 24:00 is open until midnight there', (zone, midnight) => {
    given(`2026-01-31 ${zone} NEVER\n23:30-24:00 0/2:`)
      .at('23:59')
      .when(allocate('WALK_IN', '23:30'))
      .at('24:00')
      .when(allocate('WALK_IN', '23:30'))
      .refuses({ reason: 'SLOT_ENDED', slotId: 'slot_23:30', endedAt: Date.parse(midnight) });
  });

  test('R17 · a slot may be created before its day has begun', () => {
    given('2026-01-31 America/Los_Angeles NEVER')
      .at('2026-01-01 12:00')
      .when(createSlot('00:00-00:30', 1))
      .gives('00:00-00:30 0/1:');
  });
});
