/** One, two and three servers over one PostgreSQL; its commits against pgbench's; how soon a watch at another server hears. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorId } from '../../src/domain/ids.js';
import type { LocalDate } from '../../src/domain/time.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { allocated, allocateToken, dayCommit, entry, slot, token } from '../../test/store/samples.js';
import { Client } from '../../test/support/client.js';
import { TestPostgres } from '../../test/support/postgres.js';
import { allocate, createDays, DATE } from '../days.js';
import { LeanClient } from '../lean-client.js';
import { type Call, type Load, load } from '../load.js';
import type { ServerProcess } from '../process.js';
import { withScratch } from '../scratch.js';
import { startOpd } from '../servers/opd.js';
import {
  alternate,
  atLeast,
  atMost,
  type Outcome,
  ratios,
  type Size,
  sideOfLoads,
  spread,
  type Workload,
} from '../workload.js';

const IN_FLIGHT = 128;
const SERVERS_MAX = 3;

/** Runs with a PostgreSQL that waits for its disk, as it must. */
async function withPostgres<T>(act: (postgres: TestPostgres, address: string) => Promise<T>): Promise<T> {
  const postgres = await TestPostgres.start({ durable: true, flags: ['-c', 'max_connections=200'] });
  try {
    return await act(postgres, await postgres.database());
  } finally {
    await postgres.stop();
  }
}

/** Calls that go round the days; each of a patient of its own. */
async function callsOn(server: ServerProcess, size: Size): Promise<Call> {
  const client = new LeanClient(server.address);
  const days = await createDays(client, size.name === 'tiny' ? 10 : 1_000, 1, 1_000).finally(() => client.close());
  let patient = 0;
  return (lean) => {
    const mine = patient++;
    return allocate(lean, days[mine % days.length]?.slotIds[0] ?? '', mine, true);
  };
}

const against: Workload = {
  name: 'postgres',
  title: `AllocateToken with a request_id, ${IN_FLIGHT} in flight, 1,000 doctor-days: one server on PostgreSQL, and on SQLite`,
  run: (size) =>
    withPostgres((_, address) =>
      withScratch(async (folder): Promise<Outcome[]> => {
        const servers = [await startOpd(address), await startOpd(join(folder, 'opd.sqlite'))] as const;
        const calls = [await callsOn(servers[0], size), await callsOn(servers[1], size)] as const;
        const run = (index: 0 | 1, seconds = size.seconds) =>
          load(servers[index], { inFlight: IN_FLIGHT, seconds }, calls[index]);
        await run(0, size.seconds / 2);
        await run(1, size.seconds / 2);
        const [a, b] = await alternate(
          size.rounds,
          () => run(0),
          () => run(1),
        );
        await Promise.all(servers.map((server) => server.stop()));
        const value = ratios(rates(a), rates(b));
        const sides = [sideOfLoads('PostgreSQL', a), sideOfLoads('SQLite', b)];
        return [{ sides, judged: atLeast('calls/s ÷ SQLite', value, 0.5) }];
      }),
    ),
};

const rates = (loads: readonly Load[]) => loads.map(({ callsPerSecond }) => callsPerSecond);

const several: Workload = {
  name: 'postgres-servers',
  title: `The same load spread over 1, 2 and 3 servers on one PostgreSQL; any server takes any day's calls`,
  run: (size) =>
    withPostgres(async (_, address): Promise<Outcome[]> => {
      const servers: ServerProcess[] = [];
      const sums: { servers: number; rates: number[] }[] = [];
      let call: Call | undefined;
      for (let count = 1; count <= SERVERS_MAX; count += 1) {
        const server = await startOpd(address);
        servers.push(server);
        call ??= await callsOn(server, size);
        const terms = { inFlight: Math.ceil(IN_FLIGHT / count), seconds: size.seconds };
        const together = async () => {
          const loads = await Promise.all(servers.map((each) => load(each, terms, call as Call)));
          return loads.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0);
        };
        await together();
        const rounds: number[] = [];
        for (let round = 0; round < size.rounds; round += 1) rounds.push(await together());
        sums.push({ servers: count, rates: rounds });
      }
      await Promise.all(servers.map((server) => server.stop()));
      const sides = sums.map((sum) => ({ name: `${sum.servers} servers`, figures: { 'calls/s': spread(sum.rates) } }));
      const value = ratios(sums.at(-1)?.rates ?? [], sums[0]?.rates ?? []);
      // They share the machine's cores with their database and the load: it is to show what that costs, not what it brings.
      return [{ sides, judged: atLeast('3 servers ÷ 1', value, 0.5) }];
    }),
};

const commits: Workload = {
  name: 'postgres-commits',
  title:
    'Commits of one revision each (a row of the journal, of requests, slots and tokens), against pgbench, 1 connection',
  lacks: () => (spawnSync('pgbench', ['--version']).error ? 'pgbench on the PATH' : undefined),
  run: (size) =>
    withPostgres((_, address) =>
      withScratch(async (folder): Promise<Outcome[]> => {
        const script = join(folder, 'commit.sql');
        writeFileSync(script, PGBENCH);
        const [ours, pgbench] = await alternate(
          size.rounds,
          () => commitFor(address, size.seconds),
          async () => pgbenchFor(address, script, size.seconds),
        );
        const sides = [
          { name: 'the store', figures: { 'commits/s': spread(ours) } },
          { name: 'pgbench', figures: { 'commits/s': spread(pgbench) } },
        ];
        return [{ sides, judged: atLeast('commits/s ÷ pgbench', ratios(ours, pgbench), 0.7) }];
      }),
    ),
};

