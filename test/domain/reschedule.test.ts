import { REASONS, type Reason } from '../../src/domain/refusal.js';
import { DOCTOR, slotAt, tokenOf } from './scenario.js';
import { type Days, FRIDAY, givenDays, SATURDAY } from './several-days.js';

const oneDay = (slots: string, policy = 'ON_EMERGENCY') => givenDays(`2026-01-31 Asia/Kolkata ${policy}\n${slots}`);
const twoDays = (friday: string, saturday: string) => givenDays(`${FRIDAY}\n${friday}`, `${SATURDAY}\n${saturday}`);

describe('rescheduling within a day', () => {
  test('R1 · takes a free seat of a later slot, and R8 · the seat given up is filled', () => {
    oneDay('09:00-09:30 1/1: 1P(asha) | 2W\n10:00-10:30 0/1:')
      .reschedules(1, '10:00')
      .gives('09:00-09:30 1/1: 2W\n10:00-10:30 1/1: 3P(asha)\ngone: 1P(asha)@09:00 cancelled')
      .tells(['3P@10:00 allocated', '1P@09:00 cancelled', '2W@09:00 promoted']);
  });

  test('R9 · is about what the engine does: a patient may ask for an earlier slot', () => {
    oneDay('09:00-09:30 0/1:\n10:00-10:30 1/1: 1W')
      .reschedules(1, '09:00')
      .gives('09:00-09:30 1/1: 2W\n10:00-10:30 0/1:\ngone: 1W@10:00 cancelled')
      .tells(['2W@09:00 allocated', '1W@10:00 cancelled']);
  });

  test('R2 · displaces the weakest of a full slot who is strictly lower', () => {
    oneDay('09:00-09:30 1/1: 1P\n10:00-10:30 2/2: 2O 3W')
      .reschedules(1, '10:00')
      .gives('09:00-09:30 0/1:\n10:00-10:30 2/2: 4P 2O | 3W!\ngone: 1P@09:00 cancelled')
      .tells(['4P@10:00 allocated', '3W@10:00 displaced by 4P', '1P@09:00 cancelled']);
  });

  test('R3 · waits where nobody is weaker, whatever seat was given up', () => {
    oneDay('09:00-09:30 1/1: 1O\n10:00-10:30 1/1: 2O')
      .reschedules(1, '10:00')
      .gives('09:00-09:30 0/1:\n10:00-10:30 1/1: 2O | 3O\ngone: 1O@09:00 cancelled')
      .tells(['3O@10:00 queued', '1O@09:00 cancelled']);
  });

  test('R8 · a place in a waiting queue that is given up frees nothing', () => {
    oneDay('09:00-09:30 1/1: 1P | 2W! 3W\n10:00-10:30 0/1:')
      .reschedules(2, '10:00')
      .gives('09:00-09:30 1/1: 1P | 3W\n10:00-10:30 1/1: 4W\ngone: 2W@09:00 cancelled')
      .tells(['4W@10:00 allocated', '2W@09:00 cancelled']);
  });

  test('R8 · whoever makes way may get the very seat that was given up', () => {
    oneDay('09:00-09:30 1/1: 2W\n10:00-10:30 1/1: 1P')
      .reschedules(1, '09:00')
      .gives('09:00-09:30 1/1: 3P\n10:00-10:30 1/1: 2W<09:00\ngone: 1P@10:00 cancelled')
      .tells(['3P@09:00 allocated', '2W@09:00 displaced by 3P', '1P@10:00 cancelled', '2W@10:00 moved from 09:00']);
  });

  test.each([
    ['ALWAYS', '10:30-11:00 1/1: 2W<10:00', '10:00-10:30 1/1: 3P', ['2W@10:30 moved from 10:00']],
    ['ON_EMERGENCY', '10:30-11:00 0/1:', '10:00-10:30 1/1: 3P | 2W!', []],
  ])('R7 · a displacement by it rebalances the day under ALWAYS alone: %s', (policy, last, middle, moved) => {
    oneDay('09:00-09:30 1/1: 1P\n10:00-10:30 1/1: 2W\n10:30-11:00 0/1:', policy)
      .reschedules(1, '10:00')
      .gives(`09:00-09:30 0/1:\n${middle}\n${last}\ngone: 1P@09:00 cancelled`)
      .tells(['3P@10:00 allocated', '2W@10:00 displaced by 3P', '1P@09:00 cancelled', ...moved]);
  });

  test('is one revision of the day, and knows of no other', () => {
    const { decisions } = oneDay('09:00-09:30 1/1: 1W\n10:00-10:30 0/1:').reschedules(1, '10:00');
    expect(decisions.map(({ change }) => change.revision)).toEqual([1]);
    expect(decisions[0]?.command).toEqual({
      kind: 'RescheduleToken',
      tokenId: tokenOf(1),
      slotId: slotAt('10:00'),
    });
  });

  test('the new token says whom it comes from, and has yet to check in', () => {
    const { decisions } = oneDay('09:00-09:30 1/1: 1W^\n10:00-10:30 0/1:').reschedules(1, '10:00');
    const [issued, ended] = decisions[0]?.change.effects ?? [];
    expect(issued?.token).toMatchObject({ rescheduledFromTokenId: tokenOf(1), checkedInAt: undefined });
    expect(ended?.token).toMatchObject({ rescheduledFromTokenId: undefined, checkedInAt: 0 });
  });
});

