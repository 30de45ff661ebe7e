/** Watch 7, looked at from inside: a caller whose reading the test controls message by message. */
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import { type Done, FrontDesk } from '../../src/desk/front-desk.js';
import { type Answer, refused } from '../../src/domain/refusal.js';
import type { Instant, TimeZone } from '../../src/domain/time.js';
import { WatchStream } from '../../src/grpc/watch-stream.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { DayKey, Store } from '../../src/store/store.js';
import { TODAY } from '../support/service.js';

const now = () => 0 as Instant;
const KEY_DATE = TODAY as DayKey['date'];

let store: Store;
let desk: FrontDesk;
beforeAll(async () => {
  store = await openSqliteStore(':memory:');
  const onFault = (error: unknown) => {
    throw error;
  };
  desk = new FrontDesk(store, { now, newId: uuidv7, timeZone: 'UTC' as TimeZone, onFault });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => store.close());

/** The server's side of a call: holds what is written until the test, or `pace`, takes it. */
class Reader extends Writable {
  readonly taken: WatchQueueResponse[] = [];
  longestBacklog = 0;
  #held: (() => void) | undefined;

  constructor(pace?: number) {
    super({ objectMode: true });
    if (pace !== undefined) setInterval(() => this.takeOne(), pace).unref();
  }

  override _write(bytes: Buffer, _: unknown, done: () => void): void {
    this.longestBacklog = Math.max(this.longestBacklog, this.writableLength);
    this.#held = () => {
      this.taken.push(WatchQueueResponse.decode(bytes));
      this.emit('taken');
      done();
    };
  }

  takeOne(): void {
    const take = this.#held;
    this.#held = undefined;
    take?.();
  }

  /** Resolves once an update of that revision has been taken. */
  async reaches(revision: number): Promise<undefined> {
    while (this.taken.at(-1)?.update?.value.revision !== revision) await once(this, 'taken');
    return undefined;
  }
}

async function aDay(): Promise<{ key: DayKey; change: () => Promise<Answer<Done>> }> {
  const answer = await desk.createDoctor({ name: 'x', department: '', timeZone: undefined, policy: {} });
  if (!answer.ok) throw new Error(answer.refusal.reason);
  const key = { doctorId: answer.value.id, date: KEY_DATE };
  let minute = 0;
  const change = () => {
    const [start, end] = [minute, minute + 1];
    minute = end;
    return desk.perform(key, { kind: 'CreateSlot', start: start as never, end: end as never, capacity: 1 });
  };
  return { key, change };
}

function watch(
  key: DayKey,
  reader: Reader,
  silenceMillisecondsMax: number,
  heartbeatMilliseconds = 60_000,
  afterRevision: number | 'none' = 0,
) {
  const wish = {
    slotId: undefined,
    afterRevision: afterRevision === 'none' ? undefined : afterRevision,
    epoch: undefined,
  };
  const bounds = { silenceMillisecondsMax, openingMillisecondsMax: 30_000, ageMillisecondsMax: 3_600_000 };
  return new WatchStream(desk, reader as never, { place: key, wish, heartbeatMilliseconds }, { ...bounds, now });
}

/** Every read of a journal takes that long from now on. */
function slowJournal(milliseconds: number): void {
  const readJournal = store.readJournal.bind(store);
  jest.spyOn(store, 'readJournal').mockImplementation(async (...asked) => {
    await wait(milliseconds);
    return readJournal(...asked);
  });
}

/** From now on the desk answers such questions, but for so many, only once they are let go. */
function held(question: 'read' | 'subscribe' | 'history', freely = 0) {
  const original = desk[question].bind(desk) as (...asked: unknown[]) => unknown;
  let [ask, release] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let answers = 0;
  const answer = async (...given: unknown[]) => {
    answers += 1;
    if (answers > freely) {
      ask();
      await released;
    }
    return original(...given);
  };
  async function* history(...given: unknown[]) {
    yield* (await answer(...given)) as AsyncGenerator;
  }
  jest.spyOn(desk, question).mockImplementation((question === 'history' ? history : answer) as never);
  return { asked, release: () => release() };
}

test('Watch 7 · one that takes nothing is given up, and little is held for it', async () => {
  const { key, change } = await aDay();
  const reader = new Reader();
  const ending = watch(key, reader, 100).run();
  for (let n = 0; n < 300; n += 1) await change();
  expect((await ending)?.reason).toBe('SLOW_WATCHER');
  expect(reader.longestBacklog).toBeLessThanOrEqual(16);
});

test('Watch 7 · one that takes nothing is given up, though there is but one message for it', async () => {
  const { key, change } = await aDay();
  await change();
  expect((await watch(key, new Reader(), 50).run())?.reason).toBe('SLOW_WATCHER');
});

