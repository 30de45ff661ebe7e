import { parseDay } from '../../src/domain/notation.js';
import type { Instant } from '../../src/domain/time.js';
import { longestHere } from '../../src/sim/calling-order.js';

describe('if the one who was called does not come, the doctor fetches', () => {
  test.each<[string, string, number | undefined]>([
    ['an emergency, before all others', '09:00-09:30 1/2: 1W^\n09:30-10:00 2/2: 3E^ 2P^', 3],
    ['who is left over in the earlier slot', '09:00-09:30 1/2: 2W^\n09:30-10:00 1/2: 1P^', 2],
    ['who is here for a later slot, rather than sit idle', '09:30-10:00 1/2: 1W\n10:00-10:30 1/2: 2W^', 2],
    ['who has been here longest in the slot', '09:30-10:00 2/2: 2P^ 1W^', 1],
    ['nobody, if only those without a seat are here', '09:30-10:00 1/1: 1W | 2W^', undefined],
    ['nobody, if only those who are done are here', '09:30-10:00 1/2: 1W+^', undefined],
  ])('%s', (_name, slots, number) => {
    const day = parseDay(`2026-01-31 UTC ON_EMERGENCY\n${slots}`);
    // They came in the order of their numbers.
    const tokens = [...day.tokens].map((token) =>
      token.checkedInAt === undefined ? token : { ...token, checkedInAt: token.number as Instant },
    );

    const summaries = day.slots.map((each) => each.summary());

    expect(longestHere(summaries, tokens)?.number).toBe(number);
  });
});