const DOCTORS = 1_000;

async function commitFor(address: string, seconds: number): Promise<number> {
  const store = await openPostgresStore(address);
  // Doctors of its own, so that every commit lands.
  const prefix = `doc_${randomUUID().slice(0, 24)}`;
  const until = performance.now() + seconds * 1_000;
  let count = 0;
  while (performance.now() < until) {
    const [doctor, revision] = [count % DOCTORS, Math.floor(count / DOCTORS) + 1];
    const key = { doctorId: `${prefix}${String(doctor).padStart(12, '0')}` as DoctorId, date: DATE as LocalDate };
    const request = { id: randomUUID(), digest: DIGEST };
    const kept = entry(revision, { request, command: allocateToken(), events: [allocated(revision)] });
    await store.commit([dayCommit(key, [kept], { slots: [slot(1)], tokens: [token(revision)] })]);
    count += 1;
  }
  await store.close();
  return count / seconds;
}

const DIGEST = `AllocateToken:${'x'.repeat(43)}=`;

/** The same rows, each by a statement of its own in one transaction, as a program would that knows of nothing better. */
const PGBENCH = `
\\set doctor random(1, ${DOCTORS})
\\set revision random(1, 2000000000)
BEGIN;
INSERT INTO opd.journal (doctor_id, date, revision, at, format, command, events, request_id, request_digest) VALUES
  ('doc_pgbench_' || :doctor, '${DATE}', :revision, 1769830200000, 1, ${literal(JSON.stringify(allocateToken()))},
  ${literal(JSON.stringify([allocated(1)]))}, gen_random_uuid(), ${literal(DIGEST)}) ON CONFLICT DO NOTHING;
INSERT INTO opd.request (doctor_id, request_id, date, revision) VALUES
  ('doc_pgbench_' || :doctor, gen_random_uuid(), '${DATE}', :revision);
INSERT INTO opd.slot (doctor_id, date, id, start_minute, end_minute, starts_at, ends_at, capacity, seats_taken, waiting, closed)
  VALUES ('doc_pgbench_' || :doctor, '${DATE}', '${slot(1).id}', 540, 600, 0, 0, 20, 1, 0, false)
  ON CONFLICT (doctor_id, date, id) DO UPDATE SET seats_taken = slot.seats_taken + 1;
INSERT INTO opd.token (doctor_id, date, id, number, slot_id, requested_slot_id, source, status, patient_ref, created_at, updated_at,
  displacements) VALUES ('doc_pgbench_' || :doctor, '${DATE}', 'token_' || :revision, 1, '${slot(1).id}', '${slot(1).id}', 'ONLINE',
  'ACTIVE', 'MRN-1', 0, 0, 0) ON CONFLICT (doctor_id, date, id) DO UPDATE SET status = excluded.status;
END;
`;

/** A colon would begin a variable of pgbench's. */
function literal(text: string): string {
  return `E'${text.replaceAll(':', '\\x3a')}'`;
}

function pgbenchFor(address: string, script: string, seconds: number): number {
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    '1',
    '-T',
    String(Math.max(1, Math.round(seconds))),
    '-f',
    script,
    address,
  ];
  const out = execFileSync('pgbench', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return Number(/tps = ([\d.]+)/.exec(out)?.[1]);
}

const WATCHED_CHANGES = 300;

const watch: Workload = {
  name: 'postgres-watch',
  title: 'From a command at one server to its change on a watch at another, one at a time',
  run: (size) =>
    withPostgres(async (_, address): Promise<Outcome[]> => {
      const servers = [await startOpd(address), await startOpd(address)] as const;
      const [near, far] = servers.map((server) => new Client(server.address)) as [Client, Client];
      const lean = new LeanClient(servers[0].address);
      const [day] = await createDays(lean, 1, 1, 1_000);
      lean.close();
      const seen = far.watch({ doctorId: day?.doctorId ?? '', date: DATE });
      await seen.snapshot();
      const late: number[] = [];
      for (let index = 0; index < (size.name === 'tiny' ? 10 : WATCHED_CHANGES); index += 1) {
        const slotId = day?.slotIds[0] ?? '';
        await near.call('allocateToken', { slotId, source: 'TOKEN_SOURCE_ONLINE' as never, patientRef: `P-${index}` });
        const answeredAt = performance.now();
        await seen.change();
        late.push(performance.now() - answeredAt);
      }
      seen.cancel();
      for (const client of [near, far]) client.close();
      await Promise.all(servers.map((server) => server.stop()));
      const sorted = late.toSorted((a, b) => a - b);
      const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
      const sides = [{ name: 'other server', figures: { 'after the answer, ms': spread(late) } }];
      return [{ sides, judged: atMost('p99 after the answer, ms', spread([p99]), 100) }];
    }),
};

export const postgresWorkloads: readonly Workload[] = [against, several, commits, watch];
