import { REASONS, type Reason } from '../../src/domain/refusal.js';
import { allocate, call, callNext, createSlot, emergency, emergencyForDoctor, given, noShow } from './scenario.js';

const DAY = `
  08:00-08:30 1/2: 1E(eve)
  09:00-09:30 1/1: 2W*(bob) | 3W(carol)
  gone: 4W@08:00 cancelled`;

/** Where two reasons apply, the first is said. */
const PAIRS: [Reason, Reason, Parameters<ReturnType<typeof given>['when']>[0], string?][] = [
  ['INVALID_FIELDS', 'SLOT_OVERLAPS', createSlot('08:00-08:30', 1)],
  ['SLOT_NOT_FOUND', 'PATIENT_HAS_TOKEN', allocate('PAID', '12:00', 'eve')],
  ['SLOT_NOT_FOUND', 'PATIENT_HAS_TOKEN', emergency('12:00', 'eve')],
  ['SLOT_ENDED', 'PATIENT_HAS_TOKEN', allocate('PAID', '08:00', 'eve')],
  ['SLOT_ENDED', 'PATIENT_HAS_TOKEN', emergency('08:00', 'eve')],
  ['NO_OPEN_SLOT', 'PATIENT_HAS_TOKEN', emergencyForDoctor('eve'), '10:00'],
  ['TOKEN_NOT_LIVE', 'TOKEN_WITHOUT_SEAT', noShow(4)],
  ['SLOT_NOT_FOUND', 'TOKEN_NOT_FOUND', callNext('12:00', true, 9)],
  ['TOKEN_NOT_FOUND', 'NOBODY_TO_CALL', callNext(undefined, true, 9)],
  ['TOKEN_NOT_FOUND', 'TOKEN_NOT_LIVE', call(4, true, 9)],
  ['TOKEN_WITHOUT_SEAT', 'DOCTOR_BUSY', call(3, true, 1)],
  ['NOBODY_TO_CALL', 'DOCTOR_BUSY', callNext('09:00', true, 1)],
];

describe('the precedence of refusals', () => {
  test.each(PAIRS)('%s is said before %s', (first, second, command, clock = '08:45') => {
    const scenario = given(DAY).at(clock).when(command);
    expect(scenario.refusal.reason).toBe(first);
    expect(REASONS.indexOf(first)).toBeLessThan(REASONS.indexOf(second));
  });

  test('TOKEN_WITHOUT_SEAT and NOBODY_TO_CALL, where the token expected is not with the doctor', () => {
    const day = given('09:00-09:30 1/1: 1P | 2W');
    expect(day.when(call(2, true, 1)).refusal.reason).toBe('TOKEN_WITHOUT_SEAT');
    expect(day.when(callNext('09:00', true, 1)).refusal.reason).toBe('TOKEN_NOT_SERVING');
  });

  test('PATIENT_HAS_TOKEN is said before DAY_FULL', () => {
    const gone = Array.from({ length: 9_999 }, (_, index) => `${index + 1}W@09:00 cancelled`).join(', ');
    const scenario = given(`09:00-09:30 1/1: 10000W(alice)\ngone: ${gone}`);
    expect(scenario.when(allocate('PAID', '09:00', 'alice')).refusal.reason).toBe('PATIENT_HAS_TOKEN');
    expect(scenario.when(allocate('PAID', '09:00', 'bob')).refusal.reason).toBe('DAY_FULL');
  });
});
