import { allocate, createSlot, emergency, given, slotAt } from './scenario.js';

describe('slots', () => {
  test.each([
    ['the same window', '09:00-09:30', '09:00'],
    ['its beginning', '08:45-09:15', '09:00'],
    ['its end', '09:15-09:45', '09:00'],
    ['the whole of it', '08:00-09:45', '09:00'],
    ['a part of it', '09:10-09:20', '09:00'],
    ['two, of which the earlier is named', '09:15-10:15', '09:00'],
  ])('a new slot may not overlap another: %s', (_, window, named) => {
    given('09:00-09:30 0/1:\n10:00-10:30 0/1:')
      .when(createSlot(window, 1))
      .refuses({ reason: 'SLOT_OVERLAPS', slotId: slotAt(named) });
  });

  test('creating a slot is a change with a revision of its own, and without effects', () => {
    const scenario = given('').when(createSlot('23:00-24:00', 1000)).gives('23:00-24:00 0/1000:').touches('23:00');
    expect(scenario.accepted.change.revision).toBe(1);
  });

  test('a slot that the day does not have is not found', () => {
    const notFound = { reason: 'SLOT_NOT_FOUND', slotId: slotAt('12:00') };
    given('09:00-09:30 0/1:').when(allocate('PAID', '12:00')).refuses(notFound);
    given('09:00-09:30 0/1:').when(emergency('12:00')).refuses(notFound);
  });
});
