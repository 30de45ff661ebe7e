/** One change to many watchers, and watchers to whom nothing happens, against bare grpc-js streams. */
import { setTimeout as sleep } from 'node:timers/promises';
import { allocate, createDays, DATE } from '../days.js';
import { LeanClient } from '../lean-client.js';
import { ServerProcess } from '../process.js';
import { MEMORY, startOpd } from '../servers/opd.js';
import { Watchers } from '../watchers.js';
import { alternate, atMost, type Outcome, ratios, type Side, type Size, spread, type Workload } from '../workload.js';

const RAW = './servers/raw-streams.js';
const UUID = '01a20e25-a2ff-7059-8895-194685575b40';
const BARE = { doctorId: `doc_${UUID}`, slotIds: [`slot_${UUID}`] };
const DELIVERY_MILLISECONDS_MAX = 250;

interface FanOut {
  /** The server's CPU, microseconds a message, what the commands cost without watchers taken off. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

interface Watched {
  readonly server: ServerProcess;
  readonly client: LeanClient;
  readonly doctorId: string;
  readonly slotId: string;
}

async function watchedOpd(): Promise<Watched> {
  const server = await startOpd(MEMORY);
  const client = new LeanClient(server.address);
  const [day] = await createDays(client, 1, 1, 1_000);
  return { server, client, doctorId: day?.doctorId ?? '', slotId: day?.slotIds[0] ?? '' };
}

async function watchedBare(): Promise<Watched> {
  const server = await ServerProcess.start(RAW);
  const client = new LeanClient(server.address);
  return { server, client, doctorId: BARE.doctorId, slotId: BARE.slotIds[0] as string };
}

async function stop({ server, client }: Watched): Promise<void> {
  client.close();
  await server.stop();
}

/** Makes so many changes, one after another, each when all watchers have the one before. */
async function fanOut(start: () => Promise<Watched>, watchers: number, changes: number): Promise<FanOut> {
  const watched = await start();
  const { server, client, doctorId, slotId } = watched;
  let index = 0;
  const change = () => allocate(client, slotId, index++);
  for (let i = 0; i < changes; i++) await change(); // warms up
  const commandsOnly = await cpuOf(server, async () => {
    for (let i = 0; i < changes; i++) await change();
  });
  const open = await Watchers.open(server.address, watchers, doctorId, DATE);
  const all = await cpuOf(server, async () => {
    for (let i = 0; i < changes; i++) {
      const delivered = open.received(watchers);
      await change();
      await delivered;
    }
  });
  const latencies = open.latencies.sort((a, b) => a - b);
  open.close();
  await stop(watched);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { cpu: (all - commandsOnly) / (watchers * changes), p50: at(0.5), p99: at(0.99) };
}

async function cpuOf(server: ServerProcess, act: () => Promise<void>): Promise<number> {
  const before = server.cpuTime().all;
  await act();
  return server.cpuTime().all - before;
}

function sideOf(name: string, runs: readonly FanOut[]): Side {
  const of = (pick: (run: FanOut) => number) => spread(runs.map(pick));
  return {
    name,
    figures: { 'CPU µs/message': of((run) => run.cpu), 'p50 ms': of((run) => run.p50), 'p99 ms': of((run) => run.p99) },
  };
}

/** Enough messages that the CPU clock's hundredths of a second do not matter, but no more changes than a day has tokens. */
function changesFor(watchers: number, size: Size): number {
  return size.name === 'tiny' ? 3 : Math.min(2_000, Math.max(40, Math.ceil(100_000 / watchers)));
}

const fanOutWorkload: Workload = {
  name: 'fan-out',
  title: 'One change to 1, 100, 1,000, 5,000 watchers of one queue, against bare streams of one ready Buffer',
  run: async (size) => {
    const outcomes: Outcome[] = [];
    for (const watchers of size.name === 'tiny' ? [1, 20] : [1, 100, 1_000, 5_000]) {
      const changes = changesFor(watchers, size);
      const [a, b] = await alternate(
        Math.min(size.rounds, 3),
        () => fanOut(watchedOpd, watchers, changes),
        () => fanOut(watchedBare, watchers, changes),
      );
      const value = ratios(
        a.map(({ cpu }) => cpu),
        b.map(({ cpu }) => cpu),
      );
      outcomes.push({
        sides: [sideOf(`${watchers} watchers`, a), sideOf(`${watchers} bare streams`, b)],
        judged: atMost(`CPU a message ÷ bare, ${watchers} watchers`, value, 1.3),
      });
      if (watchers < 5_000) continue;
      const p99 = spread(a.map((run) => run.p99));
      outcomes.push({
        sides: [],
        judged: atMost('p99 from decision to delivery, ms, 5,000 watchers', p99, DELIVERY_MILLISECONDS_MAX),
      });
    }
    return outcomes;
  },
};

/** Resident KiB that each of so many idle watches costs. */
async function idleCost(start: () => Promise<Watched>, watchers: number): Promise<number> {
  const watched = await start();
  const { server, doctorId } = watched;
  // The first hundred pay for code and buffers that the others share.
  const first = await Watchers.open(server.address, 100, doctorId, DATE);
  await sleep(500);
  const before = server.residentBytes();
  const open = await Watchers.open(server.address, watchers, doctorId, DATE);
  await sleep(2_000);
  const cost = (server.residentBytes() - before) / watchers / 1_024;
  first.close();
  open.close();
  await stop(watched);
  return cost;
}

const idleWorkload: Workload = {
  name: 'idle-watchers',
  title: 'Watchers to whom nothing happens, against bare streams',
  run: async (size) => {
    const watchers = size.name === 'tiny' ? 50 : 5_000;
    const [a, b] = await alternate(
      size.rounds,
      () => idleCost(watchedOpd, watchers),
      () => idleCost(watchedBare, watchers),
    );
    const sides = [
      { name: 'opd', figures: { 'RSS KiB/watcher': spread(a) } },
      { name: 'bare', figures: { 'RSS KiB/watcher': spread(b) } },
    ];
    return [{ sides, judged: atMost('RSS a watcher ÷ bare', ratios(a, b), 1.3) }];
  },
};

export const watchingWorkloads: readonly Workload[] = [fanOutWorkload, idleWorkload];
