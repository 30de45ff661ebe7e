import { allocate, given } from './scenario.js';

describe('R1 · free seat', () => {
  test('R1 · a token asked for in a slot with a free seat becomes ACTIVE there', () => {
    given('09:00-09:30 0/1:')
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .gives('09:00-09:30 1/1: 1W(alice)', '1W@09:00 allocated')
      .touches('09:00');
  });

  test('R1 · a free seat is taken without displacing anybody, however weak', () => {
    given('09:00-09:30 1/2: 1W').when(allocate('PAID', '09:00')).gives('09:00-09:30 2/2: 2P 1W', '2P@09:00 allocated');
  });

  test('R1 · ACTIVE, SERVING and COMPLETED tokens take seats', () => {
    given('09:00-09:30 3/3: 3F 1W+ 2W*')
      .when(allocate('WALK_IN', '09:00'))
      .gives('09:00-09:30 3/3: 3F 1W+ 2W* | 4W', '4W@09:00 queued');
  });

  test('R1 · cancelled and no-show tokens take none', () => {
    given(`
      09:00-09:30 0/1:
      gone: 1W@09:00 cancelled, 2W@09:00 no-show`)
      .when(allocate('WALK_IN', '09:00'))
      .gives('09:00-09:30 1/1: 3W\ngone: 1W@09:00 cancelled, 2W@09:00 no-show', '3W@09:00 allocated');
  });
});

describe('R3 · waiting', () => {
  test.each(['ONLINE', 'WALK_IN'] as const)('R3 · in a full slot, %s waits behind an equal or stronger', (source) => {
    const letter = source.charAt(0);
    given('09:00-09:30 1/1: 1O')
      .when(allocate(source, '09:00'))
      .gives(`09:00-09:30 1/1: 1O | 2${letter}`, `2${letter}@09:00 queued`)
      .touches('09:00');
  });

  test('R3 · the waiting queue is ordered by strength: priority, then issue', () => {
    given('09:00-09:30 1/1: 1P | 2W')
      .when(allocate('ONLINE', '09:00'))
      .when(allocate('WALK_IN', '09:00'))
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 1P | 5P 3O 2W 4W', '5P@09:00 queued');
  });

  test('R3 · a full slot does not send anybody to another slot with a free seat', () => {
    given(`
      09:00-09:30 1/1: 1P
      09:30-10:00 0/1:`)
      .when(allocate('WALK_IN', '09:00'))
      .gives('09:00-09:30 1/1: 1P | 2W\n09:30-10:00 0/1:', '2W@09:00 queued')
      .touches('09:00');
  });
});
