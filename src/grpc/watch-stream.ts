/**
 * One watch: takes what its subscription has and writes it as long as the caller reads. It holds no updates of its own: what
 * a slow caller misses is replaced by one snapshot.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { FrontDesk } from '../desk/front-desk.js';
import type { Subscription } from '../desk/queue-board.js';
import type { Change } from '../domain/event.js';
import { answered, type Refusal, refused } from '../domain/refusal.js';
import type { SlotId } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { DayKey } from '../store/store.js';
import { encode } from './encoding.js';
import { heartbeat, queueChange, snapshot } from './responses.js';

export interface WatchTerms {
  readonly key: DayKey;
  readonly slotId: SlotId | undefined;
  /** Undefined: the stream opens with a snapshot. */
  readonly afterRevision: number | undefined;
  readonly heartbeatMilliseconds: number;
  readonly silenceMillisecondsMax: number;
  readonly now: () => Instant;
}

/** A change is encoded once, and the same bytes are written to all who watch. */
const encodedChanges = new WeakMap<Change, Buffer>();

export class WatchStream {
  #subscription: Subscription | undefined;
  /** The last revision that the caller has been told of, or that does not concern it. */
  #revision: number;
  #ending: Refusal | undefined;
  #hungUp = false;
  /** The caller has more to read than it has taken. */
  #blocked = false;
  /** When the caller last took something, or was first sent what it has not taken yet; by performance.now(). */
  #movedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};

  constructor(
    private readonly desk: FrontDesk,
    private readonly call: ServerWritableStream<unknown, Buffer>,
    private readonly terms: WatchTerms,
  ) {
    this.#revision = terms.afterRevision ?? 0;
  }

  /** Runs until the caller hangs up or the watch is ended; resolves with the refusal it ended with, if any. */
  async run(): Promise<Refusal | undefined> {
    this.call.on('cancelled', this.#onHangUp).on('close', this.#onHangUp).on('drain', this.#onDrain);
    try {
      await this.#begin();
      while (!this.#over) await this.#step();
    } finally {
      clearTimeout(this.#timer);
      this.#subscription?.close();
    }
    return this.#ending;
  }

  /** Ends the watch: the caller finds the refusal after what it has been sent. */
  end(refusal: Refusal): void {
    this.#ending ??= refusal;
    this.#wake();
  }

  get #over(): boolean {
    return this.#hungUp || this.#ending !== undefined;
  }

  readonly #onHangUp = (): void => {
    this.#hungUp = true;
    this.#wake();
  };

  readonly #onDrain = (): void => {
    this.#blocked = false;
    this.#wake();
  };

  async #begin(): Promise<void> {
    if (this.terms.afterRevision === undefined) await this.#sendSnapshot();
    const answer = await this.desk.subscribe(this.terms.key, this.#revision, () => this.#wake());
    if (!answer.ok) return this.end(answer.refusal);
    this.#subscription = answer.value;
    this.#keepTime();
    if (!this.#subscription.isAtHand) await this.#catchUp(this.#subscription);
  }

  async #step(): Promise<void> {
    const taken = this.#blocked ? undefined : this.#subscription?.take();
    if (!taken) return this.#woken();
    if (taken === 'behind') return this.#sendSnapshot();
    this.#sendChange(taken.change);
  }

  /** Sends what the journal has beyond the revision that the caller has seen, until what comes next is at hand. */
  async #catchUp(subscription: Subscription): Promise<void> {
    for await (const change of this.desk.history(this.terms.key, this.#revision)) {
      while (this.#blocked && !this.#over) await this.#step();
      if (this.#over || subscription.isAtHand) return;
      this.#sendChange(change);
      subscription.revision = change.revision;
    }
  }

  async #sendSnapshot(): Promise<void> {
    const { key, slotId, now } = this.terms;
    const answer = await this.desk.read(key, (day) => answered(snapshot(day, now(), slotId && day.slotOf(slotId))));
    if (!answer.ok) return this.end(answer.refusal);
    this.#revision = answer.value.revision;
    if (this.#subscription) this.#subscription.revision = this.#revision;
    this.#send(encode(WatchQueueResponse, { update: { $case: 'snapshot', value: answer.value } }));
  }

  #sendChange(change: Change): void {
    this.#revision = change.revision;
    const { key, slotId } = this.terms;
    if (slotId && !change.slots.some(({ id }) => id === slotId)) return;
    let bytes = encodedChanges.get(change);
    if (!bytes) {
      bytes = encode(WatchQueueResponse, { update: { $case: 'change', value: queueChange(key, change) } });
      encodedChanges.set(change, bytes);
    }
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    if (this.#over) return;
    if (!this.#isUntaken) this.#movedAt = performance.now();
    this.#blocked = !this.call.write(bytes, this.#onTaken);
  }

  /** Something that was written waits here, since the caller or the way to it takes no more. */
  get #isUntaken(): boolean {
    return this.call.writableLength > 0;
  }

  readonly #onTaken = (): void => {
    this.#movedAt = performance.now();
  };

  /**
   * A quiet stream gets a heartbeat, also while its journal is read; a caller who takes nothing is given up. Looks again and
   * again how long nothing has moved, which costs less than to set a timer anew with each message.
   */
  readonly #keepTime = (): void => {
    if (this.#over) return;
    if (this.#leftMilliseconds <= 0) {
      if (this.#isUntaken) this.end(refused('SLOW_WATCHER', {}).refusal);
      else this.#send(encode(WatchQueueResponse, heartbeat(this.#revision, this.terms.now())));
    }
    const { heartbeatMilliseconds, silenceMillisecondsMax } = this.terms;
    const wait = Math.min(this.#leftMilliseconds, heartbeatMilliseconds, silenceMillisecondsMax);
    this.#timer = setTimeout(this.#keepTime, wait);
  };

  /** Until a heartbeat is due, or, where something is untaken, until the caller is given up. */
  get #leftMilliseconds(): number {
    const { heartbeatMilliseconds, silenceMillisecondsMax } = this.terms;
    return this.#movedAt + (this.#isUntaken ? silenceMillisecondsMax : heartbeatMilliseconds) - performance.now();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
