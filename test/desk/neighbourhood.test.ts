/** Several desks over one PostgreSQL: each as fresh as if it were alone, whoever else has the same day in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FrontDesk } from '../../src/desk/front-desk.js';
import type { Command } from '../../src/domain/command.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { PromptStore } from '../../src/store/prompt-store.js';
import type { DayKey, Neighbours, Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { accepted, askingOf, NOW, newId, reasonOf, standingOf, TOMORROW, tokenOf, Watcher } from './clinic.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const HALF_PAST_TEN: Command = { kind: 'CreateSlot', start: 630 as TimeOfDay, end: 660 as TimeOfDay, capacity: 1 };

class Server {
  readonly faults: unknown[] = [];
  readonly reachable: boolean[] = [];
  readonly desk: FrontDesk;

  constructor(readonly store: Store) {
    this.desk = new FrontDesk(store, {
      now: () => NOW,
      newId,
      timeZone: 'UTC' as TimeZone,
      onFault: (error) => this.faults.push(error),
      onReachable: (isReachable) => this.reachable.push(isReachable),
    });
  }

  allocate(slotId: SlotId, patientRef: string, requestId?: string) {
    const command: Command = { kind: 'AllocateToken', slotId, source: 'ONLINE', patientRef };
    return this.desk.perform({ slotId }, command, askingOf(requestId, command));
  }

  cancel(tokenId: TokenId) {
    return this.desk.perform({ tokenId }, { kind: 'CancelToken', tokenId, reason: '' });
  }

  async standing(key: DayKey) {
    return accepted(await this.desk.read(key, (day) => answered(standingOf(day))));
  }

  async watch(key: DayKey, afterRevision = 0): Promise<Watcher> {
    const watcher = new Watcher();
    watcher.subscription = accepted(await this.desk.subscribe(key, afterRevision, () => watcher.look()));
    watcher.look();
    return watcher;
  }
}

let address: string;
let servers: Server[];
let [a, b, c]: Server[] = [];
let key: DayKey;
let slotId: SlotId;
beforeEach(async () => {
  address = await postgres.database();
  servers = await Promise.all([1, 2, 3].map(async () => new Server(await openPostgresStore(address))));
  [a, b, c] = servers;
  const wanted = { name: 'Dr Rao', department: '', timeZone: undefined, policy: {} };
  key = { doctorId: accepted(await one(a).desk.createDoctor(wanted)).id, date: TOMORROW };
  const [start, end] = [540, 600] as TimeOfDay[] as [TimeOfDay, TimeOfDay];
  const created = await one(a).desk.perform(key, { kind: 'CreateSlot', start, end, capacity: 500 });
  slotId = accepted(created).change.createdSlotIds?.[0] as SlotId;
  // All have the day in memory.
  for (const server of servers) await server.standing(key);
});
afterEach(async () => {
  for (const server of servers) {
    await server.store.close();
    expect(server.faults).toEqual([]);
  }
});

function one(server: Server | undefined): Server {
  if (!server) throw new Error('there is no such server');
  return server;
}

async function until(holds: () => boolean, secondsMax = 5): Promise<void> {
  const latest = Date.now() + secondsMax * 1_000;
  while (!holds()) {
    if (Date.now() > latest) throw new Error('it did not come about in time');
    await sleep(5);
  }
}

test('what one server has acknowledged is in what the others read from then on', async () => {
  for (let round = 1; round <= 30; round += 1) {
    const { change } = accepted(await one(servers[round % 3]).allocate(slotId, `P-${round}`));
    const read = await Promise.all(servers.map((server) => server.standing(key)));
    expect(read.map(({ revision }) => revision)).toEqual([change.revision, change.revision, change.revision]);
    expect(read[1]).toEqual(read[0]);
  }
});

test('a refusal, too, knows what the others have acknowledged', async () => {
  const token = tokenOf(await one(a).allocate(slotId, 'ann'));
  expect(reasonOf(await one(b).allocate(slotId, 'ann'))).toBe('PATIENT_HAS_TOKEN');
  accepted(await one(c).cancel(token));
  accepted(await one(b).allocate(slotId, 'ann'));
  expect(reasonOf(await one(a).cancel(token))).toBe('TOKEN_NOT_LIVE');
});

test('a slot that was created elsewhere is found, and a day whose slot it is known to be', async () => {
  const [start, end] = [600, 660] as TimeOfDay[] as [TimeOfDay, TimeOfDay];
  const created = await one(b).desk.perform(key, { kind: 'CreateSlot', start, end, capacity: 1 });
  accepted(await one(c).allocate(accepted(created).change.createdSlotIds?.[0] as SlotId, 'ann'));
});

test('a policy that was changed at one server is the one that all judge by from then on', async () => {
  const [full, waiting] = [await one(a).desk.perform(key, HALF_PAST_TEN), await one(b).standing(key)];
  expect(waiting.slots).toHaveLength(2);
  const narrow = accepted(full).change.createdSlotIds?.[0] as SlotId;
  accepted(await one(b).allocate(narrow, 'ann'));
  const update = { policy: { displacementsMax: 3, agingPointsPerHour: 9 } };
  const changed = accepted(await one(c).desk.updateDoctor(key.doctorId, update));
  for (const server of servers) expect(accepted(await server.desk.findDoctor(key.doctorId))).toEqual(changed);
  accepted(await one(b).allocate(narrow, 'bob'));
  const judgedBy = await one(b).desk.read(key, (day) => answered(day.doctor.policy));
  expect(accepted(judgedBy)).toMatchObject(update.policy);
});

test('R18 · a request that is repeated at another server gets the same answer there', async () => {
  const requestId = newId();
  const first = accepted(await one(a).allocate(slotId, 'ann', requestId));
  accepted(await one(a).allocate(slotId, 'bob'));
  for (const server of servers) expect(accepted(await server.allocate(slotId, 'ann', requestId))).toEqual(first);
  expect(reasonOf(await one(b).allocate(slotId, 'dan', requestId))).toBe('REQUEST_ID_REUSED');
});

test('R18 · a request that is sent to all servers at once is carried out once', async () => {
  for (let round = 1; round <= 10; round += 1) {
    const requestId = newId();
    const answers = await Promise.all(servers.map((server) => server.allocate(slotId, `P-${round}`, requestId)));
    const [first, ...others] = answers.map(accepted);
    for (const other of others) expect(other).toEqual(first);
  }
  expect((await one(a).standing(key)).tokens).toHaveLength(10);
});

test('no update is lost where all servers want one day at once, and none of them is shut out', async () => {
  const asked = Array.from({ length: 240 }, (_, index) => one(servers[index % 3]).allocate(slotId, `P-${index}`));
  const answers = await Promise.all(asked);
  const revisions = answers.map((answer) => accepted(answer).change.revision).sort((x, y) => x - y);
  expect(revisions).toEqual(Array.from({ length: 240 }, (_, index) => index + 2));
  const { tokens } = await one(b).standing(key);
  expect(tokens.map(({ number }) => number)).toEqual(Array.from({ length: 240 }, (_, index) => index + 1));
  expect(servers.reduce((sum, { desk }) => sum + (desk.neighbourhood?.conflicts ?? 0), 0)).toBeGreaterThan(0);
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
  accepted(await one(a).allocate(slotId, 'ann'));
  const { change } = accepted(await one(a).allocate(slotId, 'bob'));
  const watcher = await one(c).watch(key, 2);
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
});

test('a watcher is shown what happened though the word of it was lost', async () => {
  const deaf = new Server(new DeafStore(await openPostgresStore(address)));
  servers.push(deaf);
  const watcher = await deaf.watch(key, 1);
  const { change } = accepted(await one(a).allocate(slotId, 'ann'));
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
});

/** Words from other servers do not come through; the slow look is all that is left. */
class DeafStore extends PromptStore {
  override get neighbours(): Neighbours {
    const { readRevisions, listen } = super.neighbours as Neighbours;
    return {
      readRevisions,
      listen: (listener) =>
        listen({
          moved: () => {},
          unsure: () => listener.unsure(),
          reachable: (isReachable) => listener.reachable(isReachable),
        }),
    };
  }
}

