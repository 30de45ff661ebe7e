/**
 * One watch: takes what its subscription has and writes it as long as the caller reads. It holds no updates of its own: what
 * a slow caller misses is replaced by one snapshot.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { FrontDesk } from '../desk/front-desk.js';
import type { Subscription } from '../desk/queue-board.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import { type Answer, answered, type Refusal, refused } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import type { DayKey } from '../store/store.js';
import { encode } from './encoding.js';
import type { WatchErrand } from './requests.js';
import { heartbeat, queueChange, snapshot } from './responses.js';

export interface WatchTerms extends WatchErrand {
  readonly silenceMillisecondsMax: number;
  /** How long the desk may take to find what the stream begins with. */
  readonly openingMillisecondsMax: number;
  /** How long the watch may last. */
  readonly ageMillisecondsMax: number;
  readonly now: () => Instant;
}

/** A change is encoded once, and the same bytes are written to all who watch. */
const encodedChanges = new WeakMap<Change, Buffer>();

export class WatchStream {
  /** Known once the watch has begun. */
  #key!: DayKey;
  #subscription: Subscription | undefined;
  /** The last revision that the caller has been told of, or that does not concern it. */
  #revision = 0;
  #ending: Refusal | undefined;
  #hungUp = false;
  /** The caller has more to read than it has taken. */
  #blocked = false;
  /** When the caller last took something, or was first sent what it has not taken yet; by performance.now(). */
  #movedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};
  /** Goes on without what is being waited for. */
  #interrupt: () => void = () => {};

  constructor(
    private readonly desk: FrontDesk,
    private readonly call: ServerWritableStream<unknown, Buffer>,
    private readonly terms: WatchTerms,
  ) {}

  /** Runs until the caller hangs up or the watch is ended; resolves with the refusal it ended with, if any. */
  async run(): Promise<Refusal | undefined> {
    this.call.on('cancelled', this.#onHangUp).on('close', this.#onHangUp).on('drain', this.#onDrain);
    const { openingMillisecondsMax, ageMillisecondsMax } = this.terms;
    const late = setTimeout(() => this.end(refused('STORE_UNAVAILABLE', {}).refusal), openingMillisecondsMax);
    const old = setTimeout(() => this.end(refused('DRAINING', {}).refusal), ageMillisecondsMax);
    try {
      await this.#begin();
      clearTimeout(late);
      if (this.#subscription) await this.#catchUp(this.#subscription);
      while (!this.#over) await this.#step();
    } finally {
      for (const timer of [late, old, this.#timer]) clearTimeout(timer);
      this.#subscription?.close();
    }
    return this.#ending;
  }

  /** Ends the watch, whatever it waits for: the caller finds the refusal after what it has been sent. */
  end(refusal: Refusal): void {
    this.#ending ??= refusal;
    this.#wake();
    this.#interrupt();
  }

  get #over(): boolean {
    return this.#hungUp || this.#ending !== undefined;
  }

  readonly #onHangUp = (): void => {
    this.#hungUp = true;
    this.#wake();
    this.#interrupt();
  };

  readonly #onDrain = (): void => {
    this.#blocked = false;
    this.#wake();
  };

  async #begin(): Promise<void> {
    const { place, wish } = this.terms;
    const start = await this.#unlessOver(this.desk.startOfWatch(place, wish));
    if (!start) return;
    if (!start.ok) return this.end(start.refusal);
    this.#key = start.value.key;
    this.#revision = start.value.afterRevision ?? 0;
    if (start.value.afterRevision === undefined) await this.#sendSnapshot();
    if (this.#over) return;
    const subscribed = await this.#unlessOver(this.#subscribe());
    if (subscribed && !subscribed.ok) this.end(subscribed.refusal);
    this.#keepTime();
  }

  async #subscribe(): Promise<Answer<Subscription>> {
    const answer = await this.desk.subscribe(this.#key, this.#revision, () => this.#wake());
    // One that comes after the end would stay for good.
    if (answer.ok && this.#over) answer.value.close();
    else if (answer.ok) this.#subscription = answer.value;
    return answer;
  }

  async #step(): Promise<void> {
    const taken = this.#blocked ? undefined : this.#subscription?.take();
    if (!taken) return this.#woken();
    if (taken === 'behind') return this.#sendSnapshot();
    this.#sendChange(taken.change);
  }

  /** Sends what the journal has beyond the revision that the caller has seen, until what comes next is at hand. */
  async #catchUp(subscription: Subscription): Promise<void> {
    if (subscription.isAtHand) return;
    const history = this.desk.history(this.#key, this.#revision);
    try {
      for (;;) {
        const next = await this.#unlessOver(history.next());
        while (this.#blocked && !this.#over) await this.#step();
        if (!next || next.done || this.#over || subscription.isAtHand) return;
        this.#sendChange(next.value);
        subscription.revision = next.value.revision;
      }
    } finally {
      // Not awaited: it waits for the page that is being read.
      void history.return(undefined);
    }
  }

  async #sendSnapshot(): Promise<void> {
    const { wish, now } = this.terms;
    const project = (day: DoctorDay) => answered(snapshot(day, now(), wish.slotId && day.slotOf(wish.slotId)));
    const answer = await this.#unlessOver(this.desk.read(this.#key, project));
    if (!answer) return;
    if (!answer.ok) return this.end(answer.refusal);
    this.#revision = answer.value.revision;
    if (this.#subscription) this.#subscription.revision = this.#revision;
    this.#send(encode(WatchQueueResponse, { update: { $case: 'snapshot', value: answer.value } }));
  }

  #sendChange(change: Change): void {
    this.#revision = change.revision;
    const { slotId } = this.terms.wish;
    if (slotId && !change.slots.some(({ id }) => id === slotId)) return;
    let bytes = encodedChanges.get(change);
    if (!bytes) {
      bytes = encode(WatchQueueResponse, { update: { $case: 'change', value: queueChange(this.#key, change) } });
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

  /** What the desk answers; undefined where the watch is over before that. */
  #unlessOver<T>(answer: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(undefined);
      if (this.#over) this.#interrupt();
      answer.then(resolve, reject);
    });
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
