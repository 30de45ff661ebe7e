/** Callers and watchers of a few doctor-days, whatever happens to their server meanwhile; and the verdict on what they saw. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueChange } from '../../gen/opd/v1/resources.js';
import { call } from '../../src/client/call.js';
import { Caller, connect, type Day, readAllChanges, watch } from './clients.js';
import { dayName, History } from './history.js';
import { breaches } from './verdict.js';

export interface CrowdSize {
  readonly callers: number;
  /** Watchers of each day. */
  readonly watchers: number;
}

export interface CrowdReport {
  readonly acknowledged: number;
  readonly refused: number;
  readonly givenUp: number;
  readonly reads: number;
  readonly revisions: number;
  readonly watches: number;
  readonly breaches: readonly string[];
}

const DOCTORS = 3;
const DATES = ['2099-01-30', '2099-01-31'];

export class Crowd {
  readonly history = new History();
  readonly #callersStopped = new AbortController();
  readonly #watchersStopped = new AbortController();
  readonly #callers: Promise<void>[];
  readonly #clients: Promise<void>[];
  /** Rejects where a client met what it never should. */
  readonly #all: Promise<unknown>;

  private constructor(
    private readonly addresses: readonly string[],
    private readonly days: readonly Day[],
    size: CrowdSize,
  ) {
    setMaxListeners(0, this.#watchersStopped.signal);
    this.#callers = Array.from({ length: size.callers }, () =>
      new Caller(addresses, days, this.history, this.#callersStopped.signal).run(),
    );
    const watchers = days.flatMap((day) =>
      Array.from({ length: size.watchers }, () => watch(addresses, day, this.history, this.#watchersStopped.signal)),
    );
    this.#clients = [...this.#callers, ...watchers];
    this.#all = Promise.all(this.#clients);
    this.#all.catch(() => {});
  }

  /** @param addresses of one server, or of all over one database */
  static async gather(addresses: readonly string[], size: CrowdSize): Promise<Crowd> {
    return new Crowd(addresses, await createDays(addresses[0] as string), size);
  }

  /** Waits for something, or for the first client that fails. */
  async during(something: Promise<unknown>): Promise<void> {
    await Promise.race([something, this.#all]);
  }

  /** Sends everybody home, whether or not there is a server; to be called at the end of all. Never rejects. */
  async disperse(): Promise<void> {
    this.#callersStopped.abort();
    this.#watchersStopped.abort();
    await Promise.allSettled(this.#clients);
  }

  /** Sends everybody home, and judges by the journal what they were told. The server must be well again. */
  async judge(): Promise<CrowdReport> {
    this.#callersStopped.abort();
    await this.during(Promise.all(this.#callers));
    const journals = new Map<string, QueueChange[]>();
    for (const day of this.days) {
      journals.set(dayName(day.doctorId, day.date), await readAllChanges(this.addresses[0] as string, day));
    }
    await untilAllSeen(this.history, journals);
    this.#watchersStopped.abort();
    await this.#all;
    return reportOf(this.history, journals);
  }
}

async function createDays(address: string): Promise<Day[]> {
  const client = connect(address);
  const days: Day[] = [];
  for (let index = 0; index < DOCTORS; index++) {
    const { doctor } = await call(client, 'createDoctor', { name: `Doctor ${index}`, timeZone: 'UTC' });
    const doctorId = doctor?.id as string;
    for (const date of DATES) {
      const slotIds: string[] = [];
      for (const [start, end] of [
        ['09:00', '10:00'],
        ['10:00', '11:00'],
        ['11:00', '12:00'],
      ] as const) {
        const { slot } = await call(client, 'createSlot', { doctorId, date, start, end, capacity: 4 });
        slotIds.push(slot?.id as string);
      }
      days.push({ doctorId, date, slotIds });
    }
  }
  client.close();
  return days;
}

/** A watch may lag behind an answer; it gets ten seconds. */
async function untilAllSeen(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): Promise<void> {
  const until = Date.now() + 10_000;
  const lagging = () => history.watches.some(({ day, changes }) => changes.length < (journals.get(day)?.length ?? 0));
  while (lagging() && Date.now() < until) await sleep(20);
}

function reportOf(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): CrowdReport {
  const { commands, reads, watches } = history;
  const givenUp = commands.filter(({ outcome }) => outcome === 'given up').length;
  const acknowledged = commands.filter(({ outcome }) => typeof outcome === 'object' && 'change' in outcome).length;
  return {
    acknowledged,
    refused: commands.length - acknowledged - givenUp,
    givenUp,
    reads: reads.length,
    revisions: [...journals.values()].reduce((sum, changes) => sum + changes.length, 0),
    watches: watches.length,
    breaches: breaches(history, journals),
  };
}
