/** watchQueue against the real server, in a process that is stopped, killed and started again at the same address. */
import type { WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import type { Doctor, Slot } from '../../gen/opd/v1/resources.js';
import type { CallFailed } from '../../src/client/call-failed.js';
import { createClient, type OpdClient } from '../../src/client/create-client.js';
import { type QueueView, type WatchTerms, watchQueue } from '../../src/client/watch-queue.js';
import { Client } from '../support/client.js';
import { aDoctor, aSlot, aToken, NOBODY } from '../support/clinic.js';
import { TemporaryFile } from '../support/service.js';
import { ServerProcess } from '../torture/server-process.js';

const DATE = '2099-01-31';
let file: TemporaryFile;
let server: ServerProcess;
let desk: Client;
let client: OpdClient;
let doctor: Doctor;
let slot: Slot;

beforeAll(async () => {
  file = new TemporaryFile();
  server = new ServerProcess(file.path);
  await server.start();
  client = createClient(server.address);
});
afterAll(async () => {
  client.close();
  await server.stop();
  file.remove();
});
beforeEach(async () => {
  desk = new Client(server.address);
  doctor = await aDoctor(desk);
  slot = await aSlot(desk, doctor, 10, 1, DATE);
});
afterEach(() => desk.close());

const watch = (terms: Partial<WatchTerms> = {}) =>
  watchQueue(client, { doctorId: doctor.id, date: DATE, heartbeatSeconds: 1, ...terms });

async function next(views: AsyncGenerator<QueueView>): Promise<QueueView> {
  const { value, done } = await views.next();
  if (done) throw new Error('the watch ended');
  return value;
}

/** A view in few words: its revision, who sits and who waits by number, and whether it is stale. */
function words({ queue, change, stale }: QueueView): string {
  const lists = queue.slots.map(({ seated, waiting }) =>
    [seated, waiting].map((list) => list.map(({ number }) => number)).join('|'),
  );
  return `${queue.revision}: ${lists.join(' ')} ${change?.cause ?? '-'}${stale ? ' stale' : ''}`;
}

test('the queue as it stands, then a view for each change', async () => {
  const views = watch();
  expect(words(await next(views))).toBe('1: | -');
  await aToken(desk, slot, 'WALK_IN');
  await aToken(desk, slot, 'PAID');
  expect(words(await next(views))).toBe('2: 1| AllocateToken');
  expect(words(await next(views))).toBe('3: 2|1 AllocateToken');
  await views.return();
});

test.each(['stop', 'kill'] as const)(
  'after %s and a new start it is stale, then goes on without a gap',
  async (end) => {
    const losses: (string | undefined)[] = [];
    const views = watch({ onLoss: ({ reason }) => losses.push(reason) });
    expect(words(await next(views))).toBe('1: | -');
    await aToken(desk, slot);
    await server[end]();
    expect(words(await next(views))).toBe('2: 1| AllocateToken');
    expect(words(await next(views))).toBe('2: 1| - stale');
    await server.start();
    await aToken(desk, slot);
    expect(words(await next(views))).toBe('3: 1|2 AllocateToken');
    expect(losses[0]).toBe(end === 'stop' ? 'DRAINING' : undefined);
    await views.return();
  },
);

test('where nothing has changed meanwhile, the first heartbeat ends the staleness', async () => {
  const views = watch();
  await next(views);
  await server.stop();
  const stale = await next(views);
  await server.start();
  expect([stale, await next(views)].map(words)).toEqual(['1: | - stale', '1: | -']);
  await views.return();
});

test('a watch of today stays with its day', async () => {
  const asked: string[] = [];
  const stub = {
    watchQueue: (request: WatchQueueRequest) => {
      asked.push(request.date);
      return client.stub.watchQueue(request);
    },
  };
  const views = watchQueue({ ...client, stub } as unknown as OpdClient, { doctorId: doctor.id, heartbeatSeconds: 1 });
  const { queue } = await next(views);
  const stale = next(views);
  await server.stop();
  await server.start();
  await stale;
  await next(views);
  expect(asked[0]).toBe('');
  expect(new Set(asked.slice(1))).toEqual(new Set([queue.date]));
  await views.return();
});

test('it goes on after a queue that an earlier watch has shown', async () => {
  const earlier = watch();
  const { queue } = await next(earlier);
  await earlier.return();
  await aToken(desk, slot);
  const views = watch({ after: queue });
  expect(words(await next(views))).toBe('2: 1| AllocateToken');
  await views.return();
});

test('one slot · what happens in others is not shown', async () => {
  const other = await aSlot(desk, doctor, 12, 1, DATE);
  const views = watch({ slotId: slot.id });
  expect(words(await next(views))).toBe('2: | -');
  await aToken(desk, other);
  await aToken(desk, slot);
  expect(words(await next(views))).toBe('4: 2| AllocateToken');
  await views.return();
});

test('a doctor who is not known · the watch is refused, and is not tried again', async () => {
  await expect(next(watch({ doctorId: `doc_${NOBODY}` }))).rejects.toMatchObject({ reason: 'DOCTOR_NOT_FOUND' });
});

test('an abort ends the iteration, also while nothing comes', async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  for await (const view of watch({ signal: abort.signal })) {
    seen.push(words(view));
    setTimeout(() => abort.abort(), 50);
  }
  expect(seen).toEqual(['1: | -']);
});

test('a server that is not there is tried again and again, and whoever wants to hears of it', async () => {
  const nowhere = createClient('127.0.0.1:1');
  const abort = new AbortController();
  const losses: CallFailed[] = [];
  const onLoss = (error: CallFailed) => {
    losses.push(error);
    if (losses.length === 3) abort.abort();
  };
  for await (const view of watchQueue(nowhere, { doctorId: doctor.id, onLoss, signal: abort.signal }))
    throw new Error(words(view));
  expect(losses.map(({ remedy }) => remedy)).toEqual(['wait', 'wait', 'wait']);
  nowhere.close();
});
