/** A million customers through the clinic's room, against the closed forms. */
import { accumulatingPriorityWaits, fixedPriorityWaits, type Rates, type Station, sum } from '../formulas.js';
import { DAY, DAY_OF_THREE, POINTS } from '../known.js';
import { accumulatingPriority, aging, type Discipline, firstCome, fixedPriority } from '../line.js';
import { steadyWaits } from '../queue.js';

const MILLION = 1_000_000;
const TOLERANCE = 0.02;
const SEED = 1;

interface Case extends Station {
  readonly rates: Rates;
  readonly discipline: Discipline;
  readonly waits: readonly number[];
}

const byFixedPriority = (rates: Rates, station: Station = {}): Case => {
  return { rates, ...station, discipline: fixedPriority, waits: fixedPriorityWaits(rates, station) };
};
const byAccumulatingPriority = (rates: Rates, growth: readonly number[], station: Station = {}): Case => {
  const waits = accumulatingPriorityWaits(rates, growth, station);
  return { rates, ...station, discipline: accumulatingPriority(growth), waits };
};

const CASES: [string, Case][] = [
  ['fixed priority, M/M/1', byFixedPriority(DAY)],
  ['fixed priority, M/D/1', byFixedPriority(DAY, { service: 'deterministic' })],
  ['fixed priority, M/M/3', byFixedPriority(DAY_OF_THREE, { servers: 3 })],
  ['accumulating priority, M/M/1', byAccumulatingPriority(DAY, POINTS)],
  ['accumulating priority, M/M/3', byAccumulatingPriority(DAY_OF_THREE, POINTS, { servers: 3 })],
  ['accumulating priority, two classes', byAccumulatingPriority([0.3, 0.5], [2, 1])],
];

describe('a million customers', () => {
  test.each(CASES)('%s: each class waits as long as the closed form says', async (_name, { waits, ...queue }) => {
    const measured = await steadyWaits({ ...queue, customers: MILLION, seed: SEED });

    expect(error(measured, waits)).toBeLessThan(TOLERANCE);
  });

  // What one class gains the others lose: the sum of load × wait is that of first come first served, 0.8 × 4.
  test.each<[string, Discipline]>([
    ['first come', firstCome],
    ['fixed priority', fixedPriority],
    ['accumulating priority', accumulatingPriority(POINTS)],
    ['aging', aging(POINTS, 20)],
  ])('the conservation law: %s', async (_name, discipline) => {
    const waits = await steadyWaits({ rates: DAY, discipline, customers: MILLION, seed: SEED });
    const conserved = sum(waits.map((wait, urgency) => wait * (DAY[urgency] ?? 0)));

    expect(error([conserved], [0.8 * 4])).toBeLessThan(TOLERANCE);
  });

  test('R23 · aging lies between fixed priority and first come', async () => {
    const waitsAt = (pointsPerUnit: number) => {
      return steadyWaits({ rates: DAY, discipline: aging(POINTS, pointsPerUnit), customers: MILLION, seed: SEED });
    };

    expect(error(await waitsAt(0), fixedPriorityWaits(DAY))).toBeLessThan(TOLERANCE);
    expect(error(await waitsAt(1e9), [4, 4, 4, 4, 4])).toBeLessThan(TOLERANCE);
  });

  test('R23 · aging by 20 points a unit waits as long as it is known to', async () => {
    const runs = [1, 2, 3, 4].map((seed) => {
      return steadyWaits({ rates: DAY, discipline: aging(POINTS, 20), customers: MILLION, seed });
    });
    const known = [2.66, 3.07, 3.57, 4.09, 4.63];
    const waits = (await Promise.all(runs)).reduce((all, run) =>
      all.map((wait, urgency) => wait + (run[urgency] ?? 0)),
    );

    for (const [urgency, total] of waits.entries()) {
      expect(Math.abs(total / runs.length - (known[urgency] ?? 0))).toBeLessThan(0.03);
    }
  });
});

/** By what share of what was expected the wait that is furthest off is off. */
function error(measured: readonly number[], expected: readonly number[]): number {
  return Math.max(...measured.map((wait, urgency) => Math.abs(wait / (expected[urgency] ?? 0) - 1)));
}
