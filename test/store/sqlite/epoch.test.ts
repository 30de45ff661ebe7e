/** The epoch of a file: the same for as long as the file is what the last server left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { canResume, type Epoch } from '../../../src/domain/epoch.js';
import { backUp } from '../../../src/store/sqlite/backup.js';
import { epochOf, type Found } from '../../../src/store/sqlite/epoch.js';
import type { Noted } from '../../../src/store/sqlite/epoch-note.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { day, dayCommit, doctor, entry } from '../samples.js';
import { freshPath } from './scratch.js';

const OLD: Epoch = { id: '01890000-0000-7000-8000-00000000000a', isOnly: true };

describe('what a watch can go on after', () => {
  test.each<[string, number, string | undefined, Epoch, boolean]>([
    ['the newest revision of this epoch', 4, OLD.id, OLD, true],
    ['a revision from the future', 5, OLD.id, OLD, false],
    ['a revision of another epoch', 4, 'another', OLD, false],
    ['a number alone, where there was no other history', 4, undefined, OLD, true],
    ['a number alone, where there may have been one', 4, undefined, { ...OLD, isOnly: false }, false],
    ['a revision of this epoch, where there may have been another history', 4, OLD.id, { ...OLD, isOnly: false }, true],
    ['revision 0 of another epoch', 0, 'another', { ...OLD, isOnly: false }, true],
  ])('Watch 6 · %s', (_, revision, epoch, now, expected) => {
    expect(canResume({ revision, epoch }, now, 4)).toBe(expected);
  });
});

describe('what a server that starts makes of what it finds', () => {
  const noted: Noted = { epoch: OLD.id, revisions: 4, file: '7 100', boot: 'one' };
  const found: Found = { epoch: OLD, isEmpty: false, revisions: 4, file: '7 100', boot: 'one' };
  const DOUBTED = { id: expect.not.stringContaining(OLD.id), isOnly: false };
  const RENEWED = { ...DOUBTED, isOnly: true };
  test.each<[string, Partial<Found>, Noted | undefined, unknown]>([
    ['all is as it was left', {}, noted, OLD],
    ['there are more revisions, since the power went before the note was on disk', { revisions: 5 }, noted, OLD],
    ['there are fewer revisions', { revisions: 3 }, noted, DOUBTED],
    ['another file is in its place', { file: '8 100' }, noted, DOUBTED],
    ['a file of the same inode that was created later', { file: '7 101' }, noted, DOUBTED],
    ['nobody knows when the file was created', { file: '7 -' }, noted, OLD],
    ['the note is of another epoch', {}, { ...noted, epoch: 'another' }, DOUBTED],
    ['there is no note', {}, undefined, DOUBTED],
    ['the file has no epoch', { epoch: undefined }, noted, DOUBTED],
    ['the file has neither epoch nor doctors', { epoch: undefined, isEmpty: true }, undefined, RENEWED],
    ['the machine was started anew', { boot: 'two' }, noted, RENEWED],
    [
      'the machine was started anew, and there was another history',
      { boot: 'two', epoch: { ...OLD, isOnly: false } },
      noted,
      DOUBTED,
    ],
    ['nobody knows whether the machine was', { boot: '' }, noted, OLD],
  ])('%s', (_, differing, note, expected) => {
    expect(epochOf({ ...found, ...differing }, note)).toEqual(expected);
  });
});

/** With a doctor, so that somebody may have seen something. */
async function servedFile(): Promise<{ path: string; epoch: Epoch }> {
  const path = freshPath();
  const store = await openSqliteStore(path);
  await store.createDoctor(doctor(1));
  await store.commit([dayCommit(day(1), [entry(1), entry(2)])]);
  await store.close();
  return { path, epoch: store.epoch };
}

async function epochAt(path: string): Promise<Epoch> {
  const store = await openSqliteStore(path);
  await store.close();
  return store.epoch;
}

test('a new file has an epoch that is the only one, and keeps it', async () => {
  const { path, epoch } = await servedFile();
  expect(epoch).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), isOnly: true });
  expect(await epochAt(path)).toEqual(epoch);
});

test('a server that is killed again and again while it commits leaves its epoch', async () => {
  const { path, epoch } = await servedFile();
  const module = (name: string) => new URL(`../../../${name}.js`, import.meta.url).href;
  const program = `${path}.mjs`;
  writeFileSync(
    program,
    `import { openSqliteStore } from '${module('src/store/sqlite/sqlite-store')}';
    import { day, dayCommit, entry } from '${module('test/store/samples')}';
    const store = await openSqliteStore('${path}');
    console.log('open');
    for (let n = Number(process.argv[2]); ; n += 1) await store.commit([dayCommit(day(n), [entry(1)])]);`,
  );
  for (let round = 1; round <= 5; round += 1) {
    const child = spawn(process.execPath, [program, `${round * 100_000}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await sleep(100 + 40 * round);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await epochAt(path)).toEqual(epoch);
});

test('how many revisions there are is noted before a commit is answered', async () => {
  const { path } = await servedFile();
  const store = await openSqliteStore(path);
  const noted = () => /revisions 0*(\d+)/.exec(readFileSync(`${path}.epoch`, 'utf8'))?.[1];
  expect(noted()).toBe('2');
  await store.commit([dayCommit(day(2), [entry(1), entry(2), entry(3)])]);
  expect(noted()).toBe('5');
  await store.close();
});

test.each([
  ['cut off', (text: string) => text.slice(0, -5)],
  ['of something else', () => 'hello'],
  ['empty', () => ''],
])('a note that is %s is no note', async (_, spoil) => {
  const { path, epoch } = await servedFile();
  writeFileSync(`${path}.epoch`, spoil(readFileSync(`${path}.epoch`, 'utf8')));
  const next = await epochAt(path);
  expect([next.id === epoch.id, next.isOnly]).toEqual([false, false]);
  expect(await epochAt(path)).toEqual(next);
});

test('a backup has no epoch, so that it begins another wherever it is put, also over the very pages of the original', async () => {
  const { path, epoch } = await servedFile();
  await backUp(path, `${path}.copy`);
  writeFileSync(path, readFileSync(`${path}.copy`));
  expect(await epochAt(path)).toEqual({ id: expect.not.stringContaining(epoch.id), isOnly: false });
});

test('a copy ends the epoch of what it was copied to', async () => {
  const { path, epoch } = await servedFile();
  const store = await openSqliteStore(path);
  await store.endEpoch();
  await store.close();
  expect(await epochAt(path)).toEqual({ id: expect.not.stringContaining(epoch.id), isOnly: false });
});

test('a file that is put in the place of the one that is served is not served in its stead', async () => {
  const { path } = await servedFile();
  copyFileSync(path, `${path}.earlier`);
  let worker: Worker | undefined;
  const startWorker = (workerData: unknown) => {
    worker = new Worker(new URL('../../../src/store/sqlite/sqlite-worker.js', import.meta.url), { workerData });
    return worker;
  };
  const store = await openSqliteStore(path, { startWorker });
  await store.commit([dayCommit(day(2), [entry(1)])]);
  await worker?.terminate();
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  renameSync(`${path}.earlier`, path);
  await sleep(500);
  await expect(store.readJournal(day(1), 0, 10)).rejects.toThrow(/being started again/);
  await store.close();
});
