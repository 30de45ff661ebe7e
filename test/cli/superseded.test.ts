/** A server under which a newer version brings the tables up to date. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestPostgres } from '../support/postgres.js';
import { runOpd } from './run-opd.js';

const NEWER = 'INSERT INTO opd.migration (number) VALUES (1000)';
const LISTENING = `SELECT FROM pg_stat_activity WHERE application_name = 'opd' AND query LIKE '%opd.migration%'`;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

test('it says so and ends with a failure, and is not served by when it is started again', async () => {
  const data = await postgres.database();
  const serve = () => runOpd(['serve', '--listen', '127.0.0.1:0', '--data', data], { timeout: 20_000 });
  const serving = serve();
  while ((await postgres.ask(data, LISTENING)).length === 0) await sleep(20);
  await postgres.ask(data, NEWER);
  const ended = await serving;
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(/"level":50,.*a newer version of this program has changed the tables/);
  expect(ended.err).toMatch(/"superseded":true,"msg":"draining.*\n.*"msg":"stopped"/);
  const refused = await serve();
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/was written by a newer version of this program .* Start the newer version/);
}, 30_000);
