/**
 * Stands between grpc-js and the handlers of every call: lets calls in a few at a time, bounds how long a request may take to
 * come in, and gives details to what grpc-js refuses by itself.
 *
 * A call that waits here has not been read, and costs next to nothing if its caller hangs up. Refusing it would cost more than
 * half of carrying it out; so calls are refused only where too many wait to be held. Health checks and reflection do not wait.
 *
 * Statuses that grpc-js makes (a message that is too large, a deadline that passes) never reach an interceptor's `sendStatus`,
 * but they leave by that of the call which the interceptor is given; so that one is replaced, rather than the call wrapped.
 * A method or content type that is not known is refused before there is a call, and has no details.
 */
import {
  status as Code,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { refused } from '../domain/refusal.js';
import type { CallLimits } from './calls.js';
import { DETAILS_KEY, plainStatus, toStatus } from './status.js';
import { Turnstile } from './turnstile.js';

const OURS = '/opd.v1.';

type Call = ServerInterceptingCallInterface;
type Listener = Parameters<Call['start']>[0];

/** At about 0.1 ms a call, where nobody else wants the processor. */
const CALLS_A_TURN = 32;

/** A request of which not all has come. */
interface Incoming {
  readonly call: Call;
  readonly since: number;
}

export class CallGuard {
  readonly #turnstile = new Turnstile<() => void>(CALLS_A_TURN, (read) => read());
  /** In the order in which they began. Most are whole as soon as they are here. */
  readonly #incoming = new Set<Incoming>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly limits: CallLimits) {}

  readonly interceptor: ServerInterceptor = (method, call) => {
    const start = call.start.bind(call);
    // A stream of requests may take as long as it likes.
    const read = (listener: Listener) => start(method.requestStream ? listener : this.#timed(call, listener));
    if (method.path.startsWith(OURS)) {
      addDetails(call);
      call.start = (listener) => {
        if (this.#turnstile.waiting >= this.limits.callsWaitingMax) call.sendStatus(TOO_MANY);
        else this.#turnstile.come(() => read(listener));
      };
    } else {
      call.start = read;
    }
    return call as ServerInterceptingCall;
  };

  /** Notes that a request is coming in, from when it is read until it is whole or over. */
  #timed(call: Call, listener: Listener): Listener {
    const incoming = { call, since: performance.now() };
    return {
      onReceiveMetadata: (metadata) => {
        this.#incoming.add(incoming);
        this.#timer ??= this.#lookLater();
        listener.onReceiveMetadata(metadata);
      },
      onReceiveMessage: (message) => listener.onReceiveMessage(message),
      onReceiveHalfClose: () => {
        this.#incoming.delete(incoming);
        listener.onReceiveHalfClose();
      },
      onCancel: () => {
        this.#incoming.delete(incoming);
        listener.onCancel();
      },
    };
  }

  /** One timer for all: they are many, and hardly any is ever late. */
  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => this.#look(), this.limits.requestSecondsMax * 250).unref();
  }

  #look(): void {
    const latest = performance.now() - this.limits.requestSecondsMax * 1_000;
    for (const incoming of this.#incoming) {
      if (incoming.since > latest) break;
      this.#incoming.delete(incoming);
      incoming.call.sendStatus(TOO_SLOW);
    }
    this.#timer = this.#incoming.size > 0 ? this.#lookLater() : undefined;
  }
}

const TOO_MANY = toStatus(refused('TOO_MANY_REQUESTS', {}).refusal);
const TOO_SLOW = plainStatus(Code.DEADLINE_EXCEEDED, 'the request took too long to come in', 'REQUEST_TOO_SLOW');

function addDetails(call: Call): void {
  const sendStatus = call.sendStatus.bind(call);
  call.sendStatus = (status) => {
    const { code, details, metadata } = status;
    const isBare = code !== Code.OK && !metadata?.get(DETAILS_KEY).length;
    sendStatus(isBare ? plainStatus(code, details, reasonOf(code)) : status);
  };
}

function reasonOf(code: Code): string {
  return code === Code.RESOURCE_EXHAUSTED ? 'REQUEST_TOO_LARGE' : Code[code];
}
