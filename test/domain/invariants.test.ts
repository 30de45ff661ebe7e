import { checkChange, checkRefusal } from '../../src/domain/change-invariants.js';
import { DEFAULT_POLICY } from '../../src/domain/doctor.js';
import type { Change, TokenEffect } from '../../src/domain/event.js';
import { brokenInvariants, checkDay, snapshotOf } from '../../src/domain/invariants.js';
import { parseDay } from '../../src/domain/notation.js';
import type { Instant } from '../../src/domain/time.js';
import type { Token } from '../../src/domain/token.js';
import { emergency, given, slotAt, tokenOf } from './scenario.js';

const EARLY = 0 as Instant;
const read = (slots: string) => parseDay(`2026-01-31 Asia/Kolkata NEVER\n${slots}`);
const names = (broken: string[]) => broken.map((line) => line.split(':')[0]);

describe('a day that breaks', () => {
  test.each([
    ['I1', 'an overflow without emergencies', '09:00-09:30 2/1: 1P 2P'],
    ['I2', 'a free seat while somebody waits', '09:00-09:30 0/1: | 1W'],
    ['I3', 'a weaker token in a seat than in the queue', '09:00-09:30 1/1: 1W | 2P'],
    ['R14', 'a patient in two places', '09:00-09:30 2/2: 1W(alice) 2W(alice)'],
  ])('%s is found out: %s', (invariant, _, day) => {
    expect(names(brokenInvariants(read(day), EARLY))).toEqual([invariant]);
  });

  const sound = snapshotOf(read('09:00-09:30 1/1: 1P | 2W\n09:30-10:00 0/1:'));
  const [first, second] = sound.tokens as [Token, Token];
  const [nine, halfPast] = sound.slots as [(typeof sound.slots)[0], (typeof sound.slots)[0]];

  test.each([
    [
      'I4',
      'a token in no slot',
      { ...sound, tokens: [...sound.tokens, { ...first, id: tokenOf(3), number: 3, slotId: slotAt('12:00') }] },
    ],
    [
      'I4',
      'a slot asked for that is not there',
      { ...sound, tokens: [first, { ...second, requestedSlotId: slotAt('12:00') }] },
    ],
    ['I7', 'a gap in the numbers', { ...sound, tokens: [first, { ...second, number: 3 }] }],
    ['tally', 'seats counted wrong', { ...sound, slots: [{ ...nine, seatsTaken: 0 }, halfPast] }],
    ['tally', 'a queue counted wrong', { ...sound, slots: [{ ...nine, waiting: 2 }, halfPast] }],
    ['slots', 'slots that overlap', { ...sound, slots: [nine, { ...halfPast, start: nine.start }] }],
  ])('%s is found out: %s', (invariant, _, day) => {
    expect(names(checkDay(day, EARLY))).toEqual([invariant]);
  });

  test('nothing is broken by a sound day, by an overflow of emergencies, or by those who wait in a slot that has ended', () => {
    expect(checkDay(sound, EARLY)).toEqual([]);
    expect(brokenInvariants(read('09:00-09:30 3/1: 1E 2E 3W* | 4W'), EARLY)).toEqual([]);
    expect(brokenInvariants(read('09:00-09:30 0/1: | 1W'), nine.endsAt)).toEqual([]);
  });
});

describe('a change that breaks', () => {
  const scenario = given('09:00-09:30 1/1: 1W\n09:30-10:00 0/1:');
  const before = snapshotOf(scenario.day);
  const { change } = scenario.when(emergency('09:00')).accepted;
  const after = snapshotOf(scenario.day);
  const [issued, displaced, moved] = change.effects as [TokenEffect, TokenEffect, TokenEffect];

  test('nothing is found where nothing is broken', () => {
    expect(change.effects.map((effect) => effect.kind)).toEqual(['ALLOCATED', 'DISPLACED', 'MOVED']);
    expect(checkChange(before, change, after)).toEqual([]);
  });

  const withToken = (effect: TokenEffect, token: Partial<Token>) => ({
    ...effect,
    token: { ...effect.token, ...token },
  });
  test.each<[string, string, Partial<Change>]>([
    ['I7', 'a revision left out', { revision: 2 }],
    ['I4', 'an effect left out', { effects: [issued, displaced] }],
    ['I4', 'a token that moves without having been displaced', { effects: [issued, moved] }],
    [
      'I4',
      'a token that comes into being without a seat',
      { effects: [withToken(issued, { status: 'WAITING' }), displaced, moved] },
    ],
    ['I4', 'a token that changes its patient', { effects: [issued, withToken(displaced, { patientRef: 'x' }), moved] }],
    [
      'I4',
      'a token that moves from where it was not',
      { effects: [issued, displaced, { ...moved, fromSlotId: slotAt('09:30') }] },
    ],
    ['I4', 'a token that does not tell when', { effects: [issued, withToken(displaced, { updatedAt: EARLY }), moved] }],
    [
      'I6',
      'a token displaced by itself',
      { effects: [issued, { ...displaced, displacedByTokenId: tokenOf(1) }, moved] },
    ],
    [
      'I6',
      'a token displaced by nobody there',
      { effects: [issued, { ...displaced, displacedByTokenId: tokenOf(9) }, moved] },
    ],
    ['slots', 'a slot not told of', { slots: change.slots.slice(1) }],
  ])('%s is found out: %s', (invariant, _, forged) => {
    expect(names(checkChange(before, { ...change, ...forged }, after))).toContain(invariant);
  });

  test('I5 is found out: a token that goes back', () => {
    const back = withToken(moved, { slotId: slotAt('09:00') });
    const waitingLater = { ...before, tokens: before.tokens.map((token) => ({ ...token, slotId: slotAt('09:30') })) };
    expect(names(checkChange(waitingLater, { ...change, effects: [issued, back] }, after))).toContain('I5');
  });

  test('I1 is found out: an overflow though somebody could have made way', () => {
    const crowded = snapshotOf(read('09:00-09:30 2/1: 2E 1W'));
    expect(names(checkChange(snapshotOf(read('09:00-09:30 1/1: 1W')), change, crowded))).toContain('I1');
  });

  test('I9 is found out: a refused command that changed something', () => {
    expect(checkRefusal(before, before)).toEqual([]);
    expect(names(checkRefusal(before, after))).toEqual(['I9']);
    expect(names(checkRefusal(before, { ...before, revision: 1 }))).toEqual(['I9']);
  });
});

