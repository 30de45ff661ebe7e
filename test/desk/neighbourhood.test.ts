/** Several desks over one PostgreSQL: each as fresh as if it were alone, whoever else has the same day in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { PromptStore } from '../../src/store/prompt-store.js';
import type { DayKey, Neighbours } from '../../src/store/store.js';
import type { TestPostgres } from '../support/postgres.js';
import { accepted, newId, reasonOf, seenOf, tokenOf } from './clinic.js';
import { overOnePostgres, Server, type SharedDay, tomorrowAt, until } from './servers.js';

let postgres: TestPostgres;
let address: string;
let servers: Server[];
let [a, b, c] = [] as unknown as SharedDay['servers'];
let key: DayKey;
let slotId: SlotId;
overOnePostgres((started, shared) => {
  postgres = started;
  ({ address, servers, key, slotId } = shared);
  [a, b, c] = shared.servers;
});

test('what one server has acknowledged is in what the others read from then on', async () => {
  for (let round = 1; round <= 30; round += 1) {
    const { change } = accepted(await (servers[round % 3] as Server).allocate(slotId, `P-${round}`));
    const read = await Promise.all(servers.map((server) => server.standing(key)));
    expect(read.map(({ revision }) => revision)).toEqual([change.revision, change.revision, change.revision]);
    expect(read[1]).toEqual(read[0]);
  }
});

test('a refusal, too, knows what the others have acknowledged', async () => {
  const token = tokenOf(await a.allocate(slotId, 'ann'));
  expect(reasonOf(await b.allocate(slotId, 'ann'))).toBe('PATIENT_HAS_TOKEN');
  accepted(await c.cancel(token));
  accepted(await b.allocate(slotId, 'ann'));
  expect(reasonOf(await a.cancel(token))).toBe('TOKEN_NOT_LIVE');
});

test('a slot that was created elsewhere is found, and a day whose slot it is known to be', async () => {
  accepted(await c.allocate(await b.slot(key, 10, 1), 'ann'));
});

test('R18 · a request that is repeated at another server gets the same answer there', async () => {
  const requestId = newId();
  const first = accepted(await a.allocate(slotId, 'ann', requestId));
  accepted(await a.allocate(slotId, 'bob'));
  for (const server of servers) expect(accepted(await server.allocate(slotId, 'ann', requestId))).toEqual(first);
  expect(reasonOf(await b.allocate(slotId, 'dan', requestId))).toBe('REQUEST_ID_REUSED');
});

test('R18 · a request that is sent to all servers at once is carried out once', async () => {
  for (let round = 1; round <= 10; round += 1) {
    const requestId = newId();
    const answers = await Promise.all(servers.map((server) => server.allocate(slotId, `P-${round}`, requestId)));
    const [first, ...others] = answers.map(accepted);
    for (const other of others) expect(other).toEqual(first);
  }
  expect((await a.standing(key)).tokens).toHaveLength(10);
});

test('no update is lost where all servers want one day at once, and none of them is shut out', async () => {
  const asked = Array.from({ length: 240 }, (_, index) =>
    (servers[index % 3] as Server).allocate(slotId, `P-${index}`),
  );
  const answers = await Promise.all(asked);
  const revisions = answers.map((answer) => accepted(answer).change.revision).sort((x, y) => x - y);
  expect(revisions).toEqual(Array.from({ length: 240 }, (_, index) => index + 2));
  const { tokens } = await b.standing(key);
  expect(tokens.map(({ number }) => number)).toEqual(Array.from({ length: 240 }, (_, index) => index + 1));
  expect(servers.reduce((sum, { desk }) => sum + (desk.races?.conflicts ?? 0), 0)).toBeGreaterThan(0);
});

test('a watcher at each server is shown every change of every server once, in order', async () => {
  const watchers = await Promise.all(servers.map((server) => server.watch(key)));
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(servers.map((server, index) => server.allocate(slotId, `P-${round}-${index}`)));
  }
  await until(() => watchers.every(({ seen }) => seen.length >= 61));
  const revisions = Array.from({ length: 61 }, (_, index) => index + 1);
  for (const watcher of watchers) expect(watcher.revisions).toEqual(revisions);
  expect(watchers[1]?.seen).toEqual(watchers[0]?.seen);
});

test('a watcher who goes on at another server after the last revision it saw misses nothing', async () => {
  accepted(await a.allocate(slotId, 'ann'));
  const { change } = accepted(await a.allocate(slotId, 'bob'));
  const watcher = await c.watch(key, 2);
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
});

test('a watcher is shown what happened though the word of it was lost', async () => {
  const deaf = new Server(new DeafStore(await openPostgresStore(address)));
  servers.push(deaf);
  const watcher = await deaf.watch(key, 1);
  const { change } = accepted(await a.allocate(slotId, 'ann'));
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
});

/** Words from other servers do not come through; the slow look is all that is left. */
class DeafStore extends PromptStore {
  override get neighbours(): Neighbours {
    const { listen, ...others } = super.neighbours as Neighbours;
    return {
      ...others,
      listen: (listener) =>
        listen({
          moved: () => {},
          unsure: () => listener.unsure(),
          reachable: (isReachable) => listener.reachable(isReachable),
          epochChanged: () => listener.epochChanged(),
          superseded: () => listener.superseded(),
        }),
    };
  }
}

