import { given, resize, slotAt } from './scenario.js';

describe('R12 · capacity', () => {
  test('R12 · more seats promote, strongest first, until they are taken', () => {
    given('09:00-09:30 1/1: 1P | 3O 2W 4W')
      .when(resize('09:00', 3))
      .gives('09:00-09:30 3/3: 1P 3O 2W | 4W', '3O@09:00 promoted', '2W@09:00 promoted');
  });

  test('R12 · fewer seats displace the weakest, who are seated downstream', () => {
    given('09:00-09:30 3/3: 1P 2O 3W\n10:00-10:30 0/1:')
      .when(resize('09:00', 1))
      .gives(
        '09:00-09:30 1/1: 1P | 3W!\n10:00-10:30 1/1: 2O<09:00',
        '3W@09:00 displaced',
        '2O@09:00 displaced',
        '2O@10:00 moved from 09:00',
      );
  });

  test('R12 · under NEVER those displaced stay', () => {
    given('2026-01-31 Asia/Kolkata NEVER\n09:00-09:30 2/2: 1P 2O\n10:00-10:30 0/1:')
      .when(resize('09:00', 1))
      .gives('09:00-09:30 1/1: 1P | 2O!\n10:00-10:30 0/1:', '2O@09:00 displaced');
  });

  test('R12 · where only protected ones are left, the slot overflows', () => {
    given('09:00-09:30 3/3: 1E 2W* 3W+').when(resize('09:00', 1)).gives('09:00-09:30 3/1: 1E 2W* 3W+');
  });

  test('R12 · the same capacity is a change that touches nobody', () => {
    given('09:00-09:30 1/1: 1P | 2W').when(resize('09:00', 1)).gives('09:00-09:30 1/1: 1P | 2W').touches('09:00');
  });

  test('R12 · a closed slot keeps its capacity', () => {
    given('09:00-09:30 0/1 closed:')
      .when(resize('09:00', 2))
      .refuses({ reason: 'SLOT_CLOSED', slotId: slotAt('09:00') });
  });
});
