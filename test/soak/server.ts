/** The whole service as a child process that keeps few days in memory, so that days are let go all the time, and tells how it is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startService } from '../../src/cli/service.js';
import type { TimeZone } from '../../src/domain/time.js';

export interface Vitals {
  /** Of the main thread, after a collection of garbage. */
  readonly heapMebibytes: number;
  /** Timers, sockets and all else that Node keeps alive. */
  readonly handles: number;
  /** The 99th percentile since the last time, collections for these figures left out. */
  readonly loopDelayMilliseconds: number;
}

const quiet = { debug() {}, info() {}, isLevelEnabled: () => false };
const loud = (fields: object, message: string) => console.error(message, fields);

const service = await startService({
  listen: '127.0.0.1:0',
  data: process.argv[2] as string,
  timeZone: 'UTC' as TimeZone,
  log: { ...quiet, warn: loud, error: loud },
  shelfLimits: { daysMax: 40, tokensMax: 4_000 },
});
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

process.on('message', () => {
  const loopDelayMilliseconds = Math.max(0, delay.percentile(99) / 1e6 - 10);
  gc?.();
  const heapMebibytes = process.memoryUsage().heapUsed / 2 ** 20;
  process.send?.({ heapMebibytes, handles: process.getActiveResourcesInfo().length, loopDelayMilliseconds });
  setImmediate(() => delay.reset());
});
process.on('SIGTERM', () => void service.stop().then(() => process.exit(0)));
process.send?.(service.address);
