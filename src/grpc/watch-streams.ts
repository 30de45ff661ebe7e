/** WatchQueue: every open watch, and how they end. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import type { WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import type { FrontDesk } from '../desk/front-desk.js';
import { type Answer, type Refusal, refused } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import { StoreUnavailable } from '../store/store.js';
import { type Calls, Unreadable } from './calls.js';
import { unreadable, type WatchErrand, watchQueue } from './requests.js';
import { toStatus } from './status.js';
import { WatchStream, type WatchTerms } from './watch-stream.js';

type Call = ServerWritableStream<WatchQueueRequest, Buffer>;

export class WatchStreams {
  readonly #open = new Set<WatchStream>();
  /**
   * Those that are still being looked up included, so that a rush of them does not get past the limit; and those that have
   * ended here, but whose callers do not read: grpc-js can neither end such a stream nor cut its connection, and both it and
   * the bytes that wait in it stay until the caller reads, hangs up, or its connection has come of age.
   */
  #count = 0;
  readonly #terms: WatchTerms;

  constructor(
    private readonly desk: FrontDesk,
    private readonly calls: Calls,
    now: () => Instant,
  ) {
    const { watcherSilenceSecondsMax, callSecondsMax, watchSecondsMax } = calls.limits;
    this.#terms = {
      silenceMillisecondsMax: watcherSilenceSecondsMax * 1_000,
      openingMillisecondsMax: callSecondsMax * 1_000,
      ageMillisecondsMax: watchSecondsMax * 1_000,
      now,
    };
  }

  get count(): number {
    return this.#count;
  }

  readonly handler = (call: Call): void => {
    const startedAt = performance.now();
    this.#count += 1;
    whenGone(call, () => {
      this.#count -= 1;
    });
    const ending = this.#serve(call).catch((error) => this.#refusalOf(error, call));
    void ending.then((refusal) => {
      this.calls.logCall(call.getPath(), refusal, startedAt);
      if (refusal) call.emit('error', toStatus(refusal));
    });
  };

  /** Ends every watch with DRAINING: its client comes back, with `after_revision`. */
  drain(): void {
    for (const stream of this.#open) stream.end(refused('DRAINING', {}).refusal);
  }

  /** Serves one watch to its end; resolves with the refusal it ended with, or undefined where the caller hung up. */
  async #serve(call: Call): Promise<Refusal | undefined> {
    const errand = this.#admit(call.request);
    if (!errand.ok) return errand.refusal;
    if (call.cancelled) return undefined;
    // Before anything is looked up (Watch 1).
    call.sendMetadata(new Metadata());
    const stream = new WatchStream(this.desk, call, errand.value, this.#terms);
    this.#open.add(stream);
    return stream.run().finally(() => this.#open.delete(stream));
  }

  #admit(request: WatchQueueRequest | Unreadable): Answer<WatchErrand> {
    if (request instanceof Unreadable) return unreadable(request.messageName);
    const errand = watchQueue(request);
    if (!errand.ok) return errand;
    // This watch is one of those counted.
    if (this.#count > this.calls.limits.watchersMax) return refused('TOO_MANY_WATCHERS', {});
    if (this.calls.draining) return refused('DRAINING', {});
    return errand;
  }

  #refusalOf(error: unknown, call: Call): Refusal {
    if (error instanceof StoreUnavailable) return refused('STORE_UNAVAILABLE', {}).refusal;
    return this.calls.bug(call.getPath(), error);
  }
}

/** Acts once, when nothing of a call is left here: its last byte has gone out, or nobody is there to take it. */
function whenGone(call: Call, act: () => void): void {
  const gone = () => {
    call.off('cancelled', gone).off('close', gone);
    act();
  };
  // Where its deadline has passed before it got here, grpc-js has ended it, and says no more of it.
  if (Number(call.getDeadline()) <= Date.now() + 1) gone();
  else call.on('cancelled', gone).on('close', gone);
}
