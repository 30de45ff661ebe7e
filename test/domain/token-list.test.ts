/** Which tokens of a day a list shows. */
import { parseDay } from '../../src/domain/notation.js';
import type { Answer } from '../../src/domain/refusal.js';
import type { LocalDate } from '../../src/domain/time.js';
import type { Token } from '../../src/domain/token.js';
import { type TokenFilter, tokensThatFit } from '../../src/domain/token-list.js';
import { DOCTOR, slotAt, tokenOf } from './scenario.js';

const DAY = parseDay(`2026-01-31 Asia/Kolkata ON_EMERGENCY
09:00-09:30 1/1: 2P | 1W! 3W
09:30-10:00 1/1: 4O
gone: 5P@09:00 cancelled`);
const ALL: TokenFilter = {
  doctorId: DOCTOR,
  date: undefined,
  slotId: undefined,
  patientRef: undefined,
  statuses: [],
};

const ask = (filter: Partial<TokenFilter>, after?: number, limit = 10) =>
  tokensThatFit(DAY, { ...ALL, ...filter }, after === undefined ? undefined : tokenOf(after), limit);

function numbersOf(answer: Answer<Token[]>): number[] | string {
  return answer.ok ? answer.value.map(({ number }) => number) : answer.refusal.reason;
}

test.each<[string, Partial<TokenFilter>, number[]]>([
  ['nothing named: all, by number', {}, [1, 2, 3, 4, 5]],
  ['a slot: those that are in it or ended there', { slotId: slotAt('09:00') }, [1, 2, 3, 5]],
  ['statuses: any of them', { statuses: ['WAITING', 'CANCELLED'] }, [3, 5]],
  ['a slot and a status: both', { slotId: slotAt('09:30'), statuses: ['WAITING'] }, []],
  ['a patient who has none', { patientRef: 'MRN 1' }, []],
])('%s', (_, filter, numbers) => {
  expect(numbersOf(ask(filter))).toEqual(numbers);
});

test('R14 · a patient: by the one form of the reference, however it was kept', () => {
  const day = parseDay(`2026-01-31 Asia/Kolkata ON_EMERGENCY
    09:00-09:30 0/1:
    gone: 1W("bob ")@09:00 cancelled, 2W(bob)@09:00 cancelled, 3W(Bob)@09:00 cancelled`);
  expect(numbersOf(tokensThatFit(day, { ...ALL, patientRef: 'bob' }, undefined, 10))).toEqual([1, 2]);
});

test('a page goes on after the token that the one before ended with, and holds no more than asked for', () => {
  expect(numbersOf(ask({}, undefined, 2))).toEqual([1, 2]);
  expect(numbersOf(ask({}, 2, 2))).toEqual([3, 4]);
  expect(numbersOf(ask({}, 4, 2))).toEqual([5]);
});

test.each<[string, Partial<TokenFilter>]>([
  ['of another day', { slotId: slotAt('11:00') }],
  ['of another doctor', { slotId: slotAt('09:00'), doctorId: 'doc_other' as typeof DOCTOR }],
  ['of another date', { slotId: slotAt('09:00'), date: '2026-02-01' as LocalDate }],
])('a slot %s is not found', (_, filter) => {
  expect(numbersOf(ask(filter))).toBe('SLOT_NOT_FOUND');
});

test('a page that begins after a token of another day is refused', () => {
  expect(ask({}, 99)).toMatchObject({ refusal: { violations: [{ field: 'page_token' }] } });
});
