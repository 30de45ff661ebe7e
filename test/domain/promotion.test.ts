import { cancel, given } from './scenario.js';

const under = (policy: string, slots: string) => given(`2026-01-31 Asia/Kolkata ${policy}\n${slots}`);

describe('R8 · promotion', () => {
  test("R8 · a cancellation seats the strongest of the slot's own queue", () => {
    given('09:00-09:30 2/2: 1P 2P | 4O 3W')
      .when(cancel(1))
      .gives('09:00-09:30 2/2: 2P 4O | 3W\ngone: 1P@09:00 cancelled', '1P@09:00 cancelled', '4O@09:00 promoted')
      .touches('09:00');
  });

  test.each([
    ['DISPLACED before a weaker WAITING', '3F! 2O', '3F'],
    ['WAITING before a weaker DISPLACED', '3F 2O!', '3F'],
    ['the earlier issued of equals, whichever way they came there', '2O! 3O', '2O'],
  ])('R8 · %s', (_, queue, promoted) => {
    const left = queue.split(' ')[1];
    given(`09:00-09:30 1/1: 1P | ${queue}`)
      .when(cancel(1))
      .gives(
        `09:00-09:30 1/1: ${promoted} | ${left}\ngone: 1P@09:00 cancelled`,
        '1P@09:00 cancelled',
        `${promoted}@09:00 promoted`,
      );
  });

  test('R8 · the own queue comes first, before a stronger DISPLACED token of an earlier slot', () => {
    given('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 3P | 4W')
      .when(cancel(3))
      .gives(
        '09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 4W\ngone: 3P@09:30 cancelled',
        '3P@09:30 cancelled',
        '4W@09:30 promoted',
      )
      .touches('09:30');
  });

  test('R8 · with an empty queue, the strongest DISPLACED token of the earlier slots is moved in', () => {
    given('08:30-09:00 1/1: 4E | 1W!\n09:00-09:30 1/1: 5E | 2P! 3O!\n09:30-10:00 1/1: 6W')
      .when(cancel(6))
      .gives(
        '08:30-09:00 1/1: 4E | 1W!\n09:00-09:30 1/1: 5E | 3O!\n09:30-10:00 1/1: 2P<09:00\ngone: 6W@09:30 cancelled',
        '6W@09:30 cancelled',
        '2P@09:30 moved from 09:00',
      )
      .touches('09:00', '09:30');
  });

  test('R8 · nobody WAITING in an earlier slot is moved in', () => {
    given('09:00-09:30 1/1: 1P | 2P\n09:30-10:00 1/1: 3W')
      .when(cancel(3))
      .gives('09:00-09:30 1/1: 1P | 2P\n09:30-10:00 0/1:\ngone: 3W@09:30 cancelled', '3W@09:30 cancelled');
  });

  test('R9 · nobody DISPLACED in a later slot is moved in', () => {
    given('09:00-09:30 1/1: 1W\n09:30-10:00 1/1: 3E | 2P!')
      .when(cancel(1))
      .gives('09:00-09:30 0/1:\n09:30-10:00 1/1: 3E | 2P!\ngone: 1W@09:00 cancelled', '1W@09:00 cancelled');
  });
});

describe('R8 · under NEVER', () => {
  test("R8 · the slot's own queue is promoted all the same", () => {
    under('NEVER', '09:00-09:30 1/1: 1P | 2W!')
      .when(cancel(1))
      .gives('09:00-09:30 1/1: 2W\ngone: 1P@09:00 cancelled', '1P@09:00 cancelled', '2W@09:00 promoted');
  });

  test('R8 · nobody is moved in from an earlier slot', () => {
    under('NEVER', '09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 3W')
      .when(cancel(3))
      .gives('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 0/1:\ngone: 3W@09:30 cancelled', '3W@09:30 cancelled');
  });
});

describe('R8 · who promotes nobody', () => {
  test('R8 · an overflowing slot, until seats taken fall below capacity', () => {
    given('09:00-09:30 2/1: 1E 2E | 3W')
      .when(cancel(1))
      .gives('09:00-09:30 1/1: 2E | 3W\ngone: 1E@09:00 cancelled', '1E@09:00 cancelled')
      .when(cancel(2))
      .gives(
        '09:00-09:30 1/1: 3W\ngone: 1E@09:00 cancelled, 2E@09:00 cancelled',
        '2E@09:00 cancelled',
        '3W@09:00 promoted',
      );
  });

  test('R8 · an overflowing slot takes nobody from an earlier one either', () => {
    given('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 2/1: 3E 4E')
      .when(cancel(4))
      .gives('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 3E\ngone: 4E@09:30 cancelled', '4E@09:30 cancelled');
  });

  test.each([
    ['WAITING', '2O'],
    ['DISPLACED', '2O!'],
  ])('R8 · giving up a %s place frees nothing', (_, place) => {
    given(`09:00-09:30 1/1: 1P | ${place} 3W`)
      .when(cancel(2))
      .gives('09:00-09:30 1/1: 1P | 3W\ngone: 2O@09:00 cancelled', '2O@09:00 cancelled')
      .touches('09:00');
  });

  test('R8 · one freed seat seats one token, though the slot has more free ones and others are DISPLACED before it', () => {
    given('09:00-09:30 1/1: 3E | 1P! 2O!\n09:30-10:00 1/3: 4W')
      .when(cancel(4))
      .gives(
        '09:00-09:30 1/1: 3E | 2O!\n09:30-10:00 1/3: 1P<09:00\ngone: 4W@09:30 cancelled',
        '4W@09:30 cancelled',
        '1P@09:30 moved from 09:00',
      );
  });
});
