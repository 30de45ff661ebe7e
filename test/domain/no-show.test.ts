import { given, noShow, tokenOf } from './scenario.js';

describe('R10 · no-show', () => {
  test('R10 · frees the seat for the strongest of the queue', () => {
    given('09:00-09:30 1/1: 1P | 3O 2W')
      .when(noShow(1))
      .gives('09:00-09:30 1/1: 3O | 2W\ngone: 1P@09:00 no-show', '1P@09:00 no-show', '3O@09:00 promoted');
  });

  test('R10 · frees the seat for a DISPLACED token of an earlier slot', () => {
    given('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 3W')
      .when(noShow(3))
      .gives(
        '09:00-09:30 1/1: 2E\n09:30-10:00 1/1: 1P<09:00\ngone: 3W@09:30 no-show',
        '3W@09:30 no-show',
        '1P@09:30 moved from 09:00',
      );
  });

  test('R10 · an emergency may be a no-show too', () => {
    given('09:00-09:30 1/1: 1E').when(noShow(1)).gives('09:00-09:30 0/1:\ngone: 1E@09:00 no-show', '1E@09:00 no-show');
  });

  test('R10 · after the slot has ended the seat is free, and nobody is promoted', () => {
    given('09:00-09:30 1/1: 1P | 2W')
      .at('12:00')
      .when(noShow(1))
      .gives('09:00-09:30 0/1: | 2W\ngone: 1P@09:00 no-show', '1P@09:00 no-show');
  });

  test.each([
    ['WAITING', '2W'],
    ['DISPLACED', '2W!'],
  ])('R10 · a %s token holds no seat, and cannot be one', (status, place) => {
    given(`09:00-09:30 1/1: 1P | ${place}`)
      .when(noShow(2))
      .refuses({ reason: 'TOKEN_WITHOUT_SEAT', tokenId: tokenOf(2), status });
  });

  test('R10 · a SERVING token is here', () => {
    given('09:00-09:30 1/1: 1P*')
      .when(noShow(1))
      .refuses({ reason: 'TOKEN_SERVING', tokenId: tokenOf(1), status: 'SERVING' });
  });
});
