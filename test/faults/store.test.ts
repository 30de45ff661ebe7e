/** The whole service, in this process, before a store that fails at each step and in each way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { TemporaryFile, TestService } from '../support/service.js';
import { type Fault, FaultyStore, type Operation } from './faulty-store.js';
import { expectNothingLost, ordeal, untilLost } from './ordeal.js';

const WORKER = new URL('../../src/store/sqlite/sqlite-worker.js', import.meta.url);
const STORE_SECONDS_MAX = 1;
/** How long the trouble goes on once it has been felt. */
const TROUBLE_MILLISECONDS = 700;

let file: TemporaryFile;
let service: TestService | undefined;
beforeEach(() => {
  file = new TemporaryFile();
});
afterEach(async () => {
  await service?.stop();
  file.remove();
});

const ofCommits = (fault: Fault) => (operation: Operation) => (operation === 'commit' ? fault : undefined);

const FAULTS: Fault[] = ['failsBefore', 'failsAfter', 'lostBefore', 'lostAfter', { stallMilliseconds: 1_200 }];
const any = (): Fault | undefined =>
  Math.random() < 0.5 ? undefined : FAULTS[Math.floor(Math.random() * FAULTS.length)];

const TROUBLES: [string, FaultyStore['faultOf']][] = [
  ['commits fail before they reach the disk', ofCommits('failsBefore')],
  ['commits reach the disk, and are said to have failed', ofCommits('failsAfter')],
  ['commits never reach the disk, and get no answer', ofCommits('lostBefore')],
  ['commits reach the disk, and get no answer', ofCommits('lostAfter')],
  ['commits stall for seconds', ofCommits({ stallMilliseconds: 2_500 })],
  ['everything fails', () => 'failsBefore'],
  ['everything gets no answer', () => 'lostBefore'],
  ['anything may befall any operation', any],
];

describe('nothing is lost, and the server goes on by itself once the store does', () => {
  test.each(TROUBLES)('when %s', async (_, faultOf) => {
    const store = new FaultyStore(await openSqliteStore(file.path));
    service = await TestService.start({ store: store.door, storeSecondsMax: STORE_SECONDS_MAX });
    const suffered = await ordeal(service.address, async (history) => {
      store.faultOf = faultOf;
      await untilLost(history, 8);
      await sleep(TROUBLE_MILLISECONDS);
      store.faultOf = () => undefined;
    });
    expectNothingLost(suffered);
  });

  test('when the thread that holds the database dies again and again', async () => {
    let worker: Worker | undefined;
    const startWorker = (workerData: unknown) => {
      worker = new Worker(WORKER, { workerData });
      return worker;
    };
    service = await TestService.start({ store: await openSqliteStore(file.path, { startWorker }) });
    const suffered = await ordeal(service.address, async (history) => {
      for (let death = 1; death <= 4; death += 1) {
        await worker?.terminate();
        await untilLost(history, death * 3);
        await sleep(400);
      }
    });
    expectNothingLost(suffered);
  });

  test('and nobody is refused where the store stalls for less than it may take', async () => {
    const store = new FaultyStore(await openSqliteStore(file.path));
    service = await TestService.start({ store: store.door, storeSecondsMax: STORE_SECONDS_MAX });
    const suffered = await ordeal(service.address, async () => {
      store.faultOf = ofCommits({ stallMilliseconds: 500 });
      await sleep(TROUBLE_MILLISECONDS);
      store.faultOf = () => undefined;
    });
    expectNothingLost(suffered);
    expect(suffered.history.lost).toEqual([]);
  });
});
