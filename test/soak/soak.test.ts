import { leaks, type SoakReport, soak } from './soak.js';
import { fittedGrowth } from './trend.js';

test('a service that works for a minute, day after day, takes up no more at the end', async () => {
  const report = await soak({ minutes: 1 });
  expect(leaks(report)).toEqual([]);
  expect(report.samples.at(-1)?.calls).toBeGreaterThan(5_000);
  expect(report.updates).toBeGreaterThan(1_000);
}, 120_000);

describe('growth', () => {
  test('is told from noise', () => {
    const noise = [3, -2, 4, -4, 2, -3, 1, -1];
    expect(Math.abs(fittedGrowth(noise.map((each) => 100 + each)))).toBeLessThan(5);
    expect(fittedGrowth(noise.map((each, at) => 100 + 10 * at + each))).toBeGreaterThan(60);
  });

  test('of each figure is found', () => {
    const measured = Array.from({ length: 20 }, (_, at) => ({
      seconds: at,
      calls: at,
      heapMebibytes: 50 + at,
      residentMebibytes: 200 + 5 * at,
      openFiles: 30 + at,
      handles: 10 + at,
      loopDelayMilliseconds: 300,
    }));
    const report: SoakReport = { samples: measured, measured, updates: 0 };
    expect(leaks(report)).toEqual([
      expect.stringContaining('heapMebibytes'),
      expect.stringContaining('residentMebibytes'),
      expect.stringContaining('openFiles'),
      expect.stringContaining('handles'),
      expect.stringContaining('event loop'),
    ]);
  });
});
