/** More patients are booked than there is time for, since not all of them come: days through the clinic's room. */
import { Random } from '../../../../src/sim/random.js';
import { serve } from '../queue.js';

const DAYS = 200_000;
const TIME_FOR = 10;
const SHOWS = 0.8;

describe('booking for ten, of whom each comes with a probability of 0.8', () => {
  test.each([
    { booked: 11, overProbability: 0.085899, over: 0.085899, empty: 1.285899 },
    { booked: 12, overProbability: 0.274878, over: 0.343597, empty: 0.743597 },
    { booked: 13, overProbability: 0.501652, over: 0.790274, empty: 0.390274 },
  ])('$booked patients', async ({ booked, ...known }) => {
    const measured = await means(booked);

    for (const figure of ['overProbability', 'over', 'empty'] as const) {
      expect(Math.abs(measured[figure] / known[figure] - 1)).toBeLessThan(0.02);
    }
  });
});

/** A consultation takes one unit; the doctor has time for ten. */
async function means(booked: number): Promise<{ overProbability: number; over: number; empty: number }> {
  const random = new Random(1, 0);
  let [daysOver, over, empty] = [0, 0, 0];
  for (let day = 0; day < DAYS; day += 1) {
    const comes = Array.from({ length: booked }, () => random.chance(SHOWS)).filter(Boolean);
    let ends = 0;
    await serve(comes.map(() => ({ urgency: 0, arrivedAt: 0, service: 1 }))[Symbol.iterator](), {}, ({ begins }) => {
      ends = begins + 1;
    });
    daysOver += ends > TIME_FOR ? 1 : 0;
    over += Math.max(0, ends - TIME_FOR);
    empty += Math.max(0, TIME_FOR - ends);
  }
  return { overProbability: daysOver / DAYS, over: over / DAYS, empty: empty / DAYS };
}
