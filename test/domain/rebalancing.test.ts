import { allocate, createSlot, emergency, given } from './scenario.js';

const under = (policy: string, slots: string) => given(`2026-01-31 Asia/Kolkata ${policy}\n${slots}`);

describe('R7 · downstream rebalancing', () => {
  test('R7 · DISPLACED tokens are seated strongest first, each in the earliest later slot with a free seat', () => {
    given(`
      09:00-09:30 1/1: 4E | 2P! 1W!
      09:30-10:00 1/1: 5E | 3O!
      10:00-10:30 0/1:
      10:30-11:00 0/2:`)
      .when(emergency('09:00'))
      .gives(
        '09:00-09:30 2/1: 4E 6E\n09:30-10:00 1/1: 5E\n10:00-10:30 1/1: 2P<09:00\n10:30-11:00 2/2: 3O<09:30 1W<09:00',
        '6E@09:00 allocated',
        '2P@10:00 moved from 09:00',
        '3O@10:30 moved from 09:30',
        '1W@10:30 moved from 09:00',
      )
      .touches('09:00', '09:30', '10:00', '10:30');
  });

  test('R7 · one that finds no later seat stays DISPLACED in its own queue, and a weaker one may find one', () => {
    given(`
      09:00-09:30 1/1: 3E | 2W!
      09:30-10:00 0/1:
      10:00-10:30 1/1: 4E | 1P!`)
      .when(emergency('10:00'))
      .gives(
        '09:00-09:30 1/1: 3E\n09:30-10:00 1/1: 2W<09:00\n10:00-10:30 2/1: 4E 5E | 1P!',
        '5E@10:00 allocated',
        '2W@09:30 moved from 09:00',
      )
      .touches('09:00', '09:30', '10:00');
  });

  test('R7 · those WAITING are not moved', () => {
    given('09:00-09:30 1/1: 1P | 2P\n09:30-10:00 0/2:')
      .when(emergency('09:00'))
      .gives(
        '09:00-09:30 1/1: 3E | 2P\n09:30-10:00 1/2: 1P<09:00',
        '3E@09:00 allocated',
        '1P@09:00 displaced by 3E',
        '1P@09:30 moved from 09:00',
      );
  });

  test('R9 · no seat of an earlier slot is taken', () => {
    given('09:00-09:30 0/1:\n09:30-10:00 1/1: 1P')
      .when(emergency('09:30'))
      .gives('09:00-09:30 0/1:\n09:30-10:00 1/1: 2E | 1P!', '2E@09:30 allocated', '1P@09:30 displaced by 2E');
  });

  test('R9 · with a free seat before and one after, the later is taken', () => {
    given('09:00-09:30 0/1:\n09:30-10:00 1/1: 1P\n10:00-10:30 0/1:')
      .when(emergency('09:30'))
      .gives(
        '09:00-09:30 0/1:\n09:30-10:00 1/1: 2E\n10:00-10:30 1/1: 1P<09:30',
        '2E@09:30 allocated',
        '1P@09:30 displaced by 2E',
        '1P@10:00 moved from 09:30',
      );
  });

  test('R7 · a token may be displaced and moved more than once; what was asked for at first is kept', () => {
    given('09:00-09:30 1/1: 1P\n09:30-10:00 0/1:\n10:00-10:30 0/1:')
      .when(emergency('09:00'))
      .when(emergency('09:30'))
      .gives(
        '09:00-09:30 1/1: 2E\n09:30-10:00 1/1: 3E\n10:00-10:30 1/1: 1P<09:00',
        '3E@09:30 allocated',
        '1P@09:30 displaced by 3E',
        '1P@10:00 moved from 09:30',
      );
  });
});