test('Watch 7 · one that takes nothing is given up, though heartbeats are rarer than that', async () => {
  const { key, change } = await aDay();
  const reader = new Reader();
  const startedAt = performance.now();
  const ending = watch(key, reader, 100, 10_000).run();
  await change();
  await ending;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('Watch 7 · one that reads slowly, but reads, is not given up', async () => {
  const { key, change } = await aDay();
  const reader = new Reader(50);
  const stream = watch(key, reader, 500);
  const ending = stream.run();
  for (let n = 0; n < 40; n += 1) await change();
  // 16 messages at the least, 50 ms each: longer than one may take nothing.
  const givenUp = await Promise.race([ending, reader.reaches(40)]);
  reader.emit('cancelled');
  expect([givenUp, await ending]).toEqual([undefined, undefined]);
});

test('Watch 7 · one that reads at once is not given up, though a heartbeat fell due while the journal was read', async () => {
  const { key, change } = await aDay();
  for (let n = 0; n < 100; n += 1) await change();
  slowJournal(120);
  const reader = new Reader(1);
  const ending = watch(key, reader, 1_000, 50, 2).run();
  expect(await Promise.race([ending, reader.reaches(100)])).toBeUndefined();
  reader.emit('cancelled');
  expect(await ending).toBeUndefined();
});

test('Watch 8 · heartbeats come also while the journal is read', async () => {
  const { key, change } = await aDay();
  for (let n = 0; n < 100; n += 1) await change();
  slowJournal(200);
  const reader = new Reader(1);
  const ending = watch(key, reader, 1_000, 50, 2).run();
  await once(reader, 'taken');
  expect(reader.taken[0]?.update).toMatchObject({ $case: 'heartbeat', value: { revision: 2 } });
  reader.emit('cancelled');
  await ending;
});

test('Watch 1 · a heartbeat comes within a second while a slow journal is read, though none is due for a minute', async () => {
  const { key, change } = await aDay();
  for (let n = 0; n < 100; n += 1) await change();
  slowJournal(3_000);
  const reader = new Reader(1);
  const startedAt = performance.now();
  const ending = watch(key, reader, 10_000, 60_000, 2).run();
  await once(reader, 'taken');
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect(reader.taken[0]?.update).toMatchObject({ $case: 'heartbeat', value: { revision: 2 } });
  reader.emit('cancelled');
  await ending;
});

test.each<[string, number | 'none']>([
  ['a snapshot is read', 'none'],
  ['the journal is read', 2],
])('Watch 8 · it ends at once, though %s', async (_, afterRevision) => {
  const { key, change } = await aDay();
  for (let n = 0; n < 100; n += 1) await change();
  const reading = afterRevision === 'none' ? held('read', 1) : held('history');
  const stream = watch(key, new Reader(1), 10_000, 60_000, afterRevision);
  const ending = stream.run();
  await reading.asked;
  stream.end(refused('DRAINING', {}).refusal);
  expect((await ending)?.reason).toBe('DRAINING');
  reading.release();
  await wait(50);
  expect(desk.board.watchers).toBe(0);
});

test('Watch 8 · one that ends while it subscribes leaves no subscription behind', async () => {
  const { key } = await aDay();
  const subscribing = held('subscribe');
  const stream = watch(key, new Reader(1), 10_000);
  const ending = stream.run();
  await subscribing.asked;
  stream.end(refused('DRAINING', {}).refusal);
  await ending;
  subscribing.release();
  await wait(50);
  expect(desk.board.watchers).toBe(0);
});

test('Watch 7 · what a slow one missed comes as one snapshot', async () => {
  const { key, change } = await aDay();
  const reader = new Reader();
  const ending = watch(key, reader, 10_000).run();
  for (let n = 0; n < 300; n += 1) await change();
  while (reader.taken.at(-1)?.update?.value.revision !== 300) {
    reader.takeOne();
    await new Promise((resolve) => setImmediate(resolve));
  }
  reader.emit('cancelled');
  await ending;
  const cases = reader.taken.map(({ update }) => update?.$case);
  expect([cases.at(-1), cases.filter((each) => each === 'snapshot').length]).toEqual(['snapshot', 1]);
});

test('a bug in one watch ends that watch, and the command that woke it is answered', async () => {
  const { key, change } = await aDay();
  const reader = new Reader(1);
  const ending = watch(key, reader, 10_000).run();
  await change();
  await reader.reaches(1);
  reader.write = () => {
    throw new Error('a bug');
  };
  const bug = expect(ending).rejects.toThrow('a bug');
  expect((await change()).ok).toBe(true);
  await bug;
});

test('a watch that has ended leaves no timer behind', async () => {
  const { key, change } = await aDay();
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  const reader = new Reader(1);
  const ending = watch(key, reader, 10_000).run();
  await change();
  await reader.reaches(1);
  expect(timers()).toBe(before + 1);
  reader.emit('cancelled');
  await ending;
  expect(timers()).toBe(before);
});
