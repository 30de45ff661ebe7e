import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Database } from '../../../src/store/sqlite/binding.js';
import type { WorkerOrders } from '../../../src/store/sqlite/messages.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { type Store, StoreUnavailable } from '../../../src/store/store.js';
import { allocated, allocateToken, day, dayCommit, entry } from '../samples.js';
import { ask, freshPath } from './scratch.js';

const WORKER = new URL('../../../src/store/sqlite/sqlite-worker.js', import.meta.url);

/** Starts real workers, and keeps hold of the last one. */
class Workers {
  last: Worker | undefined;
  readonly start = (orders: WorkerOrders): Worker => {
    this.last = new Worker(WORKER, { workerData: orders });
    return this.last;
  };
}

/** Asks until the store can do it again, for five seconds at the most. */
async function onceAvailable<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await pause(50);
    }
  }
  return call();
}

describe('a worker that dies', () => {
  test('is replaced; calls under way and meanwhile are refused; what was answered is there', async () => {
    const workers = new Workers();
    const store = await openSqliteStore(freshPath(), { startWorker: workers.start });
    await store.commit([dayCommit(day(1), [entry(1)])]);
    const died = workers.last && once(workers.last, 'exit');
    void workers.last?.terminate();
    await expect(store.readJournal(day(1), 0, 10)).rejects.toThrow(StoreUnavailable);
    await died;
    await expect(store.commit([dayCommit(day(1), [entry(2)])])).rejects.toThrow(StoreUnavailable);

    expect(await onceAvailable(() => store.readJournal(day(1), 0, 10))).toEqual([entry(1)]);
    expect(await store.commit([dayCommit(day(1), [entry(2)])])).toEqual(['committed']);
    await store.close();
  });

  test('does not let a second server in before it is replaced', async () => {
    const workers = new Workers();
    const path = freshPath();
    const store = await openSqliteStore(path, { startWorker: workers.start });
    await workers.last?.terminate();
    await expect(openSqliteStore(path)).rejects.toThrow(/in use by another server/);
    await store.close();
  });

  test('is not replaced by an empty database where the file has gone', async () => {
    const workers = new Workers();
    const path = freshPath();
    const store = await openSqliteStore(path, { startWorker: workers.start });
    await workers.last?.terminate();
    for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    await pause(200);
    await expect(store.readJournal(day(1), 0, 10)).rejects.toThrow(StoreUnavailable);
    await store.close();
  });

  test('takes a store in memory with it, for good', async () => {
    const workers = new Workers();
    const store = await openSqliteStore(':memory:', { startWorker: workers.start });
    await workers.last?.terminate();
    await pause(200);
    await expect(store.readJournal(day(1), 0, 10)).rejects.toThrow(StoreUnavailable);
    await store.close();
  });
});

test('a database held by another process refuses commits, and takes them once it is let go', async () => {
  const path = freshPath();
  const store = await openSqliteStore(path);
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const refused = await store.commit([dayCommit(day(1), [entry(1)])]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StoreUnavailable);
  expect(refused).toMatchObject({ cause: { code: 'SQLITE_BUSY' } });
  other.close();
  expect(await store.commit([dayCommit(day(1), [entry(1)])])).toEqual(['committed']);
  await store.close();
});

test('a row of the journal that is damaged is named, and the rows beside it are read', async () => {
  const path = freshPath();
  const store = await openSqliteStore(path);
  await store.commit([dayCommit(day(1), [entry(1), entry(2)])]);
  ask(path, 'UPDATE journal SET format = 99 WHERE revision = 2');
  await expect(store.readJournal(day(1), 0, 10)).rejects.toThrow(
    `the journal's row ${day(1).doctorId} 2026-01-31 revision 2 cannot be read: its format 99 is unknown to this program`,
  );
  expect(await store.readJournal(day(1), 0, 1)).toEqual([entry(1)]);
  await store.close();
});

interface SmallDisk {
  open(): Promise<Store>;
  makeRoom(): void;
  remove(): void;
}

/** A file that may not grow, whose room another program's table takes. */
function smallFile(): SmallDisk {
  const path = freshPath();
  return {
    open: async () => {
      const store = await openSqliteStore(path, { pagesMax: 120 });
      ask(path, 'CREATE TABLE ballast AS SELECT randomblob(200000) AS bytes');
      return store;
    },
    makeRoom: () => void ask(path, 'DROP TABLE ballast'),
    remove: () => {},
  };
}

/** A file system of 1 MiB, some of whose room another file takes. */
function smallFileSystem(): SmallDisk {
  const directory = freshPath();
  mount(directory);
  const ballast = join(directory, 'ballast');
  writeFileSync(ballast, Buffer.alloc(300_000));
  return {
    open: () => openSqliteStore(join(directory, 'opd.db')),
    makeRoom: () => rmSync(ballast),
    remove: () => unmount(directory),
  };
}

function mount(directory: string): void {
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', directory], { stdio: 'ignore' });
}

function unmount(directory: string): void {
  execFileSync('umount', ['-l', directory]);
}

function mayMount(): boolean {
  const directory = freshPath();
  try {
    mount(directory);
    unmount(directory);
    return true;
  } catch {
    return false;
  }
}

// The first stands for the second wherever this process may not mount a file system.
const DISKS: [string, () => SmallDisk][] = [['a file at its page limit', smallFile]];
if (mayMount()) DISKS.push(['a small file system', smallFileSystem]);

describe('a disk that is full', () => {
  test.each(DISKS)(
    '%s: nothing of the batch is kept, reads go on, and commits once there is room',
    async (_, prepare) => {
      const disk = prepare();
      try {
        await fillAndMakeRoom(disk);
      } finally {
        disk.remove();
      }
    },
  );
});

async function fillAndMakeRoom(disk: SmallDisk): Promise<void> {
  const store = await disk.open();
  const kept = await fill(store);
  const refused = await store.commit(batchOf(kept)).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StoreUnavailable);
  expect(refused).toMatchObject({ cause: { code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/) } });
  expect(await store.readJournal(day(kept), 0, 10)).toEqual([]);
  expect(await store.readJournal(day(0), 0, 10)).toEqual([big()]);

  disk.makeRoom();
  expect(await store.commit(batchOf(kept))).toEqual(['committed', 'committed']);
  expect(await store.readJournal(day(kept), 0, 10)).toEqual([big()]);
  await store.close();
}

function big() {
  const patientRef = 'x'.repeat(8_000);
  return entry(1, { command: allocateToken(patientRef), events: [allocated(1, patientRef)] });
}

function batchOf(number: number) {
  return [number, number + 1].map((doctor) => dayCommit(day(doctor), [big()]));
}

/** Commits until the disk is full; answers with the first doctor of the batch that was refused. */
async function fill(store: Store): Promise<number> {
  for (let number = 0; number < 1_000; number += 2) {
    const isFull = await store.commit(batchOf(number)).then(
      () => false,
      () => true,
    );
    if (isFull) return number;
  }
  throw new Error('the disk never filled');
}
