/** R17: a slot that has not begun follows its local time when the rules of its time zone change. */
import fc from 'fast-check';
import { checkChange } from '../../src/domain/change-invariants.js';
import type { Command } from '../../src/domain/command.js';
import { decide } from '../../src/domain/decide.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import { follow } from '../../src/domain/explanation.js';
import { snapshotOf } from '../../src/domain/invariants.js';
import { parseDay } from '../../src/domain/notation.js';
import { slotsOutOfTime, slotsToRetime } from '../../src/domain/retiming.js';
import type { SlotTerms } from '../../src/domain/slot.js';
import { formatInstant, formatTimeOfDay, type Instant, type TimeOfDay } from '../../src/domain/time.js';
import { replay } from '../../src/domain/turn.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import { allocate, createSlot, given, resize, type Scenario, slotAt, timeOfDay, tokenOf } from './scenario.js';

const RETIME: Command = { kind: 'CLOCK', zoneData: '2026e' as ZoneDataVersion };

/**
 * Gives the slots of a day the instants that they had by other rules, by which local times came so
 * many minutes later.
 */
function byOtherRules(day: DoctorDay, minutesLater: number): void {
  for (const { id, terms } of [...day.slots]) {
    const later = (instant: Instant) => (instant + minutesLater * 60_000) as Instant;
    day.retimeSlot(id, { ...terms, startsAt: later(terms.startsAt), endsAt: later(terms.endsAt) });
  }
}

function madeByOtherRules(notation: string, minutesLater: number): Scenario {
  const scenario = given(notation);
  for (const day of [scenario.day, scenario.replayed]) byOtherRules(day, minutesLater);
  return scenario;
}

/** When each slot starts and ends, in UTC. */
function instantsOf({ slots }: DoctorDay): string[] {
  return slots.map(({ terms: { startsAt, endsAt } }) => {
    return [startsAt, endsAt].map((instant) => formatInstant(instant).slice(11, 16)).join('-');
  });
}

/** The starts of the slots that would be retimed at a time of day. */
function retimedAt(scenario: Scenario, time: string): string[] {
  const { day } = scenario;
  const now = Date.parse(`${day.date}T${time}:00Z`) as Instant;
  return slotsToRetime(day, now).map(({ slot }) => formatTimeOfDay(slot.terms.start));
}

// 2026-01-31 in India: 09:00 is 03:30 UTC.
const MORNING = '09:00-10:00 1/1: 1W\n10:00-11:00 0/1:';

test.each([60, -60, 30])('R17 · slots made by rules %d minutes later follow their local times', (minutes) => {
  const scenario = madeByOtherRules(MORNING, minutes).at('2026-01-30T00:00:00Z').when(RETIME);
  scenario.gives('09:00-10:00 1/1: 1W\n10:00-11:00 0/1:').touches('09:00', '10:00');
  expect(instantsOf(scenario.day)).toEqual(['03:30-04:30', '04:30-05:30']);
  expect(scenario.accepted.change).toMatchObject({ cause: 'CLOCK', effects: [] });
});

test('R17 · a slot whose rules have not changed is left alone', () => {
  const scenario = given(MORNING);
  expect(slotsOutOfTime(scenario.day, 0 as Instant)).toEqual([]);
  expect(() => scenario.when(RETIME)).toThrow('nothing is to be retimed');
});