describe('rescheduling to another day', () => {
  test('both days change, the new place is told of first and says where the other is', () => {
    const days = twoDays('09:00-09:30 1/1: 1W(asha) | 2W', '10:00-10:30 1/2: 1O').reschedules(1, '10:00');
    days
      .gives('09:00-09:30 1/1: 2W\ngone: 1W(asha)@09:00 cancelled', '10:00-10:30 2/2: 1O 2W(asha)')
      .tells(['2W@10:00 allocated'], ['1W@09:00 cancelled', '2W@09:00 promoted']);
    expect(days.decisions.map(({ command }) => command)).toEqual([
      expect.objectContaining({ elsewhere: [{ date: '2026-01-30', revision: 1 }] }),
      { kind: 'RescheduleToken', tokenId: tokenOf(1), slotId: slotAt('10:00') },
    ]);
  });

  test('to an earlier day, too', () => {
    twoDays('09:00-09:30 0/1:', '10:00-10:30 1/1: 1W')
      .reschedules(1, '09:00', { from: 1, to: 0 })
      .gives('09:00-09:30 1/1: 1W', '10:00-10:30 0/1:\ngone: 1W@10:00 cancelled')
      .tells(['1W@09:00 allocated'], ['1W@10:00 cancelled']);
  });

  test('R17 · from a slot that has ended, whose seat is not filled', () => {
    twoDays('09:00-09:30 1/1: 1P | 2W', '10:00-10:30 0/1:')
      .at('09:30')
      .reschedules(1, '10:00')
      .gives('09:00-09:30 0/1: | 2W\ngone: 1P@09:00 cancelled', '10:00-10:30 1/1: 1P')
      .tells(['1P@10:00 allocated'], ['1P@09:00 cancelled']);
  });

  test('each day is stamped by its own time, which never goes back', () => {
    const days = twoDays('08:00-08:30 1/1: 1W\n09:00-09:30 2/2: 2W 3W', '10:00-10:30 0/2:');
    days.at('08:10').reschedules(1, '09:00', { to: 0 }).at('08:05');
    const { decisions } = days.reschedules(2, '10:00');
    const instants = ['08:05', '08:10'].map((time) => Date.parse(`2026-01-30T${time}:00+05:30`));
    expect(decisions.map(({ change }) => change.at)).toEqual(instants);
  });
});

