import { allocate, given } from './scenario.js';

describe('R2 · displacement', () => {
  test('R2 · a stronger token displaces the weakest ACTIVE one, and its own effect comes first', () => {
    given('09:00-09:30 2/2: 2F 1W')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 2/2: 3P 2F | 1W!', '3P@09:00 allocated', '1W@09:00 displaced by 3P');
  });

  test('R2 · among equals, the newest is displaced', () => {
    given('09:00-09:30 3/3: 1W 2W 3W')
      .when(allocate('ONLINE', '09:00'))
      .gives('09:00-09:30 3/3: 4O 1W 2W | 3W!', '4O@09:00 allocated', '3W@09:00 displaced by 4O');
  });

  test('R2 · the displaced token waits in order of strength, before weaker and newer ones', () => {
    given('09:00-09:30 1/1: 2O | 1W 3W')
      .when(allocate('FOLLOW_UP', '09:00'))
      .gives('09:00-09:30 1/1: 4F | 2O! 1W 3W', '4F@09:00 allocated', '2O@09:00 displaced by 4F');
  });

  test('R2 · tokens of other slots are not displaced', () => {
    given(`
      09:00-09:30 1/1: 1P
      09:30-10:00 1/1: 2W`)
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 1P | 3P\n09:30-10:00 1/1: 2W', '3P@09:00 queued');
  });
});

describe('R4 · protected', () => {
  test.each([
    ['an EMERGENCY', '1E'],
    ['a SERVING token', '1W*'],
    ['a COMPLETED token', '1W+'],
    ['a token of equal priority', '1P'],
  ])('R4 · %s is not displaced', (_, seated) => {
    given(`09:00-09:30 1/1: ${seated}`)
      .when(allocate('PAID', '09:00'))
      .gives(`09:00-09:30 1/1: ${seated} | 2P`, '2P@09:00 queued');
  });

  test('R4 · beside weaker protected tokens, the weakest ACTIVE one is displaced', () => {
    given('09:00-09:30 3/3: 3O 1W* 2W+')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 3/3: 4P 1W* 2W+ | 3O!', '4P@09:00 allocated', '3O@09:00 displaced by 4P');
  });
});

describe('R6 · controlled', () => {
  test('R6 · one command displaces one token, though many are weaker', () => {
    given('09:00-09:30 3/3: 1W 2W 3W')
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 3/3: 4P 1W 2W | 3W!', '4P@09:00 allocated', '3W@09:00 displaced by 4P');
  });

  test('R6 · who is moved downstream displaces nobody there', () => {
    given(`
      2026-01-31 Asia/Kolkata ALWAYS
      09:00-09:30 1/1: 1F
      09:30-10:00 1/1: 2W`)
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 3P | 1F!\n09:30-10:00 1/1: 2W', '3P@09:00 allocated', '1F@09:00 displaced by 3P');
  });
});
