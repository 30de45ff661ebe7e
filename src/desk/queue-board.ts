/**
 * Live views of doctor-days. A subscription is a place in a day's sequence of durable changes: its owner is woken when there
 * is more, and takes it when it can. What is taken late costs nothing to hold.
 */
import type { Change } from '../domain/event.js';
import { type DayKey, StoreUnavailable } from '../store/store.js';
import type { DayShelf } from './day-shelf.js';
import { type LoadedDay, nameOf } from './loaded-day.js';

/** `behind`: what comes next is no longer at hand; it must be read from the journal, or a snapshot stand in for it. */
export type Taken = { readonly change: Change } | 'behind' | undefined;

/** The last revision that a subscriber has been given, and the id of the epoch that it belongs to. */
export interface Seen {
  readonly revision: number;
  readonly epoch: string;
}

export class Subscription {
  /** The day's, for maps. */
  readonly name: string;
  /**
   * There is no such day any more, since the doctor has gone with the history before: whoever asks
   * for a snapshot is told so.
   */
  isLost = false;

  constructor(
    private readonly board: QueueBoard,
    readonly key: DayKey,
    public seen: Seen,
    /** Must not throw: it is called between a commit and its answers. */
    readonly wake: () => void,
  ) {
    this.name = nameOf(key);
  }

  /** The next durable change, if there is one. */
  take(): Taken {
    const loaded = this.board.shelf.peekByName(this.name);
    if (!loaded) this.board.bringBack(this.key);
    if (!loaded) return this.isLost ? 'behind' : undefined;
    const { revision, epoch } = this.seen;
    if (loaded.epoch.id !== epoch) return 'behind';
    if (loaded.durableRevision <= revision) return undefined;
    const change = loaded.recentChange(revision + 1);
    if (!change) return 'behind';
    this.seen = { revision: change.revision, epoch };
    return { change };
  }

  /**
   * Whether what comes next, if anything, is at hand: then nothing needs reading from the journal.
   * In another epoch a snapshot is next.
   */
  get isAtHand(): boolean {
    const loaded = this.board.shelf.peekByName(this.name);
    const { revision, epoch } = this.seen;
    if (!loaded || loaded.epoch.id !== epoch || loaded.durableRevision <= revision) return true;
    return loaded.recentChange(revision + 1) !== undefined;
  }

  close(): void {
    this.board.unsubscribe(this);
  }
}

export class QueueBoard {
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  #count = 0;

  constructor(
    readonly shelf: DayShelf,
    private readonly onFault: (error: unknown) => void,
  ) {}

  get watchers(): number {
    return this.#count;
  }

  /** Every day that is watched. */
  get watched(): DayKey[] {
    return [...this.#subscriptions.values()].flatMap(([first]) => (first ? [first.key] : []));
  }

  /** Subscribes to what comes after a revision. The day is to be loaded, and stays so while it is watched. */
  subscribe(loaded: LoadedDay, seen: Seen, wake: () => void): Subscription {
    const subscription = new Subscription(this, loaded.key, seen, wake);
    const { name } = subscription;
    const ofDay = this.#subscriptions.get(name) ?? new Set();
    this.#subscriptions.set(name, ofDay.add(subscription));
    loaded.watchers = ofDay.size;
    this.#count += 1;
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    const { name } = subscription;
    const ofDay = this.#subscriptions.get(name);
    if (!ofDay?.delete(subscription)) return;
    this.#count -= 1;
    if (ofDay.size === 0) this.#subscriptions.delete(name);
    const loaded = this.shelf.peekByName(name);
    if (loaded) loaded.watchers = ofDay.size;
    if (ofDay.size === 0) this.shelf.makeRoomSoon();
  }

  /** Wakes those who watch a day: it has new durable changes, or has been loaded anew. */
  publish(loaded: LoadedDay): void {
    if (this.#subscriptions.size === 0) return;
    const ofDay = this.#subscriptions.get(nameOf(loaded.key));
    if (!ofDay) return;
    loaded.watchers = ofDay.size;
    for (const subscription of ofDay) subscription.wake();
  }

  /**
   * Loads a watched day anew that was let go for a failure: what failed may have landed all the same, and nobody else may
   * come to ask. Where the store is still out of reach, the next to take tries again.
   */
  bringBack(key: DayKey): void {
    if (!this.#subscriptions.has(nameOf(key))) return;
    this.shelf.open(key).then(
      (loaded) => loaded ?? this.#lose(key),
      (error) => {
        if (!(error instanceof StoreUnavailable)) this.onFault(error);
      },
    );
  }

  #lose(key: DayKey): void {
    for (const subscription of this.#subscriptions.get(nameOf(key)) ?? []) {
      if (subscription.isLost) continue;
      subscription.isLost = true;
      subscription.wake();
    }
  }
}
