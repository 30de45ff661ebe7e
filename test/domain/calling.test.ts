import { call, callNext, checkIn, complete, DOCTOR, given, sendBack, slotAt, tokenOf } from './scenario.js';

describe('calling', () => {
  test('the strongest who has checked in is called, not the strongest', () => {
    given('09:00-09:30 3/3: 1P 2O^ 3W^')
      .when(callNext('09:00'))
      .gives('09:00-09:30 3/3: 1P 2O*^ 3W^', '2O@09:00 called');
  });

  test('NOBODY_TO_CALL where none has checked in to a seat', () => {
    const day = given('09:00-09:30 1/1: 1P | 2W^');
    day.when(callNext('09:00', true)).refuses({ reason: 'NOBODY_TO_CALL', slotId: slotAt('09:00') });
    day.when(callNext()).refuses({ reason: 'NOBODY_TO_CALL', doctorId: DOCTOR });
  });

  test('one patient is with the doctor at a time', () => {
    const day = given('09:00-09:30 2/2: 1P* 2W^');
    day.when(callNext('09:00')).refuses({ reason: 'DOCTOR_BUSY', tokenId: tokenOf(1) });
    day.when(call(2)).refuses({ reason: 'DOCTOR_BUSY', tokenId: tokenOf(1) });
    day.when(call(2, true)).gives('09:00-09:30 2/2: 1P+ 2W*^', '2W@09:00 called', '1P@09:00 completed');
  });

  describe('whoever the caller expects to be with the doctor', () => {
    const room = '09:00-09:30 4/5: 1P* 2F^ 3O^ 4W+';
    const busy = { reason: 'DOCTOR_BUSY', tokenId: tokenOf(1) };
    const called = ['2F@09:00 called', '1P@09:00 completed'] as const;

    test('is done with, and the next is called, if it is the one', () => {
      given(room)
        .when(callNext('09:00', true, 1))
        .gives('09:00-09:30 4/5: 1P+ 2F*^ 3O^ 4W+', ...called);
      given(room)
        .when(call(2, true, 1))
        .gives('09:00-09:30 4/5: 1P+ 2F*^ 3O^ 4W+', ...called);
    });

    test('is not done with when the button is pressed twice', () => {
      const day = given(room)
        .when(callNext('09:00', true, 1))
        .when(callNext('09:00', true, 1));
      day.refuses({ reason: 'DOCTOR_BUSY', tokenId: tokenOf(2) });
    });

    test('DOCTOR_BUSY if it is another one, whatever has become of the one expected', () => {
      const day = given(room);
      for (const other of [2, 4]) day.when(callNext('09:00', true, other)).refuses(busy);
      for (const other of [3, 4]) day.when(call(2, true, other)).refuses(busy);
    });

    test('DOCTOR_BUSY still if the doctor is not done', () => {
      given(room)
        .when(callNext('09:00', false, 1))
        .refuses(busy);
    });

    test('may be gone, if somebody has completed it meanwhile: then the next is called', () => {
      given('09:00-09:30 2/2: 1P+ 2F^')
        .when(callNext('09:00', true, 1))
        .gives('09:00-09:30 2/2: 1P+ 2F*^', called[0]);
      given('09:00-09:30 2/2: 1P+ 2F^')
        .when(call(2, true, 1))
        .gives('09:00-09:30 2/2: 1P+ 2F*^', called[0]);
    });

    test.each([
      ['ACTIVE', '09:00-09:30 2/2: 1P^ 2F^'],
      ['NO_SHOW', '09:00-09:30 1/2: 2F^\ngone: 1P@09:00 no-show'],
    ])('TOKEN_NOT_SERVING if nobody is with the doctor, and it is %s', (status, slots) => {
      const refusal = { reason: 'TOKEN_NOT_SERVING', tokenId: tokenOf(1), status };
      given(slots)
        .when(callNext('09:00', true, 1))
        .refuses(refusal);
      given(slots)
        .when(call(2, true, 1))
        .refuses(refusal);
      given(slots)
        .when(callNext(undefined, false, 1))
        .refuses(refusal);
    });

    test('TOKEN_NOT_FOUND if it is none of the day, whoever is with the doctor', () => {
      const refusal = { reason: 'TOKEN_NOT_FOUND', tokenId: tokenOf(9) };
      given(room)
        .when(callNext('09:00', true, 9))
        .refuses(refusal);
      given(room)
        .when(call(2, true, 9))
        .refuses(refusal);
    });
  });

  test('who is sent back keeps the seat, and that the patient is here', () => {
    given('09:00-09:30 1/1: 1P*^ | 2W').when(sendBack(1)).gives('09:00-09:30 1/1: 1P^ | 2W', '1P@09:00 returned');
  });

  test('a token tells when it was last called; it does so also when it is sent back, and when it is done with', () => {
    const day = given('09:00-09:30 2/2: 1P^ 2W^').at('09:00');
    const calledAt = () => [1, 2].map((number) => day.day.tokenOf(tokenOf(number)).calledAt);
    const at = (clock: string) => Date.parse(`2026-01-31T${clock}:00+05:30`);
    expect(calledAt()).toEqual([undefined, undefined]);
    day.at('09:01').when(callNext());
    expect(calledAt()).toEqual([at('09:01'), undefined]);
    day.at('09:03').when(sendBack(1));
    expect(calledAt()).toEqual([at('09:01'), undefined]);
    day.at('09:04').when(call(2)).at('09:06').when(call(1, true));
    expect(calledAt()).toEqual([at('09:06'), at('09:04')]);
    day.at('09:15').when(complete(1));
    expect(calledAt()).toEqual([at('09:06'), at('09:04')]);
    expect([...day.replayed.tokens]).toEqual([...day.day.tokens]);
  });

  test('I3 · who is sent back gives way to nobody while somebody weaker sits there', () => {
    given('08:30-09:00 0/1 ended:\n09:00-09:30 2/2: 2F*^ 3W | 1P<08:30')
      .at('09:05')
      .when(sendBack(2))
      .gives('08:30-09:00 0/1 ended:\n09:00-09:30 2/2: 2F^ 3W | 1P<08:30', '2F@09:00 returned');
  });

  test('I3 · who is sent back gives way to somebody stronger who has come to wait meanwhile', () => {
    given('09:00-09:30 1/1: 1W* | 2P')
      .when(sendBack(1))
      .gives('09:00-09:30 1/1: 2P | 1W!', '1W@09:00 returned', '1W@09:00 displaced by 2P', '2P@09:00 promoted');
  });

  test('a seat that is used up goes to nobody', () => {
    given('09:00-09:30 1/1: 1P* | 2W').when(complete(1)).gives('09:00-09:30 1/1: 1P+ | 2W', '1P@09:00 completed');
  });

  test.each([
    ['TOKEN_CHECKED_IN', 'ACTIVE', '1P^', checkIn(1)],
    ['TOKEN_SERVING', 'SERVING', '1P*', checkIn(1)],
    ['TOKEN_SERVING', 'SERVING', '1P*', call(1)],
    ['TOKEN_NOT_SERVING', 'ACTIVE', '1P', sendBack(1)],
    ['TOKEN_NOT_SERVING', 'ACTIVE', '1P', complete(1)],
    ['TOKEN_NOT_LIVE', 'COMPLETED', '1P+', complete(1)],
  ])('%s for a token that is %s: %s', (reason, status, seated, command) => {
    given(`09:00-09:30 1/1: ${seated}`)
      .when(command)
      .refuses({ reason, tokenId: tokenOf(1), status });
  });

  test('TOKEN_WITHOUT_SEAT for calling somebody who waits; who may check in all the same', () => {
    const day = given('09:00-09:30 1/1: 1P | 2W').when(call(2));
    day.refuses({ reason: 'TOKEN_WITHOUT_SEAT', tokenId: tokenOf(2), status: 'WAITING' });
    day.when(checkIn(2)).gives('09:00-09:30 1/1: 1P | 2W^', '2W@09:00 checked-in');
  });
});

