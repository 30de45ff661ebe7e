/**
 * Asks far more of the real server than it can bear, and looks whether it refuses rather than grows, stays responsive, and is
 * as fast afterwards as before. `npm run overload` does it for a minute, the test suite for some seconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { call } from '../../src/client/call.js';
import { CHANNEL_OPTIONS } from '../../src/grpc/server.js';
import { HealthProbe } from '../support/health-probe.js';
import { residentMebibytes } from '../support/process-figures.js';
import { connect, type Day } from '../torture/clients.js';
import { ServerProcess } from '../torture/server-process.js';
import { Bystander } from './bystander.js';
import { type NuisanceCounts, Nuisances } from './nuisances.js';
import { type Pace, steady } from './steady.js';
import type { TorrentOrders, TorrentReport } from './torrent.js';

export interface OverloadTerms {
  readonly seconds: number;
  /** How many times what the server can do is asked of it. */
  readonly times: number;
  /** Of those who ask; each is kept full. */
  readonly connections: number;
  readonly nuisances: NuisanceCounts;
}

export interface OverloadReport {
  readonly before: Pace;
  /** Patient callers in the midst of it. */
  readonly during: Pace;
  readonly after: Pace;
  readonly torrent: TorrentReport;
  /** Calls that may have been before a patient caller's at any time. */
  readonly inLineMax: number;
  readonly residentMebibytesBefore: number;
  readonly residentMebibytesMax: number;
  readonly healthSlowestMilliseconds: number;
  /** How long the machine let somebody wait who asked for nothing. */
  readonly bystanderSlowestMilliseconds: number;
  readonly healthComplaints: readonly string[];
}

const TORRENT = new URL('./torrent.js', import.meta.url);
/** Two thousand connections that do nothing but harm. */
export const NUISANCES: NuisanceCounts = { deafWatchers: 1_200, tricklers: 600, oversized: 200 };
/** The server's heap may grow to so much, and no further: were what it holds without bound, it would not live through this. */
const HEAP_MEBIBYTES_MAX = 512;
/** Beside the heap: the program itself, a hundred MiB, and what 2,000 connections hold outside of it. */
export const RESIDENT_MEBIBYTES_MAX = 768;
const DAYS = 64;
const PACE = { seconds: 2, callers: 128 };
/** A neighbour on the machine may slow one measurement down; it gets this many. */
const TRIES_MAX = 4;
const AS_FAST = 0.8;

export async function overload(terms: OverloadTerms): Promise<OverloadReport> {
  const folder = mkdtempSync(join(process.cwd(), '.overload-'));
  const server = new ServerProcess(join(folder, 'opd.sqlite'), { heapMebibytesMax: HEAP_MEBIBYTES_MAX });
  await server.start();
  try {
    return await run(server, terms);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(server: ServerProcess, terms: OverloadTerms): Promise<OverloadReport> {
  const { address } = server;
  const port = Number(address.split(':')[1]);
  const before = await steady(address, slotsOf(await createDays(address)), PACE);
  const residentMebibytesBefore = residentMebibytes(server.pid as number);

  const [days, patientDays] = [await createDays(address), await createDays(address)];
  const health = new HealthProbe(address);
  const bystander = new Bystander();
  const memory = watchMemory(server.pid as number);
  const nuisances = new Nuisances(port, days[0] as Day, terms.nuisances);
  const callsPerSecond = before.callsPerSecond * terms.times;
  const orders: TorrentOrders = {
    ...terms,
    port,
    days,
    callsPerSecond,
    streamsMax: CHANNEL_OPTIONS['grpc.max_concurrent_streams'],
  };
  const patient = steady(address, slotsOf(patientDays), { seconds: terms.seconds, callers: 16 });
  const [torrent, during] = await Promise.all([pour(orders), patient]);
  nuisances.close();
  await health.stop();
  const bystanderSlowestMilliseconds = await bystander.stop();
  const residentMebibytesMax = memory.stop();

  return {
    before,
    during,
    after: await asFastAgain(address, before.callsPerSecond),
    torrent,
    inLineMax: orders.connections * orders.streamsMax,
    residentMebibytesBefore,
    residentMebibytesMax,
    healthSlowestMilliseconds: health.slowestMilliseconds,
    bystanderSlowestMilliseconds,
    healthComplaints: health.complaints,
  };
}

/** What broke of what must hold; nothing, where all did. */
export function failings(report: OverloadReport, residentMebibytesMax: number): string[] {
  const { before, during, after, torrent } = report;
  const held: [boolean, string][] = [
    [torrent.offered > 2 * torrent.sent, 'the server was not asked for more than it could take'],
    [torrent.answered > torrent.sent / 10, `the server did only ${torrent.answered} of ${torrent.sent}`],
    [during.slowest < patienceMilliseconds(report), `a patient caller waited for ${during.slowest} ms`],
    [report.residentMebibytesMax < residentMebibytesMax, `memory grew to ${report.residentMebibytesMax} MiB`],
    [report.healthComplaints.length === 0, `health: ${report.healthComplaints[0]}`],
    [
      report.healthSlowestMilliseconds - report.bystanderSlowestMilliseconds < 1_000,
      `health took ${report.healthSlowestMilliseconds} ms, a bystander ${report.bystanderSlowestMilliseconds} ms`,
    ],
    [
      after.callsPerSecond >= AS_FAST * before.callsPerSecond,
      `${after.callsPerSecond} calls/s after ${before.callsPerSecond}`,
    ],
  ];
  return held.filter(([holds]) => !holds).map(([, failing]) => failing);
}

/** Three seconds; where the machine is slow, twice as long as it takes for all who may be in line. */
function patienceMilliseconds({ inLineMax, before }: OverloadReport): number {
  return Math.max(3_000, (2_000 * inLineMax) / before.callsPerSecond);
}

async function asFastAgain(address: string, callsPerSecond: number): Promise<Pace> {
  for (let tries = 1; ; tries += 1) {
    await sleep(500);
    const pace = await steady(address, slotsOf(await createDays(address)), PACE);
    if (pace.callsPerSecond >= AS_FAST * callsPerSecond || tries === TRIES_MAX) return pace;
  }
}

function pour(orders: TorrentOrders): Promise<TorrentReport> {
  return new Promise((resolve, reject) => {
    new Worker(TORRENT, { workerData: orders }).once('message', resolve).once('error', reject);
  });
}

function watchMemory(pid: number) {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentMebibytes(pid));
  }, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round(most);
    },
  };
}

/** Days of many doctors: no day holds more than 10,000 tokens. */
async function createDays(address: string): Promise<Day[]> {
  const client = connect(address);
  try {
    return await Promise.all(
      Array.from({ length: DAYS }, async (_, n) => {
        const { doctor } = await call(client, 'createDoctor', { name: `Doctor ${n}`, timeZone: 'UTC' });
        const [doctorId, date] = [doctor?.id as string, '2099-01-31'];
        const hours = { start: '09:00', end: '17:00', capacity: 100 };
        const { slot } = await call(client, 'createSlot', { doctorId, date, ...hours });
        return { doctorId, date, slotIds: [slot?.id as string] };
      }),
    );
  } finally {
    client.close();
  }
}

function slotsOf(days: readonly Day[]): string[] {
  return days.flatMap(({ slotIds }) => slotIds);
}
