/** What a workload is, and how its measurements are summed up: medians and spreads, never a single figure. */
import type { Load } from './load.js';

export interface Size {
  readonly name: 'full' | 'tiny';
  /** How long each measurement lasts, where it goes by time. */
  readonly seconds: number;
  /** How often the compared sides take turns. */
  readonly rounds: number;
}

export const SIZES: Readonly<Record<Size['name'], Size>> = {
  full: { name: 'full', seconds: 5, rounds: 5 },
  tiny: { name: 'tiny', seconds: 0.2, rounds: 1 },
};

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One side of a comparison: figures by their name, unit included. */
export interface Side {
  readonly name: string;
  readonly figures: Readonly<Record<string, Spread>>;
}

export interface Outcome {
  readonly sides: readonly Side[];
  /** The figure that is judged. */
  readonly judged: {
    readonly what: string;
    readonly value: Spread;
    readonly target: string;
    readonly reached: boolean;
  };
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** What this machine lacks for it; undefined where it can be run. */
  lacks?(): string | undefined;
  run(size: Size): Promise<Outcome[]>;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median: median ?? Number.NaN, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Lets two sides take turns, A B A B …, so that a drift of the machine meets both. */
export async function alternate<T>(rounds: number, a: () => Promise<T>, b: () => Promise<T>): Promise<[T[], T[]]> {
  const results: [T[], T[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    results[0].push(await a());
    results[1].push(await b());
  }
  return results;
}

/** The ratios of two sides, round by round. */
export function ratios(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

export function sideOfLoads(name: string, loads: readonly Load[]): Side {
  const of = (pick: (load: Load) => number) => spread(loads.map(pick));
  return {
    name,
    figures: {
      'calls/s': of((load) => load.callsPerSecond),
      'p50 ms': of((load) => load.p50),
      'p99 ms': of((load) => load.p99),
      'CPU µs/call, main': of((load) => load.cpuMain),
      'all threads': of((load) => load.cpuAll),
      'RSS MiB': of((load) => load.residentMebibytes),
    },
  };
}

export function atLeast(what: string, value: Spread, target: number): Outcome['judged'] {
  return { what, value, target: `≥ ${target}`, reached: value.median >= target };
}

export function atMost(what: string, value: Spread, target: number): Outcome['judged'] {
  return { what, value, target: `≤ ${target}`, reached: value.median <= target };
}
