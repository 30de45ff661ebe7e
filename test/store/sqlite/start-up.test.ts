import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Database } from '../../../src/store/sqlite/binding.js';
import { openDatabase } from '../../../src/store/sqlite/connection.js';
import { migrate, NEWEST_MIGRATION } from '../../../src/store/sqlite/migrations.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { StoreRefused } from '../../../src/store/store.js';
import {
  AT,
  allocated,
  allocateToken,
  CALLED_AT,
  day,
  dayCommit,
  doctorId,
  entry,
  rowsOfCalledDay,
  slotId,
  token,
  tokenId,
} from '../samples.js';
import { ask, freshPath } from './scratch.js';

async function refusalOf(path: string): Promise<string> {
  const refusal: unknown = await openSqliteStore(path).then(
    (store) => store.close(),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  return (refusal as StoreRefused).message;
}

async function servedFile(): Promise<string> {
  const path = freshPath();
  const store = await openSqliteStore(path);
  const days = Array.from({ length: 200 }, (_, index) => dayCommit(day(index), [entry(1)]));
  await store.commit(days);
  await store.close();
  return path;
}

describe('one server a file', () => {
  test('a second server is refused at once, the first goes on', async () => {
    const path = freshPath();
    const store = await openSqliteStore(path);
    expect(await refusalOf(path)).toMatch(/is in use by another server\. Stop that one first/);
    expect(await refusalOf(join(dirname(path), '.', path.slice(dirname(path).length)))).toMatch(/in use/);
    expect(await store.commit([dayCommit(day(1), [entry(1)])])).toEqual(['committed']);
    await store.close();
  });

  test('a server killed with SIGKILL leaves nothing that keeps the next one out', async () => {
    const path = freshPath();
    const module = new URL('../../../src/store/sqlite/sqlite-store.js', import.meta.url).href;
    const program = `${path}.mjs`;
    writeFileSync(
      program,
      `import { openSqliteStore } from '${module}';
      await openSqliteStore(process.argv[2]);
      process.stdout.write('open');`,
    );
    const server = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout, 'data');
    expect(await refusalOf(path)).toMatch(/is in use by another server/);

    server.kill('SIGKILL');
    await once(server, 'exit');
    const store = await openSqliteStore(path);
    expect(await store.commit([dayCommit(day(1), [entry(1)])])).toEqual(['committed']);
    await store.close();
  });

  test('stores in memory do not know of each other', async () => {
    const stores = await Promise.all([openSqliteStore(':memory:'), openSqliteStore(':memory:')]);
    const outcomes = await Promise.all(stores.map((store) => store.commit([dayCommit(day(1), [entry(1)])])));
    expect(outcomes).toEqual([['committed'], ['committed']]);
    await Promise.all(stores.map((store) => store.close()));
    expect(existsSync(':memory:.lock')).toBe(false);
  });
});

describe('files that are not for this program', () => {
  test('a database of a newer program is refused, and stays as it was', async () => {
    const path = await servedFile();
    ask(path, `PRAGMA user_version = ${NEWEST_MIGRATION + 1}`);
    const before = readFileSync(path);
    expect(await refusalOf(path)).toMatch(/written by a newer version of this program .* Start the newer version/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("another program's database is refused, and stays as it was", async () => {
    const path = freshPath();
    ask(path, 'CREATE TABLE invoice (id INTEGER PRIMARY KEY)');
    const before = readFileSync(path);
    expect(await refusalOf(path)).toMatch(/is a database of another program; it was left as it is/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['a text', () => Buffer.from('Dear diary, '.repeat(1_000))],
    ['cut off in the middle', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['overwritten in a page', (bytes) => Buffer.from(bytes).fill(0xa5, 4_096 * 3, 4_096 * 5)],
    ['overwritten in its list of tables', (bytes) => Buffer.from(bytes).fill(0xa5, 100, 4_096)],
  ])('a file that is %s is refused, and stays as it was', async (_, damage) => {
    const path = await servedFile();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    expect(await refusalOf(path)).toMatch(/is damaged, or is no SQLite database .* Put a backup in its place/);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  test('a directory is refused', async () => {
    const path = freshPath();
    mkdirSync(path);
    expect(await refusalOf(path)).toMatch(/is a directory\. Give a file/);
  });

  test('a path that leads through a file is refused', async () => {
    const path = freshPath();
    writeFileSync(path, '');
    expect(await refusalOf(join(path, 'opd.db'))).toMatch(/cannot reach .* Check the path/);
  });

  test('a file that was refused may be opened once it has been put right', async () => {
    const path = await servedFile();
    const sound = readFileSync(path);
    writeFileSync(path, 'Dear diary');
    await refusalOf(path);
    writeFileSync(path, sound);
    await (await openSqliteStore(path)).close();
    expect(ask(path, 'SELECT count(*) AS days FROM journal')).toEqual([{ days: 200 }]);
  });
});

describe('new files', () => {
  test('the directories above a new file are made', async () => {
    const path = join(freshPath(), 'deep', 'opd.db');
    await (await openSqliteStore(path)).close();
    expect(existsSync(path)).toBe(true);
  });

  test('an empty file is a new one', async () => {
    const path = freshPath();
    writeFileSync(path, '');
    await (await openSqliteStore(path)).close();
    expect(ask(path, 'SELECT count(*) AS days FROM journal')).toEqual([{ days: 0 }]);
  });

  test('the migrations run once, and the file says how far they got', () => {
    const path = freshPath();
    openDatabase(path).close();
    const tables = ask(path, 'SELECT name, sql FROM sqlite_schema');
    openDatabase(path).close();
    expect(ask(path, 'SELECT name, sql FROM sqlite_schema')).toEqual(tables);
    expect(ask(path, 'PRAGMA user_version')).toEqual([{ user_version: NEWEST_MIGRATION }]);
  });

  test.each(Array.from({ length: NEWEST_MIGRATION - 1 }, (_, index) => index + 1))(
    'a file that an earlier version left at step %i is brought up to date, with all that is in it',
    async (reached) => {
      const path = freshPath();
      const earlier = new Database(path);
      migrate(earlier, reached);
      earlier.exec(`INSERT INTO token (id, doctor_id, date, number, slot_id, requested_slot_id, source, status, patient_ref, created_at,
        updated_at) VALUES ('${tokenId(1)}', '${doctorId(1)}', '2026-01-31', 1, '${slotId(1)}', '${slotId(1)}',
        'ONLINE', 'ACTIVE', 'MRN-1', ${AT}, ${AT});
        INSERT INTO journal (doctor_id, date, revision, at, format, command, events) VALUES ('${doctorId(1)}', '2026-01-31', 1, ${AT}, 1,
        '${JSON.stringify(allocateToken())}', '${JSON.stringify([allocated(1)])}')`);
      // From step 4 on it is kept as it happens.
      if (reached >= 4) earlier.exec('UPDATE token SET seated_at = created_at');
      earlier.close();
      const store = await openSqliteStore(path);
      expect(await store.listTokensOf('MRN-1', [], undefined, 10)).toEqual([{ key: day(1), token: token(1) }]);
      // From step 9 on servers keep it.
      if (reached < 9) expect(await store.readClockMark()).toEqual({ at: AT, uptime: 0 });
      await store.close();
    },
  );

  test('when a token was called, a file of an earlier version is told by its journal', () => {
    const path = freshPath();
    const earlier = new Database(path);
    migrate(earlier, 9);
    earlier.exec(rowsOfCalledDay());
    earlier.close();
    openDatabase(path).close();
    expect(ask(path, 'SELECT number, called_at FROM token')).toEqual(CALLED_AT);
  });
});
