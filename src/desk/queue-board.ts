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

export class Subscription {
  /** The day's, for maps. */
  readonly name: string;

  constructor(
    private readonly board: QueueBoard,
    readonly key: DayKey,
    /** The last revision that the subscriber has been given. */
    public revision: number,
    /** Must not throw: it is called between a commit and its answers. */
    readonly wake: () => void,
  ) {
    this.name = nameOf(key);
  }

  /** The next durable change, if there is one. */
  take(): Taken {
    const loaded = this.board.shelf.peekByName(this.name);
    if (!loaded) this.board.bringBack(this.key);
    if (!loaded || loaded.durableRevision <= this.revision) return undefined;
    const change = loaded.recentChange(this.revision + 1);
    if (!change) return 'behind';
    this.revision = change.revision;
    return { change };
  }

  /** Whether what comes next, if anything, is at hand: then nothing needs reading from the journal. */
  get isAtHand(): boolean {
    const loaded = this.board.shelf.peekByName(this.name);
    if (!loaded || loaded.durableRevision <= this.revision) return true;
    return loaded.recentChange(this.revision + 1) !== undefined;
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
  subscribe(loaded: LoadedDay, revision: number, wake: () => void): Subscription {
    const subscription = new Subscription(this, loaded.key, revision, wake);
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
    this.shelf.open(key).catch((error) => {
      if (!(error instanceof StoreUnavailable)) this.onFault(error);
    });
  }
}
