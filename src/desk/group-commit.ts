/**
 * Commits in groups: while one batch is on its way to disk the next gathers, so that one write to disk serves all who
 * came meanwhile. Commits of one doctor-day land in the order in which they were decided, or fail together.
 */
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import type { Token } from '../domain/token.js';
import type { DayCommit, JournalEntry, Store } from '../store/store.js';
import type { Landing, LoadedDay } from './loaded-day.js';

/** What one batch holds of one doctor-day. All its commands learn together what became of it. */
class DayBatch implements DayCommit {
  readonly entries: JournalEntry[] = [];
  readonly changes: Change[] = [];
  due: DayCommit['due'];
  readonly landing: Promise<Landing>;
  resolve!: (landing: Landing) => void;
  constructor(readonly loaded: LoadedDay) {
    this.landing = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  get key() {
    return this.loaded.key;
  }

  get slots(): readonly SlotSummary[] {
    return newest(this.changes.map(({ slots }) => slots));
  }

  get tokens(): readonly Token[] {
    return newest(this.changes.map(({ effects }) => effects.map(({ token }) => token)));
  }

  add(entry: JournalEntry, change: Change): void {
    this.entries.push(entry);
    this.changes.push(change);
    this.due = this.loaded.lookAhead() ?? this.due;
  }
}

/** Each thing once, as it stands in the last of the lists that it is in. */
function newest<Thing extends { readonly id: string }>(lists: readonly (readonly Thing[])[]): readonly Thing[] {
  const [first] = lists;
  // Most batches hold one change of a day, and most changes touch one thing.
  if (lists.length === 1 && first && first.length <= 1) return first;
  return [...new Map(lists.flat().map((thing) => [thing.id, thing])).values()];
}

export interface GroupCommitListener {
  /** The day's new revisions are on disk: time to publish. Called before those who wait for it go on. */
  landed(loaded: LoadedDay): void;
  /** The day's memory is ahead of a journal that will not follow. */
  lost(loaded: LoadedDay): void;
  /** The store failed; what it said is for the log. */
  faulted(error: unknown): void;
}

export class GroupCommit {
  #gathering = new Map<LoadedDay, DayBatch>();
  #busy = false;

  constructor(
    private readonly store: Pick<Store, 'commit'>,
    private readonly listener: GroupCommitListener,
  ) {}

  /** Puts one revision in the next batch. */
  add(loaded: LoadedDay, entry: JournalEntry, change: Change): Promise<Landing> {
    let batch = this.#gathering.get(loaded);
    if (!batch) {
      batch = new DayBatch(loaded);
      this.#gathering.set(loaded, batch);
      loaded.underway = batch.landing;
    }
    batch.add(entry, change);
    if (!this.#busy) {
      this.#busy = true;
      // Not at once: the calls that came with this one are to be in the same batch.
      setImmediate(() => this.#send());
    }
    return batch.landing;
  }

  async #send(): Promise<void> {
    while (this.#gathering.size > 0) {
      const batch = [...this.#gathering.values()];
      this.#gathering = new Map();
      const landings = await this.#commit(batch);
      batch.forEach((dayBatch, index) => {
        this.#land(dayBatch, landings[index] ?? 'failed');
      });
    }
    this.#busy = false;
  }

  async #commit(batch: DayBatch[]): Promise<Landing[]> {
    try {
      return await this.store.commit(batch);
    } catch (error) {
      this.listener.faulted(error);
      return batch.map(() => 'failed');
    }
  }

  #land(batch: DayBatch, landing: Landing): void {
    if (landing === 'committed') {
      for (const change of batch.changes) batch.loaded.land(change);
      if (batch.loaded.underway === batch.landing) batch.loaded.underway = undefined;
      this.listener.landed(batch.loaded);
      batch.resolve(landing);
      return;
    }
    // What gathered meanwhile built on what did not land: it goes the same way.
    const dependent = this.#gathering.get(batch.loaded);
    this.#gathering.delete(batch.loaded);
    this.listener.lost(batch.loaded);
    batch.resolve(landing);
    dependent?.resolve(landing);
  }
}
