import { allocate, cancel, emergency, given, noShow, tokenOf } from './scenario.js';

const secondToken = { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(1) } as const;

describe('R14 · one patient, one place', () => {
  test.each([
    ['ACTIVE', '09:00-09:30 1/2: 1W(alice)'],
    ['SERVING', '09:00-09:30 1/2: 1W*(alice)'],
    ['WAITING', '09:00-09:30 1/1: 2P | 1W(alice)'],
    ['DISPLACED', '09:00-09:30 1/1: 2P | 1W!(alice)'],
  ])('R14 · who has a token that is %s gets no second one, and the refusal names the first', (_, day) => {
    given(day)
      .when(allocate('PAID', '09:00', 'alice'))
      .refuses(secondToken);
  });

  test('R14 · nor in another slot of the doctor-day', () => {
    given('09:00-09:30 1/1: 1W(alice)\n09:30-10:00 0/1:')
      .when(allocate('PAID', '09:30', 'alice'))
      .refuses(secondToken);
  });

  test.each([
    ['a COMPLETED', '09:00-09:30 1/1: 1W+(alice)\n10:00-10:30 0/1:'],
    ['a CANCELLED', '09:00-09:30 0/1:\n10:00-10:30 0/1:\ngone: 1W(alice)@09:00 cancelled'],
    ['a NO_SHOW', '09:00-09:30 0/1:\n10:00-10:30 0/1:\ngone: 1W(alice)@09:00 no-show'],
    ['an EXPIRED', '09:00-09:30 0/1:\n10:00-10:30 0/1:\ngone: 1W(alice)@09:00 expired'],
  ])('R14 · who has %s token may have another', (_, day) => {
    given(day)
      .when(allocate('PAID', '10:00', 'alice'))
      .gives(day.replace('10:00-10:30 0/1:', '10:00-10:30 1/1: 2P(alice)'), '2P@10:00 allocated');
  });

  test('R14 · references that differ by case name different patients', () => {
    given('09:00-09:30 0/2:')
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .when(allocate('WALK_IN', '09:00', 'Alice'))
      .gives('09:00-09:30 2/2: 1W(alice) 2W(Alice)', '2W@09:00 allocated');
  });

  test.each([
    ['blanks at the ends', 'josé', ' josé\t'],
    ['a byte order mark', 'josé', '\ufeffjosé'],
    ['the form of an accent', 'josé', 'jose\u0301'],
    ['the form of an accent, kept so before', 'jose\u0301', 'josé'],
  ])('R14 · references that differ by %s name one patient', (_, first, second) => {
    given('09:00-09:30 0/2:')
      .when(allocate('WALK_IN', '09:00', first))
      .when(allocate('WALK_IN', '09:00', second))
      .refuses(secondToken);
  });

  test('R19 · and an emergency of that patient replaces the token, which keeps its reference', () => {
    given('09:00-09:30 1/1: 1W("bob ")')
      .when(emergency('09:00', 'bob'))
      .gives('09:00-09:30 1/1: 2E(bob)\ngone: 1W("bob ")@09:00 cancelled', '2E@09:00 allocated', '1W@09:00 cancelled');
  });

  test('R14 · of several live tokens from before, each counts until it has ended', () => {
    const day = given('09:00-09:30 3/9: 1W("bob ") 2W(bob) 3W(" bob")');
    const refusedFor = (number: number) => {
      day.when(allocate('PAID', '09:00', 'bob')).refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(number) });
      expect(day.day.copy().liveTokenOf('bob')?.number).toBe(number);
    };
    refusedFor(1);
    day.when(cancel(2));
    refusedFor(1);
    day.when(cancel(1));
    refusedFor(3);
    day.when(cancel(3)).when(allocate('PAID', '09:00', 'bob'));
    expect(day.accepted.change.effects[0]?.token).toMatchObject({ number: 4, patientRef: 'bob' });
  });

  test('R14 · tokens without a reference are not checked', () => {
    given('09:00-09:30 1/2: 1W')
      .when(allocate('WALK_IN', '09:00'))
      .gives('09:00-09:30 2/2: 1W 2W', '2W@09:00 allocated');
  });

  test('R14 · a place given up may be asked for again, once', () => {
    given('09:00-09:30 1/1: 1W(alice)')
      .when(cancel(1))
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .when(noShow(2))
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(3) });
  });

  test('R14 · who was turned into an emergency has that one place', () => {
    given('09:00-09:30 1/2: 1W(alice)')
      .when(emergency('09:00', 'alice'))
      .when(allocate('PAID', '09:00', 'alice'))
      .refuses({ reason: 'PATIENT_HAS_TOKEN', tokenId: tokenOf(2) });
  });
});
