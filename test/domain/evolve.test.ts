import type { DayEvent } from '../../src/domain/event.js';
import { evolve } from '../../src/domain/evolve.js';
import { parseDay } from '../../src/domain/notation.js';
import type { Instant } from '../../src/domain/time.js';
import { replay } from '../../src/domain/turn.js';
import { cancel, slotAt, tokenOf } from './scenario.js';

const NOW = 0 as Instant;
const read = () =>
  parseDay(`2026-01-31 Asia/Kolkata NEVER r5
    09:00-09:30 1/1: 1P | 2W
    09:30-10:00 1/1: 3P | 4W!
    10:00-10:30 1/1: 6W+
    gone: 5W@09:00 cancelled`);
const issued = { slotId: slotAt('09:00'), source: 'PAID', patientRef: '' } as const;

describe('an event that cannot have happened', () => {
  test.each<[string, DayEvent, string]>([
    ['a WAITING token displaced', { kind: 'DISPLACED', tokenId: tokenOf(2), byTokenId: tokenOf(1) }, 'I4'],
    ['an ACTIVE token promoted', { kind: 'PROMOTED', tokenId: tokenOf(1) }, 'I4'],
    ['a WAITING token that is a no-show', { kind: 'NO_SHOW', tokenId: tokenOf(2) }, 'I4'],
    ['a cancelled token cancelled', { kind: 'CANCELLED', tokenId: tokenOf(5) }, 'I4'],
    ['a COMPLETED token cancelled', { kind: 'CANCELLED', tokenId: tokenOf(6) }, 'I4'],
    ['a token moved back', { kind: 'MOVED', tokenId: tokenOf(4), toSlotId: slotAt('09:00') }, 'I5'],
    ['a token moved to where it is', { kind: 'MOVED', tokenId: tokenOf(4), toSlotId: slotAt('09:30') }, 'I5'],
    ['a number left out', { kind: 'ALLOCATED', tokenId: tokenOf(8), number: 8, ...issued }, 'I7'],
    ['a number used again', { kind: 'QUEUED', tokenId: tokenOf(8), number: 6, ...issued }, 'I7'],
    ['a token that is not there', { kind: 'PROMOTED', tokenId: tokenOf(9) }, 'token_9'],
    ['a slot that is not there', { kind: 'MOVED', tokenId: tokenOf(4), toSlotId: slotAt('12:00') }, 'slot_12:00'],
  ])('throws: %s', (_, event, complaint) => {
    expect(() => evolve(read(), event, NOW)).toThrow(complaint);
  });

  test.each([4, 5, 7])('I7 · revision %i cannot be replayed after 5', (revision) => {
    expect(() => replay(read(), { revision, at: NOW, command: cancel(1), events: [] })).toThrow('I7');
  });
});