test('connections that the database drops are made again, the listening one too', async () => {
  const watcher = await one(b).watch(key, 1);
  await until(() => one(b).reachable.length > 0);
  const drop = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'opd' AND pid <> pg_backend_pid()`;
  for (let round = 1; round <= 3; round += 1) {
    await postgres.ask(address, drop);
    await until(() => one(b).reachable.at(-1) === true);
    for (;;) {
      const answer = await one(a).allocate(slotId, `P-${round}`);
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
  const watcher = await one(b).watch(key, 1);
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === true));
  await postgres.halt();
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === false));
  expect(reasonOf(await one(a).allocate(slotId, 'ann'))).toBe('STORE_UNAVAILABLE');
  expect(reasonOf(await one(b).desk.read(key, (day) => answered(day.revision)))).toBe('STORE_UNAVAILABLE');
  await postgres.resume();
  await until(() => servers.every(({ reachable }) => reachable.at(-1) === true), 10);
  const { change } = accepted(await one(a).allocate(slotId, 'bob'));
  await until(() => watcher.seen.length > 0);
  expect(watcher.seen).toEqual([change]);
  for (const server of servers) server.faults.length = 0;
});

test('when something is next due is told to the store again after another server has told it otherwise', async () => {
  const grace = { policy: { noShowGraceMilliseconds: 600_000 } };
  accepted(await one(a).desk.updateDoctor(key.doctorId, grace));
  const ann = tokenOf(await one(a).allocate(slotId, 'ann'));
  accepted(await one(b).desk.perform({ tokenId: ann }, { kind: 'CheckInToken', tokenId: ann }));
  await one(a).standing(key);
  accepted(await one(a).allocate(slotId, 'bob'));
  const tenPastNine = Date.parse(`${TOMORROW}T09:10:00Z`) as Instant;
  expect(await one(c).store.dueDays(tenPastNine, undefined, 10)).toEqual([{ key, at: tenPastNine }]);
});