describe('R17 · a slot keeps its instants', () => {
  test('when it has begun', () => {
    const scenario = madeByOtherRules(MORNING, -60);
    expect(retimedAt(scenario, '02:29')).toEqual(['09:00', '10:00']);
    expect(retimedAt(scenario, '02:30')).toEqual(['10:00']);
  });

  test('when it would have begun by the new rules', () => {
    const scenario = madeByOtherRules('09:00-10:00 0/1:\n11:00-12:00 0/1:', 60);
    expect(retimedAt(scenario, '03:29')).toEqual(['09:00', '11:00']);
    expect(retimedAt(scenario, '03:30')).toEqual(['11:00']);
  });

  test('when it would run together with one that keeps its own, and so do those right after it', () => {
    const scenario = madeByOtherRules(`${MORNING}\n11:00-12:00 0/1:\n14:00-15:00 0/1:`, 60);
    expect(retimedAt(scenario, '04:40')).toEqual(['14:00']);
    scenario.at('2026-01-31T04:40:00Z').when(RETIME).touches('14:00');
    expect(instantsOf(scenario.day)).toEqual(['04:30-05:30', '05:30-06:30', '06:30-07:30', '08:30-09:30']);
  });

  test('when it would pass one that keeps its own', () => {
    const scenario = madeByOtherRules('09:00-10:00 0/1:\n11:00-12:00 0/1:\n12:00-13:00 0/1:\n15:00-16:00 0/1:', 120);
    expect(retimedAt(scenario, '03:30')).toEqual(['15:00']);
  });

  test('when clocks go forward and leave nothing of it', () => {
    const scenario = madeByOtherRules('2026-03-08 America/Los_Angeles NEVER\n02:30-03:00 0/1:\n05:00-06:00 0/1:', 60);
    expect(retimedAt(scenario, '00:00')).toEqual(['05:00']);
  });

  test('when clocks go forward and put it into the time of another', () => {
    const scenario = madeByOtherRules('2026-03-08 America/Los_Angeles NEVER\n02:15-02:45 0/1:\n04:00-05:00 0/1:', 60);
    const now = Date.parse('2026-03-08T00:00:00Z') as Instant;
    const kept = given('2026-03-08 America/Los_Angeles NEVER\n02:15-02:45 0/1:\n03:00-03:30 0/1:');
    byOtherRules(kept.day, 60);
    expect(slotsToRetime(kept.day, now)).toEqual([]);
    expect(retimedAt(scenario, '00:00')).toEqual(['02:15', '04:00']);
  });
});

test('R17 · whatever the rules become, slots stay in order, none run together, and a second look finds nothing to do', () => {
  const hour = fc.integer({ min: 4, max: 22 });
  const minutes = fc.constantFrom(-120, -90, -60, -30, 30, 60, 90, 120);
  const now = fc.integer({ min: -60, max: 24 * 60 });
  // In London clocks go forward at 01:00 on this date; on the other they stay.
  const date = fc.constantFrom('2026-03-29', '2026-04-05');
  fc.assert(
    fc.property(fc.uniqueArray(hour, { minLength: 1 }), minutes, now, date, (hours, later, minute, day) => {
      const windows = hours
        .sort((a, b) => a - b)
        .map((h) => `${formatTimeOfDay((h * 60) as TimeOfDay)}-${formatTimeOfDay((h * 60 + 60) as TimeOfDay)} 0/1:`);
      const scenario = madeByOtherRules(`${day} Europe/London NEVER\n${windows.join('\n')}`, later);
      const at = (Date.parse(`${day}T00:00:00Z`) + minute * 60_000) as Instant;
      const begun = scenario.day.slots.filter(({ terms }) => terms.startsAt <= at).map(({ terms }) => terms);
      if (slotsToRetime(scenario.day, at).length > 0) scenario.at(formatInstant(at)).when(RETIME);
      expect(slotsToRetime(scenario.day, at)).toEqual([]);
      const terms = scenario.day.slots.map((slot) => slot.terms);
      expect(terms.slice(0, begun.length)).toEqual(begun);
      terms.slice(1).forEach((next, index) => {
        expect(next.startsAt).toBeGreaterThanOrEqual((terms[index] as SlotTerms).endsAt);
      });
    }),
  );
});

