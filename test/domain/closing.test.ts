import { allocate, close, emergency, emergencyForDoctor, given, sendBack, slotAt } from './scenario.js';

describe('R13 · closing', () => {
  test('R13 · its tokens are seated downstream, strongest first; who finds no seat joins the next queue', () => {
    given('09:00-09:30 2/2: 1P 2O | 3W\n09:30-10:00 1/1: 4P\n10:00-10:30 0/1:')
      .when(close('09:00'))
      .gives(
        '09:00-09:30 0/2 closed:\n09:30-10:00 1/1: 4P | 2O!<09:00 3W<09:00\n10:00-10:30 1/1: 1P<09:00',
        '1P@09:00 displaced',
        '2O@09:00 displaced',
        '1P@10:00 moved from 09:00',
        '2O@09:30 moved from 09:00',
        '3W@09:30 moved from 09:00',
      );
  });

  test('R13 · an emergency moves at once, and the weakest there makes way (R5)', () => {
    given('09:00-09:30 1/1: 1E\n10:00-10:30 1/1: 2W')
      .when(close('09:00'))
      .gives(
        '09:00-09:30 0/1 closed:\n10:00-10:30 1/1: 1E<09:00 | 2W!',
        '1E@10:00 moved from 09:00',
        '2W@10:00 displaced by 1E',
      );
  });

  test('R13 · an emergency moves over capacity where nobody can make way', () => {
    given('09:00-09:30 1/1: 1E\n10:00-10:30 1/1: 2E')
      .when(close('09:00'))
      .gives('09:00-09:30 0/1 closed:\n10:00-10:30 2/1: 1E<09:00 2E', '1E@10:00 moved from 09:00');
  });

  test('R13 · without a later open slot they stay, the emergency in its seat', () => {
    given('09:00-09:30 2/2: 1E 2W | 3W\n10:00-10:30 0/2 closed:')
      .when(close('09:00'))
      .gives('09:00-09:30 1/2 closed: 1E | 2W! 3W\n10:00-10:30 0/2 closed:', '2W@09:00 displaced');
  });

  test('R13 · who is with the doctor, or done with, stays', () => {
    given('09:00-09:30 2/2: 1W* 2W+\n10:00-10:30 0/1:')
      .when(close('09:00'))
      .gives('09:00-09:30 2/2 closed: 1W* 2W+\n10:00-10:30 0/1:');
  });

  test('R13 · who is sent back to a closed slot goes the way of the others', () => {
    given('09:00-09:30 1/1 closed: 1W*\n10:00-10:30 0/1:')
      .when(sendBack(1))
      .gives(
        '09:00-09:30 0/1 closed:\n10:00-10:30 1/1: 1W<09:00',
        '1W@09:00 returned',
        '1W@09:00 displaced',
        '1W@10:00 moved from 09:00',
      );
  });

  test.each([
    ['a token', allocate('PAID', '09:00')],
    ['an emergency', emergency('09:00')],
    ['to be closed again', close('09:00')],
  ])('R13 · a closed slot takes no more: %s', (_, command) => {
    given('09:00-09:30 0/1 closed:')
      .when(command)
      .refuses({ reason: 'SLOT_CLOSED', slotId: slotAt('09:00') });
  });

  test('R13 · an emergency for the doctor passes a closed slot by', () => {
    given('09:00-09:30 0/1 closed:\n10:00-10:30 0/1:')
      .at('09:10')
      .when(emergencyForDoctor())
      .gives('09:00-09:30 0/1 closed:\n10:00-10:30 1/1: 1E', '1E@10:00 allocated');
  });
});
