/** What is acknowledged is on a standby, too, which can take over at any moment: nothing else may be told to anybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Assurance } from '../../../src/store/postgres/assurance.js';
import { settingsOf } from '../../../src/store/postgres/connections.js';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { WaitCutShort } from '../../../src/store/postgres/unavailable.js';
import { type Store, StoreUnavailable } from '../../../src/store/store.js';
import { PostgresPair } from '../../support/postgres-pair.js';
import { Wire } from '../../support/wire.js';
import { day, dayCommit, entry, request } from '../samples.js';

let pair: PostgresPair;
let wire: Wire;
let servers: Store[];
let address: string;
beforeEach(async () => {
  pair = await PostgresPair.start();
  address = await pair.database();
  wire = await Wire.to(pair.port);
  servers = await Promise.all([1, 2].map(() => openPostgresStore(wire.through(address))));
  // From now on each has a connection.
  for (const [index, server] of servers.entries()) await server.commit([dayCommit(day(100 + index), [entry(1)])]);
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await wire.close();
  await pair.stop();
});

const first = dayCommit(day(1), [entry(1, { request: request(7) })]);

/** Backends whose transaction is on the primary's disk, and not known to be on the standby's. */
async function waiting(): Promise<number[]> {
  const rows = await pair.ask('postgres', "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  return (rows as { pid: number }[]).map(({ pid }) => pid);
}

async function untilServed<T>(ask: () => Promise<T>, seconds = 20): Promise<T> {
  const latest = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || Date.now() > latest) throw error;
      await sleep(20);
    }
  }
}

/** It refuses for as long as one would wait for it. */
async function servesNothing(server: Store): Promise<void> {
  await expect(untilServed(() => server.readJournal(day(1), 0, 10), 2)).rejects.toThrow(StoreUnavailable);
}

/** The standby takes over from a primary that is lost, with what it has, and gets a standby itself. */
async function takeOver(): Promise<void> {
  wire.leadTo(pair.standbyPort);
  await pair.promote();
  await pair.takeStandby();
}

test('what was committed is there when the standby has taken over, and nothing waits for long', async () => {
  const [store, other] = servers as [Store, Store];
  expect(await store.commit([first])).toEqual(['committed']);
  await pair.endPrimary();
  await takeOver();
  expect(await untilServed(() => other.readJournal(day(1), 0, 10))).toEqual(first.entries);
  expect(await untilServed(() => store.commit([dayCommit(day(1), [entry(2)])]))).toEqual(['committed']);
}, 60_000);

test('making sure that the standby has all takes no right but to connect', async () => {
  await pair.ask('postgres', "CREATE ROLE clerk LOGIN PASSWORD 'clerk'");
  const client = new pg.Client({ ...settingsOf(address.replace('opd:opd@', 'clerk:clerk@')), statement_timeout: 500 });
  await client.connect();
  const assurance = new Assurance();
  await assurance.give(client);
  await pair.haltStandby();
  await expect(assurance.give(client)).rejects.toThrow(WaitCutShort);
  await client.end();
}, 60_000);

/** @see SyncRepWaitForLSN: it is then committed as far as its client can tell, and visible to all, but on one disk. */
test('a commit that was made to wait no longer for the standby is not acknowledged, nor is its repeat', async () => {
  const [store, other] = servers as [Store, Store];
  await pair.haltStandby();
  const commit = store.commit([first]);
  commit.catch(() => {});
  let stuck: number[] = [];
  while (stuck.length === 0) stuck = await waiting();
  await pair.ask('postgres', `SELECT pg_cancel_backend(${stuck[0]})`);
  await expect(commit).rejects.toThrow(StoreUnavailable);
  await expect(store.findRequest(day(1).doctorId, request(7).id)).rejects.toThrow(StoreUnavailable);
  await pair.endPrimary();
  await pair.resumeStandby();
  await takeOver();
  for (const server of [store, other]) {
    expect(await untilServed(() => server.findRequest(day(1).doctorId, request(7).id))).toBeUndefined();
  }
  expect(await store.commit([first])).toEqual(['committed']);
}, 60_000);

test('what a crash of the primary made visible before the standby had it is told to nobody until the standby has it', async () => {
  const [store, other] = servers as [Store, Store];
  await pair.haltStandby();
  await expect(store.commit([first])).rejects.toThrow(StoreUnavailable);
  await pair.crash();
  expect(await pair.ask(address, 'SELECT count(*)::integer FROM opd.journal')).toEqual([{ count: 3 }]);
  await Promise.all([store, other].map(servesNothing));
  await pair.resumeStandby();
  await pair.untilFollowed();
  expect(await untilServed(() => other.readJournal(day(1), 0, 10))).toEqual(first.entries);
}, 120_000);

test('a standby that has not been promoted yet is not read from: it may not show all that was acknowledged', async () => {
  const [store, other] = servers as [Store, Store];
  expect(await store.commit([first])).toEqual(['committed']);
  wire.leadTo(pair.standbyPort);
  await Promise.all([store, other].map(servesNothing));
}, 60_000);

test('while there is no standby, what waits for one does not pile up at the database, and all goes on when it is back', async () => {
  const [store, other] = servers as [Store, Store];
  await pair.haltStandby();
  const commits = Array.from({ length: 3 }, (_, index) =>
    dayCommit(day(index), [entry(1, { request: request(index) })]),
  );
  for (const commit of commits) {
    const askedAt = performance.now();
    await expect(store.commit([commit])).rejects.toThrow(StoreUnavailable);
    expect(performance.now() - askedAt).toBeLessThan(6_000);
  }
  expect((await waiting()).length).toBeLessThanOrEqual(1);
  await pair.resumeStandby();
  await pair.untilFollowed();
  for (const commit of commits) {
    const outcome = await untilServed(() => other.commit([commit]));
    const seen = await other.findRequest(commit.key.doctorId, commit.entries[0]?.request?.id as string);
    expect(seen).toMatchObject({ revision: 1 });
    expect(['committed', 'conflict']).toContain(outcome[0]);
  }
}, 120_000);
