import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { TestPostgres } from '../../support/postgres.js';
import { storeContract } from '../contract.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

storeContract('PostgreSQL', async () => openPostgresStore(await postgres.database()));
