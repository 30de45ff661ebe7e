/** What the store promises where several servers write at once, and where the database goes away under them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { type CommitOutcome, type Store, StoreUnavailable } from '../../../src/store/store.js';
import { TestPostgres } from '../../support/postgres.js';
import { AT, day, dayCommit, doctor, entry, request, slot, token } from '../samples.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

let address: string;
let servers: Store[];
beforeEach(async () => {
  address = await postgres.database();
  servers = await Promise.all([1, 2, 3].map(() => openPostgresStore(address)));
});
afterEach(() => Promise.all(servers.map((server) => server.close())));

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('of servers that take one revision at once, one gets it and the others are told', async () => {
  for (const revision of numbers(20)) {
    const batches = servers.map((server) => server.commit([dayCommit(day(1), [entry(revision)])]));
    expect((await Promise.all(batches)).flat().sort()).toEqual(['committed', 'conflict', 'conflict']);
  }
});

test('the loser keeps nothing of a day of several revisions, slots and tokens included', async () => {
  const mine = (number: number) => {
    const fields = { slots: [slot(number)], tokens: [token(number)] };
    return dayCommit(day(1), [entry(1), entry(2, { request: request(number) }), entry(3)], fields);
  };
  const outcomes = await Promise.all(servers.map((server, index) => server.commit([mine(index)])));
  expect(outcomes.flat().sort()).toEqual(['committed', 'conflict', 'conflict']);
  expect(await postgres.ask(address, 'SELECT count(*)::integer FROM opd.journal')).toEqual([{ count: 3 }]);
  for (const table of ['slot', 'token', 'request']) {
    expect(await postgres.ask(address, `SELECT count(*)::integer FROM opd.${table}`)).toEqual([{ count: 1 }]);
  }
});

test('batches of the same days in other orders wait for each other, never in a ring: each day goes to one', async () => {
  for (const revision of numbers(15)) {
    const days = numbers(40).map((number) => dayCommit(day(number), [entry(revision), entry(revision + 1_000)]));
    const orders = [days, days.toReversed(), [...days.slice(20), ...days.slice(0, 20)]];
    const startedAt = performance.now();
    const outcomes = await Promise.all(servers.map((server, index) => server.commit(orders[index] ?? [])));
    // A ring would have to be found and broken by the database, which first waits for a second.
    expect(performance.now() - startedAt).toBeLessThan(900);
    const landed = outcomes.flat().filter((outcome: CommitOutcome) => outcome === 'committed');
    expect(landed).toHaveLength(40);
  }
});

test('R18 · a request id that two servers take on two days goes to one of them', async () => {
  const batches = servers.map((server, index) =>
    server.commit([
      dayCommit(day(1, `2026-02-0${index + 1}`), [entry(1, { request: request(7) })]),
      dayCommit(day(10 + index), [entry(1)]),
    ]),
  );
  const outcomes = await Promise.all(batches);
  expect(outcomes.map(([ours]) => ours).sort()).toEqual(['committed', 'conflict', 'conflict']);
  expect(outcomes.map(([, other]) => other)).toEqual(['committed', 'committed', 'committed']);
});

test('R18 · of one creation that is asked for on three servers, one is kept', async () => {
  const created = await Promise.all(
    servers.map((server, index) => server.createDoctor(doctor(index + 1), request(7, `d${index}`))),
  );
  expect(new Set(created.map((each) => each.doctor.id)).size).toBe(1);
  expect(await servers[0]?.listDoctors(undefined, 10)).toHaveLength(1);
});

test('one transaction makes a batch durable, whatever it holds', async () => {
  const store = servers[0] as Store;
  const before = await transactions();
  await store.commit(
    numbers(200).map((number) =>
      dayCommit(day(number), [entry(1), entry(2)], { slots: [slot(number)], tokens: [token(number)] }),
    ),
  );
  expect((await transactions()) - before).toBe(1);
});

/** How many transactions have written to the journal so far: each leaves its own number on its rows. */
async function transactions(): Promise<number> {
  const [row] = await postgres.ask(address, 'SELECT count(DISTINCT xmin::text)::integer AS count FROM opd.journal');
  return (row as { count: number }).count;
}

