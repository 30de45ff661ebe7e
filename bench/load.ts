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

/** Callers share a few connections, as the clients of one front end would. */
const CONNECTIONS = 4;

export interface LoadTerms {
  readonly inFlight: number;
  /** The load ends after so long, or so many calls. */
  readonly seconds?: number;
  readonly calls?: number;
}

/** Puts a server under load. A call that fails fails the measurement. */
export async function load(server: ServerProcess, terms: LoadTerms, call: Call): Promise<Load> {
  const clients = Array.from({ length: CONNECTIONS }, () => new LeanClient(server.address));
  const histogram = createHistogram();
  const [startedAt, cpuBefore] = [performance.now(), server.cpuTime()];
  const endsAt = startedAt + (terms.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  let index = 0;
  const caller = async () => {
    while (index < (terms.calls ?? Number.POSITIVE_INFINITY)) {
      const before = performance.now();
      if (before >= endsAt) return;
      const mine = index++;
      await call(clients[mine % clients.length] as LeanClient, mine);
      histogram.record(Math.max(1, Math.round((performance.now() - before) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: terms.inFlight }, caller));
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
