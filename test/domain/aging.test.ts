import { Strength } from '../../src/domain/strength.js';
import type { Instant } from '../../src/domain/time.js';
import type { TokenSource } from '../../src/domain/token.js';
import { allocate, call, callNext, cancel, checkIn, emergency, given, sendBack } from './scenario.js';

/** Thirty points an hour: a WALK_IN is as strong as a new ONLINE token after forty minutes. */
const AGING = '2026-01-31 Asia/Kolkata ON_EMERGENCY aging=30';
const day = (slots: string) => given(`${AGING}\n${slots}`);

describe('R23 · aging', () => {
  test('R23 · a token issued later displaces only while its priority is more than the points of that time higher', () => {
    const walkIn = () => day('10:00-10:30 0/1:').at('09:00').when(allocate('WALK_IN', '10:00'));
    walkIn()
      .at('09:39')
      .when(allocate('ONLINE', '10:00'))
      .gives('10:00-10:30 1/1: 2O | 1W!', '2O@10:00 allocated', '1W@10:00 displaced by 2O');
    walkIn().at('09:40').when(allocate('ONLINE', '10:00')).gives('10:00-10:30 1/1: 1W | 2O', '2O@10:00 queued');
    walkIn().at('09:41').when(allocate('ONLINE', '10:00')).gives('10:00-10:30 1/1: 1W | 2O', '2O@10:00 queued');
  });

  test('R23 · the weakest is displaced by strength, not by priority', () => {
    day('10:00-10:30 0/2:')
      .at('09:00')
      .when(allocate('WALK_IN', '10:00'))
      .at('09:45')
      .when(allocate('ONLINE', '10:00'))
      .when(allocate('PAID', '10:00'))
      .gives('10:00-10:30 2/2: 3P 1W | 2O!', '3P@10:00 allocated', '2O@10:00 displaced by 3P');
  });

  test('R8, R23 · a freed seat goes to the one who is stronger for having waited', () => {
    day('10:00-10:30 0/1:')
      .at('09:00')
      .when(allocate('FOLLOW_UP', '10:00'))
      .when(allocate('WALK_IN', '10:00'))
      .at('09:40')
      .when(allocate('ONLINE', '10:00'))
      .when(cancel(1))
      .gives('10:00-10:30 1/1: 2W | 3O\ngone: 1F@10:00 cancelled', '1F@10:00 cancelled', '2W@10:00 promoted');
  });

  test('R7, R23 · the DISPLACED are seated downstream by strength', () => {
    day('09:30-10:00 0/2:\n10:00-10:30 0/2:')
      .at('08:00')
      .when(allocate('WALK_IN', '09:30'))
      .at('08:45')
      .when(allocate('ONLINE', '09:30'))
      .when(allocate('PAID', '10:00'))
      .when(emergency('09:30'))
      .gives(
        '09:30-10:00 2/2: 4E 1W\n10:00-10:30 2/2: 3P 2O<09:30',
        '4E@09:30 allocated',
        '2O@09:30 displaced by 4E',
        '2O@10:00 moved from 09:30',
      );
  });

  test('R23 · an emergency is above all, however long others have waited', () => {
    day('23:00-23:30 0/1:')
      .at('00:00')
      .when(allocate('PAID', '23:00'))
      .at('22:00')
      .when(emergency('23:00'))
      .gives('23:00-23:30 1/1: 2E | 1P!', '2E@23:00 allocated', '1P@23:00 displaced by 2E');
  });

  test('R23 · the strongest of those here is called by strength', () => {
    day('09:00-10:00 0/2:')
      .at('09:00')
      .when(allocate('WALK_IN', '09:00'))
      .when(checkIn(1))
      .at('09:45')
      .when(allocate('ONLINE', '09:00'))
      .when(checkIn(2))
      .when(callNext())
      .gives('09:00-10:00 2/2: 1W*^ 2O^', '1W@09:00 called');
  });

  test('I3, R23 · who is sent back gives way only to somebody who is stronger for it', () => {
    day('09:00-10:00 0/1:')
      .at('09:00')
      .when(allocate('WALK_IN', '09:00'))
      .when(call(1))
      .at('09:45')
      .when(allocate('ONLINE', '09:00'))
      .when(sendBack(1))
      .gives('09:00-10:00 1/1: 1W | 2O', '1W@09:00 returned');
  });
});

describe('R23 · strength', () => {
  const claim = (source: TokenSource, at: number) => ({ source, createdAt: (1_769_830_200_000 + at) as Instant });

  test.each<[number, TokenSource, TokenSource, number, boolean]>([
    [0, 'ONLINE', 'WALK_IN', 10_000_000_000, true],
    [0, 'ONLINE', 'ONLINE', 0, false],
    [1_000, 'PAID', 'WALK_IN', 215_999, true],
    [1_000, 'PAID', 'WALK_IN', 216_000, false],
    [1, 'PAID', 'FOLLOW_UP', 71_999_999, true],
    [1, 'PAID', 'FOLLOW_UP', 72_000_000, false],
    [1_000, 'EMERGENCY', 'PAID', 10_000_000_000, true],
  ])(
    'R23 · at %d points an hour %s against %s, issued %d ms earlier: %s',
    (points, source, earlier, after, isStronger) => {
      expect(new Strength(points).outranks(claim(source, after), claim(earlier, 0))).toBe(isStronger);
    },
  );
});
