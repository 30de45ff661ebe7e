/** The epoch of a database: one for all servers, and another where the past may be another. */
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { type Store, StoreUnavailable } from '../../../src/store/store.js';
import { TestPostgres, until } from '../../support/postgres.js';
import { PostgresPair } from '../../support/postgres-pair.js';
import { day, dayCommit, doctor, entry } from '../samples.js';

const key = day(1);
let postgres: TestPostgres;
let address: string;
let open: Store[];
beforeAll(async () => {
  postgres = await TestPostgres.start({ durable: true });
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  address = await postgres.database();
  open = [];
});
afterEach(async () => {
  for (const store of open) await store.close();
});

async function serve(data = address): Promise<Store> {
  const store = await openPostgresStore(data);
  open.push(store);
  return store;
}

/** With a doctor, so that somebody may have seen something. */
async function served(): Promise<Store> {
  const store = await serve();
  await store.createDoctor(doctor(1));
  return store;
}

/** What it says once it has been asked something; the database may just have come back. */
async function epochOf(store: Store) {
  await until('answer', async () => {
    const answer = store.neighbours?.readNewest([key]) as Promise<unknown>;
    return answer.then(
      () => true,
      (error) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        return false;
      },
    );
  });
  return store.epoch;
}

test('all servers of a database have one epoch, which is the only one, also those that start later', async () => {
  const [one, other] = [await served(), await serve()];
  expect(one.epoch).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), isOnly: true });
  expect(other.epoch).toEqual(one.epoch);
  expect((await serve()).epoch).toEqual(one.epoch);
});

test('servers that begin the first epoch at once begin the same one', async () => {
  const bare = await postgres.database('bare');
  const stores = await Promise.all([1, 2, 3, 4].map(() => serve(bare)));
  expect(new Set(stores.map(({ epoch }) => epoch.id)).size).toBe(1);
});

test('after PostgreSQL was started again all servers have one other epoch, and it is still the only history', async () => {
  const [one, other] = [await served(), await serve()];
  const before = one.epoch;
  await postgres.crash();
  const after = await epochOf(one);
  expect(after).toEqual({ id: expect.not.stringContaining(before.id), isOnly: true });
  expect(await epochOf(other)).toEqual(after);
  expect((await serve()).epoch).toEqual(after);
});

test('a database that was made as a copy of another has an epoch of its own; the other one keeps its', async () => {
  const one = await served();
  await one.close();
  const copy = `${address}_copy`;
  await postgres.ask('postgres', `CREATE DATABASE ${nameOf(copy)} TEMPLATE ${nameOf(address)}`);
  expect((await serve(copy)).epoch).toEqual({ id: expect.not.stringContaining(one.epoch.id), isOnly: false });
  expect((await serve()).epoch).toEqual(one.epoch);
});

/** As `pg_restore --clean` does it. */
const BRING_BACK = `ALTER TABLE opd.epoch RENAME TO dumped; CREATE TABLE opd.epoch (LIKE opd.dumped INCLUDING ALL);
  INSERT INTO opd.epoch TABLE opd.dumped; DROP TABLE opd.dumped`;

test('a dump that is restored under servers gets an epoch that all of them notice', async () => {
  const [one, other] = [await served(), await serve()];
  const before = one.epoch;
  let told = 0;
  other.neighbours?.listen({
    ...{ moved() {}, unsure() {}, reachable() {}, superseded() {} },
    epochChanged: () => {
      told += 1;
    },
  });
  await postgres.ask(address, BRING_BACK);
  const restarted = await serve();
  expect(restarted.epoch).toEqual({ id: expect.not.stringContaining(before.id), isOnly: false });
  expect(await epochOf(one)).toEqual(restarted.epoch);
  await until('news', async () => told > 0);
  expect([told, other.epoch]).toEqual([1, restarted.epoch]);
});

test('a server that nobody asks anything notices, too', async () => {
  const one = await served();
  const before = one.epoch.id;
  let isTold = false;
  one.neighbours?.listen({
    ...{ moved() {}, unsure() {}, reachable() {}, superseded() {} },
    epochChanged: () => {
      isTold = true;
    },
  });
  await postgres.ask(address, BRING_BACK);
  await until('news', async () => isTold);
  expect(one.epoch.id).not.toBe(before);
});

test('what was decided in another epoch is in conflict, and leaves nothing behind; its batch goes on without it', async () => {
  const store = await served();
  const late = { ...dayCommit(key, [entry(1)]), epoch: '01890000-0000-7000-8000-00000000000a' };
  const inTime = { ...dayCommit(day(2), [entry(1)]), epoch: store.epoch.id };
  expect(await store.commit([late, inTime])).toEqual(['conflict', 'committed']);
  expect(await store.readJournal(key, 0, 10)).toEqual([]);
  const together = [late, { ...dayCommit(day(3), [entry(1)]), epoch: store.epoch.id }];
  expect(await store.commit(together.map((each) => ({ ...each, group: 1 })))).toEqual(['conflict', 'conflict']);
});

test('what is read is of the epoch that the store then says', async () => {
  const store = await served();
  await store.commit([dayCommit(key, [entry(1)])]);
  await postgres.ask(address, "UPDATE opd.epoch SET id = '01890000-0000-7000-8000-00000000000a'");
  expect(await store.readJournal(key, 0, 10)).toHaveLength(1);
  expect(store.epoch.id).toBe('01890000-0000-7000-8000-00000000000a');
});

test('a role that may not ask for the log gets an epoch all the same; after each start it counts as another history', async () => {
  await postgres.ask('postgres', "CREATE ROLE opd_limited LOGIN PASSWORD 'limited'");
  const bare = await postgres.database('bare');
  await postgres.ask(bare, 'REVOKE EXECUTE ON FUNCTION pg_control_system FROM PUBLIC');
  await postgres.ask('postgres', `GRANT CREATE ON DATABASE ${nameOf(bare)} TO opd_limited`);
  const store = await serve(postgres.address(nameOf(bare), 'opd_limited', 'limited'));
  await store.createDoctor(doctor(1));
  const before = store.epoch;
  expect(before.isOnly).toBe(true);
  await postgres.crash();
  expect(await epochOf(store)).toEqual({ id: expect.not.stringContaining(before.id), isOnly: false });
});

test('a database that takes no writes for now is read on', async () => {
  const store = await served();
  await store.commit([dayCommit(key, [entry(1)])]);
  const before = store.epoch;
  await postgres.ask(address, `ALTER DATABASE ${nameOf(address)} SET default_transaction_read_only = on`);
  await postgres.crash();
  expect(await epochOf(store)).toEqual(before);
  expect(await store.readJournal(key, 0, 10)).toHaveLength(1);
});

test('a standby that takes over begins another epoch, since it may not have all', async () => {
  const pair = await PostgresPair.start();
  try {
    const data = await pair.database();
    const store = await openPostgresStore(data);
    await store.createDoctor(doctor(1));
    await store.close();
    const heirs = data.replace(`:${pair.port}/`, `:${pair.standbyPort}/`);
    await pair.endPrimary();
    await pair.promote();
    await pair.takeStandby();
    const heir = await openPostgresStore(heirs);
    await heir.close();
    expect(heir.epoch).toEqual({ id: expect.not.stringContaining(store.epoch.id), isOnly: false });
  } finally {
    await pair.stop();
  }
});

function nameOf(data: string): string {
  return data.slice(data.lastIndexOf('/') + 1);
}
