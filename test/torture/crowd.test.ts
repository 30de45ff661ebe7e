/** The crowd itself: it goes home when it is told to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestService } from '../support/service.js';
import { Crowd } from './crowd.js';

test('a crowd that is sent home goes, also where its server has gone before', async () => {
  const service = await TestService.start();
  const crowd = await Crowd.gather([service.address], { callers: 4, watchers: 1 });
  await crowd.during(sleep(200));
  await service.stop();
  await sleep(200);
  const toldAt = performance.now();
  await crowd.disperse();
  expect(performance.now() - toldAt).toBeLessThan(1_000);
  const { commands, lost } = crowd.history;
  const before = [commands.length, lost.length];
  await sleep(200);
  expect([commands.length, lost.length]).toEqual(before);
});
