/** The closed forms give the figures that they are known by. */
import { accumulatingPriorityWaits, allBusy, firstComeWait, fixedPriorityWaits } from './formulas.js';
import { DAY, DAY_OF_THREE, POINTS } from './known.js';

const KNOWN: [string, readonly number[], readonly number[]][] = [
  ['fixed priority, M/M/1', fixedPriorityWaits(DAY), [0.842105, 0.990712, 1.344538, 2.285714, 8]],
  [
    'fixed priority, M/D/1',
    fixedPriorityWaits(DAY, { service: 'deterministic' }),
    [0.421053, 0.495356, 0.672269, 1.142857, 4],
  ],
  [
    'fixed priority, M/M/3',
    fixedPriorityWaits(DAY_OF_THREE, { servers: 3 }),
    [0.227085, 0.267158, 0.362572, 0.616372, 2.157303],
  ],
  [
    'accumulating priority, M/M/1',
    accumulatingPriorityWaits(DAY, POINTS),
    [1.959784, 2.247709, 2.714893, 3.590905, 5.839416],
  ],
  [
    'accumulating priority, M/M/3',
    accumulatingPriorityWaits(DAY_OF_THREE, POINTS, { servers: 3 }),
    [0.528481, 0.606124, 0.732106, 0.968334, 1.574674],
  ],
  ['accumulating priority, two classes', accumulatingPriorityWaits([0.3, 0.5], [2, 1]), [2.823529, 4.705882]],
  ['accumulating priority at one rate for all', accumulatingPriorityWaits([0.3, 0.5], [1, 1]), [4, 4]],
  ['first come first served, M/M/1', [firstComeWait(DAY)], [4]],
  ['all of three busy', [allBusy(2.4, 3)], [0.647191]],
];

describe('the closed forms', () => {
  test.each(KNOWN)('%s', (_name, waits, known) => {
    expect(waits.map((wait) => wait.toFixed(6))).toEqual(known.map((wait) => wait.toFixed(6)));
  });
});