test('R22 · no-shows are reckoned from the new start', () => {
  const scenario = madeByOtherRules('2026-01-31 Asia/Kolkata NEVER no-show-after=900s\n09:00-10:00 0/2:', 60)
    .at('2026-01-30T00:00:00Z')
    .when(allocate('WALK_IN', '09:00'))
    .when(RETIME)
    .until('2026-01-31T03:45:00Z');
  scenario.gives('09:00-10:00 0/2:\ngone: 1W@09:00 no-show', '1W@09:00 no-show');
});

test('R22 · who is awaited is put in order by the new start', () => {
  const { day } = madeByOtherRules('2026-01-31 Asia/Kolkata NEVER no-show-after=900s\n09:00-10:00 0/1:', 60)
    .at('2026-01-31T03:00:00Z')
    .when(allocate('WALK_IN', '09:00'))
    .at('2026-01-31T03:35:00Z')
    .when(allocate('PAID', '09:00'))
    .at('2026-01-31T03:40:00Z')
    .when(resize('09:00', 2));
  expect(day.slotOf(slotAt('09:00')).nextNoShow?.number).toBe(1);
  byOtherRules(day, -60);
  expect(day.slotOf(slotAt('09:00')).nextNoShow?.number).toBe(2);
});

test('SLOT_OVERLAPS · a slot made by newer rules does not run together with one of older rules', () => {
  madeByOtherRules('09:00-10:00 0/1:', 60)
    .at('2026-01-30T00:00:00Z')
    .when(createSlot('10:00-11:00', 1))
    .refuses({ reason: 'SLOT_OVERLAPS', slotId: slotAt('09:00') });
});

test('a patient in the slot is told why it got another instant', () => {
  const scenario = madeByOtherRules(MORNING, 60).at('2026-01-30T00:00:00Z').when(RETIME);
  const seen = parseDay(`2026-01-31 Asia/Kolkata ON_EMERGENCY\n${MORNING}`);
  byOtherRules(seen, 60);
  const steps = scenario.journal.flatMap((recorded) => follow(seen, recorded, tokenOf(1)));
  expect(steps.map(({ rule, sentence, effect }) => [rule, sentence, effect])).toEqual([
    [
      'R17',
      'The rules of the time zone changed (time zone data 2026e): the 09:00 slot keeps its local time, which is now ' +
        '2026-01-31T03:30:00.000Z, no longer 2026-01-31T04:30:00.000Z.',
      undefined,
    ],
  ]);
});

describe('what the journal may not say', () => {
  const now = Date.parse('2026-01-31T03:45:00Z') as Instant;

  test.each([
    ['to a slot that has begun', '03:30'],
    ['to a slot that would have begun', '04:30'],
  ])('R17 · other times are not given %s', (_, startsAt) => {
    const day = parseDay('2026-01-31 Asia/Kolkata NEVER\n09:00-10:00 0/1:');
    const at = (time: string) => Date.parse(`2026-01-31T${time}:00Z`) as Instant;
    const times = { start: timeOfDay('09:00'), end: timeOfDay('10:00'), endsAt: at('05:30') };
    day.retimeSlot(slotAt('09:00'), { ...times, startsAt: at(startsAt) });
    const before = snapshotOf(day);
    const other = startsAt === '03:30' ? '04:30' : '03:30';
    const event = { kind: 'SLOT_RETIMED', slotId: slotAt('09:00'), ...times, startsAt: at(other) } as const;
    const change = replay(day, { revision: day.revision + 1, at: now, command: RETIME, events: [event] });
    expect(checkChange(before, change, snapshotOf(day))).toEqual(['R17: slot_09:00 got other times, and has begun']);
  });
});

test('I9 · what is to be retimed is only asked: the day is not changed', () => {
  const { day } = madeByOtherRules(MORNING, 60);
  const before = snapshotOf(day);
  slotsToRetime(day, 0 as Instant);
  expect(snapshotOf(day)).toEqual(before);
  expect(decide(day, RETIME, { now: 0 as Instant, newId: '' }).ok).toBe(true);
});
