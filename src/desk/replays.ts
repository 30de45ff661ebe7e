/**
 * Changes that are no longer at hand, made anew by replaying their day. A replay costs as much as the day is long; so all who
 * read one day share a sweep over its journal, and the pages that sweeps make are kept for a while.
 *
 * Bounds: so many pages are kept, and each reader holds one more at the most, which others may share. A day that is being
 * read is in memory once more than on the shelf, for as long as it has readers. Two sweeps go on at a time.
 */
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { Doctor } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import { type DayKey, type Store, StoreUnavailable } from '../store/store.js';
import { JOURNAL_PAGE } from './journal-reading.js';
import { nameOf } from './loaded-day.js';
import { Sweep } from './sweep.js';

const SWEEPS_MAX = 2;
/** Some 20 MiB, if each change has an effect or two. */
const PAGES_MAX = 32;
/** One change may have thousands. */
const EFFECTS_MAX = 2 * PAGES_MAX * JOURNAL_PAGE;

export class Replays {
  readonly #places = pLimit(SWEEPS_MAX);
  readonly #sweeps = new Map<string, Sweep>();
  readonly #pages = new LRUCache<string, readonly Change[]>({
    max: PAGES_MAX,
    maxSize: EFFECTS_MAX,
    sizeCalculation: (changes) => changes.reduce((sum, { effects }) => sum + effects.length, 1),
  });

  constructor(
    private readonly store: Pick<Store, 'readJournal' | 'epoch'>,
    private readonly findDoctor: (id: Doctor['id']) => Promise<Doctor | undefined>,
  ) {}

  /**
   * Forgets the changes of a history that may not be the store's any more. Who is reading one is
   * told that it cannot go on.
   */
  clear(): void {
    this.#sweeps.clear();
    this.#pages.clear();
  }

  /** The change of one revision, which is to be on disk. Rejects with StoreUnavailable. */
  async changeOf(key: DayKey, revision: number): Promise<Change> {
    for await (const change of this.history(key, revision - 1)) return change;
    throw new Error(`revision ${revision} of ${key.doctorId} on ${key.date} is not in its journal`);
  }

  /** The changes after a revision, up to the end of the journal. Rejects with StoreUnavailable. */
  async *history(key: DayKey, afterRevision: number): AsyncGenerator<Change> {
    const doctor = await this.findDoctor(key.doctorId);
    if (!doctor) return;
    const { epoch } = this.store;
    const sweep = this.#join(key, doctor);
    try {
      let after = afterRevision;
      for (let isLast = false; !isLast; ) {
        const page = this.#kept(key, after) ?? (await sweep.pageAfter(after));
        if (this.store.epoch.id !== epoch.id) throw new StoreUnavailable('the store has another epoch');
        yield* page.changes;
        after += page.changes.length;
        isLast = page.isLast;
      }
    } finally {
      this.#leave(key, sweep);
    }
  }

  #kept(key: DayKey, after: number): { changes: readonly Change[]; isLast: boolean } | undefined {
    const within = after % JOURNAL_PAGE;
    const changes = this.#pages.get(pageName(key, after - within))?.slice(within);
    // It may be a page that was the last when it was made, and has gone on since.
    return changes && changes.length > 0 ? { changes, isLast: false } : undefined;
  }

  #join(key: DayKey, doctor: Doctor): Sweep {
    const name = nameOf(key);
    let sweep = this.#sweeps.get(name);
    if (!sweep) {
      sweep = new Sweep(this.store, this.#places, key, doctor, (before, changes) => {
        // One that was let go for another epoch keeps nothing.
        if (this.#sweeps.get(name) === sweep) this.#pages.set(pageName(key, before), changes);
      });
      this.#sweeps.set(name, sweep);
    }
    sweep.readers += 1;
    return sweep;
  }

  #leave(key: DayKey, sweep: Sweep): void {
    sweep.readers -= 1;
    if (sweep.readers === 0 && this.#sweeps.get(nameOf(key)) === sweep) this.#sweeps.delete(nameOf(key));
  }
}

function pageName(key: DayKey, before: number): string {
  return `${nameOf(key)} ${before}`;
}