describe('I1 · an overflow that lasts', () => {
  test('I1 · is not broken by a token that comes back to its seat, as long as the overflow does not grow', () => {
    const sentBack = snapshotOf(read('09:00-09:30 2/1: 2E 1W'));
    const nothing: Change = { revision: 1, at: EARLY, cause: 'CreateSlot', reason: '', effects: [], slots: [] };
    expect(checkDay(sentBack, EARLY)).toEqual([]);
    expect(checkChange(sentBack, nothing, { ...sentBack, revision: 1 })).toEqual([]);
  });
});

describe('a policy that was set in the middle of the day', () => {
  const crowded = snapshotOf(read('09:00-09:30 1/1: 1W | 2P'));
  const since = (policySince: number) => ({ policy: DEFAULT_POLICY, policySince: policySince as Instant });

  test('I3 · is not broken by somebody who came to wait before it', () => {
    expect(names(checkDay(crowded, EARLY, since(-1)))).toEqual(['I3']);
    expect(checkDay(crowded, EARLY, since(0))).toEqual([]);
  });

  test('I6 · is not broken by what happened before it', () => {
    const scenario = given('09:00-09:30 1/1: 1P');
    const before = snapshotOf(scenario.day);
    const { change } = scenario.when(emergency('09:00')).accepted;
    const weaker: Change = {
      ...change,
      effects: change.effects.map((effect) => ({ ...effect, token: { ...effect.token, source: 'PAID' as const } })),
    };
    const after = { ...snapshotOf(scenario.day), tokens: weaker.effects.map(({ token }) => token) };
    expect(names(checkChange(before, weaker, after, since(change.at - 1)))).toContain('I6');
    expect(checkChange(before, weaker, after, since(change.at))).toEqual([]);
  });
});

describe('a policy that protects (R24)', () => {
  const protecting = { policy: { ...DEFAULT_POLICY, protectCheckedIn: true }, policySince: -1 as Instant };

  test('I3, R24 · is not broken by somebody weaker who is protected', () => {
    const day = snapshotOf(read('09:00-09:30 1/1: 1W^ | 2P'));
    expect(names(checkDay(day, EARLY))).toEqual(['I3']);
    expect(checkDay(day, EARLY, protecting)).toEqual([]);
  });

  test('I1, R24 · is not broken by seats beyond capacity that were left to the protected', () => {
    const day = snapshotOf(read('09:00-09:30 2/1: 1W^ 2W^'));
    expect(names(checkDay(day, EARLY))).toEqual(['I1']);
    expect(checkDay(day, EARLY, protecting)).toEqual([]);
  });

  test.each([
    ['by somebody who is no emergency', 'PAID' as const, ['R24']],
    ['and was, by an emergency', 'EMERGENCY' as const, []],
  ])('R24 · a token that is protected is not displaced %s', (_, source, broken) => {
    const scenario = given('09:00-09:30 1/1: 1W^');
    const before = snapshotOf(scenario.day);
    const { change } = scenario.when(emergency('09:00')).accepted;
    const [first, ...others] = change.effects as [TokenEffect];
    const issued = { ...first, token: { ...first.token, source } };
    const { slots } = snapshotOf(scenario.day);
    const after = { revision: 1, slots, tokens: [issued, ...others].map(({ token }) => token) };
    expect(names(checkChange(before, { ...change, effects: [issued, ...others] }, after, protecting))).toEqual(broken);
  });
});

describe('time that breaks', () => {
  test.each([
    ['R20', 'somebody left in the queue of a slot that has ended', '09:00-09:30 1/1: 1P | 2W', undefined],
    ['R22', 'a no-show of somebody who is here', '09:00-09:30 1/1: 1P^', 'NO_SHOW' as const],
  ])('%s is found out: %s', (rule, _, slots, status) => {
    const before = snapshotOf(read(slots));
    const at = before.slots[0]?.endsAt as Instant;
    const [first] = before.tokens as [Token];
    const gone = status && { ...first, status, updatedAt: at };
    const effects: TokenEffect[] = gone ? [{ kind: gone.status, token: gone }] : [];
    const slotsAfter = before.slots.map((slot) => (gone ? { ...slot, seatsTaken: 0 } : slot));
    const change: Change = { revision: 1, at, cause: 'CLOCK', reason: '', effects, slots: slotsAfter };
    const after = { revision: 1, slots: slotsAfter, tokens: gone ? [gone] : before.tokens };
    expect(names(checkChange(before, change, after))).toEqual([rule]);
  });
});
