import { nextDue } from '../../src/domain/clock.js';
import { formatInstant } from '../../src/domain/time.js';
import { allocate, CLOCK, call, checkIn, given, sendBack } from './scenario.js';

const TEN_MINUTES = '2026-01-31 Asia/Kolkata ON_EMERGENCY no-show-after=600s';
const day = (slots: string) => given(`${TEN_MINUTES}\n${slots}`);

describe('R22 · a no-show by time', () => {
  test('R22 · who is not here when the grace after the start is over loses the seat, and it is filled (R8)', () => {
    day('09:00-09:30 2/2: 1P^ 2O | 3W')
      .at('09:10')
      .when(CLOCK)
      .gives('09:00-09:30 2/2: 1P^ 3W\ngone: 2O@09:00 no-show', '2O@09:00 no-show', '3W@09:00 promoted');
  });

  test('R22 · nobody is one before that, and nobody who is here', () => {
    day('09:00-09:30 2/2: 1P^ 2O').until('09:09').gives('09:00-09:30 2/2: 1P^ 2O');
    day('09:00-09:30 2/2: 1P^ 2O').when(checkIn(2)).until('09:29').gives('09:00-09:30 2/2: 1P^ 2O^');
  });

  test('R22 · who was seated after the start has the grace from then on', () => {
    const late = day('09:00-09:30 0/1:').at('09:05').when(allocate('WALK_IN', '09:00'));
    late.until('09:14').gives('09:00-09:30 1/1: 1W');
    late.until('09:15').gives('09:00-09:30 0/1:\ngone: 1W@09:00 no-show', '1W@09:00 no-show');
  });

  test('R22 · who got the seat by it has the grace as well', () => {
    day('09:00-09:30 1/1: 1P | 2O 3W')
      .until('09:20')
      .gives(
        '09:00-09:30 1/1: 3W\ngone: 1P@09:00 no-show, 2O@09:00 no-show',
        '1P@09:00 no-show',
        '2O@09:00 promoted',
        '2O@09:00 no-show',
        '3W@09:00 promoted',
      );
  });

  test('R22 · several at one instant go by number, and an emergency is no exception', () => {
    day('09:00-09:30 3/3: 3E 1P 2W')
      .at('09:10')
      .when(CLOCK)
      .gives(
        '09:00-09:30 0/3:\ngone: 1P@09:00 no-show, 2W@09:00 no-show, 3E@09:00 no-show',
        '1P@09:00 no-show',
        '2W@09:00 no-show',
        '3E@09:00 no-show',
      );
  });

  test('R22 · an emergency that stayed in a closed slot is no exception either, and its seat is not filled (R13)', () => {
    day('09:00-09:30 1/1 closed: 1E | 2W!')
      .at('09:10')
      .when(CLOCK)
      .gives('09:00-09:30 0/1 closed: | 2W!\ngone: 1E@09:00 no-show', '1E@09:00 no-show');
  });

  test('R22 · who was called and sent back has the grace anew, also after the end of the slot', () => {
    const back = day('09:00-09:30 1/1: 1P').at('09:05').when(call(1)).until('09:40').when(sendBack(1));
    back.until('09:49').gives('09:00-09:30 1/1 ended: 1P');
    back.until('09:50').gives('09:00-09:30 0/1 ended:\ngone: 1P@09:00 no-show', '1P@09:00 no-show');
  });

  test('R22 · without any grace a seat is lost at the start, and one that is given later at once', () => {
    given('2026-01-31 Asia/Kolkata NEVER no-show-after=0s\n09:00-09:30 1/1: 1P | 2O 3W')
      .at('09:00')
      .when(CLOCK)
      .gives(
        '09:00-09:30 0/1:\ngone: 1P@09:00 no-show, 2O@09:00 no-show, 3W@09:00 no-show',
        '1P@09:00 no-show',
        '2O@09:00 promoted',
        '2O@09:00 no-show',
        '3W@09:00 promoted',
        '3W@09:00 no-show',
      );
  });

  test('R22 · one slot ends and another begins its grace at one instant: the end comes first', () => {
    given('2026-01-31 Asia/Kolkata NEVER no-show-after=0s\n09:00-09:30 1/1: 1P^ | 2W\n09:30-10:00 1/1: 3O')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/1 ended: 1P^\n09:30-10:00 0/1:\ngone: 2W<09:00@09:30 no-show, 3O@09:30 no-show',
        '2W@09:30 moved from 09:00',
        '3O@09:30 no-show',
        '2W@09:30 promoted',
        '2W@09:30 no-show',
      );
  });
});

describe('R22 · what is due', () => {
  test.each([
    ['at the start and the grace', '09:00-09:30 1/1: 1P', '2026-01-31T03:40:00.000Z'],
    ['at the end of the slot, where the grace is longer', '09:00-09:05 1/1: 1P', '2026-01-31T03:35:00.000Z'],
    ['not for those who are here', '09:00-09:30 1/1: 1P^', '2026-01-31T04:00:00.000Z'],
    ['not for those who wait', '09:00-09:30 1/1: 1P^ | 2W', '2026-01-31T04:00:00.000Z'],
    ['for the first of all slots', '08:00-09:00 1/1: 1P^\n09:00-09:30 1/1: 2P', '2026-01-31T03:30:00.000Z'],
  ])('R22 · %s', (_, slots, due) => {
    expect(formatInstant(nextDue(day(slots).day) ?? (0 as never))).toBe(due);
  });
});