describe('R7 · when it runs', () => {
  test.each(['ON_EMERGENCY', 'ALWAYS'])('R7 · %s: after an emergency that displaced nobody, too', (policy) => {
    under(policy, '09:00-09:30 0/1:\n09:30-10:00 1/1: 2P | 1W!\n10:00-10:30 0/1:')
      .when(emergency('09:00'))
      .gives(
        '09:00-09:30 1/1: 3E\n09:30-10:00 1/1: 2P\n10:00-10:30 1/1: 1W<09:30',
        '3E@09:00 allocated',
        '1W@10:00 moved from 09:30',
      );
  });

  test('R7 · NEVER: not even after an emergency', () => {
    under('NEVER', '09:00-09:30 1/1: 1W\n09:30-10:00 0/1:')
      .when(emergency('09:00'))
      .gives('09:00-09:30 1/1: 2E | 1W!\n09:30-10:00 0/1:', '2E@09:00 allocated', '1W@09:00 displaced by 2E');
  });

  test.each(['ON_EMERGENCY', 'NEVER'])('R7 · %s: not after a displacement by R2', (policy) => {
    under(policy, '09:00-09:30 1/1: 1W\n09:30-10:00 0/1:')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 2P | 1W!\n09:30-10:00 0/1:', '2P@09:00 allocated', '1W@09:00 displaced by 2P');
  });

  test('R7 · ALWAYS: after a displacement by R2, for all who are DISPLACED', () => {
    under('ALWAYS', '09:00-09:30 1/1: 2O | 1W!\n09:30-10:00 0/2:')
      .when(allocate('PAID', '09:00'))
      .gives(
        '09:00-09:30 1/1: 3P\n09:30-10:00 2/2: 2O<09:00 1W<09:00',
        '3P@09:00 allocated',
        '2O@09:00 displaced by 3P',
        '2O@09:30 moved from 09:00',
        '1W@09:30 moved from 09:00',
      );
  });

  test('R7 · ALWAYS: not after a token that displaced nobody', () => {
    under('ALWAYS', '09:00-09:30 1/1: 2P | 1W!\n09:30-10:00 0/2:')
      .when(allocate('ONLINE', '09:30'))
      .gives('09:00-09:30 1/1: 2P | 1W!\n09:30-10:00 1/2: 3O', '3O@09:30 allocated');
  });
});

describe('R16 · a new slot', () => {
  const crowded = '09:00-09:30 1/1: 4E | 1O! 3W\n10:00-10:30 1/1: 5E | 2P!\n11:00-11:30 1/1: 7E | 6P!';

  test('R16 · seats the DISPLACED tokens of earlier slots, strongest first, as many as fit', () => {
    given(crowded)
      .when(createSlot('10:30-11:00', 1))
      .gives(
        '09:00-09:30 1/1: 4E | 1O! 3W\n10:00-10:30 1/1: 5E\n10:30-11:00 1/1: 2P<10:00\n11:00-11:30 1/1: 7E | 6P!',
        '2P@10:30 moved from 10:00',
      )
      .touches('10:00', '10:30');
  });

  test('R16 · with seats to spare, takes all DISPLACED of earlier slots, and nobody else', () => {
    given(crowded)
      .when(createSlot('10:30-11:00', 9))
      .gives(
        '09:00-09:30 1/1: 4E | 3W\n10:00-10:30 1/1: 5E\n10:30-11:00 2/9: 2P<10:00 1O<09:00\n11:00-11:30 1/1: 7E | 6P!',
        '2P@10:30 moved from 10:00',
        '1O@10:30 moved from 09:00',
      )
      .touches('09:00', '10:00', '10:30');
  });

  test('R16 · under NEVER stays empty', () => {
    under('NEVER', '09:00-09:30 1/1: 2E | 1P!')
      .when(createSlot('09:30-10:00', 1))
      .gives('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 0/1:')
      .touches('09:30');
  });

  test('R16 · no other slot is touched, though it has a free seat', () => {
    under('ALWAYS', '09:00-09:30 1/1: 3P | 1O! 2W!\n11:00-11:30 0/1:')
      .when(createSlot('10:00-10:30', 1))
      .gives('09:00-09:30 1/1: 3P | 2W!\n10:00-10:30 1/1: 1O<09:00\n11:00-11:30 0/1:', '1O@10:00 moved from 09:00')
      .touches('09:00', '10:00');
  });

  test('a new slot may touch its neighbours on both sides, and slots are kept by start', () => {
    given('09:00-09:30 0/1:\n10:00-10:30 0/1:')
      .when(createSlot('09:30-10:00', 2))
      .gives('09:00-09:30 0/1:\n09:30-10:00 0/2:\n10:00-10:30 0/1:')
      .touches('09:30');
  });
});
