import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Database } from '../../../src/store/sqlite/binding.js';
import { inspectLog } from '../../../src/store/sqlite/log-inspection.js';
import { StoreDamaged } from '../../../src/store/store.js';
import { freshPath } from './scratch.js';

const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + 4_096;

/** A database whose log holds so many transactions of one frame each, as a killed server would leave it. */
function crashed(transactions: number, { begunAnew = false } = {}): string {
  const [live, path] = [freshPath(), freshPath()];
  const database = new Database(live);
  database.pragma('journal_mode = WAL');
  database.pragma('wal_autocheckpoint = 0');
  database.exec('CREATE TABLE t (x)');
  if (begunAnew) for (let i = 0; i < 20; i++) database.exec(`INSERT INTO t VALUES (${i})`);
  database.pragma('wal_checkpoint(RESTART)');
  for (let i = 0; i < transactions; i++) database.exec(`INSERT INTO t VALUES (${i})`);
  for (const suffix of ['', '-wal']) copyFileSync(`${live}${suffix}`, `${path}${suffix}`);
  database.close();
  return path;
}

/** Overwrites bytes of the log, from a place in its n-th frame on. */
function overwrite(path: string, frame: number, at: number, length = 8): void {
  const log = readFileSync(`${path}-wal`);
  const from = HEADER_BYTES + (frame - 1) * FRAME_BYTES + at;
  writeFileSync(`${path}-wal`, log.fill(0xa5, from, from + length));
}

function cut(path: string, bytes: number): void {
  writeFileSync(`${path}-wal`, readFileSync(`${path}-wal`).subarray(0, bytes));
}

describe('a log that a crash left is accepted', () => {
  test.each<[string, () => string]>([
    ['whole', () => crashed(5)],
    ['with frames of the time before it was begun anew', () => crashed(3, { begunAnew: true })],
  ])('%s', (_, log) => {
    expect(() => inspectLog(log())).not.toThrow();
  });

  test.each<[string, (path: string) => void]>([
    ['cut off in its last frame', (path) => cut(path, HEADER_BYTES + 4 * FRAME_BYTES + 1_000)],
    ['cut off in its first frame', (path) => cut(path, HEADER_BYTES + 1_000)],
    ['cut off in its header', (path) => cut(path, 10)],
    ['empty', (path) => cut(path, 0)],
    ['of zeros only', (path) => writeFileSync(`${path}-wal`, Buffer.alloc(HEADER_BYTES + FRAME_BYTES))],
    ['whose last transaction was half written', (path) => overwrite(path, 5, 2_000)],
  ])('%s', (_, leave) => {
    const path = crashed(5);
    leave(path);
    expect(() => inspectLog(path)).not.toThrow();
  });

  test('none at all', () => {
    const path = freshPath();
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(() => inspectLog(path)).not.toThrow();
  });
});

describe('a log that lost what was answered is refused, and stays as it was', () => {
  test.each<[string, (path: string) => void]>([
    ['its header is overwritten', (path) => overwrite(path, 1, -HEADER_BYTES)],
    ['its magic number is another', (path) => overwrite(path, 1, -HEADER_BYTES, 1)],
    ['the first page is overwritten', (path) => overwrite(path, 1, 2_000)],
    ['a page in the middle is overwritten', (path) => overwrite(path, 3, 2_000)],
    ["a page's own header is overwritten", (path) => overwrite(path, 3, 0, 24)],
    ['two pages are overwritten from end to end', (path) => overwrite(path, 2, 0, 2 * FRAME_BYTES)],
    ['it is another file', (path) => writeFileSync(`${path}-wal`, 'Dear diary, '.repeat(1_000))],
  ])('%s', (_, damage) => {
    const path = crashed(6);
    damage(path);
    const before = readFileSync(`${path}-wal`);
    expect(() => inspectLog(path)).toThrow(StoreDamaged);
    expect(() => inspectLog(path)).toThrow(/-wal, the log of .*, is damaged: .* Put a backup in their place/);
    expect(readFileSync(`${path}-wal`).equals(before)).toBe(true);
  });
});
