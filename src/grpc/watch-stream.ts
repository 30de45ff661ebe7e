/**
 * One watch: takes what its subscription has and writes it as long as the caller reads. It holds no updates of its own: what
 * a slow caller misses is replaced by one snapshot. There are many watches, and mostly nothing happens to them: so between
 * updates a watch waits for no promise, and has one timer for all its times.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { QueueSnapshot } from '../../gen/opd/v1/resources.js';
import type { FrontDesk } from '../desk/front-desk.js';
import type { Question } from '../desk/look-ups.js';
import type { Seen, Subscription } from '../desk/queue-board.js';
import type { Change } from '../domain/event.js';
import { answered, type Refusal, refused } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import type { DayKey } from '../store/store.js';
import { encode } from './encoding.js';
import type { WatchErrand } from './requests.js';
import { heartbeat, queueChange, snapshot } from './responses.js';

export interface WatchTerms {
  /** How long the caller may take nothing of what there is for it. */
  readonly silenceMillisecondsMax: number;
  /** How long the desk may take to find what the stream begins with. */
  readonly openingMillisecondsMax: number;
  /** How long the watch may last. */
  readonly ageMillisecondsMax: number;
  readonly now: () => Instant;
}

/** So that those who came together, as after a restart, do not all come back together. */
const AGE_JITTER = 0.1;
/** How long the first message may take while a journal is read. Then a heartbeat comes first. */
const FIRST_MESSAGE_MILLISECONDS_MAX = 1_000;
/** Times are looked at so finely: node keeps a list for each different length of timers. */
const LOOK_MILLISECONDS = 50;

/** A change is encoded once, and the same bytes are written to all who watch. */
const encodedChanges = new WeakMap<Change, Buffer>();

