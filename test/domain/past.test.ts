import { allocate, cancel, createSlot, DOCTOR, emergency, emergencyForDoctor, given, slotAt } from './scenario.js';

const inIndia = (time: string) => Date.parse(`2026-01-31T${time}:00+05:30`);
const ended = { reason: 'SLOT_ENDED', slotId: slotAt('09:00'), endedAt: inIndia('09:30') };
const tooLate = {
  reason: 'INVALID_FIELDS',
  violations: [{ field: 'end', description: 'the slot would already have ended' }],
};

describe('R17 · the past', () => {
  test('R17 · a slot takes tokens to its last minute, and none from its end on', () => {
    given('09:00-09:30 0/2:')
      .at('09:29')
      .when(allocate('WALK_IN', '09:00'))
      .at('09:30')
      .when(allocate('WALK_IN', '09:00'))
      .refuses(ended);
  });

  test('R17 · an ended slot takes no emergency', () => {
    given('09:00-09:30 0/1:\n10:00-10:30 0/1:').at('09:30').when(emergency('09:00')).refuses(ended);
  });

  test('R17 · an ended slot promotes nobody, neither from its own queue nor from an earlier one', () => {
    given('08:30-09:00 1/1: 2E | 1P!\n09:00-09:30 1/1: 3P | 4W')
      .at('09:30')
      .when(cancel(3))
      .gives('08:30-09:00 1/1: 2E | 1P!\n09:00-09:30 0/1: | 4W\ngone: 3P@09:00 cancelled', '3P@09:00 cancelled')
      .when(cancel(4))
      .gives(
        '08:30-09:00 1/1: 2E | 1P!\n09:00-09:30 0/1:\ngone: 3P@09:00 cancelled, 4W@09:00 cancelled',
        '4W@09:00 cancelled',
      );
  });

  test('R17 · nobody is moved into an ended slot, and those who wait in one may still move out', () => {
    given('08:30-09:00 1/1: 2E | 1P!\n09:00-09:30 0/1:\n09:30-10:00 0/1:\n10:00-10:30 0/1:')
      .at('09:30')
      .when(emergency('10:00'))
      .gives(
        '08:30-09:00 1/1: 2E\n09:00-09:30 0/1:\n09:30-10:00 1/1: 1P<08:30\n10:00-10:30 1/1: 3E',
        '3E@10:00 allocated',
        '1P@09:30 moved from 08:30',
      );
  });

  test('R17 · a freed seat is filled from the queue of a slot that has ended', () => {
    given('09:00-09:30 1/1: 2E | 1P!\n09:30-10:00 1/1: 3W')
      .at('09:45')
      .when(cancel(3))
      .gives(
        '09:00-09:30 1/1: 2E\n09:30-10:00 1/1: 1P<09:00\ngone: 3W@09:30 cancelled',
        '3W@09:30 cancelled',
        '1P@09:30 moved from 09:00',
      );
  });

  test('R17 · a new slot takes in those who wait in a slot that has ended (R16)', () => {
    given('09:00-09:30 1/1: 2E | 1P!')
      .at('09:45')
      .when(createSlot('10:00-10:30', 1))
      .gives('09:00-09:30 1/1: 2E\n10:00-10:30 1/1: 1P<09:00', '1P@10:00 moved from 09:00');
  });

  test('R17 · a slot that would already have ended cannot be created; one that runs can', () => {
    given('').at('09:30').when(createSlot('09:00-09:30', 1)).refuses(tooLate);
    given('').at('09:29').when(createSlot('09:00-09:30', 1)).gives('09:00-09:30 0/1:').touches('09:00');
  });

  test('R5 · an emergency for a doctor whose slots have all ended is refused', () => {
    given('09:00-09:30 0/1:')
      .at('09:30')
      .when(emergencyForDoctor())
      .refuses({ reason: 'NO_OPEN_SLOT', doctorId: DOCTOR });
    given('').when(emergencyForDoctor()).refuses({ reason: 'NO_OPEN_SLOT', doctorId: DOCTOR });
  });
});

describe('R17 · when the clock goes back', () => {
  test('R17 · time does not: a slot that had ended when the day last changed stays ended', () => {
    given('09:00-09:30 0/1:\n10:00-10:30 0/1:')
      .at('09:30')
      .when(allocate('WALK_IN', '10:00'))
      .at('09:10')
      .when(allocate('WALK_IN', '09:00'))
      .refuses(ended);
  });

  test('R17 · a change is stamped no earlier than the one before', () => {
    const day = given('09:00-09:30 0/2:').at('09:10').when(allocate('WALK_IN', '09:00')).at('09:05');
    const { change } = day.when(allocate('WALK_IN', '09:00')).accepted;
    expect(change.at).toBe(inIndia('09:10'));
    expect(change.effects.map(({ token }) => token.createdAt)).toEqual([inIndia('09:10')]);
  });

  test('R17 · a refused command does not move the time of the day', () => {
    given('09:00-09:30 1/2: 1W(alice)')
      .at('09:30')
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .at('09:10')
      .when(allocate('WALK_IN', '09:00', 'bob'))
      .gives('09:00-09:30 2/2: 1W(alice) 2W(bob)', '2W@09:00 allocated');
  });
});
