import { allocate, call, checkIn, close, emergency, given, resize, sendBack } from './scenario.js';

const here = (slots: string) => given(`2026-01-31 Asia/Kolkata ON_EMERGENCY protects-here\n${slots}`);
const twice = (slots: string) => given(`2026-01-31 Asia/Kolkata ON_EMERGENCY displaced-at-most=2\n${slots}`);

describe('R24 · who has checked in, where that protects', () => {
  test('R24 · is displaced by nobody but emergencies: the weakest of the others makes way', () => {
    here('09:00-09:30 2/2: 1O 2W^')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 2/2: 3P 2W^ | 1O!', '3P@09:00 allocated', '1O@09:00 displaced by 3P');
  });

  test('R3, R24 · where all are protected who are weaker, the new token waits', () => {
    here('09:00-09:30 1/1: 1W^').when(allocate('PAID', '09:00')).gives('09:00-09:30 1/1: 1W^ | 2P', '2P@09:00 queued');
  });

  test('R5, R24 · makes way for an emergency as others do: the weakest, protected or not', () => {
    here('09:00-09:30 2/2: 1O 2W^')
      .when(emergency('09:00'))
      .gives('09:00-09:30 2/2: 3E 1O | 2W!^', '3E@09:00 allocated', '2W@09:00 displaced by 3E');
  });

  test('R24 · is so from checking in on', () => {
    here('09:00-09:30 1/1: 1W')
      .when(checkIn(1))
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 1W^ | 2P', '2P@09:00 queued');
  });

  test('R12, R24 · keeps the seat when capacity is cut, even beyond it', () => {
    here('09:00-09:30 3/3: 1P 2O^ 3W^')
      .when(resize('09:00', 1))
      .gives('09:00-09:30 2/1: 2O^ 3W^ | 1P!', '1P@09:00 displaced');
  });

  test('R5, R24 · an emergency in a slot that was cut displaces one of them, and does not make it fuller', () => {
    here('09:00-09:30 2/1: 2O^ 3W^ | 1P!')
      .when(emergency('09:00'))
      .gives('09:00-09:30 2/1: 4E 2O^ | 1P! 3W!^', '4E@09:00 allocated', '3W@09:00 displaced by 4E');
  });

  test('R13, R24 · leaves a slot that is closed, as all do', () => {
    here('09:00-09:30 1/1: 1W^\n09:30-10:00 0/1:')
      .when(close('09:00'))
      .gives('09:00-09:30 0/1 closed:\n09:30-10:00 1/1: 1W^<09:00', '1W@09:00 displaced', '1W@09:30 moved from 09:00');
  });

  test('R24 · does not give way when sent back', () => {
    here('09:00-09:30 1/1: 1W*^ | 2P').when(sendBack(1)).gives('09:00-09:30 1/1: 1W^ | 2P', '1W@09:00 returned');
  });

  test('I3 · who was called without having checked in gives way when sent back', () => {
    here('09:00-09:30 1/1: 1W')
      .when(call(1))
      .when(allocate('PAID', '09:00'))
      .when(sendBack(1))
      .gives('09:00-09:30 1/1: 2P | 1W!', '1W@09:00 returned', '1W@09:00 displaced by 2P', '2P@09:00 promoted');
  });
});

describe('R24 · who has been displaced as often as the policy allows', () => {
  test('R24 · is displaced by nobody but emergencies', () => {
    twice('09:00-09:30 1/1: 1Wx2')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 1Wx2 | 2P', '2P@09:00 queued');
    twice('09:00-09:30 1/1: 1Wx2')
      .when(emergency('09:00'))
      .gives('09:00-09:30 1/1: 2E | 1W!x3', '2E@09:00 allocated', '1W@09:00 displaced by 2E');
  });

  test('R24 · is displaced once more where it was less often', () => {
    twice('09:00-09:30 1/1: 1Wx1')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 2P | 1W!x2', '2P@09:00 allocated', '1W@09:00 displaced by 2P');
  });

  test('R13, R24 · being displaced because a slot is closed counts', () => {
    const day = twice('09:00-09:30 1/1: 1Wx1\n09:30-10:00 0/1:').when(close('09:00'));
    day
      .when(allocate('PAID', '09:30'))
      .gives('09:00-09:30 0/1 closed:\n09:30-10:00 1/1: 1Wx2<09:00 | 2P', '2P@09:30 queued');
  });

  test('R24 · without a limit nobody is protected, however often displaced', () => {
    given('09:00-09:30 1/1: 1Wx9')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 2P | 1W!', '2P@09:00 allocated', '1W@09:00 displaced by 2P');
  });
});
