import { torture } from './torture.js';

describe('a server that is killed under load', () => {
  test('loses nothing it acknowledged, and does nothing twice, over five kills', async () => {
    const report = await torture({ kills: 5, callers: 8, watchers: 1 });
    expect(report.breaches).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.watches).toBe(6);
  }, 60_000);
});
