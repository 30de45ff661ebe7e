import { decide } from '../../src/domain/decide.js';
import { TOKENS_A_DAY_MAX } from '../../src/domain/doctor-day.js';
import { parseDay } from '../../src/domain/notation.js';
import type { Instant } from '../../src/domain/time.js';
import { allocate, cancel, createSlot, DOCTOR, emergency, given } from './scenario.js';

describe('R15 · numbers', () => {
  test('R15 · are 1, 2, 3, … in the order of issue, over all slots of the day', () => {
    given('09:00-09:30 0/1:\n09:30-10:00 0/1:')
      .when(allocate('WALK_IN', '09:30'))
      .when(allocate('PAID', '09:00'))
      .when(emergency('09:30'))
      .gives('09:00-09:30 1/1: 2P\n09:30-10:00 1/1: 3E | 1W!', '3E@09:30 allocated', '1W@09:30 displaced by 3E');
  });

  test('R15 · are not reused after a cancellation', () => {
    given('09:00-09:30 2/2: 1W 2W')
      .when(cancel(2))
      .when(allocate('WALK_IN', '09:00'))
      .gives('09:00-09:30 2/2: 1W 3W\ngone: 2W@09:00 cancelled', '3W@09:00 allocated');
  });

  test('R15 · are not used up by a refused command', () => {
    given('09:00-09:30 1/2: 1W(alice)')
      .when(allocate('WALK_IN', '09:00', 'alice'))
      .when(allocate('WALK_IN', '09:00', 'bob'))
      .gives('09:00-09:30 2/2: 1W(alice) 2W(bob)', '2W@09:00 allocated');
  });
});

describe('R15 · a full day', () => {
  const NOW = 0 as Instant;
  const dayFull = { ok: false, refusal: { reason: 'DAY_FULL', doctorId: DOCTOR, date: '2026-01-31' } };

  /** A day that has issued so many tokens, of which each is gone but the last. */
  function dayOf(tokens: number) {
    const gone = Array.from({ length: tokens - 1 }, (_, index) => `${index + 1}W@09:00 cancelled`);
    const lines = ['2026-01-31 Asia/Kolkata ON_EMERGENCY', `09:00-09:30 1/1: ${tokens}W`, `gone: ${gone.join(', ')}`];
    return parseDay(lines.join('\n'));
  }

  test('R15 · issues 10,000 tokens, counting those that are gone, and then no more', () => {
    const day = dayOf(TOKENS_A_DAY_MAX - 1);
    expect(decide(day, allocate('WALK_IN', '09:00'), { now: NOW, newId: 'last' }).ok).toBe(true);
    expect(decide(day, allocate('WALK_IN', '09:00'), { now: NOW, newId: 'more' })).toEqual(dayFull);
  });

  test('R15 · does not count emergencies', () => {
    const day = dayOf(TOKENS_A_DAY_MAX - 1);
    expect(decide(day, emergency('09:00'), { now: NOW, newId: 'emergency' }).ok).toBe(true);
    expect(decide(day, allocate('WALK_IN', '09:00'), { now: NOW, newId: 'last' }).ok).toBe(true);
    expect(decide(day, allocate('WALK_IN', '09:00'), { now: NOW, newId: 'more' })).toEqual(dayFull);
  });

  test('R15 · still takes emergencies, cancellations and slots', () => {
    const day = dayOf(TOKENS_A_DAY_MAX);
    expect(decide(day, emergency('09:00'), { now: NOW, newId: 'emergency' }).ok).toBe(true);
    expect(decide(day, cancel(TOKENS_A_DAY_MAX), { now: NOW, newId: '' }).ok).toBe(true);
    expect(decide(day, createSlot('10:00-10:30', 1), { now: NOW, newId: '10:00' }).ok).toBe(true);
    expect(decide(day, allocate('WALK_IN', '09:00'), { now: NOW, newId: 'more' })).toEqual(dayFull);
  });
});
