import { parseDay } from '../../src/domain/notation.js';
import { formatTimeOfDay, type Instant } from '../../src/domain/time.js';
import { slotToCall } from '../../src/sim/calling-order.js';

describe('the doctor calls from', () => {
  test.each<[string, string, string | undefined]>([
    ['the slot with an emergency, before all others', '09:00-09:30 1/2: 1W^\n09:30-10:00 1/2: 2E^', '09:30'],
    ['the earlier slot, where somebody is left over', '09:00-09:30 1/2: 1W^\n09:30-10:00 1/2: 2P^', '09:00'],
    ['the running slot, where nobody is', '09:00-09:30 1/2: 1W\n09:30-10:00 1/2: 2P^', '09:30'],
    ['a slot to come, rather than sit idle', '09:30-10:00 1/2: 1W\n10:00-10:30 1/2: 2W^', '10:00'],
    ['none, where only those without a seat are here', '09:30-10:00 1/1: 1W | 2W^', undefined],
    ['none, where only those who are done are here', '09:30-10:00 1/2: 1W+^', undefined],
  ])('%s', (_name, slots, start) => {
    const day = parseDay(`2026-01-31 UTC ON_EMERGENCY\n${slots}`);
    const now = Date.parse('2026-01-31T09:40:00Z') as Instant;

    const slot = slotToCall(
      day.slots.map((each) => each.summary()),
      [...day.tokens],
      now,
    );

    expect(slot && formatTimeOfDay(slot.start)).toBe(start);
  });
});
