/** Only with a seat: a token that would have to wait is refused instead, and nothing changes. */
import { allocate, DOCTOR, given, seatOnly, slotAt, tokenOf } from './scenario.js';
import { FRIDAY, givenDays, SATURDAY } from './several-days.js';

const noSeat = (start: string) => ({ reason: 'NO_FREE_SEAT', slotId: slotAt(start) });

describe('a new token, only with a seat', () => {
  test('R1 · takes a free seat', () => {
    given('09:00-09:30 1/2: 1W')
      .when(seatOnly(allocate('WALK_IN', '09:00')))
      .gives('09:00-09:30 2/2: 1W 2W', '2W@09:00 allocated');
  });

  test('R2 · displaces somebody weaker', () => {
    given('09:00-09:30 1/1: 1W')
      .when(seatOnly(allocate('PAID', '09:00')))
      .gives('09:00-09:30 1/1: 2P | 1W!', '2P@09:00 allocated', '1W@09:00 displaced by 2P');
  });

  test.each([
    ['R4 · of equal priority', '09:00-09:30 1/1: 1P'],
    ['R4 · in an overflow', '09:00-09:30 2/1: 1E 2E'],
    ['with the doctor', '09:00-09:30 1/1: 1W*'],
  ])('R3 · is refused where it would wait behind somebody %s', (_, day) => {
    given(day)
      .when(seatOnly(allocate('PAID', '09:00')))
      .refuses(noSeat('09:00'));
  });

  test('R24 · is refused where only a protected token is weaker', () => {
    given('2026-01-31 Asia/Kolkata ON_EMERGENCY protects-here\n09:00-09:30 1/1: 1W^')
      .when(seatOnly(allocate('PAID', '09:00')))
      .refuses(noSeat('09:00'));
  });

  test('PATIENT_HAS_TOKEN, SLOT_CLOSED and SLOT_ENDED are said before NO_FREE_SEAT', () => {
    const day = given('08:00-08:30 1/1: 1P\n09:00-09:30 1/1: 2P(asha)\n10:00-10:30 1/1 closed: 3E').at('08:45');
    expect(day.when(seatOnly(allocate('WALK_IN', '08:00'))).refusal.reason).toBe('SLOT_ENDED');
    expect(day.when(seatOnly(allocate('WALK_IN', '09:00', 'asha'))).refusal.reason).toBe('PATIENT_HAS_TOKEN');
    expect(day.when(seatOnly(allocate('WALK_IN', '10:00'))).refusal.reason).toBe('SLOT_CLOSED');
  });

  test('DAY_FULL is said before NO_FREE_SEAT', () => {
    const gone = Array.from({ length: 9_999 }, (_, index) => `${index + 1}W@09:00 cancelled`).join(', ');
    given(`09:00-09:30 1/1: 10000P\ngone: ${gone}`)
      .when(seatOnly(allocate('WALK_IN', '09:00')))
      .refuses({ reason: 'DAY_FULL', doctorId: DOCTOR, date: '2026-01-31' });
  });
});

describe('another slot, only with a seat', () => {
  const oneDay = (slots: string) => givenDays(`2026-01-31 Asia/Kolkata ON_EMERGENCY\n${slots}`);

  test('R1, R2 · is given where there is a seat, and says so in the journal', () => {
    const days = oneDay('09:00-09:30 1/1: 1P\n10:00-10:30 1/1: 2W').reschedules(1, '10:00', { seatOnly: true });
    days.tells(['3P@10:00 allocated', '2W@10:00 displaced by 3P', '1P@09:00 cancelled']);
    const told = { kind: 'RescheduleToken', tokenId: tokenOf(1), slotId: slotAt('10:00'), seatOnly: true };
    expect(days.decisions[0]?.command).toEqual(told);
  });

  test('R3 · is refused where it would wait, and the old token keeps its seat', () => {
    oneDay('09:00-09:30 1/1: 1O\n10:00-10:30 1/1: 2O')
      .reschedules(1, '10:00', { seatOnly: true })
      .refuses(noSeat('10:00'))
      .gives('09:00-09:30 1/1: 1O\n10:00-10:30 1/1: 2O');
  });

  test('the seat that it gives up counts for nothing, since that is in another slot', () => {
    const day = '09:00-09:30 1/1: 2O | 3O\n10:00-10:30 1/1: 1O';
    oneDay(day).reschedules(1, '09:00', { seatOnly: true }).refuses(noSeat('09:00')).gives(day);
  });

  test('is refused on another day, and both days stay as they were', () => {
    givenDays(`${FRIDAY}\n09:00-09:30 1/1: 1W`, `${SATURDAY}\n10:00-10:30 1/1: 1O`)
      .reschedules(1, '10:00', { seatOnly: true })
      .refuses(noSeat('10:00'))
      .gives('09:00-09:30 1/1: 1W', '10:00-10:30 1/1: 1O');
  });

  test.each([
    ['TOKEN_NOT_LIVE', 3],
    ['TOKEN_SERVING', 2],
    ['TOKEN_IS_EMERGENCY', 1],
  ])('%s is said before NO_FREE_SEAT', (reason, number) => {
    const day = oneDay('09:00-09:30 2/2: 1E 2P*\n10:00-10:30 1/1: 4P\ngone: 3W@09:00 cancelled');
    expect(day.reschedules(number, '10:00', { seatOnly: true }).refusal.reason).toBe(reason);
  });
});
