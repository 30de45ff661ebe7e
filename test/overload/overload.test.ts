import { failings, NUISANCES, overload, RESIDENT_MEBIBYTES_MAX } from './overload.js';

test('a server that is asked for ten times what it can do stays responsive and bounded, and is as fast afterwards', async () => {
  const report = await overload({ seconds: 6, times: 10, connections: 16, nuisances: NUISANCES });
  expect(failings(report, RESIDENT_MEBIBYTES_MAX)).toEqual([]);
}, 90_000);
