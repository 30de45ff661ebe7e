/** WatchQueue: every open watch, and how they end. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import type { WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import type { FrontDesk } from '../desk/front-desk.js';
import { answered, type Refusal, refused } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import { StoreUnavailable } from '../store/store.js';
import { type Calls, Unreadable } from './calls.js';
import { unreadable, watchQueue } from './requests.js';
import { keyOf } from './responses.js';
import { toStatus } from './status.js';
import { WatchStream } from './watch-stream.js';

type Call = ServerWritableStream<WatchQueueRequest, Buffer>;

export class WatchStreams {
  readonly #open = new Set<WatchStream>();

  constructor(
    private readonly desk: FrontDesk,
    private readonly calls: Calls,
    private readonly now: () => Instant,
  ) {}

  get count(): number {
    return this.#open.size;
  }

  readonly handler = (call: Call): void => {
    const startedAt = performance.now();
    const refusal = this.#refuseAtTheDoor(call);
    if (refusal) {
      refuse(call, refusal);
      return;
    }
    this.#watch(call, startedAt).catch((error) => refuse(call, this.#refusalOf(error, call)));
  };

  /** Ends every watch with DRAINING: its client comes back, with `after_revision`. */
  drain(): void {
    for (const stream of this.#open) stream.end(refused('DRAINING', {}).refusal);
  }

  async #watch(call: Call, startedAt: number): Promise<void> {
    const errand = watchQueue(call.request);
    if (!errand.ok) return refuse(call, errand.refusal);
    const { place, slotId, afterRevision } = errand.value;
    const found = await this.desk.read(place, (day) => {
      if (slotId && !day.slot(slotId)) return refused('SLOT_NOT_FOUND', { slotId });
      return answered({ key: keyOf(day), revision: day.revision });
    });
    if (!found.ok) return refuse(call, found.refusal);
    if (call.cancelled) return;
    call.sendMetadata(new Metadata());

    const fromTheFuture = afterRevision === undefined || afterRevision > found.value.revision;
    const stream = new WatchStream(this.desk, call, {
      key: found.value.key,
      slotId,
      afterRevision: fromTheFuture ? undefined : afterRevision,
      heartbeatMilliseconds: errand.value.heartbeatMilliseconds,
      silenceMillisecondsMax: this.calls.limits.watcherSilenceSecondsMax * 1_000,
      now: this.now,
    });
    this.#open.add(stream);
    if (this.calls.draining) stream.end(refused('DRAINING', {}).refusal);
    const ending = await stream.run().finally(() => this.#open.delete(stream));
    this.calls.logCall(call.getPath(), ending, startedAt);
  }

  #refusalOf(error: unknown, call: Call): Refusal {
    if (error instanceof StoreUnavailable) return refused('STORE_UNAVAILABLE', {}).refusal;
    return this.calls.bug(call.getPath(), error);
  }

  #refuseAtTheDoor(call: Call): Refusal | undefined {
    const request: unknown = call.request;
    if (request instanceof Unreadable) return unreadable(request.messageName).refusal;
    if (this.calls.draining) return refused('DRAINING', {}).refusal;
    if (this.#open.size >= this.calls.limits.watchersMax) return refused('TOO_MANY_WATCHERS', {}).refusal;
    return undefined;
  }
}

function refuse(call: Call, refusal: Refusal): void {
  call.emit('error', toStatus(refusal));
}
