import { cancel, emergency, emergencyForDoctor, given, tokenOf } from './scenario.js';

describe('R5 · emergency', () => {
  test('R5 · takes a free seat without displacing anybody', () => {
    given('09:00-09:30 1/2: 1W').when(emergency('09:00')).gives('09:00-09:30 2/2: 2E 1W', '2E@09:00 allocated');
  });

  test('R5 · displaces the weakest who is no emergency, even PAID', () => {
    given('09:00-09:30 2/2: 1P 2P')
      .when(emergency('09:00'))
      .gives('09:00-09:30 2/2: 3E 1P | 2P!', '3E@09:00 allocated', '2P@09:00 displaced by 3E');
  });

  test.each([
    ['emergencies', '1E'],
    ['SERVING tokens', '1W*'],
    ['COMPLETED tokens', '1W+'],
  ])('R5 · among %s only, the slot overflows', (_, seated) => {
    const seats = seated === '1E' ? '1E 2E' : `2E ${seated}`;
    given(`09:00-09:30 1/1: ${seated}`)
      .when(emergency('09:00'))
      .gives(`09:00-09:30 2/1: ${seats}`, '2E@09:00 allocated');
  });

  test('R5 · an overflow grows by one seat an emergency', () => {
    given('09:00-09:30 2/1: 1E 2E | 3W!')
      .when(emergency('09:00'))
      .gives('09:00-09:30 3/1: 1E 2E 4E | 3W!', '4E@09:00 allocated');
  });
});

describe('R5 · an emergency for the doctor', () => {
  const day = '09:00-09:30 0/1:\n10:00-10:30 0/1:';

  test.each([
    ['before the first slot, goes into the first', '08:00', '09:00'],
    ['while a slot runs, goes into it', '09:29', '09:00'],
    ['as a slot begins, goes into it', '10:00', '10:00'],
    ['between slots, goes into the next', '09:30', '10:00'],
  ])('R5 · %s', (_, clock, start) => {
    const lines = ['09:00-09:30', '10:00-10:30'].map(
      (slot) => `${slot} ${slot.startsWith(start) ? '1/1: 1E' : '0/1:'}`,
    );
    given(day).at(clock).when(emergencyForDoctor()).gives(lines.join('\n'), `1E@${start} allocated`);
  });

  test('R5 · goes into the running slot though it is full and the next is free', () => {
    given('09:00-09:30 1/1: 1E\n09:30-10:00 0/1:')
      .at('09:10')
      .when(emergencyForDoctor())
      .gives('09:00-09:30 2/1: 1E 2E\n09:30-10:00 0/1:', '2E@09:00 allocated')
      .touches('09:00');
  });
});

