/**
 * A token's source or patient is corrected; it keeps its number, and its place as far as its
 * strength allows.
 */
import { evolve } from '../../src/domain/evolve.js';
import { allocate, call, cancel, complete, emergency, given, sendBack, slotAt, tokenOf, update } from './scenario.js';

describe('a patient reference', () => {
  test('is changed, in a seat, in a queue and with the doctor', () => {
    given('09:00-09:30 2/2: 1P*(asha) 2W | 3W(chand)')
      .when(update(1, { patientRef: 'MRN 1' }))
      .when(update(2, { patientRef: 'MRN 2' }))
      .when(update(3, { patientRef: '' }))
      .gives('09:00-09:30 2/2: 1P*("MRN 1") 2W("MRN 2") | 3W', '3W@09:00 updated')
      .touches('09:00');
  });

  test('of an emergency is changed, too', () => {
    given('09:00-09:30 1/1: 1E')
      .when(update(1, { patientRef: 'asha' }))
      .gives('09:00-09:30 1/1: 1E(asha)', '1E@09:00 updated');
  });

  test('R14 · that another live token has is refused, and the refusal names that token', () => {
    given('09:00-09:30 2/2: 1P*("asha ") 2W(bala)')
      .when(update(2, { patientRef: 'asha' }))
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(1) });
  });

  test('R14 · is checked from then on, and the one before is free again', () => {
    given('09:00-09:30 1/3: 1W(asha)')
      .when(update(1, { patientRef: 'MRN 1' }))
      .when(allocate('WALK_IN', '09:00', 'MRN 1'))
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(1) })
      .when(allocate('WALK_IN', '09:00', 'asha'))
      .when(cancel(1))
      .when(allocate('WALK_IN', '09:00', 'MRN 1'))
      .gives('09:00-09:30 2/3: 2W(asha) 3W("MRN 1")\ngone: 1W("MRN 1")@09:00 cancelled', '3W@09:00 allocated');
  });

  test('that the token has already may be given again', () => {
    given('09:00-09:30 1/1: 1W(asha)')
      .when(update(1, { patientRef: 'asha' }))
      .gives('09:00-09:30 1/1: 1W(asha)', '1W@09:00 updated');
  });

  test('R19 · is what an emergency of the patient goes by', () => {
    given('09:00-09:30 1/1: 1W(asha)')
      .when(update(1, { patientRef: 'MRN 1' }))
      .when(emergency('09:00', 'MRN 1'))
      .gives(
        '09:00-09:30 1/1: 2E("MRN 1")\ngone: 1W("MRN 1")@09:00 cancelled',
        '2E@09:00 allocated',
        '1W@09:00 cancelled',
      );
  });
});

describe('a stronger source', () => {
  test('of a token with a seat keeps it there, ranks it anew and counts from then on', () => {
    given('09:00-09:30 2/2: 1O 2W')
      .when(update(2, { source: 'PAID' }))
      .gives('09:00-09:30 2/2: 2P 1O', '2P@09:00 updated')
      .when(allocate('FOLLOW_UP', '09:00'))
      .gives('09:00-09:30 2/2: 2P 3F | 1O!', '3F@09:00 allocated', '1O@09:00 displaced by 3F');
  });

  test.each([
    ['waits', '3W', '3P'],
    ['was displaced', '3W!', '3P'],
  ])('R2 · of a token that %s displaces the weakest, as a new one of that source would', (_, waiting, seated) => {
    given(`09:00-09:30 2/2: 1F 2O | ${waiting}`)
      .when(update(3, { source: 'PAID' }))
      .gives(
        `09:00-09:30 2/2: ${seated} 1F | 2O!`,
        '3P@09:00 updated',
        '2O@09:00 displaced by 3P',
        '3P@09:00 promoted',
      );
  });

  test.each([
    ['R4 · where nobody is weaker', '09:00-09:30 1/1: 1P | 2W', '09:00-09:30 1/1: 1P | 2P'],
    ['R13 · in a closed slot', '09:00-09:30 1/1 closed: 1E | 2W', '09:00-09:30 1/1 closed: 1E | 2P'],
  ])('%s it waits on', (_, before, after) => {
    given(before)
      .when(update(2, { source: 'PAID' }))
      .gives(after, '2P@09:00 updated');
  });

  test('R24 · displaces nobody who is protected', () => {
    given('2026-01-31 Asia/Kolkata ON_EMERGENCY protects-here\n09:00-09:30 1/1: 1W^ | 2W')
      .when(update(2, { source: 'PAID' }))
      .gives('09:00-09:30 1/1: 1W^ | 2P', '2P@09:00 updated');
  });

  test('in an overflowing slot the seat changes hands', () => {
    given('09:00-09:30 3/2: 1E 2E 3W | 4W')
      .when(update(4, { source: 'PAID' }))
      .gives('09:00-09:30 3/2: 1E 2E 4P | 3W!', '4P@09:00 updated', '3W@09:00 displaced by 4P', '4P@09:00 promoted');
  });

  test.each([
    ['ALWAYS', '09:00-09:30 1/1: 2P', '10:00-10:30 1/1: 1W<09:00', ['1W@10:00 moved from 09:00']],
    ['ON_EMERGENCY', '09:00-09:30 1/1: 2P | 1W!', '10:00-10:30 0/1:', []],
  ])('R7 · a displacement by it rebalances the day under ALWAYS alone: %s', (policy, nine, ten, moved) => {
    given(`2026-01-31 Asia/Kolkata ${policy}\n09:00-09:30 1/1: 1W | 2W\n10:00-10:30 0/1:`)
      .when(update(2, { source: 'PAID' }))
      .gives(`${nine}\n${ten}`, ...['2P@09:00 updated', '1W@09:00 displaced by 2P', '2P@09:00 promoted', ...moved]);
  });

  test('of a token that is with the doctor counts when it is sent back', () => {
    given('09:00-09:30 1/1: 1W* | 2O')
      .when(update(1, { source: 'PAID' }))
      .gives('09:00-09:30 1/1: 1P* | 2O', '1P@09:00 updated')
      .when(sendBack(1))
      .gives('09:00-09:30 1/1: 1P | 2O', '1P@09:00 returned');
  });
});

