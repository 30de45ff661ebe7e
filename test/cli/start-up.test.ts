/** `opd serve` on files that it cannot serve: one message that says what is wrong and what to do, and nothing touched. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Database } from '../../src/store/sqlite/binding.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { dayCommit, day as dayOf, entry, token } from '../store/samples.js';
import { TemporaryFile } from '../support/service.js';
import { type Ended, OPD, runOpd, runOpdOnFullDisk } from './run-opd.js';

const PAGE_BYTES = 4_096;

let file: TemporaryFile;
beforeEach(async () => {
  file = new TemporaryFile();
  const store = await openSqliteStore(file.path);
  const days = Array.from({ length: 200 }, (_, index) =>
    dayCommit(dayOf(index), [entry(1)], { tokens: [token(1 + index)] }),
  );
  await store.commit(days);
  await store.close();
});
afterEach(() => file.remove());

const SERVE = ['serve', '--listen', '127.0.0.1:0', '--data'];
const serve = (path = file.path, options = {}) => runOpd([...SERVE, path], { timeout: 20_000, ...options });

/** Changes the bytes of the file, or of another beside it. */
function damage(change: (bytes: Buffer) => Buffer, path = file.path): void {
  writeFileSync(path, change(readFileSync(path)));
}

/** Refused, in one line, and with the files as they were. */
async function expectRefused(serving: () => Promise<Ended>, sentence: RegExp, files = [file.path]): Promise<void> {
  const before = files.map((path) => readFileSync(path));
  const ended = await serving();
  expect(ended).toEqual({ code: 1, out: '', err: expect.stringMatching(sentence) });
  expect(ended.err.trim().split('\n')).toHaveLength(1);
  expect(files.map((path, index) => readFileSync(path).equals(before[index] as Buffer))).toEqual(files.map(() => true));
}

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['whose header is overwritten', (bytes) => bytes.fill(0xa5, 0, 16)],
  ['with a page overwritten in its middle', (bytes) => bytes.fill(0xa5, PAGE_BYTES * 8, PAGE_BYTES * 10)],
  ['cut off in its middle', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['cut off in its header', (bytes) => bytes.subarray(0, 50)],
  ['that is a text', () => Buffer.from('Dear diary, '.repeat(1_000))],
])('a file %s', async (_, change) => {
  damage(change);
  await expectRefused(serve, /^error: \S+ is damaged, or is no SQLite database .* Put a backup in its place/);
});

test('a log that is damaged', async () => {
  const crashed = `${file.directory}/crashed.sqlite`;
  const database = new Database(file.path);
  database.exec(`UPDATE token SET updated_at = 1; UPDATE token SET updated_at = 2; UPDATE token SET updated_at = 3`);
  for (const suffix of ['', '-wal']) copyFileSync(`${file.path}${suffix}`, `${crashed}${suffix}`);
  database.close();
  damage((bytes) => bytes.fill(0xa5, 2_000, 2_100), `${crashed}-wal`);
  await expectRefused(
    () => serve(crashed),
    /^error: \S+-wal, the log of \S+, is damaged: changes that were answered would be lost/,
    [crashed, `${crashed}-wal`],
  );
});

test('a directory', async () => {
  mkdirSync(`${file.directory}/inner`);
  await expectRefused(() => serve(`${file.directory}/inner`), /^error: \S+ is a directory\. Give a file's path\./);
});

describe('a disk that is full', () => {
  test('under a file that is there', async () => {
    await expectRefused(
      () => runOpdOnFullDisk(8, [...SERVE, file.path]),
      /^error: cannot use \S+: disk I\/O error\. The disk is full, or fails: make room on it/,
    );
  });

  test('under a new file, which can be made once there is room', async () => {
    const path = `${file.directory}/new.sqlite`;
    await expectRefused(() => runOpdOnFullDisk(8, [...SERVE, path]), /The disk is full, or fails: make room on it/);
    await (await openSqliteStore(path)).close();
    expect(statSync(path).size).toBeGreaterThan(PAGE_BYTES);
  });
});

// The superuser may do anything with any file; so under the superuser these run as nobody, where nobody may read this program.
const NOBODY = 65_534;
const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const canRun = spawnSync(process.execPath, [OPD, '--version'], asUser).status === 0;

(canRun ? describe : describe.skip)('a user without the right', () => {
  let path: string;
  beforeEach(() => {
    const directory = `${file.directory}/theirs`;
    path = `${directory}/opd.sqlite`;
    mkdirSync(directory);
    copyFileSync(file.path, path);
    if (asUser.uid === undefined) return;
    for (const place of [file.directory, directory, path]) chownSync(place, NOBODY, NOBODY);
  });
  afterEach(() => chmodSync(`${file.directory}/theirs`, 0o700));

  test('to write the file', async () => {
    chmodSync(path, 0o400);
    await expectRefused(
      () => serve(path, asUser),
      /^error: cannot read and write \S+opd\.sqlite: EACCES\. Give this user/,
    );
  });

  test('to read the file', async () => {
    chmodSync(path, 0);
    const { code, err } = await serve(path, asUser);
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: cannot read and write \S+: EACCES\. Give this/)]);
  });

  test('to write beside the file', async () => {
    chmodSync(`${file.directory}/theirs`, 0o500);
    const { code, err } = await serve(path, asUser);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: cannot lock \S+ by \S+\.lock: .* Check the path and its permissions\.\n$/);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('to write beside the file, where an earlier server has left its lock', async () => {
    writeFileSync(`${path}.lock`, '');
    if (asUser.uid !== undefined) chownSync(`${path}.lock`, NOBODY, NOBODY);
    chmodSync(`${file.directory}/theirs`, 0o500);
    await expectRefused(() => serve(path, asUser), /^error: cannot read and write \S+theirs, where the log is kept/);
  });
});
