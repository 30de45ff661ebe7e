import { allocate, CLOCK, callNext, close, createSlot, given, sendBack } from './scenario.js';

describe('R20 · when a slot ends', () => {
  test('R20 · its queue goes on to the next open slot: into free seats, strongest first, and then into its queue', () => {
    given('09:00-09:30 1/1: 1P | 2O! 3W 4W\n09:30-10:00 1/3: 5P')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/1 ended: 1P\n09:30-10:00 3/3: 5P 2O<09:00 3W<09:00 | 4W<09:00',
        '2O@09:30 moved from 09:00',
        '3W@09:30 moved from 09:00',
        '4W@09:30 moved from 09:00',
      );
  });

  test('R20 · who is carried over keeps the status, and displaces nobody who is weaker (I3)', () => {
    given('09:00-09:30 1/1: 1P | 2F! 3O\n09:30-10:00 1/1: 4W')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/1 ended: 1P\n09:30-10:00 1/1: 4W | 2F!<09:00 3O<09:00',
        '2F@09:30 moved from 09:00',
        '3O@09:30 moved from 09:00',
      );
  });

  test('R20 · the next open slot is the first that is not closed, though there is a gap before it', () => {
    given('09:00-09:30 1/1: 1P | 2W\n09:30-10:00 0/1 closed:\n11:00-11:30 0/1:')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/1 ended: 1P\n09:30-10:00 0/1 closed:\n11:00-11:30 1/1: 2W<09:00',
        '2W@11:00 moved from 09:00',
      )
      .touches('09:00', '11:00');
  });

  test('R20 · where there is no later slot, those who wait become EXPIRED', () => {
    given('09:00-09:30 1/1: 1P | 2O! 3W')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/1 ended: 1P\ngone: 2O@09:00 expired, 3W@09:00 expired',
        '2O@09:00 expired',
        '3W@09:00 expired',
      );
  });

  test('R20 · the change tells of the slot, also where nobody waited', () => {
    given('09:00-09:30 0/1:').at('09:30').when(CLOCK).gives('09:00-09:30 0/1 ended:').touches('09:00');
  });

  test('R20 · those who are here stay and are served late; the others stay, too, where there is no grace', () => {
    given('09:00-09:30 2/2: 1P^ 2W')
      .until('09:30')
      .gives('09:00-09:30 2/2 ended: 1P^ 2W')
      .when(callNext('09:00'))
      .gives('09:00-09:30 2/2 ended: 1P*^ 2W', '1P@09:00 called');
  });

  test('R20 · where there is a grace, those who are not here are no-shows, however lately seated; nobody is promoted', () => {
    given('2026-01-31 Asia/Kolkata ON_EMERGENCY no-show-after=3600s\n09:00-09:30 3/3: 1E 2P^ 3W | 4W')
      .at('09:30')
      .when(CLOCK)
      .gives(
        '09:00-09:30 1/3 ended: 2P^\ngone: 1E@09:00 no-show, 3W@09:00 no-show, 4W@09:00 expired',
        '4W@09:00 expired',
        '1E@09:00 no-show',
        '3W@09:00 no-show',
      );
  });

  test('R13 · those who wait in a closed slot stay until the day ends', () => {
    given('09:00-09:30 0/1 closed: | 1O! 2W').until('23:59').gives('09:00-09:30 0/1 closed ended: | 1O! 2W');
  });

  test('R13 · those who wait in a closed slot go on where an open one has come about since', () => {
    given('09:00-09:30 1/1: 1W | 2W')
      .when(close('09:00'))
      .when(createSlot('10:00-10:30', 1))
      .until('09:30')
      .gives('09:00-09:30 0/1 closed ended:\n10:00-10:30 1/1: 1W<09:00 | 2W<09:00', '2W@10:00 moved from 09:00');
  });

  test('R20 · who comes back from the doctor after the end has the seat again', () => {
    given('09:00-09:30 1/1: 1W* | 2P')
      .until('09:30')
      .when(sendBack(1))
      .gives('09:00-09:30 1/1 ended: 1W\ngone: 2P@09:00 expired', '1W@09:00 returned');
  });

  test('R20 · slots that end while nobody asks do so one after another, each at its own instant', () => {
    const day = given('09:00-09:30 1/1: 1P | 2W\n09:30-10:00 1/1: 3P').until('11:00');
    day.gives(
      '09:00-09:30 1/1 ended: 1P\n09:30-10:00 1/1 ended: 3P\ngone: 2W<09:00@09:30 expired',
      '2W@09:30 moved from 09:00',
      '2W@09:30 expired',
    );
    expect(day.journal.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual(['04:00', '04:30']);
  });

  test('R20 · a slot is created as ever after one has ended', () => {
    given('09:00-09:30 1/1: 1P')
      .until('09:30')
      .when(createSlot('10:00-10:30', 1))
      .when(allocate('WALK_IN', '10:00'))
      .gives('09:00-09:30 1/1 ended: 1P\n10:00-10:30 1/1: 2W', '2W@10:00 allocated');
  });
});