describe('when a newer version has changed the tables under a server', () => {
  const rows = async (table: string) => {
    const [row] = await postgres.ask(address, `SELECT count(*)::integer FROM opd.${table}`);
    return (row as { count: number }).count;
  };

  test('nothing more is kept for it, not even before it has heard of that', async () => {
    const store = servers[0] as Store;
    await store.createDoctor(doctor(1));
    await store.commit([dayCommit(day(1), [entry(1)], { due: { at: AT } })]);
    await postgres.ask(address, 'INSERT INTO opd.migration (number) VALUES (1000)');
    const group = { group: 1 };
    const batch = [
      dayCommit(day(1), [entry(2)], { tokens: [token(1)], due: { at: undefined } }),
      { ...dayCommit(day(2), [entry(1)], { slots: [slot(1)] }), ...group },
      { ...dayCommit(day(3), [entry(1)]), ...group },
    ];
    expect(await store.commit(batch)).toEqual(['conflict', 'conflict', 'conflict']);
    await expect(store.createDoctor(doctor(2), request(7))).rejects.toThrow(StoreUnavailable);
    await expect(store.updateDoctor(doctor(1).id, { name: 'Dr. Sen' }, AT)).rejects.toThrow(StoreUnavailable);
    await store.noteDue(day(1), 1, undefined);
    expect(await store.findDoctor(doctor(1).id)).toEqual(doctor(1));
    expect(await store.dueDays(AT, undefined, 10)).toEqual([{ key: day(1), at: AT }]);
    const tables = ['doctor', 'journal', 'doctor_change', 'slot', 'token'];
    expect(await Promise.all(tables.map(rows))).toEqual([1, 1, 0, 0, 0]);
  });

  test.each([
    ['which it hears of within seconds', ''],
    [
      'while its connections were down',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'opd'",
    ],
  ])('it is told once to stop, %s', async (_, drop) => {
    let told = 0;
    const reachable = new Promise<void>((resolve) => {
      const superseded = () => {
        told += 1;
      };
      servers[0]?.neighbours?.listen({
        moved() {},
        unsure() {},
        epochChanged() {},
        reachable: () => resolve(),
        superseded,
      });
    });
    await reachable;
    expect(told).toBe(0);
    await postgres.ask(address, `${drop}; INSERT INTO opd.migration (number) VALUES (1000)`);
    const latest = Date.now() + 5_000;
    while (told === 0 && Date.now() < latest) await sleep(20);
    await sleep(2_500);
    expect(told).toBe(1);
  });
});

describe('while the database is away', () => {
  test('calls are refused at once, and go on by themselves when it is back', async () => {
    const store = servers[0] as Store;
    await store.commit([dayCommit(day(1), [entry(1)])]);
    await postgres.halt();
    for (const attempt of numbers(10)) {
      const askedAt = performance.now();
      const commit = store.commit([dayCommit(day(1), [entry(2)])]);
      await expect(commit).rejects.toThrow(StoreUnavailable);
      await expect(store.readJournal(day(1), 0, 1)).rejects.toThrow(StoreUnavailable);
      expect(performance.now() - askedAt).toBeLessThan(1_000);
      await sleep(attempt * 5);
    }
    await postgres.resume();
    expect(await untilServed(() => store.commit([dayCommit(day(1), [entry(2)])]))).toEqual(['committed']);
    expect(await store.readJournal(day(1), 0, 10)).toEqual([entry(1), entry(2)]);
  });

  test('connections that it drops are made again', async () => {
    const store = servers[0] as Store;
    await store.commit([dayCommit(day(1), [entry(1)])]);
    const dropped = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'opd'";
    await postgres.ask('postgres', dropped);
    expect(await untilServed(() => store.commit([dayCommit(day(1), [entry(2)])]))).toEqual(['committed']);
  });
});

async function untilServed<T>(ask: () => Promise<T>): Promise<T> {
  const latest = Date.now() + 5_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || Date.now() > latest) throw error;
      await sleep(20);
    }
  }
}
