/** A closed loop of callers: so many calls in flight, each followed by the next. */
import { createHistogram } from 'node:perf_hooks';
import { LeanClient } from './lean-client.js';
import type { ServerProcess } from './process.js';

export interface Load {
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The server's CPU, microseconds a call. */
  readonly cpuMain: number;
  readonly cpuAll: number;
  readonly residentMebibytes: number;
  readonly calls: number;
}

export type Call = (client: LeanClient, index: number) => Promise<unknown>;

/** Callers share a few connections, as the clients of one front end would; no more on each than a server lets be open. */
const CONNECTIONS_MIN = 4;
const CALLS_A_CONNECTION_MAX = 100;

export interface LoadTerms {
  readonly inFlight: number;
  /** The load ends after so long, or so many calls. */
  readonly seconds?: number;
  readonly calls?: number;
}

/** Puts a server under load. A call that fails fails the measurement. */
export async function load(server: ServerProcess, terms: LoadTerms, call: Call): Promise<Load> {
  const connections = Math.max(CONNECTIONS_MIN, Math.ceil(terms.inFlight / CALLS_A_CONNECTION_MAX));
  const clients = Array.from({ length: connections }, () => new LeanClient(server.address));
  const histogram = createHistogram();
  const [startedAt, cpuBefore] = [performance.now(), server.cpuTime()];
  const endsAt = startedAt + (terms.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  let index = 0;
  const caller = async (client: LeanClient) => {
    while (index < (terms.calls ?? Number.POSITIVE_INFINITY)) {
      const before = performance.now();
      if (before >= endsAt) return;
      const mine = index++;
      await call(client, mine);
      histogram.record(Math.max(1, Math.round((performance.now() - before) * 1_000)));
    }
  };
  const callers = Array.from({ length: terms.inFlight }, (_, each) =>
    caller(clients[each % connections] as LeanClient),
  );
  await Promise.all(callers);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = server.cpuTime();
  for (const client of clients) client.close();
  return {
    callsPerSecond: index / seconds,
    p50: histogram.percentile(50) / 1_000,
    p99: histogram.percentile(99) / 1_000,
    cpuMain: (cpu.main - cpuBefore.main) / index,
    cpuAll: (cpu.all - cpuBefore.all) / index,
    residentMebibytes: server.residentBytes() / 2 ** 20,
    calls: index,
  };
}
