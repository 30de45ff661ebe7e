/**
 * Stands between grpc-js and the handlers of every call: lets calls in a few at a time, bounds how long a request may take to
 * come in, and gives details to what grpc-js refuses by itself.
 *
 * A call that waits here has not been read, and costs next to nothing if its caller hangs up. Refusing it would cost more than
 * half of carrying it out; so calls are refused only where too many wait to be held, and a client that then asks again at once,
 * and again, loses its connection. Health checks and reflection do not wait.
 *
 * Statuses that grpc-js makes (a message that is too large, a deadline that passes) never reach an interceptor's `sendStatus`,
 * but they leave by that of the call which the interceptor is given; so that one is replaced, rather than the call wrapped.
 * A method or content type that is not known is refused before there is a call, and has no details.
 */
import {
  status as Code,
  type Metadata,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { LRUCache } from 'lru-cache';
import { refused } from '../domain/refusal.js';
import type { CallLimits } from './calls.js';
import { boundedMessage, DETAILS_KEY, plainStatus, toStatus } from './status.js';
import { Turnstile } from './turnstile.js';

const OURS = '/opd.v1.';

type Call = ServerInterceptingCallInterface;
type Listener = Parameters<Call['start']>[0];

/** At about 0.1 ms a call, where nobody else wants the processor. */
const CALLS_A_TURN = 32;
/** Some third of the time, where what comes takes the rest. */
const CALLS_A_MILLISECOND = 3;
/** As many as a connection may have open: only who does not wait for the second that a refusal asks for is refused more often. */
const REFUSALS_A_SECOND_MAX = 100;
/** Beyond these the count of the one that was refused least lately begins anew. */
const PEERS_REFUSED_MAX = 1_000;

export class CallGuard {
  readonly #turnstile = new Turnstile<Entry>(CALLS_A_TURN, (entry) => entry.read(), CALLS_A_MILLISECOND);
  readonly #incoming = new Incoming();
  /** How often each peer has been refused, within a second of the first time. */
  readonly #refusals = new LRUCache<string, number>({ max: PEERS_REFUSED_MAX, ttl: 1_000, noUpdateTTL: true });
  #timer: NodeJS.Timeout | undefined;

  /** @param hangUp closes a peer's connection; false where there is none */
  constructor(
    private readonly limits: CallLimits,
    private readonly hangUp: (peer: string) => boolean,
  ) {}

  readonly interceptor: ServerInterceptor = (method, call) => {
    const isOurs = method.path.startsWith(OURS);
    if (isOurs) addDetails(call);
    else boundMessages(call);
    const { start } = call;
    // Named, and put in its place below: V8 makes a function that is written straight into a property in the old space, from
    // where it keeps all that it knows of until a major collection, as dead as it may be.
    const startInTurn: Call['start'] = (listener) => {
      const entry = new Entry(call, start, listener, method.requestStream ? undefined : this);
      if (!isOurs) entry.read();
      else if (this.#turnstile.waiting >= this.limits.callsWaitingMax) this.#refuse(call);
      else this.#turnstile.come(entry);
    };
    call.start = startInTurn;
    return call as ServerInterceptingCall;
  };

  /** A request begins to come in. */
  expect(entry: Entry): void {
    this.#incoming.add(entry);
    this.#timer ??= this.#lookLater();
  }

  /** It is whole, or its call is over. */
  forget(entry: Entry): void {
    this.#incoming.delete(entry);
  }

  #refuse(call: Call): void {
    const peer = call.getPeer();
    const refusals = (this.#refusals.get(peer) ?? 0) + 1;
    this.#refusals.set(peer, refusals);
    if (refusals <= REFUSALS_A_SECOND_MAX || !this.hangUp(peer)) call.sendStatus(TOO_MANY);
  }

  /** One timer for all: they are many, and hardly any is ever late. */
  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => this.#look(), this.limits.requestSecondsMax * 250).unref();
  }

  #look(): void {
    const latest = performance.now() - this.limits.requestSecondsMax * 1_000;
    for (const entry of this.#incoming.since(latest)) {
      this.#incoming.delete(entry);
      entry.call.sendStatus(TOO_SLOW);
    }
    this.#timer = this.#incoming.size > 0 ? this.#lookLater() : undefined;
  }
}

/** A call on its way in. */
class Entry implements Listener {
  /** When it was read, by performance.now(). */
  since = 0;
  /** Where it stands among those whose requests are coming in; −1 where it does not. */
  place = -1;

  constructor(
    readonly call: Call,
    private readonly start: Call['start'],
    private readonly listener: Listener,
    /** Undefined where the request is a stream: it may take as long as it likes. */
    private readonly guard: CallGuard | undefined,
  ) {}

  read(): void {
    this.since = performance.now();
    this.start.call(this.call, this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.guard?.expect(this);
    this.listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.listener.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.guard?.forget(this);
    this.listener.onReceiveHalfClose();
  }

  onCancel(): void {
    this.guard?.forget(this);
    this.listener.onCancel();
  }
}

/**
 * Calls whose requests are coming in. No Set: one that lives long keeps what it has been emptied of, since V8 leaves a table
 * that was outgrown as it was, and what an old table holds counts as alive until all of memory is searched.
 */
class Incoming {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(entry: Entry): void {
    entry.place = this.#entries.push(entry) - 1;
  }

  /** The last takes its place. */
  delete(entry: Entry): void {
    const { place } = entry;
    if (place < 0) return;
    const last = this.#entries.pop() as Entry;
    if (last !== entry) this.#entries[place] = last;
    last.place = place;
    entry.place = -1;
  }

  /** Those that began to come in before then. */
  since(latest: number): Entry[] {
    return this.#entries.filter((entry) => entry.since <= latest);
  }
}

const TOO_MANY = toStatus(refused('TOO_MANY_REQUESTS', {}).refusal);
const TOO_SLOW = plainStatus(Code.DEADLINE_EXCEEDED, 'the request took too long to come in', 'REQUEST_TOO_SLOW');

function addDetails(call: Call): void {
  const { sendStatus } = call;
  // Named for the same reason as `startInTurn`.
  const sendWithDetails: Call['sendStatus'] = (status) => {
    const { code, details, metadata } = status;
    const isBare = code !== Code.OK && !metadata?.get(DETAILS_KEY).length;
    sendStatus.call(call, isBare ? plainStatus(code, details, reasonOf(code)) : status);
  };
  call.sendStatus = sendWithDetails;
}

/**
 * Bounds the message of a status. The health service repeats the name that was asked for, which may
 * be as long as a request.
 */
function boundMessages(call: Call): void {
  const { sendStatus } = call;
  const sendBounded: Call['sendStatus'] = (status) =>
    sendStatus.call(call, { ...status, details: boundedMessage(status.details ?? '') });
  call.sendStatus = sendBounded;
}

function reasonOf(code: Code): string {
  return code === Code.RESOURCE_EXHAUSTED ? 'REQUEST_TOO_LARGE' : Code[code];
}
