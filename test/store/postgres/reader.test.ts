import { openPostgresReader } from '../../../src/store/postgres/postgres-reader.js';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { StoreRefused } from '../../../src/store/store.js';
import { TestPostgres } from '../../support/postgres.js';
import { readerContract } from '../reader-contract.js';
import { day, dayCommit, entry, request } from '../samples.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

readerContract('PostgreSQL', async () => {
  const address = await postgres.database();
  return {
    store: await openPostgresStore(address),
    read: () => openPostgresReader(address),
    loseDoctor: (id) => postgres.ask(address, `DELETE FROM opd.doctor WHERE id = '${id}'`),
  };
});

async function refusalOf(address: string): Promise<string> {
  const refusal = await openPostgresReader(address).then(
    (reader) => reader.close(),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  return (refusal as StoreRefused).message;
}

test('R18 · a request id that is in the journal but not kept as its own is found', async () => {
  const address = await postgres.database();
  const store = await openPostgresStore(address);
  await store.commit([dayCommit(day(1), [entry(1, { request: request(7) }), entry(2, { request: request(8) })])]);
  await store.close();
  await postgres.ask(address, 'DELETE FROM opd.request WHERE revision = 2');
  const reader = await openPostgresReader(address);
  expect(await reader.findDamage()).toMatch(/R18: 1 journal rows whose request ids are not kept/);
  await reader.close();
});

test('a database without our tables is refused', async () => {
  expect(await refusalOf(await postgres.database('bare'))).toMatch(
    /none of this program's tables yet\. Start a server/,
  );
});

test('the tables of another version are refused', async () => {
  const address = await postgres.database();
  await postgres.ask(address, 'INSERT INTO opd.migration (number) VALUES (1000)');
  expect(await refusalOf(address)).toMatch(/written by a newer version of this program .* Start the newer version/);
});

test('a database that is not there is refused by its name, without its password', async () => {
  const refusal = await refusalOf(postgres.address('nowhere', 'opd', 'opd'));
  expect(refusal).toMatch(/cannot reach postgres:\/\/opd@127\.0\.0\.1:\d+\/nowhere: database "nowhere" does not exist/);
});
