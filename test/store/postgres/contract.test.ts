import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { TestPostgres } from '../../support/postgres.js';
import { storeContract } from '../contract.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

storeContract('PostgreSQL', async () => openPostgresStore(await postgres.database()));

test("the database's own clock can be read, in whole milliseconds", async () => {
  const store = await openPostgresStore(await postgres.database());
  const time = await store.neighbours?.readTime();
  expect(Number.isInteger(time)).toBe(true);
  expect(Math.abs((time ?? 0) - Date.now())).toBeLessThan(60_000);
  await store.close();
});
