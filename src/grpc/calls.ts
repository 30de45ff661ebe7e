/** What all calls share: admission, one exit for refusals and bugs, and a line in the log. */
import { randomUUID } from 'node:crypto';
import type { handleUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { type Answer, answered, type Refusal, refused } from '../domain/refusal.js';
import { unreadable } from './requests.js';
import { toStatus } from './status.js';

/** The part of a logger that the edge uses. No line names a patient. */
export interface Log {
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
  isLevelEnabled?(level: string): boolean;
}

export interface CallLimits {
  /** Unary calls under way at once; one more is refused with TOO_MANY_REQUESTS. */
  readonly callsMax: number;
  /** Calls that wait to be read, where more come than a turn of the event loop has room for; one more is refused likewise. */
  readonly callsWaitingMax: number;
  /**
   * How long a unary call may take, whatever deadline its caller set, and a watch until it has something to say; then it ends
   * with STORE_UNAVAILABLE.
   */
  readonly callSecondsMax: number;
  /** How long a request may take to come in, from its headers to its last byte. */
  readonly requestSecondsMax: number;
  /** Watches open at once; one more is refused with TOO_MANY_WATCHERS. */
  readonly watchersMax: number;
  /** How long a watch may last, give or take; then it ends with DRAINING, and its client comes back with `after_revision`. */
  readonly watchSecondsMax: number;
  /** How long a watcher may take nothing of what there is for it, before it is given up. */
  readonly watcherSilenceSecondsMax: number;
  /** Connections at once; one more is closed unread. */
  readonly connectionsMax: number;
  /** How long a connection takes new calls, give or take: a long-lived one makes room for a better balance now and then. */
  readonly connectionSecondsMax: number;
}

export const DEFAULT_CALL_LIMITS: CallLimits = {
  // To refuse a call costs as much as to carry it out, and all that have come are read before the next batch is on disk: with
  // 1,024, a rush that 4,096 lets pass was refused nearly whole, and the server did a tenth of what it can. Memory: some 80 MiB.
  callsMax: 4_096,
  callsWaitingMax: 16_384,
  callSecondsMax: 30,
  requestSecondsMax: 10,
  watchersMax: 20_000,
  watchSecondsMax: 3_600,
  watcherSilenceSecondsMax: 30,
  // Some 60 KiB each.
  connectionsMax: 10_000,
  connectionSecondsMax: 4 * 3_600,
};

/** Bytes that were no message of the type that the method takes. */
export class Unreadable {
  constructor(readonly messageName: string) {}
}

export class Calls {
  #underWay = 0;
  #draining = false;
  #allAnswered: () => void = () => {};

  constructor(
    readonly limits: CallLimits,
    private readonly log: Log,
  ) {}

  get underWay(): number {
    return this.#underWay;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** From now on new calls are refused with DRAINING; resolves when those under way have been answered. */
  drain(): Promise<void> {
    this.#draining = true;
    return new Promise((resolve) => {
      this.#allAnswered = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  /**
   * Makes a unary handler of three functions: the first checks the request and says what is asked for, the second answers
   * that, the third puts the answer in the contract's words. What is malformed is refused first, also by a server that would
   * refuse the call anyway.
   */
  unary<Request, Asked, Found, Response>(
    translate: (request: Request) => Answer<Asked>,
    ask: (asked: Asked) => Promise<Answer<Found>>,
    toResponse: (found: Found, asked: Asked) => Response,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const end = this.#begin<Response>(call.getPath(), callback);
      const onBug = (bug: unknown) => end({ ok: false, refusal: this.bug(call.getPath(), bug) });
      try {
        const asked = this.#admit(call.request, translate);
        if (!asked.ok) return end(asked);
        ask(asked.value)
          .then((found) => end(found.ok ? answered(toResponse(found.value, asked.value)) : found))
          .catch(onBug);
      } catch (bug) {
        onBug(bug);
      }
    };
  }

  /** Notes a bug in the log; the caller learns under which id. */
  bug(path: string, error: unknown): Refusal {
    const requestId = randomUUID();
    this.log.error({ err: error, path, requestId }, 'a bug');
    return { reason: 'INTERNAL', requestId };
  }

  logCall(path: string, refusal: Refusal | undefined, startedAt: number): void {
    if (this.log.isLevelEnabled?.('debug') === false) return;
    const milliseconds = Math.round((performance.now() - startedAt) * 100) / 100;
    this.log.debug({ path, reason: refusal?.reason ?? 'OK', milliseconds }, 'call');
  }

  /** Counts a call as under way; answers with how to end it, once, which it does by itself when it takes too long. */
  #begin<Response>(path: string, callback: sendUnaryData<Response>): (outcome: Answer<Response>) => void {
    const startedAt = performance.now();
    let over = false;
    this.#underWay += 1;
    const end = (outcome: Answer<Response>) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      this.#underWay -= 1;
      this.logCall(path, outcome.ok ? undefined : outcome.refusal, startedAt);
      if (outcome.ok) callback(null, outcome.value);
      else callback(toStatus(outcome.refusal));
      if (this.#underWay === 0) this.#allAnswered();
    };
    const timer = setTimeout(() => end(refused('STORE_UNAVAILABLE', {})), this.limits.callSecondsMax * 1_000);
    return end;
  }

  #admit<Request, Asked>(request: Request, translate: (request: Request) => Answer<Asked>): Answer<Asked> {
    if (request instanceof Unreadable) return unreadable(request.messageName);
    const asked = translate(request);
    if (!asked.ok) return asked;
    // This call is one of those under way.
    if (this.#underWay > this.limits.callsMax) return refused('TOO_MANY_REQUESTS', {});
    if (this.#draining) return refused('DRAINING', {});
    return asked;
  }
}