describe('R19 · turned emergency', () => {
  test('R19 · takes the very seat of the earlier token: nobody is displaced or promoted', () => {
    given('09:00-09:30 2/2: 1P 2W(alice) | 3W')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 2/2: 4E(alice) 1P | 3W\ngone: 2W(alice)@09:00 cancelled',
        '4E@09:00 allocated',
        '2W@09:00 cancelled',
      );
  });

  test('R19 · takes that seat also in an overflowing slot, where somebody could make way', () => {
    given('09:00-09:30 4/2: 1E 2E 3P(alice) 4W')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 4/2: 1E 2E 5E(alice) 4W\ngone: 3P(alice)@09:00 cancelled',
        '5E@09:00 allocated',
        '3P@09:00 cancelled',
      );
  });

  test('R19 · R8 does not run for that seat, though another is free there: R7 seats who is DISPLACED', () => {
    given('09:00-09:30 1/1: 2P | 1W!\n09:30-10:00 0/1:\n10:00-10:30 1/2: 3W(alice)')
      .when(emergency('10:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 2P\n09:30-10:00 1/1: 1W<09:00\n10:00-10:30 1/2: 4E(alice)\ngone: 3W(alice)@10:00 cancelled',
        '4E@10:00 allocated',
        '3W@10:00 cancelled',
        '1W@09:30 moved from 09:00',
      );
  });

  test('R19 · whoever waited in the same slot is cancelled, and the weakest makes way', () => {
    given('09:00-09:30 1/1: 1P | 2W(alice)')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 3E(alice) | 1P!\ngone: 2W(alice)@09:00 cancelled',
        '3E@09:00 allocated',
        '2W@09:00 cancelled',
        '1P@09:00 displaced by 3E',
      );
  });

  test('R19 · the seat freed in another slot goes to the strongest of its own queue', () => {
    given('09:00-09:30 1/1: 1P\n10:00-10:30 1/1: 2P(alice) | 3W')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 4E(alice) | 1P!\n10:00-10:30 1/1: 3W\ngone: 2P(alice)@10:00 cancelled',
        '4E@09:00 allocated',
        '2P@10:00 cancelled',
        '1P@09:00 displaced by 4E',
        '3W@10:00 promoted',
      )
      .touches('09:00', '10:00');
  });

  test('R19 · with nobody waiting there, the token just displaced takes the freed seat (R8)', () => {
    given('09:00-09:30 1/1: 1P\n10:00-10:30 1/1: 2P(alice)')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 3E(alice)\n10:00-10:30 1/1: 1P<09:00\ngone: 2P(alice)@10:00 cancelled',
        '3E@09:00 allocated',
        '2P@10:00 cancelled',
        '1P@09:00 displaced by 3E',
        '1P@10:00 moved from 09:00',
      );
  });

  test('R19 · the day is rebalanced after the very seat was taken', () => {
    given('09:00-09:30 2/2: 1P 2W(alice) | 3W!\n10:00-10:30 0/1:')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 2/2: 4E(alice) 1P\n10:00-10:30 1/1: 3W<09:00\ngone: 2W(alice)@09:00 cancelled',
        '4E@09:00 allocated',
        '2W@09:00 cancelled',
        '3W@10:00 moved from 09:00',
      );
  });

  test('R19 · under NEVER the freed seat goes to its own queue only, and nobody is moved', () => {
    given('2026-01-31 Asia/Kolkata NEVER\n09:00-09:30 1/1: 1P\n10:00-10:30 1/1: 2P(alice)')
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 3E(alice) | 1P!\n10:00-10:30 0/1:\ngone: 2P(alice)@10:00 cancelled',
        '3E@09:00 allocated',
        '2P@10:00 cancelled',
        '1P@09:00 displaced by 3E',
      );
  });

  test('R19 · a seat freed in a slot that has ended stays free', () => {
    given('09:00-09:30 1/1: 1P(alice) | 2W\n10:00-10:30 0/1:')
      .at('09:45')
      .when(emergency('10:00', 'alice'))
      .gives(
        '09:00-09:30 0/1: | 2W\n10:00-10:30 1/1: 3E(alice)\ngone: 1P(alice)@09:00 cancelled',
        '3E@10:00 allocated',
        '1P@09:00 cancelled',
      );
  });

  test('R19 · a patient whose emergency is gone may have another', () => {
    given('09:00-09:30 1/1: 2E(alice)\ngone: 1W(alice)@09:00 cancelled')
      .when(cancel(2))
      .when(emergency('09:00', 'alice'))
      .gives(
        '09:00-09:30 1/1: 3E(alice)\ngone: 1W(alice)@09:00 cancelled, 2E(alice)@09:00 cancelled',
        '3E@09:00 allocated',
      );
  });

  test.each([
    ['SERVING', '1W*(alice)'],
    ['an EMERGENCY already', '1E(alice)'],
  ])('R19 · a patient who is %s is refused (R14)', (_, seated) => {
    given(`09:00-09:30 1/2: ${seated}`)
      .when(emergency('09:00', 'alice'))
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(1) });
  });
});
