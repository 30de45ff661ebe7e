/** watchQueue against a server that does what ours never does. */
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { OpdServiceService, type WatchQueueRequest, type WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { QueueChange, QueueSnapshot } from '../../gen/opd/v1/resources.js';
import { createClient, type OpdClient } from '../../src/client/create-client.js';
import { watchQueue } from '../../src/client/watch-queue.js';

type Call = ServerWritableStream<WatchQueueRequest, WatchQueueResponse>;
const snapshot: QueueSnapshot = { doctor: undefined, date: '2099-01-31', revision: 6, slots: [], epoch: 'an epoch' };
const change = { revision: 9, tokens: [], slots: [] } as unknown as QueueChange;

let server: Server;
let client: OpdClient;
let calls: WatchQueueRequest[];

/** Begins every watch with a snapshot of revision 6, then does what it is told to. */
async function serve(goOn: (call: Call) => void): Promise<void> {
  calls = [];
  server = new Server();
  server.addService(OpdServiceService as never, {
    watchQueue: (call: Call) => {
      calls.push(call.request);
      call.write({ update: { $case: 'snapshot', value: snapshot } });
      goOn(call);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = createClient(`127.0.0.1:${port}`);
}

afterEach(() => {
  client.close();
  server.forceShutdown();
});

test('a connection that goes quiet counts as lost after three heartbeats, and is made anew', async () => {
  await serve(() => {});
  const views = watchQueue(client, { doctorId: 'doc', heartbeatSeconds: 1 });
  const begun = performance.now();
  const stale = [await views.next(), await views.next(), await views.next()].map(({ value }) => value?.stale);
  expect(stale).toEqual([false, true, false]);
  expect(performance.now() - begun).toBeGreaterThan(2_900);
  expect(calls.map(({ afterRevision, epoch }) => [afterRevision, epoch])).toEqual([
    [undefined, ''],
    [6, 'an epoch'],
  ]);
  await views.return();
});

test('a reader who takes long over a view is not taken for a quiet connection', async () => {
  await serve((call) =>
    setTimeout(() => call.write({ update: { $case: 'change', value: { ...change, revision: 7 } } }), 200),
  );
  const losses: unknown[] = [];
  const views = watchQueue(client, { doctorId: 'doc', heartbeatSeconds: 0.1, onLoss: (error) => losses.push(error) });
  await views.next();
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect((await views.next()).value?.queue.revision).toBe(7);
  expect(losses).toEqual([]);
  await views.return();
});

test('a stream that ends without a word is begun anew', async () => {
  await serve((call) => call.end());
  const views = watchQueue(client, { doctorId: 'doc' });
  const stale = [await views.next(), await views.next(), await views.next()].map(({ value }) => value?.stale);
  expect(stale).toEqual([false, true, false]);
  await views.return();
});

test('whatever came before a loss, the next wait is a first one', async () => {
  await serve((call) => call.end());
  const waits: number[] = [];
  const views = watchQueue(client, { doctorId: 'doc', onLoss: (_, milliseconds) => waits.push(milliseconds) });
  while (waits.length < 4) await views.next();
  expect(Math.max(...waits)).toBeLessThanOrEqual(200);
  await views.return();
});

test('a change that was left out ends the watch: nothing shown after it would be true', async () => {
  await serve((call) => call.write({ update: { $case: 'change', value: change } }));
  const views = watchQueue(client, { doctorId: 'doc' });
  await views.next();
  await expect(views.next()).rejects.toThrow('DATA_LOSS: revision 9 was told of after 6');
});

test('the epoch that a heartbeat tells is the one that the watch goes on with', async () => {
  await serve((call) => {
    if (calls.length > 1) return;
    call.write({ update: { $case: 'heartbeat', value: { revision: 6, at: undefined, epoch: 'a newer epoch' } } });
    setTimeout(() => call.end(), 50);
  });
  const views = watchQueue(client, { doctorId: 'doc' });
  for (let view = 0; view < 3; view += 1) await views.next();
  expect(calls.map(({ epoch }) => epoch)).toEqual(['', 'a newer epoch']);
  await views.return();
});
