import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../../src/store/sqlite/binding.js';
import { openDatabase } from '../../../src/store/sqlite/connection.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { day, dayCommit, doctor, entry, request, slot, token, tokenId } from '../samples.js';
import { ask, freshPath } from './scratch.js';

test('what was kept is there when the file is opened again', async () => {
  const path = freshPath();
  const before = await openSqliteStore(path);
  await before.createDoctor(doctor(1), request(1));
  await before.commit([dayCommit(day(1), [entry(1, { request: request(2) })], { tokens: [token(1)] })]);
  await before.close();

  const after = await openSqliteStore(path);
  expect(await after.findDoctor(doctor(1).id)).toEqual(doctor(1));
  expect(await after.readJournal(day(1), 0, 10)).toEqual([entry(1, { request: request(2) })]);
  expect(await after.locateToken(tokenId(1))).toEqual(day(1));
  expect(await after.commit([dayCommit(day(1), [entry(1)])])).toEqual(['conflict']);
  await after.close();
});

test('each commit waits for the disk: write-ahead log, synchronous FULL', () => {
  const database = openDatabase(freshPath());
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  database.close();
});

test('a closed store is one file, its note and its empty lock: the log is gone', async () => {
  const directory = freshPath();
  const path = join(directory, 'opd.db');
  const store = await openSqliteStore(path);
  await store.commit([dayCommit(day(1), [entry(1)])]);
  expect(existsSync(`${path}-wal`)).toBe(true);
  await store.close();
  expect(readdirSync(directory)).toEqual(['opd.db', 'opd.db.epoch', 'opd.db.lock']);
  expect(statSync(`${path}.lock`).size).toBe(0);
  expect(ask(path, 'SELECT revision FROM journal')).toEqual([{ revision: 1 }]);
});

test("a hospital's own SQL reads slots and tokens as they stand, while they are served", async () => {
  const path = freshPath();
  const store = await openSqliteStore(path);
  await store.commit([dayCommit(day(1), [entry(1)], { slots: [slot(1)], tokens: [token(1)] })]);
  const changed = { slots: [slot(1, { seatsTaken: 0, waiting: 3 })], tokens: [token(1, { status: 'CANCELLED' })] };
  await store.commit([dayCommit(day(1), [entry(2)], changed)]);
  expect(ask(path, 'SELECT seats_taken, waiting FROM slot')).toEqual([{ seats_taken: 0, waiting: 3 }]);
  expect(ask(path, 'SELECT number, status FROM token')).toEqual([{ number: 1, status: 'CANCELLED' }]);
  await store.close();
});

test('a reader in the middle of its reading holds up no commit', async () => {
  const path = freshPath();
  const store = await openSqliteStore(path);
  const reader = new Database(path, { readonly: true });
  reader.exec('BEGIN; SELECT count(*) FROM journal');
  expect(await store.commit([dayCommit(day(1), [entry(1)])])).toEqual(['committed']);
  reader.close();
  await store.close();
});

test.each([
  ['a slot', 'SELECT doctor_id FROM slot WHERE id = ?'],
  ['a token', 'SELECT doctor_id FROM token WHERE id = ?'],
  ['a request id', "SELECT date FROM journal WHERE doctor_id = 'd' AND request_id = ?"],
  ['a revision', "SELECT at FROM journal WHERE doctor_id = 'd' AND date = 'x' AND revision > ?"],
])('%s is looked up without scanning', (_, sql) => {
  const database = openDatabase(freshPath());
  const plan = database.prepare<[string], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all('1');
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH /)]);
  database.close();
});