export class WatchStream {
  /** Known once the watch has begun. */
  #key!: DayKey;
  #subscription: Subscription | undefined;
  /**
   * The last revision that the caller has been told of, or that does not concern it; known once the
   * watch has begun.
   */
  #seen: Seen = { revision: 0, epoch: '' };
  /** It has what came before, and writes what comes as it comes. */
  #isLive = false;
  #isOver = false;
  /** The caller has been sent something: it knows that the watch has begun. */
  #hasBegun = false;
  /** The caller has more to read than it has taken. */
  #blocked = false;
  /** When the caller last took something, or was first sent what it has not taken yet; as all times here, by performance.now(). */
  #movedAt = performance.now();
  readonly #lateAt: number;
  readonly #oldAt: number;
  #timer: NodeJS.Timeout | undefined;
  /** Lets the reading of the journal go on. */
  #goOn: () => void = () => {};
  #resolve: (ending: Refusal | undefined) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    private readonly desk: FrontDesk,
    private readonly call: ServerWritableStream<unknown, Buffer>,
    private readonly errand: WatchErrand,
    private readonly terms: WatchTerms,
  ) {
    this.#lateAt = this.#movedAt + terms.openingMillisecondsMax;
    this.#oldAt = this.#movedAt + terms.ageMillisecondsMax * (1 - AGE_JITTER * Math.random());
  }

  /** Runs until the caller hangs up or the watch is ended; resolves with the refusal it ended with, if any. */
  run(): Promise<Refusal | undefined> {
    this.call.on('cancelled', this.#onHangUp).on('close', this.#onHangUp).on('drain', this.#onDrain);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#keepTime();
      this.#open().catch(this.#fail);
    });
  }

  /** Ends the watch, whatever it waits for: the caller finds the refusal, if any, after what it has been sent. */
  end(refusal?: Refusal): void {
    this.#close();
    this.#resolve(refusal);
  }

  readonly #fail = (error: unknown): void => {
    this.#close();
    this.#reject(error);
  };

  #close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#subscription?.close();
    this.#goOn();
  }

  readonly #onHangUp = (): void => this.end();

  readonly #onDrain = (): void => {
    this.#blocked = false;
    this.#goOn();
    this.#pass();
  };

  async #open(): Promise<void> {
    const { place, wish } = this.errand;
    const start = await this.desk.startOfWatch(place, wish);
    if (this.#isOver) return;
    if (!start.ok) return this.end(start.refusal);
    this.#key = start.value.key;
    this.#seen = { revision: start.value.afterRevision ?? 0, epoch: start.value.epoch };
    if (start.value.afterRevision === undefined) await this.#sendSnapshot();
    if (this.#isOver) return;
    const subscribed = await this.desk.subscribe(this.#key, this.#seen, this.#pass);
    if (!subscribed.ok) return this.end(subscribed.refusal);
    // One that comes after the end would stay for good.
    if (this.#isOver) return subscribed.value.close();
    this.#subscription = subscribed.value;
    this.#keepTime();
    await this.#catchUp(subscribed.value);
    this.#goLive();
    // Nothing that is newer concerns the caller.
    if (!this.#hasBegun && !this.#isOver) this.#sendHeartbeat();
  }

  /** Sends what the journal has beyond the revision that the caller has seen, until what comes next is at hand. */
  async #catchUp(subscription: Subscription): Promise<void> {
    if (subscription.isAtHand) return;
    for await (const change of this.desk.history(this.#key, this.#seen.revision)) {
      while (this.#blocked && !this.#isOver) await this.#unblocked();
      if (this.#isOver || subscription.isAtHand) return;
      this.#sendChange(change);
      subscription.seen = this.#seen;
    }
  }

  #unblocked(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  readonly #goLive = (): void => {
    this.#isLive = true;
    this.#pass();
  };

  /** Passes on what there is, as far as the caller takes it. It is called for every watch between a commit and its answers. */
  readonly #pass = (): void => {
    try {
      while (this.#isLive && !this.#isOver && !this.#blocked) {
        const taken = this.#subscription?.take();
        if (!taken) return;
        if (taken === 'behind') this.#replace();
        else this.#sendChange(taken.change);
      }
    } catch (bug) {
      this.#fail(bug);
    }
  };

  /** What the caller has missed, by a snapshot. */
  #replace(): void {
    this.#isLive = false;
    this.#sendSnapshot().then(this.#goLive, this.#fail);
  }

  async #sendSnapshot(): Promise<void> {
    const { slotId } = this.errand.wish;
    const project: Question<QueueSnapshot> = (day, now) => {
      const slot = slotId && day.slot(slotId);
      if (slotId && !slot) return refused('SLOT_NOT_FOUND', { slotId });
      return answered(snapshot(day, now, this.terms.now(), slot || undefined));
    };
    const answer = await this.desk.read(this.#key, project);
    if (this.#isOver) return;
    if (!answer.ok) return this.end(answer.refusal);
    const { revision, epoch } = answer.value;
    this.#seen = { revision, epoch };
    if (this.#subscription) this.#subscription.seen = this.#seen;
    this.#send(encode(WatchQueueResponse, { update: { $case: 'snapshot', value: answer.value } }));
  }

  #sendChange(change: Change): void {
    this.#seen = { revision: change.revision, epoch: this.#seen.epoch };
    const { slotId } = this.errand.wish;
    if (slotId && !change.slots.some(({ id }) => id === slotId)) return;
    let bytes = encodedChanges.get(change);
    if (!bytes) {
      bytes = encode(WatchQueueResponse, { update: { $case: 'change', value: queueChange(this.#key, change) } });
      encodedChanges.set(change, bytes);
    }
    this.#send(bytes);
    // A deleted slot never changes again.
    const isGone = slotId && change.slots.some(({ id, isDeleted }) => id === slotId && isDeleted);
    if (isGone) this.end(refused('SLOT_NOT_FOUND', { slotId }).refusal);
  }

  #sendHeartbeat(): void {
    this.#send(encode(WatchQueueResponse, heartbeat(this.#seen, this.terms.now())));
  }

  #send(bytes: Buffer): void {
    this.#hasBegun = true;
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
   * Ends the watch when it is time, and sends a heartbeat where it has been quiet, also while its journal is read. Looks again
   * and again how long nothing has moved, which costs less than to set a timer anew with each message.
   */
  readonly #keepTime = (): void => {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    const due = this.#dueEnding(now);
    if (due) {
      this.end(due);
      return;
    }
    if (this.#subscription && this.#isStill(now)) this.#sendHeartbeat();
    const next = Math.min(this.#oldAt, this.#subscription ? this.#nextLookAt(now) : this.#lateAt);
    this.#timer = setTimeout(this.#keepTime, Math.ceil((next - now) / LOOK_MILLISECONDS) * LOOK_MILLISECONDS);
  };

  /** What the watch ends with by now: it is old, or cannot begin, or its caller takes nothing. */
  #dueEnding(now: number): Refusal | undefined {
    if (now >= this.#oldAt) return refused('DRAINING', {}).refusal;
    if (!this.#subscription) return now >= this.#lateAt ? refused('STORE_UNAVAILABLE', {}).refusal : undefined;
    return this.#isUntaken && this.#isStill(now) ? refused('SLOW_WATCHER', {}).refusal : undefined;
  }

  #isStill(now: number): boolean {
    return now >= this.#movedAt + this.#patience;
  }

  /** How long nothing may move: until a heartbeat, or, where something is untaken, until the caller is given up. */
  get #patience(): number {
    const { heartbeatMilliseconds } = this.errand;
    if (this.#isUntaken) return this.terms.silenceMillisecondsMax;
    return this.#hasBegun ? heartbeatMilliseconds : Math.min(heartbeatMilliseconds, FIRST_MESSAGE_MILLISECONDS_MAX);
  }

  /** Something may be sent meanwhile, and stay untaken from then on. */
  #nextLookAt(now: number): number {
    const { silenceMillisecondsMax } = this.terms;
    return Math.min(
      this.#movedAt + this.#patience,
      now + Math.min(this.errand.heartbeatMilliseconds, silenceMillisecondsMax),
    );
  }
}