test('connections that the database drops are made again, the listening one too', async () => {
  const watcher = await b.watch(key, 1);
  await until(() => b.reachable.length > 0);
  const drop = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'opd' AND pid <> pg_backend_pid()`;
  for (let round = 1; round <= 3; round += 1) {
    await postgres.ask(address, drop);
    await until(() => b.reachable.at(-1) === true);
    for (;;) {
      const answer = await a.allocate(slotId, `P-${round}`);
      if (answer.ok) break;
      expect(reasonOf(answer)).toMatch(/STORE_UNAVAILABLE|PATIENT_HAS_TOKEN/);
      if (reasonOf(answer) === 'PATIENT_HAS_TOKEN') break;
      await sleep(20);
    }
    await until(() => watcher.seen.length >= round);
  }
  expect(watcher.revisions).toEqual([2, 3, 4]);
  for (const server of servers) server.faults.length = 0;
});

test('while the database is away that is said, and when it is back everything goes on by itself', async () => {
  const watcher = await b.watch(key, 1);
  let wasBehind = false;
  watcher.fallBehind = () => {
    wasBehind = true;
  };
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === true));
  await postgres.halt();
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === false));
  expect(reasonOf(await a.allocate(slotId, 'ann'))).toBe('STORE_UNAVAILABLE');
  expect(reasonOf(await b.desk.read(key, (day) => answered(day.revision)))).toBe('STORE_UNAVAILABLE');
  await postgres.resume();
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === true), 10);
  // PostgreSQL was started again: that is another epoch, and a snapshot stands in for what came
  // meanwhile.
  await until(() => wasBehind);
  watcher.subscription = accepted(await b.desk.subscribe(key, seenOf(b.store, 1), () => watcher.look()));
  const { change } = accepted(await a.allocate(slotId, 'bob'));
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
  for (const server of servers) server.faults.length = 0;
});

test('when something is next due is told to the store again after another server has told it otherwise', async () => {
  const grace = { policy: { noShowGraceMilliseconds: 600_000 } };
  accepted(await a.desk.updateDoctor(key.doctorId, grace));
  const ann = tokenOf(await a.allocate(slotId, 'ann'));
  accepted(await b.desk.perform({ tokenId: ann }, { kind: 'CheckInToken', tokenId: ann }));
  await a.standing(key);
  accepted(await a.allocate(slotId, 'bob'));
  const tenPastNine = tomorrowAt('09:10');
  expect(await c.store.dueDays(tenPastNine, undefined, 10)).toEqual([{ key, at: tenPastNine }]);
});