describe('a weaker source', () => {
  test('I3 · of a token with a seat gives it to the strongest who waits, if that is stronger', () => {
    given('09:00-09:30 2/2: 1P 2F | 3O 4W')
      .when(update(1, { source: 'WALK_IN' }))
      .gives('09:00-09:30 2/2: 2F 3O | 1W! 4W', '1W@09:00 updated', '1W@09:00 displaced by 3O', '3O@09:00 promoted');
  });

  test.each([
    ['nobody stronger waits', '09:00-09:30 1/1: 1P | 2W', '09:00-09:30 1/1: 1W | 2W'],
    ['somebody weaker sits there', '09:00-09:30 2/2: 1P 2W | 3W', '09:00-09:30 2/2: 1W 2W | 3W'],
  ])('of a token with a seat keeps it where %s', (_, before, after) => {
    given(before)
      .when(update(1, { source: 'WALK_IN' }))
      .gives(after, '1W@09:00 updated');
  });

  test('R24 · of a protected token keeps its seat', () => {
    given('2026-01-31 Asia/Kolkata ON_EMERGENCY protects-here\n09:00-09:30 1/1: 1P^ | 2O')
      .when(update(1, { source: 'WALK_IN' }))
      .gives('09:00-09:30 1/1: 1W^ | 2O', '1W@09:00 updated');
  });

  test('R17 · of a token in a slot that has ended keeps its seat', () => {
    given('09:00-09:30 1/1 closed ended: 1E\n09:30-10:00 1/1 ended: 2P^\n10:00-10:30 0/1:')
      .at('10:05')
      .when(update(2, { source: 'WALK_IN' }))
      .gives('09:00-09:30 1/1 closed ended: 1E\n09:30-10:00 1/1 ended: 2W^\n10:00-10:30 0/1:', '2W@09:30 updated');
  });

  test('of a token that waits ranks it anew', () => {
    given('09:00-09:30 1/1: 1P | 2F 3O')
      .when(update(2, { source: 'WALK_IN' }))
      .gives('09:00-09:30 1/1: 1P | 3O 2W', '2W@09:00 updated');
  });

  test('I3 · of a token that is with the doctor counts when it is sent back', () => {
    given('09:00-09:30 1/1: 1P* | 2O')
      .when(update(1, { source: 'WALK_IN' }))
      .when(sendBack(1))
      .gives('09:00-09:30 1/1: 2O | 1W!', '1W@09:00 returned', '1W@09:00 displaced by 2O', '2O@09:00 promoted');
  });
});

test('a source that it has already changes no place, though somebody weaker sits there', () => {
  given('09:00-09:30 0/1 ended:\n09:30-10:00 1/1: 2W | 1P<09:00')
    .at('09:35')
    .when(update(1, { source: 'PAID' }))
    .gives('09:00-09:30 0/1 ended:\n09:30-10:00 1/1: 2W | 1P<09:00', '1P@09:30 updated');
});

test('R25 · a consultation is timed from the call, whatever is corrected during it', () => {
  const scenario = given('09:00-09:30 1/1: 1W^').at('09:00').when(call(1)).at('09:10');
  scenario
    .when(update(1, { patientRef: 'asha' }))
    .at('09:12')
    .when(complete(1));
  for (const day of [scenario.day, scenario.replayed, scenario.day.copy()]) {
    expect(day.latestConsultations).toEqual([12 * 60_000]);
  }
});

describe('what is refused', () => {
  const DAY = `
    09:00-09:30 2/2: 1E 2W(asha)
    gone: 3W(bala)@09:00 cancelled`;

  test.each<[string, Parameters<typeof update>, object]>([
    ['a token that the day has not', [9, { source: 'PAID' }], { reason: 'TOKEN_NOT_FOUND', tokenId: tokenOf(9) }],
    [
      'R11 · a token that is no longer live',
      [3, { source: 'PAID' }],
      { reason: 'TOKEN_NOT_LIVE', tokenId: tokenOf(3), status: 'CANCELLED' },
    ],
    [
      'R5 · the source of an emergency',
      [1, { source: 'PAID', patientRef: '' }],
      { reason: 'TOKEN_IS_EMERGENCY', tokenId: tokenOf(1), status: 'ACTIVE' },
    ],
    [
      'PATIENT_HAS_TOKEN before TOKEN_NOT_LIVE',
      [3, { patientRef: 'asha' }],
      { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(2) },
    ],
    [
      'PATIENT_HAS_TOKEN before TOKEN_IS_EMERGENCY',
      [1, { source: 'PAID', patientRef: 'asha' }],
      { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(2) },
    ],
  ])('%s', (_, asked, refusal) => {
    given(DAY)
      .when(update(...asked))
      .refuses(refusal);
  });
});

test.each(['EMERGENCY', 'PAID'] as const)(
  'R5 · the journal of a day makes no emergency, and ends none: %s',
  (source) => {
    const { day } = given('09:00-09:30 2/2: 1E 2W');
    const tokenId = tokenOf(source === 'EMERGENCY' ? 2 : 1);
    const { slotId } = day.tokenOf(tokenId);
    expect(slotId).toBe(slotAt('09:00'));
    expect(() => evolve(day, { kind: 'UPDATED', tokenId, source }, day.changedAt)).toThrow('cannot be updated');
  },
);
