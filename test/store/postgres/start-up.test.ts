import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { ZoneDataVersion } from '../../../src/domain/zone-data.js';
import { bringUpToDate, NEWEST_MIGRATION } from '../../../src/store/postgres/migrations.js';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { StoreRefused } from '../../../src/store/store.js';
import { TestPostgres } from '../../support/postgres.js';
import {
  AT,
  CALLED_AT,
  day,
  dayCommit,
  doctor,
  entry,
  request,
  rowsOfCalledDay,
  slot,
  token,
  tokenId,
} from '../samples.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** The SQL in `docs/scaling.md` that begins with these words. */
function documented(beginning: string): string {
  const page = readFileSync('docs/scaling.md', 'utf8');
  const block = [...page.matchAll(/```sql\n(.*?)```/gs)].find(([, sql]) => sql?.startsWith(beginning));
  if (!block?.[1]) throw new Error(`docs/scaling.md has no SQL that begins with ${beginning}`);
  return block[1];
}

test('a journal that is partitioned by date keeps its promises', async () => {
  const address = await postgres.database();
  await postgres.ask(address, documented('ALTER TABLE opd.journal RENAME'));
  const store = await openPostgresStore(address);
  const kept = dayCommit(day(1), [entry(1, { request: request(7) }), entry(2)], { tokens: [token(1)] });
  expect(await store.commit([kept])).toEqual(['committed']);
  expect(await store.commit([kept, dayCommit(day(2), [entry(1)])])).toEqual(['conflict', 'committed']);
  expect(await store.readJournal(day(1), 1, 10)).toEqual([entry(2)]);
  expect(await store.findRequest(day(1).doctorId, request(7).id)).toMatchObject({ revision: 1 });
  await store.close();
});

async function refusalOf(address: string): Promise<string> {
  const refusal: unknown = await openPostgresStore(address).then(
    (store) => store.close(),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  return (refusal as StoreRefused).message;
}

test('of many servers that start at once on a bare database one makes the tables, and all serve', async () => {
  const address = await postgres.database('bare');
  const stores = await Promise.all([1, 2, 3, 4, 5].map(() => openPostgresStore(address)));
  const outcomes = await Promise.all(stores.map((store, index) => store.commit([dayCommit(day(index), [entry(1)])])));
  expect(outcomes).toEqual(stores.map(() => ['committed']));
  const steps = Array.from({ length: NEWEST_MIGRATION }, (_, index) => ({ number: index + 1 }));
  expect(await postgres.ask(address, 'SELECT number FROM opd.migration ORDER BY number')).toEqual(steps);
  await Promise.all(stores.map((store) => store.close()));
});

test('when a token was called, a database of an earlier version is told by its journal', async () => {
  const address = await postgres.database('bare');
  const client = new pg.Client(address);
  await client.connect();
  await bringUpToDate(client, address, 6);
  await client.query(rowsOfCalledDay('opd.'));
  await client.end();
  await (await openPostgresStore(address)).close();
  const told = 'SELECT number, called_at::float8 FROM opd.token ORDER BY number';
  expect(await postgres.ask(address, told)).toEqual(CALLED_AT);
});

test("a newer version's database is refused, and stays as it was", async () => {
  const address = await postgres.database();
  await postgres.ask(address, 'INSERT INTO opd.migration (number) VALUES (1000)');
  expect(await refusalOf(address)).toMatch(
    /written by a newer version of this program \(its tables are at 1000, this version knows/,
  );
});

test("another program's schema of the same name is refused, and stays as it was", async () => {
  const address = await postgres.database('bare');
  await postgres.ask(address, 'CREATE SCHEMA opd; CREATE TABLE opd.token (invoice integer)');
  expect(await refusalOf(address)).toMatch(/has a schema "opd" with tables of another program; it was left as it is/);
  expect(await postgres.ask(address, "SELECT to_regclass('opd.migration') AS made")).toEqual([{ made: null }]);
});

test('a database that would forget what it has acknowledged is refused', async () => {
  const address = await postgres.database();
  const name = new URL(address).pathname.slice(1);
  await postgres.ask('postgres', `ALTER DATABASE ${name} SET synchronous_commit = off`);
  expect(await refusalOf(address)).toMatch(/synchronous_commit off, and so could lose what it has acknowledged/);
});

test.each([
  ['postgres://opd:se/cret@127.0.0.1/opd', /cannot be read. It must be like postgres:/],
  ['postgres://opd:secret@127.0.0.1:1/opd', /cannot reach postgres:\/\/opd@127\.0\.0\.1:1\/opd: .*ECONNREFUSED/],
])('the address %s is refused in words without its password', async (address, words) => {
  const refusal = await refusalOf(address);
  expect(refusal).toMatch(words);
  expect(refusal).not.toMatch(/cret/);
});

describe('the least that a role must be allowed', () => {
  const [createRole = '', ...grants] = documented('CREATE ROLE opd_server').split('\n');
  const GRANTS = grants.join('\n');
  beforeAll(() => postgres.ask('postgres', createRole));

  const asClerk = (address: string) => {
    const url = new URL(address);
    [url.username, url.password] = ['opd_server', '…'];
    return url.href;
  };

  test('is enough for all that a server does', async () => {
    const address = await postgres.database();
    await postgres.ask(address, GRANTS);
    const store = await openPostgresStore(asClerk(address));
    await store.createDoctor(doctor(1), request(1));
    const fields = { slots: [slot(1)], tokens: [token(1)], due: { at: AT } };
    const first = dayCommit(day(1), [entry(1, { request: request(7) })], fields);
    const second = dayCommit(day(1), [entry(2)], { slots: [slot(1)], tokens: [token(1, { status: 'CANCELLED' })] });
    expect(await store.commit([first])).toEqual(['committed']);
    expect(await store.commit([second])).toEqual(['committed']);
    expect(await store.commit([second])).toEqual(['conflict']);
    expect(await store.locateToken(tokenId(1))).toEqual(day(1));
    await store.noteDue(day(1), 2, undefined);
    expect(await store.findRequest(day(1).doctorId, request(7).id)).toMatchObject({ revision: 1 });
    await store.noteZoneData('2026a' as ZoneDataVersion);
    await store.keepClockMark({ at: AT, uptime: 1 });
    expect(await store.readClockMark()).toEqual({ at: AT, uptime: 1 });
    await store.close();
  });

  test.each(['DELETE FROM opd.journal', "UPDATE opd.journal SET events = '[]'", 'DROP TABLE opd.token'])(
    'does not allow %s',
    async (sql) => {
      const address = await postgres.database();
      await postgres.ask(address, GRANTS);
      await expect(postgres.ask(asClerk(address), sql)).rejects.toThrow(/permission denied|must be owner/);
    },
  );

  test('does not include making the tables: the refusal says who is to do it', async () => {
    const address = await postgres.database('bare');
    expect(await refusalOf(asClerk(address))).toMatch(/this role may not do\. Run: opd migrate --data/);
  });
});