describe('rescheduling · what is refused', () => {
  const DAY = `
    08:00-08:30 1/1: 1P(asha)
    09:00-09:30 2/2: 2E(ed) 3O*(bala)
    10:00-10:30 0/1 closed:
    11:00-11:30 1/2: 5W(dan) | 6W!
    gone: 4W(asha)@09:00 cancelled`;

  test.each<[string, number, string, object]>([
    ['a slot that the day has not', 5, '12:00', { reason: 'SLOT_NOT_FOUND', slotId: slotAt('12:00') }],
    ['a token that the day has not', 9, '11:00', { reason: 'TOKEN_NOT_FOUND', tokenId: tokenOf(9) }],
    ['R13 · a slot that is closed', 5, '10:00', { reason: 'SLOT_CLOSED', slotId: slotAt('10:00') }],
    ['R14 · who has another token there', 4, '11:00', { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(1) }],
    ['who is with the doctor', 3, '11:00', { reason: 'TOKEN_SERVING', tokenId: tokenOf(3), status: 'SERVING' }],
    ['an emergency', 2, '11:00', { reason: 'TOKEN_IS_EMERGENCY', tokenId: tokenOf(2), status: 'ACTIVE' }],
  ])('%s', (_, number, start, refusal) => {
    oneDay(DAY).reschedules(number, start).refuses(refusal);
  });

  test('R11 · a token that is no longer live', () => {
    const refusal = { reason: 'TOKEN_NOT_LIVE', tokenId: tokenOf(1), status: 'NO_SHOW' };
    oneDay('09:00-09:30 0/1:\n10:00-10:30 0/1:\ngone: 1W@09:00 no-show').reschedules(1, '10:00').refuses(refusal);
  });

  const SAME_SLOT = {
    reason: 'INVALID_FIELDS',
    violations: [{ field: 'slot_id', description: 'must be another slot than the one that the token is in' }],
  };

  test('the slot that the token is in; the one that it asked for at first is another', () => {
    const day = oneDay('09:00-09:30 1/1: 2E\n10:00-10:30 1/1: 1P<09:00');
    day.reschedules(1, '10:00').refuses(SAME_SLOT);
    day.reschedules(1, '09:00').tells(['3P@09:00 queued', '1P@10:00 cancelled']);
  });

  test('R17 · a slot that has ended', () => {
    const endedAt = Date.parse('2026-01-31T08:30:00+05:30');
    oneDay(DAY)
      .at('08:30')
      .reschedules(5, '08:00')
      .refuses({ reason: 'SLOT_ENDED', slotId: slotAt('08:00'), endedAt });
  });

  test('R14 · a live token of the patient on the other day', () => {
    twoDays('09:00-09:30 1/1: 1W(asha)', '10:00-10:30 2/3: 1W 2W(asha)')
      .reschedules(1, '10:00')
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(2) });
  });

  test('R15 · a day that has issued all its tokens, also where the token is one of them', () => {
    const gone = Array.from({ length: 9_999 }, (_, index) => `${index + 1}W@09:00 cancelled`).join(', ');
    oneDay(`09:00-09:30 1/1: 10000W(alice)\n10:00-10:30 0/1:\ngone: ${gone}`)
      .reschedules(10_000, '10:00')
      .refuses({ reason: 'DAY_FULL', doctorId: DOCTOR, date: '2026-01-31' });
  });
});

/** Where two reasons apply, the first is said. */
const PAIRS: [Reason, Reason, (days: Days) => Days][] = [
  ['SLOT_NOT_FOUND', 'TOKEN_NOT_FOUND', (days) => days.reschedules(9, '12:00')],
  ['INVALID_FIELDS', 'SLOT_ENDED', (days) => days.reschedules(1, '08:00')],
  ['SLOT_ENDED', 'SLOT_CLOSED', (days) => days.reschedules(1, '08:15')],
  ['SLOT_ENDED', 'TOKEN_NOT_LIVE', (days) => days.reschedules(3, '08:00')],
  ['SLOT_CLOSED', 'PATIENT_HAS_TOKEN', (days) => days.reschedules(3, '10:00')],
  ['PATIENT_HAS_TOKEN', 'TOKEN_NOT_LIVE', (days) => days.reschedules(3, '11:00')],
  ['TOKEN_SERVING', 'TOKEN_IS_EMERGENCY', (days) => days.reschedules(2, '11:00')],
];

test.each(PAIRS)('rescheduling · %s is said before %s', (first, second, ask) => {
  const day = oneDay(`
    08:00-08:15 1/1: 1P(asha)
    08:15-08:30 0/1 closed:
    09:00-09:30 1/2: 2E*
    10:00-10:30 0/1 closed:
    11:00-11:30 0/1:
    gone: 3W(asha)@09:00 cancelled`);
  expect(ask(day.at('08:45')).refusal.reason).toBe(first);
  expect(REASONS.indexOf(first)).toBeLessThan(REASONS.indexOf(second));
});
