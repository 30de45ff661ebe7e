import { heatOneDay } from './hot-day.js';
import { FAULTS, tortureMany } from './many-servers.js';

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
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.watches).toBe(6);
  }, 120_000);

  test('lose no update of one day that 32 clients of each want at once, and each server gets its share', async () => {
    const { acknowledged, refused, revision } = await heatOneDay({ servers: 3, clients: 32, seconds: 4 });
    const sum = acknowledged.reduce((total, each) => total + each, 0);
    expect(refused).toEqual({});
    // The slot's creation is the first revision.
    expect(revision).toBe(sum + 1);
    expect(Math.min(...acknowledged)).toBeGreaterThanOrEqual(sum / acknowledged.length / 2);
  }, 60_000);
});
