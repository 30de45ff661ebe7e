import { nextDue } from '../../src/domain/clock.js';
import { formatInstant } from '../../src/domain/time.js';
import { allocate, CLOCK, complete, createSlot, given } from './scenario.js';

describe('R21 · when the day ends', () => {
  test('R21 · nobody stays: each gets the status that fits', () => {
    given('09:00-09:30 3/3 ended: 1E 2P^ 3O*\n09:30-10:00 0/1 closed ended: | 4O! 5W')
      .until('24:00')
      .gives(
        '09:00-09:30 1/3 ended: 3O+\n09:30-10:00 0/1 closed ended:\n' +
          'gone: 1E@09:00 no-show, 2P^@09:00 expired, 4O@09:30 expired, 5W@09:30 expired',
        '1E@09:00 no-show',
        '2P@09:00 expired',
        '3O@09:00 completed',
        '4O@09:30 expired',
        '5W@09:30 expired',
      );
  });

  test('R21 · a slot that lasts until midnight ends first (R20), and in the same revision', () => {
    given('23:00-24:00 1/1: 1P^ | 2W')
      .until('24:00')
      .gives(
        '23:00-24:00 0/1 ended:\ngone: 1P^@23:00 expired, 2W@23:00 expired',
        '2W@23:00 expired',
        '1P@23:00 expired',
      );
  });

  test('R21 · midnight is that of the time zone of the doctor, on a day of 25 hours too', () => {
    const { day } = given('2026-11-01 America/New_York NEVER\n09:00-10:00 1/1 ended: 1W');
    expect(formatInstant(nextDue(day) ?? (0 as never))).toBe('2026-11-02T05:00:00.000Z');
  });

  test('R21 · where clocks are put forward over midnight, the day lasts as long as its last slot', () => {
    // In Greenland the hour before that midnight is left out, and a slot that would end in it ends after it.
    const day = given('2026-03-28 America/Godthab NEVER').at('2026-03-28T12:00:00Z');
    day.when(createSlot('22:00-23:30', 1)).when(allocate('WALK_IN', '22:00'));
    expect(formatInstant(day.day.endsAt)).toBe('2026-03-29T01:30:00.000Z');
    day.until('2026-03-29T01:30:00Z').gives('22:00-23:30 0/1 ended:\ngone: 1W@22:00 no-show', '1W@22:00 no-show');
  });
});

describe('what is due', () => {
  test.each([
    ['nothing, on a day that nobody has touched', '', undefined],
    ['the end of the slot that ends first', '09:00-09:30 0/1:\n09:30-10:00 0/1:', '09:30'],
    ['the end of the day, while somebody is live', '09:00-09:30 1/1 ended: 1W', '24:00'],
    ['nothing, when all is over', '09:00-09:30 1/1 ended: 1W+\ngone: 2W@09:00 expired', undefined],
  ])('%s', (_, slots, time) => {
    const { day } = given(`2026-01-31 UTC NEVER\n${slots}`);
    const due = nextDue(day);
    const midnightBefore = Date.parse('2026-01-31T00:00:00Z');
    const [hours = '', minutes = ''] = (time ?? '').split(':');
    expect(due).toBe(time && midnightBefore + (Number(hours) * 60 + Number(minutes)) * 60_000);
  });

  test('a patient who is done with after the end leaves nothing to be done at midnight', () => {
    const { day } = given('09:00-09:30 1/1: 1W*').until('09:30').when(complete(1));
    expect(nextDue(day)).toBeUndefined();
  });

  test('the clock is not asked in vain', () => {
    const day = given('09:00-09:30 0/1:').at('09:29');
    expect(() => day.when(CLOCK)).toThrow('nothing is due');
    expect(day.day.revision).toBe(0);
  });
});
