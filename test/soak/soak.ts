/**
 * Works the real service for a long time, doctor after doctor and day after day, and looks whether it takes up more and more.
 * `npm run soak` does it for half an hour, the slow tests for a minute.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFiles, residentMebibytes } from '../support/process-figures.js';
import type { Vitals } from './server.js';
import { Shift } from './shift.js';
import { fittedGrowth } from './trend.js';

export interface Sample extends Vitals {
  readonly seconds: number;
  readonly residentMebibytes: number;
  readonly openFiles: number;
  readonly calls: number;
}

export interface SoakReport {
  readonly samples: readonly Sample[];
  /** Those after the warm-up. */
  readonly measured: readonly Sample[];
  readonly updates: number;
}

const SERVER = new URL('./server.js', import.meta.url);
const SHIFTS = 8;
const SAMPLES = 40;
/** Caches fill meanwhile: SQLite's pages, the request ids and doctors at hand. */
const WARM_UP_SHARE = 0.4;

/** How much a figure may grow over the measured time, by its fitted line: a share of its mean, and so much besides. */
const TOLERANCES = {
  heapMebibytes: { share: 0.1, besides: 4 },
  residentMebibytes: { share: 0.1, besides: 16 },
  openFiles: { share: 0, besides: 3 },
  handles: { share: 0, besides: 10 },
} as const;
const LOOP_DELAY_MILLISECONDS_MAX = 250;

export async function soak(terms: { minutes: number; onSample?: (sample: Sample) => void }): Promise<SoakReport> {
  const folder = mkdtempSync(join(process.cwd(), '.soak-'));
  const server = fork(SERVER, [join(folder, 'opd.sqlite')], { execArgv: ['--expose-gc'] });
  try {
    const [address] = (await once(server, 'message')) as [string];
    return await run(server, address, terms);
  } finally {
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(
  server: ChildProcess,
  address: string,
  { minutes, onSample }: { minutes: number; onSample?: (sample: Sample) => void },
): Promise<SoakReport> {
  const startedAt = performance.now();
  const milliseconds = minutes * 60_000;
  const shifts = Array.from({ length: SHIFTS }, () => new Shift(address));
  const working = Promise.all(shifts.map((shift) => shift.work(startedAt + milliseconds)));
  const samples: Sample[] = [];
  while (samples.length < SAMPLES) {
    await Promise.race([sleep(milliseconds / (SAMPLES + 1)), working]);
    const calls = shifts.reduce((sum, shift) => sum + shift.calls, 0);
    const sample = await sampleOf(server, (performance.now() - startedAt) / 1_000, calls);
    samples.push(sample);
    onSample?.(sample);
  }
  await working;
  const updates = shifts.reduce((sum, shift) => sum + shift.updates, 0);
  return { samples, measured: samples.slice(Math.floor(SAMPLES * WARM_UP_SHARE)), updates };
}

async function sampleOf(server: ChildProcess, seconds: number, calls: number): Promise<Sample> {
  const answer = once(server, 'message');
  server.send('how are you');
  const [vitals] = (await answer) as [Vitals];
  const pid = server.pid as number;
  return { ...vitals, seconds, calls, residentMebibytes: residentMebibytes(pid), openFiles: openFiles(pid) };
}

export interface Growth {
  readonly figure: string;
  readonly mean: number;
  readonly growth: number;
  readonly allowed: number;
}

export function growths({ measured }: SoakReport): Growth[] {
  return Object.entries(TOLERANCES).map(([figure, { share, besides }]) => {
    const values = measured.map((sample) => sample[figure as keyof typeof TOLERANCES]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { figure, mean, growth: fittedGrowth(values), allowed: share * mean + besides };
  });
}

/** What did not stay flat; nothing, where all did. */
export function leaks(report: SoakReport): string[] {
  const grown = growths(report)
    .filter(({ growth, allowed }) => growth > allowed)
    .map(({ figure, growth, allowed }) => `${figure} grew by ${growth.toFixed(1)}, ${allowed.toFixed(1)} allowed`);
  const delays = report.measured.map(({ loopDelayMilliseconds }) => loopDelayMilliseconds).sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)] ?? 0;
  return median > LOOP_DELAY_MILLISECONDS_MAX ? [...grown, `the event loop runs ${median} ms late`] : grown;
}
