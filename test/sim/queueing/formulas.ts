/**
 * The closed forms that the room is held against, for steady state: Poisson arrivals in classes, the most urgent first,
 * service that does not break off, first come first served inside a class. Times in units of the mean service.
 */

/** Arrivals of each class in a unit of time. */
export type Rates = readonly number[];

/** Of a server: E[S²] ÷ 2, where E[S] = 1. */
export const RESIDUAL = { exponential: 1, deterministic: 1 / 2 } as const;

export type Service = keyof typeof RESIDUAL;

/** How long each class waits where the more urgent is always served first. Cobham 1954, Oper. Res. 2(1) 70-76: equation 3, and 6 for several servers. */
export function fixedPriorityWaits(rates: Rates, { servers = 1, service = 'exponential' }: Station = {}): number[] {
  const zero = allBusyWait(rates, { servers, service });
  return rates.map((_, k) => {
    const before = sum(rates.slice(0, k)) / servers;
    const upTo = sum(rates.slice(0, k + 1)) / servers;
    return zero / ((1 - before) * (1 - upTo));
  });
}

/**
 * How long each class waits where a customer's claim grows with the time waited, at its class's own rate, and the highest claim is
 * served first. Solved from the slowest rate upwards.
 */
export function accumulatingPriorityWaits(rates: Rates, growth: readonly number[], station: Station = {}): number[] {
  const { servers = 1 } = station;
  const load = rates.map((rate) => rate / servers);
  const inOrderOfArrival = firstComeWait(rates, station);
  const waits: number[] = rates.map(() => 0);
  const slowestFirst = growth.map((_, k) => k).sort((i, k) => at(growth, i) - at(growth, k));
  for (const k of slowestFirst) {
    const slower = slowestFirst.filter((i) => at(growth, i) < at(growth, k));
    const faster = slowestFirst.filter((i) => at(growth, i) > at(growth, k));
    const gained = slower.map((i) => at(load, i) * at(waits, i) * (1 - at(growth, i) / at(growth, k)));
    const lost = faster.map((i) => at(load, i) * (1 - at(growth, k) / at(growth, i)));
    waits[k] = (inOrderOfArrival - sum(gained)) / (1 - sum(lost));
  }
  return waits;
}

/** How long everybody waits where nobody is preferred. */
export function firstComeWait(rates: Rates, station: Station = {}): number {
  return allBusyWait(rates, station) / (1 - sum(rates) / (station.servers ?? 1));
}

/** The probability that all servers are busy (Erlang's C), at a load of `load` servers. */
export function allBusy(load: number, servers: number): number {
  let term = 1;
  let idle = 0;
  for (let n = 0; n < servers; n += 1) {
    idle += term;
    term *= load / (n + 1);
  }
  const waiting = (term * servers) / (servers - load);
  return waiting / (idle + waiting);
}

export interface Station {
  readonly servers?: number;
  readonly service?: Service;
}

/** How long until a server is free, for whoever comes. For several servers of exponential service only. */
function allBusyWait(rates: Rates, { servers = 1, service = 'exponential' }: Station): number {
  return servers === 1 ? sum(rates) * RESIDUAL[service] : allBusy(sum(rates), servers) / servers;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}
