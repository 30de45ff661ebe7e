/** The gRPC server: what it serves, its limits, and how it goes away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, type ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { FrontDesk } from '../desk/front-desk.js';
import type { Instant } from '../domain/time.js';
import { CallGuard } from './call-guard.js';
import { type CallLimits, Calls, DEFAULT_CALL_LIMITS, type Log } from './calls.js';
import { Listener } from './listener.js';
import { opdService, opdServiceDefinition } from './opd-service.js';
import { reflectionService } from './reflection.js';
import { WatchStreams } from './watch-streams.js';

/** Requests are small; the largest answer, a full doctor-day, stays under the 4 MiB that clients accept by default. */
const REQUEST_BYTES_MAX = 64 * 1024;

export const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': REQUEST_BYTES_MAX,
  // What a connection may have open, calls and watches together. The headers of all of it are read in one turn of the event
  // loop, and held until there is room (CallGuard): so this bounds what a rush costs. Clients wait for a free stream.
  'grpc.max_concurrent_streams': 100,
  // Mebibytes that a connection may take up, answers that its client does not read included; further calls on it are refused
  // with RESOURCE_EXHAUSTED. It has room for some twenty full doctor-days.
  'grpc-node.max_session_memory': 32,
  // A peer that is gone is found out within a minute and a half.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.keepalive_permit_without_calls': 1,
  // One that nobody uses is closed.
  'grpc.max_connection_idle_ms': 30 * 60_000,
  // It costs a tenth of the throughput.
  'grpc.enable_channelz': 0,
};

/** What is open on a connection that has come of age may finish: a watch that was cut with it would end without details. */
function ageOptions({ connectionSecondsMax, watchSecondsMax, callSecondsMax }: CallLimits) {
  return {
    'grpc.max_connection_age_ms': connectionSecondsMax * 1_000,
    'grpc.max_connection_age_grace_ms': (Math.max(watchSecondsMax, callSecondsMax) + 60) * 1_000,
  };
}

/**
 * Once all calls are answered, how long their callers and those of ended watches may take to read that. Longer would be for
 * those who read nothing, or who watch the health, and nobody can call until the server is back.
 */
const FAREWELL_MILLISECONDS = 2_000;

type ConnectionInjector = ReturnType<Server['createConnectionInjector']>;

const SERVICE = 'opd.v1.OpdService';
/** The health service's name for the system clock: NOT_SERVING while the clock is in doubt. */
const CLOCK = 'opd.v1.Clock';

export interface ServerSurroundings {
  readonly log: Log;
  readonly now: () => Instant;
  readonly limits?: CallLimits;
  /** How long those under way may take to finish when the server drains. */
  readonly drainSecondsMax?: number;
}

export class OpdServer {
  readonly calls: Calls;
  readonly watches: WatchStreams;
  readonly #server: Server;
  #listener: Listener | undefined;
  #connections: ConnectionInjector | undefined;
  #isListening = false;
  #isReachable = true;
  #isDraining = false;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE]: 'NOT_SERVING', [CLOCK]: 'SERVING' });

  constructor(
    desk: FrontDesk,
    private readonly surroundings: ServerSurroundings,
  ) {
    const limits = surroundings.limits ?? DEFAULT_CALL_LIMITS;
    const guard = new CallGuard(limits, (peer) => this.#listener?.hangUp(peer) ?? false);
    this.#server = new Server({ ...CHANNEL_OPTIONS, ...ageOptions(limits), interceptors: [guard.interceptor] });
    this.calls = new Calls(limits, surroundings.log);
    this.watches = new WatchStreams(desk, this.calls, surroundings.now);
    this.#server.addService(opdServiceDefinition(), opdService(desk, this.calls, this.watches, surroundings.now));
    this.#health.addToServer(this.#server);
    reflectionService().addToServer(this.#server);
  }

  /**
   * Listens on `host:port`, port 0 for any free one.
   *
   * @returns the port
   */
  async listen(address: string, credentials: ServerCredentials): Promise<number> {
    const connections = this.#server.createConnectionInjector(credentials);
    const listener = new Listener(this.calls.limits.connectionsMax, (socket) => connections.injectConnection(socket));
    this.#listener = listener;
    this.#connections = connections;
    const port = await listener.listen(address).catch(async (error) => {
      await listener.close();
      throw error;
    });
    this.#isListening = true;
    this.#tellHealth();
    return port;
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Says whether what the service keeps its queues in can be reached; while it cannot, health is NOT_SERVING. */
  setReachable(isReachable: boolean): void {
    this.#isReachable = isReachable;
    this.#tellHealth();
  }

  /** Sets the health of {@link CLOCK}. Calls are answered in either case. */
  setClockTrusted(isTrusted: boolean): void {
    this.#health.setStatus(CLOCK, isTrusted ? 'SERVING' : 'NOT_SERVING');
  }

  /** Goes away without a jolt: no new calls, watches told to come back, calls under way finished. The store is closed after it. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#tellHealth();
    const answered = this.calls.drain();
    this.watches.drain();
    const gone = this.#listener?.close();
    const milliseconds = (this.surroundings.drainSecondsMax ?? 10) * 1_000;
    // Tells clients to go, and cuts those that have not gone when the time is up.
    this.#connections?.drain(milliseconds);
    this.#server.tryShutdown(() => {});
    const over = new AbortController();
    const { signal } = over;
    const patience = sleep(milliseconds, undefined, { signal });
    const farewell = answered.then(() => sleep(FAREWELL_MILLISECONDS, undefined, { signal }));
    await Promise.race([gone, patience, farewell]).finally(() => over.abort());
  }

  #tellHealth(): void {
    const isServing = this.#isListening && this.#isReachable && !this.#isDraining;
    const status = isServing ? 'SERVING' : 'NOT_SERVING';
    this.#health.setStatus('', status);
    this.#health.setStatus(SERVICE, status);
  }
}
