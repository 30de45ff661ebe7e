/**
 * Runs the real server under load, kills it with SIGKILL at random moments, starts it again, and judges from outside whether
 * it kept its promises. `npm run torture` does it a hundred times; the test suite five.
 */
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueChange } from '../../gen/opd/v1/resources.js';
import { call } from '../../src/client/call.js';
import { Caller, connect, type Day, readAllChanges, watch } from './clients.js';
import { dayName, History } from './history.js';
import { ServerProcess } from './server-process.js';
import { breaches } from './verdict.js';

export interface TortureTerms {
  readonly kills: number;
  readonly callers: number;
  /** Watchers of each day. */
  readonly watchers: number;
  readonly onKill?: (kills: number) => void;
}

export interface TortureReport {
  readonly kills: number;
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
const [LIFE_MIN, LIFE_MAX] = [50, 600];

/** Runs it in a folder of its own, below the working directory: on a disk, not in memory. */
export async function torture(terms: TortureTerms): Promise<TortureReport> {
  const folder = mkdtempSync(join(process.cwd(), '.torture-'));
  const server = new ServerProcess(join(folder, 'opd.sqlite'));
  try {
    await server.start();
    const report = await run(terms, server);
    rmSync(folder, { recursive: true });
    return report;
  } finally {
    // A folder that is still there is what a failed run left, for whoever looks into it.
    await server.kill();
  }
}

async function run(terms: TortureTerms, server: ServerProcess): Promise<TortureReport> {
  const days = await createDays(server.address);
  const history = new History();
  const [callersStopped, watchersStopped] = [new AbortController(), new AbortController()];
  setMaxListeners(0, watchersStopped.signal);
  const callers = Array.from({ length: terms.callers }, () =>
    new Caller(server.address, days, history, callersStopped.signal).run(),
  );
  const watchers = days.flatMap((day) =>
    Array.from({ length: terms.watchers }, () => watch(server.address, day, history, watchersStopped.signal)),
  );
  const failed = Promise.all([...callers, ...watchers]).then(() => {});
  failed.catch(() => {});

  for (let kill = 1; kill <= terms.kills; kill++) {
    await Promise.race([sleep(LIFE_MIN + Math.random() * (LIFE_MAX - LIFE_MIN)), failed]);
    await server.kill();
    await server.start();
    terms.onKill?.(kill);
  }
  callersStopped.abort();
  await Promise.all(callers);
  const journals = new Map<string, QueueChange[]>();
  for (const day of days) journals.set(dayName(day.doctorId, day.date), await readAllChanges(server.address, day));
  await untilAllSeen(history, journals);
  watchersStopped.abort();
  await failed;
  return reportOf(terms, history, journals);
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

function reportOf(
  terms: TortureTerms,
  history: History,
  journals: ReadonlyMap<string, readonly QueueChange[]>,
): TortureReport {
  const { commands, reads, watches } = history;
  const givenUp = commands.filter(({ outcome }) => outcome === 'given up').length;
  const acknowledged = commands.filter(({ outcome }) => typeof outcome === 'object' && 'change' in outcome).length;
  return {
    kills: terms.kills,
    acknowledged,
    refused: commands.length - acknowledged - givenUp,
    givenUp,
    reads: reads.length,
    revisions: [...journals.values()].reduce((sum, changes) => sum + changes.length, 0),
    watches: watches.length,
    breaches: breaches(history, journals),
  };
}
