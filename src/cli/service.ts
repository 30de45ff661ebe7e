/** Wires one service together: store, desk, gRPC server. The one place where they meet. */
import { getHeapStatistics } from 'node:v8';
import { ServerCredentials } from '@grpc/grpc-js';
import { ClockGuard, type MachineClocks } from '../desk/clock-guard.js';
import { type ClockSource, ClockWatch } from '../desk/clock-watch.js';
import { DayClock } from '../desk/day-clock.js';
import { type ShelfLimits, shelfLimitsFor } from '../desk/day-shelf.js';
import { FrontDesk, type Surroundings } from '../desk/front-desk.js';
import { ZoneDataCheck, type ZoneDataReport } from '../desk/zone-data-check.js';
import type { Instant, TimeZone } from '../domain/time.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';
import type { CallLimits, Log } from '../grpc/calls.js';
import { OpdServer } from '../grpc/server.js';
import { PromptStore } from '../store/prompt-store.js';
import { type Store, StoreRefused } from '../store/store.js';
import { clockLog } from './clock-log.js';
import { machineClocks, TIME_SERVER } from './machine-clocks.js';
import { newId } from './new-id.js';
import { openStore } from './open-store.js';
import { RaceReport } from './race-report.js';
import { logZoneData, ZONE_DATA } from './zone-data.js';

export interface ServiceOptions {
  /** `host:port`; port 0 for any free one. */
  readonly listen: string;
  /** A file's path, `:memory:`, or a `postgres://` address. */
  readonly data: string;
  /** An open store, in place of the one in `data`. The service closes it. */
  readonly store?: Store;
  /** How long the store may take to answer before it counts as unavailable. */
  readonly storeSecondsMax?: number;
  /** The zone of doctors for whom none is named. */
  readonly timeZone: TimeZone;
  readonly log: Log & Record<'info' | 'warn', (fields: object, message: string) => void>;
  /** The time, beyond doubt. If absent, a {@link ClockGuard} over the machine's clocks. */
  readonly now?: () => Instant;
  /** The version of the time zone data; that of this process if absent. */
  readonly zoneData?: ZoneDataVersion;
  /** The machine's clocks, for tests that set their own. */
  readonly clocks?: MachineClocks;
  /** Whether an operator has confirmed the system clock at the start (`--trust-clock`). */
  readonly trustClock?: boolean;
  /** False where somebody else says when to look what is due, by {@link Service.letTimePass}. */
  readonly clockTicks?: boolean;
  readonly limits?: CallLimits;
  readonly shelfLimits?: ShelfLimits;
  /** Told when the service is of no use any more, since a newer version has changed the tables of its database. */
  readonly onSuperseded?: () => void;
  /** How often it is told how servers that share the store got in each other's way. */
  readonly raceReportSeconds?: number;
}

export interface Service {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Does all that is due by now; says whether all of it is on disk. */
  letTimePass(): Promise<boolean>;
  /** Finishes what is under way, then closes the store. */
  stop(): Promise<void>;
}

/** The address to listen on cannot be had; the message says why. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Starts a service. Rejects with StoreRefused or {@link AddressRefused}. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { log, timeZone } = options;
  const store = new PromptStore(options.store ?? (await openStore(options.data)), options.storeSecondsMax);
  const clocks = options.clocks ?? machineClocks();
  const guard = options.now ? undefined : await openGuard(store, clocks, options.trustClock);
  const now = options.now ?? (guard as ClockGuard).now;
  const onFault = (error: unknown) => log.warn({ err: error }, 'the store failed');
  const desk = new FrontDesk(store, {
    now,
    newId: () => newId(now()),
    timeZone,
    onFault,
    ...deskReports(options, () => server),
    shelfLimits: options.shelfLimits ?? shelfLimitsFor(getHeapStatistics().heap_size_limit),
  });
  const clock = new DayClock(store, (key) => desk.letTimePass(key), { now, onFault });
  const server = new OpdServer(desk, { log, now, ...(options.limits && { limits: options.limits }) });
  const sources = [...(options.clocks ? [] : [TIME_SERVER]), ...databaseTime(store)];
  const watch = guard && new ClockWatch(guard, clocks.wall, store, sources, clockLog(log, onFault, server));
  const port = await listen(server, options.listen, store);
  const zoneData = options.zoneData ?? ZONE_DATA;
  const onReport = (found: ZoneDataReport) => logZoneData(log, found);
  const zoneCheck = zoneData && new ZoneDataCheck(store, desk, { now, onFault, zoneData, onReport });
  await watch?.start();
  if (options.clockTicks !== false) void clock.start();
  void zoneCheck?.start();
  const report = new RaceReport(() => desk.races, log, options.raceReportSeconds);
  return {
    address: options.listen.replace(/:\d+$/, `:${port}`),
    letTimePass: () => clock.strike(),
    async stop() {
      await zoneCheck?.stop();
      await clock.stop();
      await server.drain();
      report.end();
      await watch?.stop();
      await store.close();
    },
  };
}

/**
 * What the desk reports: to the log, and to the health service of a server that is made after the
 * desk.
 */
function deskReports(options: ServiceOptions, server: () => OpdServer) {
  const { log } = options;
  return {
    onBrokenRules: (account) => log.error(account, 'the rules broke on this day, which the command found so'),
    onReachable: (isReachable) => {
      if (isReachable !== server().isReachable)
        log.warn({ isReachable }, 'whether the database can be reached has changed');
      server().setReachable(isReachable);
    },
    onSuperseded: () => {
      log.error(
        {},
        'a newer version of this program has changed the tables: this server keeps nothing more, and is to stop',
      );
      options.onSuperseded?.();
    },
  } satisfies Partial<Surroundings>;
}

/** Answers with the port. Closes the store if the address cannot be had. */
function listen(server: OpdServer, address: string, store: Store): Promise<number> {
  return server.listen(address, ServerCredentials.createInsecure()).catch(async (error) => {
    await store.close();
    throw new AddressRefused(`cannot listen on ${address}: ${error.message}`, { cause: error });
  });
}

async function openGuard(store: Store, clocks: MachineClocks, isTrusted = false): Promise<ClockGuard> {
  const mark = await store.readClockMark().catch(async (error) => {
    await store.close();
    throw new StoreRefused(`cannot read when a server was last alive: ${error.message}. Try again.`, { cause: error });
  });
  const guard = new ClockGuard(clocks, mark);
  if (isTrusted) guard.confirm();
  return guard;
}

function databaseTime({ neighbours }: Store): ClockSource[] {
  return neighbours ? [{ name: "the database's clock", read: () => neighbours.readTime() }] : [];
}
