/**
 * Other servers over the same journals. What they do to a day that is in memory here is read from its journal past its revision: when
 * it is asked about, when it is watched, and when it is known to have moved. The order in which that makes for the truth:
 *
 *   a read      looks up how far the journal has come, follows it there, and reads the day as it is on disk by then: so it shows all that
 *               was acknowledged anywhere before it began, and waits for nothing that is only decided. Where the doctor has been
 *               changed meanwhile, whose policy orders the queues and says what is due, the day is loaded anew.
 *   a command   is decided on what is in memory; were that not the newest, its commit would be in conflict. Only a refusal, which
 *               commits nothing, is judged once more on a day that has caught up.
 *   a watch     is woken by a word from the other server; a word that is lost is made up for by the slow look.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Doctor } from '../domain/doctor.js';
import { refused } from '../domain/refusal.js';
import { replay } from '../domain/turn.js';
import {
  type DayKey,
  type MovedDay,
  type NeighbourListener,
  type Neighbours,
  type Store,
  StoreUnavailable,
} from '../store/store.js';
import type { Attempt } from './attempts.js';
import { Courtesy } from './courtesy.js';
import type { DayShelf } from './day-shelf.js';
import { JOURNAL_PAGE } from './journal-reading.js';
import { type LoadedDay, nameOf, RECENT_CHANGES_MAX } from './loaded-day.js';
import type { Question } from './look-ups.js';
import { NewestLook } from './newest-look.js';
import type { QueueBoard } from './queue-board.js';
import type { RequestBook } from './request-book.js';

/** Where a day is watched: no more than are kept at hand, so that its watchers can take what there is before more comes. */
const WATCHED_PAGE = RECENT_CHANGES_MAX / 2;
/** Watched days are looked at so many at a time. */
const DAYS_A_LOOK = 500;

/** What the desk has and does. */
export interface Household {
  readonly shelf: Pick<DayShelf, 'open' | 'peek' | 'index'>;
  readonly board: Pick<QueueBoard, 'watched' | 'publish' | 'bringBack'>;
  readonly requests: Pick<RequestBook, 'noteEntry'>;
  /** The day in memory cannot follow its journal: it is to be loaded anew. */
  letGo(loaded: LoadedDay): void;
  /** Nothing that is in memory can be relied on: the store has another epoch. */
  forgetAll(): void;
  readonly onFault: (error: unknown) => void;
  readonly onReachable?: (isReachable: boolean) => void;
  readonly onSuperseded?: () => void;
}

export class Neighbourhood implements NeighbourListener {
  readonly #look: NewestLook;
  /** How far days are known to have come, where that is further than they are in memory. */
  readonly #heard = new WeakMap<LoadedDay, number>();
  /** How often doctors had been changed when they were last found to be as they are in memory. */
  readonly #knownChanges = new WeakMap<Doctor, number>();
  readonly #courtesy: Courtesy;
  readonly #following = new WeakMap<LoadedDay, Promise<void>>();

  constructor(
    private readonly neighbours: Neighbours,
    private readonly store: Pick<Store, 'findDoctor' | 'readJournal' | 'epoch'>,
    private readonly household: Household,
  ) {
    this.#look = new NewestLook(neighbours);
    this.#courtesy = new Courtesy(neighbours.self);
    neighbours.listen(this);
  }

