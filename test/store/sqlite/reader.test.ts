import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { openSqliteReader } from '../../../src/store/sqlite/sqlite-reader.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { StoreDamaged, type StoreRefused } from '../../../src/store/store.js';
import { readerContract } from '../reader-contract.js';
import { day, dayCommit, entry, token } from '../samples.js';
import { ask, freshPath } from './scratch.js';

readerContract('a SQLite file', async () => {
  const path = freshPath();
  return {
    store: await openSqliteStore(path),
    read: async () => openSqliteReader(path),
    loseDoctor: async (id) => ask(path, `DELETE FROM doctor WHERE id = '${id}'`),
  };
});

async function keptFile(): Promise<string> {
  const path = freshPath();
  const store = await openSqliteStore(path);
  const days = Array.from({ length: 200 }, (_, index) =>
    dayCommit(day(index), [entry(1)], { tokens: [token(1 + index)] }),
  );
  await store.commit(days);
  await store.close();
  return path;
}

function refusalOf(path: string): StoreRefused {
  try {
    void openSqliteReader(path).close();
  } catch (error) {
    return error as StoreRefused;
  }
  throw new Error('it was opened');
}

test('a page that was overwritten is found', async () => {
  const path = await keptFile();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xa5, bytes.length - 4_096));
  const reader = openSqliteReader(path);
  expect(await reader.findDamage()).toMatch(/\S/);
  await reader.close();
});

test('an index that has lost a row of its table is found', async () => {
  const path = await keptFile();
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf('2026-01-31token_');
  writeFileSync(path, bytes.fill('9', at, at + 1));
  const reader = openSqliteReader(path);
  expect(await reader.findDamage()).toMatch(/missing from index|row/);
  await reader.close();
});

test('a file that is not there is refused', () => {
  expect(refusalOf(freshPath()).message).toMatch(/cannot read .* Check the path/);
});

test('an empty file is refused', () => {
  const path = freshPath();
  writeFileSync(path, '');
  expect(refusalOf(path).message).toMatch(/is empty: no server has made a database there yet/);
});

test('a database in memory is refused', () => {
  expect(refusalOf(':memory:').message).toMatch(/its own server's alone/);
});

test('the tables of an older version are refused rather than migrated', async () => {
  const path = await keptFile();
  ask(path, 'PRAGMA user_version = 0');
  const before = readFileSync(path);
  expect(refusalOf(path).message).toMatch(/written by an older version .* start this one's server on it once/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a file cut off in the middle is damaged, and another program is another matter', async () => {
  const [cut, foreign] = [await keptFile(), freshPath()];
  const bytes = readFileSync(cut);
  writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
  ask(foreign, 'CREATE TABLE invoice (id INTEGER PRIMARY KEY)');
  expect(refusalOf(cut)).toBeInstanceOf(StoreDamaged);
  expect(refusalOf(foreign)).not.toBeInstanceOf(StoreDamaged);
  expect(refusalOf(foreign).message).toMatch(/is a database of another program/);
});

test('reading leaves the file as it was, byte for byte', async () => {
  const path = await keptFile();
  const copy = freshPath();
  copyFileSync(path, copy);
  const reader = openSqliteReader(path);
  expect(await reader.findDamage()).toBeUndefined();
  for await (const { journal } of reader.days()) expect(journal).toHaveLength(1);
  await reader.close();
  expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
});
