import { FAULTS } from './befall.js';
import { heatOneDay } from './hot-day.js';
import { tortureMany } from './many-servers.js';

describe('three servers over one database', () => {
  test('lose nothing they acknowledged, do nothing twice and show each change once, through a fault of each kind', async () => {
    const report = await tortureMany({
      servers: 3,
      callers: 8,
      watchers: 1,
      faults: FAULTS,
      troubleMilliseconds: 1_500,
    });
    expect(report.breaches).toEqual([]);
    for (const [fault, why] of Object.entries(report.leftOut)) process.stderr.write(`left out: ${fault}: ${why}\n`);
    expect(Object.keys({ ...report.faults, ...report.leftOut }).sort()).toEqual([...FAULTS].sort());
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.watches).toBe(6);
  }, 120_000);

  test('lose no update of one day that 32 clients of each want at once, and each server gets its share', async () => {
    const { refused, lostUpdates, slowestShare } = await heatOneDay({ servers: 3, clients: 32, seconds: 4 });
    expect(refused).toEqual({});
    expect(lostUpdates).toBe(0);
    expect(slowestShare).toBeGreaterThanOrEqual(0.5);
  }, 60_000);
});