  /** Before a command is decided: waits until it is this server's turn and the day is where it is known to be; undefined where it is. */
  turn(loaded: LoadedDay): Promise<void> | undefined {
    const turn = this.#courtesy.turn(nameOf(loaded.key));
    if (turn) return turn.then(() => this.#keepUp(loaded));
    return this.#isBehind(loaded) ? this.#keepUp(loaded) : undefined;
  }

  /** A revision that was decided here is on disk. */
  landed(loaded: LoadedDay): void {
    this.#courtesy.won(nameOf(loaded.key), loaded.durableRevision);
  }

  /** Answers a question about a day as it is on disk at a moment after the call. */
  async read<T>(key: DayKey, project: Question<T>): Promise<Attempt<T>> {
    const { epoch } = this.store;
    const { revision, doctorChanges } = await this.#look.newestOf(key);
    // Within an epoch, what is on disk is never taken back: the day need only come so far, however
    // often others get ahead of it.
    for (;;) {
      const loaded = await this.household.shelf.open(key);
      if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
      if (!(await this.#isOfNewest(loaded, doctorChanges)) || loaded.epoch.id !== epoch.id) return 'again';
      if (loaded.settled && loaded.settled.revision >= revision) return project(loaded.settled, loaded.epoch);
      await this.#goOn(loaded);
    }
  }

  /**
   * Brings a day to where its journal is at a moment after the call.
   *
   * @returns false where the day was let go meanwhile: it is to be loaded anew
   */
  async catchUp(loaded: LoadedDay): Promise<boolean> {
    const { revision, doctorChanges } = await this.#look.newestOf(loaded.key);
    return (await this.#isOfNewest(loaded, doctorChanges)) && this.#reach(loaded, revision);
  }

  /** The same for several days at once. */
  async catchUpAll(held: readonly LoadedDay[]): Promise<void> {
    await Promise.all(held.map((loaded) => this.catchUp(loaded)));
  }

  moved(days: readonly MovedDay[], server: string): void {
    for (const { key, revision } of days) {
      this.#hear(key, revision);
      this.#courtesy.heard(nameOf(key), revision, server);
    }
  }

  unsure(): void {
    const watched = this.household.board.watched;
    for (let first = 0; first < watched.length; first += DAYS_A_LOOK) {
      this.#soon(this.#lookAt(watched.slice(first, first + DAYS_A_LOOK)));
    }
  }

  reachable(isReachable: boolean): void {
    this.household.onReachable?.(isReachable);
  }

  epochChanged(): void {
    this.household.forgetAll();
  }

  superseded(): void {
    this.household.onSuperseded?.();
  }

  async #lookAt(keys: readonly DayKey[]): Promise<void> {
    const found = await this.neighbours.readNewest(keys);
    keys.forEach((key, index) => {
      this.#hear(key, found[index]?.revision ?? 0);
    });
  }

  /** Whether another server is known to have moved the day on. */
  #isBehind(loaded: LoadedDay): boolean {
    return (this.#heard.get(loaded) ?? 0) > loaded.day.revision;
  }

  async #keepUp(loaded: LoadedDay): Promise<void> {
    await this.#reach(loaded, this.#heard.get(loaded) ?? 0);
  }

  #hear(key: DayKey, revision: number): void {
    const loaded = this.household.shelf.peek(key);
    if (!loaded) {
      this.household.board.bringBack(key);
      return;
    }
    this.#heard.set(loaded, Math.max(revision, this.#heard.get(loaded) ?? 0));
    if (loaded.watchers > 0 && this.#isBehind(loaded)) this.#soon(this.#keepUp(loaded));
  }

  /** Whether a day is of its doctor as changed so often, or more often; else it is let go. */
  async #isOfNewest(loaded: LoadedDay, doctorChanges: number): Promise<boolean> {
    const { doctor } = loaded.day;
    if (this.#knownChanges.get(doctor) === doctorChanges) return true;
    if (!isDeepStrictEqual(await this.store.findDoctor(doctor.id), doctor)) {
      if (!loaded.retired) this.household.letGo(loaded);
      return false;
    }
    this.#knownChanges.set(doctor, doctorChanges);
    return true;
  }

  async #reach(loaded: LoadedDay, revision: number): Promise<boolean> {
    while (!loaded.retired && loaded.day.revision < revision) await this.#goOn(loaded);
    return !loaded.retired;
  }

  /** Brings a day that is behind its journal further. What is decided on it is in conflict, or its news has not come yet. */
  async #goOn(loaded: LoadedDay): Promise<void> {
    if (loaded.retired) return;
    if (loaded.underway) await loaded.underway;
    else await this.#follow(loaded);
  }

  /** Reads on in the journal, once for all who wait for it. */
  #follow(loaded: LoadedDay): Promise<void> {
    let following = this.#following.get(loaded);
    if (!following) {
      following = this.#readOn(loaded).finally(() => this.#following.delete(loaded));
      this.#following.set(loaded, following);
    }
    return following;
  }

  async #readOn(loaded: LoadedDay): Promise<void> {
    const { revision } = loaded.day;
    const entries = await this.store.readJournal(
      loaded.key,
      revision,
      loaded.watchers > 0 ? WATCHED_PAGE : JOURNAL_PAGE,
    );
    // Somebody decided on the day meanwhile: what becomes of that is to be known first.
    if (loaded.retired || loaded.underway || loaded.day.revision !== revision) return;
    if (entries.length === 0) return this.household.letGo(loaded);
    try {
      for (const entry of entries) {
        const change = replay(loaded.day, entry);
        loaded.land(change);
        loaded.settle(entry);
        this.household.shelf.index(loaded, change);
        this.household.requests.noteEntry(loaded.key, entry);
      }
    } catch (bug) {
      // The day may be half changed.
      loaded.forgetSettled();
      this.household.letGo(loaded);
      throw bug;
    }
    loaded.lookAgain();
    this.household.board.publish(loaded);
  }

  #soon(work: Promise<void>): void {
    work.catch((error) => {
      // The next look makes up for it.
      if (!(error instanceof StoreUnavailable)) this.household.onFault(error);
    });
  }
}