describe('R25 · the order of calling: for the doctor, CallNextToken calls', () => {
  test.each<[string, string, string, number]>([
    ['the earlier slot first, whoever is in the later one', '08:30', '09:00-09:30 1/1: 1W^\n09:30-10:00 1/1: 2P^', 1],
    ['those left over in an ended slot first', '09:40', '09:00-09:30 1/1 ended: 1P^\n09:30-10:00 1/1: 2O^', 1],
    [
      'the later slot, if the earlier one has nobody here',
      '09:40',
      '09:00-09:30 1/1 ended: 1P\n09:30-10:00 1/1: 2O^',
      2,
    ],
    ['in a gap, those left over', '09:40', '09:00-09:30 1/1 ended: 1P^\n10:00-10:30 1/1: 2O^', 1],
    ['in a gap with nobody left over, the next slot', '09:40', '09:00-09:30 0/1 ended:\n10:00-10:30 1/1: 1O^', 1],
    ['before the first slot, if the doctor begins early', '08:40', '09:00-09:30 2/2: 1P 2O^', 2],
    ['after the last slot, those left over', '11:00', '09:00-09:30 2/2 ended: 1P 2O^', 2],
    ['an emergency first, also one of a later slot', '09:10', '09:00-09:30 1/1: 1P^\n11:00-11:30 1/1: 2E^', 2],
    ['the earlier of two emergencies, whatever their slots', '09:10', '09:00-09:30 1/1: 2E^\n11:00-11:30 1/1: 1E^', 1],
    [
      'somebody who is here, and does not wait for an emergency who is not',
      '09:10',
      '09:00-09:30 1/1: 1P^\n11:00-11:30 1/1: 2E',
      1,
    ],
    ['an emergency in a closed slot', '09:10', '09:00-09:30 1/1 closed: 2E^\n09:30-10:00 1/1: 1P^', 2],
    ['the strongest of a slot', '09:10', '09:00-09:30 3/3: 3P 1F^ 2W^', 1],
  ])('%s', (_, clock, slots, number) => {
    const day = given(slots).at(clock).when(callNext());
    expect(day.accepted.change.effects.map(({ token }) => token.number)).toEqual([number]);
  });

  test('with a slot, in that slot alone', () => {
    given('09:00-09:30 1/1: 1E^\n09:30-10:00 1/1: 2O^')
      .at('09:40')
      .when(callNext('09:30'))
      .gives('09:00-09:30 1/1: 1E^\n09:30-10:00 1/1: 2O*^', '2O@09:30 called');
  });

  test('until nobody is left, then NOBODY_TO_CALL', () => {
    const day = given('09:00-09:30 2/2 ended: 1P^ 2O^\n09:30-10:00 1/1: 3O^').at('09:31');
    const called = [1, 2, 3].map(() => day.when(callNext(undefined, true)).accepted.change.effects[0]?.token.number);
    expect(called).toEqual([1, 2, 3]);
    day.when(callNext(undefined, true)).refuses({ reason: 'NOBODY_TO_CALL', doctorId: DOCTOR });
  });
});
