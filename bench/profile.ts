/**
 * `npm run bench:profile`: where the CPU time of a call goes, in our server and in the echo. V8's profiler tells the shares of the
 * main thread's parts, the operating system how much there is to share: by itself the profiler also counts the time in which
 * the thread would run and another has its core.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import Table from 'cli-table3';
import { allocate, createDays } from './days.js';
import { LeanClient } from './lean-client.js';
import { type Call, load } from './load.js';
import { ServerProcess } from './process.js';
import { withScratch } from './scratch.js';
import { startOpd } from './servers/opd.js';
import { mixedCall } from './workloads/mixed-day.js';

const IN_FLIGHT = 128;
/** Enough that starting up and making the days does not matter. */
const CALLS = 150_000;
const DAYS = 1_000;
const SLOT = 'slot_01a20e25-a2ff-7059-8895-194685575b40';

/** What a function is part of, by its file: the first that fits. What is native counts for whoever called it. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['posting to the SQLite thread', /^node:internal\/worker/],
  ['node: HTTP/2', /^node:internal\/http2\//],
  ['node: streams, timers, buffers', /^node:/],
  ['grpc-js', /@grpc\/grpc-js\//],
  ['messages to bytes and back', /\/dist\/gen\/|@bufbuild\/protobuf\//],
  ['domain', /\/dist\/src\/domain\/|sorted-btree|temporal-polyfill/],
  ['desk', /\/dist\/src\/desk\//],
  ['store', /\/dist\/src\/store\/|better-sqlite3/],
  ['edge', /\/dist\/src\/grpc\//],
  ['ids', /\/dist\/src\/cli\/new-id|\/uuid\//],
  ['the rest', /./],
];
const COLLECTOR = 'garbage collector';
const NATIVE = 'native, called by nobody: sockets, HTTP/2 frames';

type Parts = Map<string, number>;

/** Microseconds by part: the time in which the thread did something. */
function partsOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Parts {
  const parts: Parts = new Map();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callerOf = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id] as const)));
  samples.forEach((id, index) => {
    const part = partOf(id);
    if (part) parts.set(part, (parts.get(part) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return parts;

  function partOf(id: number): string | undefined {
    const { functionName } = byId.get(id)?.callFrame ?? {};
    if (functionName === '(idle)') return undefined;
    if (functionName === '(garbage collector)') return COLLECTOR;
    for (let at: number | undefined = id; at !== undefined; at = callerOf.get(at)) {
      const url = byId.get(at)?.callFrame.url;
      if (url) return PARTS.find(([, pattern]) => pattern.test(url))?.[0];
    }
    return NATIVE;
  }
}

interface Costs {
  /** Of the main thread, microseconds a call. */
  readonly parts: Parts;
  readonly main: number;
  /** Of all other threads. */
  readonly others: number;
}

async function profile(start: (nodeArgs: string[]) => Promise<ServerProcess>, toCall: ToCall): Promise<Costs> {
  return withScratch(async (folder) => {
    const server = await start(['--cpu-prof', '--cpu-prof-dir', folder]);
    const client = new LeanClient(server.address);
    const call = await toCall(client);
    const { cpuMain: main, cpuAll } = await load(server, { inFlight: IN_FLIGHT, calls: CALLS }, call);
    client.close();
    await server.stop();
    const parts = partsOf(mainThreadIn(folder));
    const all = [...parts.values()].reduce((sum, time) => sum + time, 0);
    return {
      parts: new Map([...parts].map(([part, time]) => [part, (time / all) * main])),
      main,
      others: cpuAll - main,
    };
  });
}

/** Files are named CPU.<date>.<time>.<process>.<thread>.<count>.cpuprofile. */
function mainThreadIn(folder: string): Profiler.Profile {
  const name = readdirSync(folder).find((file) => file.endsWith('.cpuprofile') && Number(file.split('.')[4]) === 0);
  if (!name) throw new Error('the server has left no profile');
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

type ToCall = (client: LeanClient) => Promise<Call>;

const toEcho: ToCall = async () => (client, index) => allocate(client, SLOT, index);
const toAllocate: ToCall = async (client) => {
  const days = await createDays(client, DAYS, 1, 100);
  return (caller, index) => allocate(caller, days[index % DAYS]?.slotIds[0] ?? '', index);
};
const toMix: ToCall = async (client) => mixedCall(await createDays(client, DAYS, 4, 20));

const startEcho = (nodeArgs: string[]) => ServerProcess.start('./servers/echo.js', [], nodeArgs);

await withScratch(async (folder) => {
  const startOn = (name: string) => (nodeArgs: string[]) => startOpd(join(folder, name), nodeArgs);
  const columns = {
    echo: await profile(startEcho, toEcho),
    AllocateToken: await profile(startOn('allocate.sqlite'), toAllocate),
    'mixed day': await profile(startOn('mix.sqlite'), toMix),
  };
  const table = new Table({
    head: ['CPU µs a call', ...Object.keys(columns)],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right'],
  });
  const row = (name: string, figureOf: (costs: Costs) => number | undefined) =>
    table.push([name, ...Object.values(columns).map((costs) => figureOf(costs)?.toFixed(1) ?? '')]);
  for (const part of [NATIVE, ...PARTS.map(([name]) => name), COLLECTOR]) row(part, ({ parts }) => parts.get(part));
  row('main thread', ({ main }) => main);
  row("other threads: SQLite, the collector's", ({ others }) => others);
  process.stdout.write(`${table.toString()}\n`);
});
