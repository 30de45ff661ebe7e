/** Durable AllocateToken against the platform's own limit: spread over many days, hot on few, alone, and in a mixed day. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, createDays } from '../days.js';
import { LeanClient } from '../lean-client.js';
import { type Call, type LoadTerms, load } from '../load.js';
import { ServerProcess } from '../process.js';
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
import { mixedCall } from './mixed-day.js';

const ECHO = './servers/echo.js';
const SLOT = 'slot_01a20e25-a2ff-7059-8895-194685575b40';
const IN_FLIGHT = 128;

const echoCall: Call = (client, index) => allocate(client, SLOT, index);

/** Runs with our server on a fresh database and the echo beside it. */
async function withServers<T>(
  act: (opd: ServerProcess, echo: ServerProcess, folder: string) => Promise<T>,
): Promise<T> {
  return withScratch(async (folder) => {
    const [opd, echo] = [await startOpd(join(folder, 'opd.sqlite')), await ServerProcess.start(ECHO)];
    try {
      return await act(opd, echo, folder);
    } finally {
      await Promise.all([opd.stop(), echo.stop()]);
    }
  });
}

const daysOf = (opd: ServerProcess, days: number, slots: number, capacity: number) => {
  const client = new LeanClient(opd.address);
  return createDays(client, days, slots, capacity).finally(() => client.close());
};

/** Compares calls per second with the echo's, A B A B …, after a round of each that does not count. */
async function compareWithEcho(size: Size, opd: ServerProcess, echo: ServerProcess, terms: LoadTerms, ours: Call) {
  await load(opd, { ...terms, seconds: size.seconds / 2 }, ours);
  await load(echo, { ...terms, seconds: size.seconds / 2 }, echoCall);
  return alternate(
    size.rounds,
    () => load(opd, terms, ours),
    () => load(echo, terms, echoCall),
  );
}

function spreadOut(withRequestId: boolean): Workload {
  const name = withRequestId ? 'durable-request-ids' : 'durable';
  return {
    name,
    title: `Durable AllocateToken, ${IN_FLIGHT} in flight, 1,000 doctor-days${withRequestId ? ', each with a request_id' : ''}`,
    run: (size) =>
      withServers(async (opd, echo) => {
        const days = await daysOf(opd, size.name === 'tiny' ? 10 : 1_000, 1, 100);
        // Runs on over the rounds: a patient has one token a day.
        let patient = 0;
        const ours: Call = (client) => {
          const mine = patient++;
          return allocate(client, days[mine % days.length]?.slotIds[0] ?? '', mine, withRequestId);
        };
        const [a, b] = await compareWithEcho(size, opd, echo, { inFlight: IN_FLIGHT, seconds: size.seconds }, ours);
        const value = ratios(
          a.map((each) => each.callsPerSecond),
          b.map((each) => each.callsPerSecond),
        );
        return [
          { sides: [sideOfLoads('opd', a), sideOfLoads('echo', b)], judged: atLeast('calls/s ÷ echo', value, 0.9) },
        ];
      }),
  };
}

const HOT_DAYS = 8;
const TOKENS_A_DAY = 10_000;

const hot: Workload = {
  name: 'hot',
  title: `The same on ${HOT_DAYS} hot doctor-days, each filling to its ${TOKENS_A_DAY} tokens`,
  run: (size) =>
    withServers(async (opd, echo) => {
      const rounds = Math.min(size.rounds, 3);
      const tokens = size.name === 'tiny' ? 50 : TOKENS_A_DAY;
      const wide = await daysOf(opd, size.name === 'tiny' ? 10 : 1_000, 1, 100);
      let patient = 0;
      const spreadCall: Call = (client) => {
        const mine = patient++;
        return allocate(client, wide[mine % wide.length]?.slotIds[0] ?? '', mine);
      };
      const fill = async () => {
        const days = await daysOf(opd, HOT_DAYS, 10, 500);
        const hotCall: Call = (client, index) =>
          allocate(client, days[index % HOT_DAYS]?.slotIds[Math.floor(index / HOT_DAYS) % 10] ?? '', index);
        return load(opd, { inFlight: IN_FLIGHT, calls: HOT_DAYS * tokens }, hotCall);
      };
      await load(echo, { inFlight: 1, calls: 1 }, echoCall);
      const [a, b] = await alternate(rounds, fill, () =>
        load(opd, { inFlight: IN_FLIGHT, calls: HOT_DAYS * tokens }, spreadCall),
      );
      const value = ratios(
        a.map((each) => each.callsPerSecond),
        b.map((each) => each.callsPerSecond),
      );
      return [
        {
          sides: [sideOfLoads('8 hot days', a), sideOfLoads('spread out', b)],
          judged: atLeast('calls/s ÷ spread out', value, 0.8),
        },
      ];
    }),
};

const alone: Workload = {
  name: 'alone',
  title: 'AllocateToken, 1 in flight, against echo and one fsync of the same disk',
  run: (size) =>
    withServers(async (opd, echo, folder) => {
      const days = await daysOf(opd, 100, 1, 100);
      let patient = 0;
      const ours: Call = (client) => {
        const mine = patient++;
        return allocate(client, days[mine % days.length]?.slotIds[0] ?? '', mine);
      };
      const terms = { inFlight: 1, seconds: size.seconds };
      const syncs: number[] = [];
      const [a, b] = await alternate(
        size.rounds,
        () => load(opd, terms, ours),
        () => {
          syncs.push(fsyncMilliseconds(join(folder, 'fsync'), size.name === 'tiny' ? 20 : 500));
          return load(echo, terms, echoCall);
        },
      );
      const floor = b.map((each, round) => each.p50 + (syncs[round] ?? 0));
      const value = ratios(
        a.map((each) => each.p50),
        floor,
      );
      const sync = { name: 'fsync', figures: { 'p50 ms': spread(syncs) } };
      return [
        {
          sides: [sideOfLoads('opd', a), sideOfLoads('echo', b), sync],
          judged: atMost('p50 ÷ (echo + fsync)', value, 1.5),
        },
      ];
    }),
};

/** The median time of appending a page to a file and syncing it. */
function fsyncMilliseconds(path: string, times: number): number {
  const file = openSync(path, 'a');
  const page = Buffer.alloc(4_096, 1);
  const samples = Array.from({ length: times }, () => {
    const before = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - before;
  });
  closeSync(file);
  return spread(samples).median;
}

const mixed: Workload = {
  name: 'mixed',
  title: 'A mixed day: allocate 60 %, cancel 15 %, no-show 5 %, emergency 2 %, reads 18 %',
  run: (size) =>
    withServers(async (opd, echo): Promise<Outcome[]> => {
      const days = await daysOf(opd, size.name === 'tiny' ? 10 : 1_000, 4, 20);
      const terms = { inFlight: IN_FLIGHT, seconds: size.seconds };
      const [a, b] = await compareWithEcho(size, opd, echo, terms, mixedCall(days));
      const value = ratios(
        a.map((each) => each.callsPerSecond),
        b.map((each) => each.callsPerSecond),
      );
      return [
        { sides: [sideOfLoads('opd', a), sideOfLoads('echo', b)], judged: atLeast('calls/s ÷ echo', value, 0.8) },
      ];
    }),
};

export const allocationWorkloads: readonly Workload[] = [spreadOut(false), spreadOut(true), hot, alone, mixed];
