/**
 * Stands between grpc-js and the handlers of every call: gives details to what grpc-js refuses by itself, and bounds how long
 * a request may take to come in.
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
import { DETAILS_KEY, plainStatus } from './status.js';

const OURS = '/opd.v1.';

type Call = ServerInterceptingCallInterface;

/** A request of which not all has come. */
interface Incoming {
  readonly call: Call;
  readonly since: number;
}

export class CallGuard {
  /** In the order in which they began. Most are whole as soon as they are here. */
  readonly #incoming = new Set<Incoming>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly requestSecondsMax: number) {}

  readonly interceptor: ServerInterceptor = (method, call) => {
    if (method.path.startsWith(OURS)) addDetails(call);
    // A stream of requests may take as long as it likes.
    if (!method.requestStream) this.#await(call);
    return call as ServerInterceptingCall;
  };

  /** How many requests have begun to come in, and are not whole. */
  get incoming(): number {
    return this.#incoming.size;
  }

  #await(call: Call): void {
    const incoming = { call, since: performance.now() };
    this.#incoming.add(incoming);
    this.#timer ??= this.#lookLater();
    const start = call.start.bind(call);
    call.start = (listener) =>
      start({
        onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
        onReceiveMessage: (message) => listener.onReceiveMessage(message),
        onReceiveHalfClose: () => {
          this.#incoming.delete(incoming);
          listener.onReceiveHalfClose();
        },
        onCancel: () => {
          this.#incoming.delete(incoming);
          listener.onCancel();
        },
      });
  }

  /** One timer for all: they are many, and hardly any is ever late. */
  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => this.#look(), this.requestSecondsMax * 250).unref();
  }

  #look(): void {
    const latest = performance.now() - this.requestSecondsMax * 1_000;
    for (const incoming of this.#incoming) {
      if (incoming.since > latest) break;
      this.#incoming.delete(incoming);
      incoming.call.sendStatus(TOO_SLOW);
    }
    this.#timer = this.#incoming.size > 0 ? this.#lookLater() : undefined;
  }
}

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
