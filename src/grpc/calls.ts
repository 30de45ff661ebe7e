/** What all calls share: admission, one exit for refusals and bugs, and a line in the log. */
import { randomUUID } from 'node:crypto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { type Answer, type Refusal, refused } from '../domain/refusal.js';
import { unreadable } from './requests.js';
import { type RefusedStatus, toStatus } from './status.js';

/** The part of a logger that the edge uses. No line names a patient. */
export interface Log {
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
  isLevelEnabled?(level: string): boolean;
}

export interface CallLimits {
  /** Unary calls under way at once; one more is refused with TOO_MANY_REQUESTS. */
  readonly callsMax: number;
  /** How long a unary call may take, whatever deadline its caller set; then it ends with STORE_UNAVAILABLE. */
  readonly callSecondsMax: number;
  /** Watches open at once; one more is refused with TOO_MANY_WATCHERS. */
  readonly watchersMax: number;
  /** How long a watcher may take nothing of what there is for it, before it is given up. */
  readonly watcherSilenceSecondsMax: number;
}

export const DEFAULT_CALL_LIMITS: CallLimits = {
  callsMax: 4_096,
  callSecondsMax: 30,
  watchersMax: 20_000,
  watcherSilenceSecondsMax: 30,
};

/** Bytes that were no message of the type that the method takes. */
export class Unreadable {
  constructor(readonly messageName: string) {}
}

export class Calls {
  #underWay = 0;
  #draining = false;

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

  /** From now on new calls are refused with DRAINING. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * Makes a unary handler of two functions: one checks the request and says what is asked for, the other answers that. What
   * is malformed is refused first, also by a server that would refuse the call anyway.
   */
  unary<Request, Asked, Response>(
    translate: (request: Request) => Answer<Asked>,
    answer: (asked: Asked) => Promise<Answer<Response>>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const startedAt = performance.now();
      let over = false;
      const end = (outcome: Answer<Response>) => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        this.#underWay -= 1;
        this.logCall(call.getPath(), outcome.ok ? undefined : outcome.refusal, startedAt);
        if (outcome.ok) callback(null, outcome.value);
        else callback(toStatus(outcome.refusal));
      };
      const timer = setTimeout(() => end(refused('STORE_UNAVAILABLE', {})), this.limits.callSecondsMax * 1_000);
      this.#underWay += 1;
      this.#carryOut(call.request, translate, answer).then(end, (bug) =>
        end({ ok: false, refusal: this.bug(call.getPath(), bug) }),
      );
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

  async #carryOut<Request, Asked, Response>(
    request: Request,
    translate: (request: Request) => Answer<Asked>,
    answer: (asked: Asked) => Promise<Answer<Response>>,
  ): Promise<Answer<Response>> {
    if (request instanceof Unreadable) return unreadable(request.messageName);
    const asked = translate(request);
    if (!asked.ok) return asked;
    // This call is one of those under way.
    if (this.#underWay > this.limits.callsMax) return refused('TOO_MANY_REQUESTS', {});
    if (this.#draining) return refused('DRAINING', {});
    return answer(asked.value);
  }
}

export type { RefusedStatus };
