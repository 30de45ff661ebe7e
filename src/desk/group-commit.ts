/**
 * Commits in groups: while one batch is on its way to disk the next gathers, so that one write to
 * disk serves all who came meanwhile. Commits of one doctor-day land in the order in which they
 * were decided, or fail together. The days of one command land together; so then do the days of all
 * commands that share a day with it in that batch.
 *
 * A conflict is not taken on trust. Before the commands of a day are decided anew, the journal's
 * row at the day's first revision is read: if it has this batch's command id, the day has landed.
 * So no call is carried out twice, whatever the store says.
 */
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import type { Token } from '../domain/token.js';
import type { CommitOutcome, DayCommit, JournalEntry, Store } from '../store/store.js';
import type { Landing, LoadedDay } from './loaded-day.js';

/** Days of one batch that land together or not at all. */
class DayGroup {
  readonly days = new Set<DayBatch>();
  constructor(readonly number: number) {}

  take(day: DayBatch): void {
    this.days.add(day);
    day.together = this;
  }
}

/** What one batch holds of one doctor-day. All its commands learn together what became of it. */
class DayBatch implements DayCommit {
  /** Undefined where the day stands for itself. */
  together: DayGroup | undefined;
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

  get group(): number | undefined {
    return this.together?.number;
  }

  get doctor() {
    return this.loaded.day.doctor;
  }

  get epoch() {
    return this.loaded.epoch.id;
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

/** One revision of a day, on its way to disk. */
export interface CommitPart {
  readonly loaded: LoadedDay;
  readonly entry: JournalEntry;
  readonly change: Change;
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
  #groups = 0;
  #landed = 0;
  #conflicts = 0;

  constructor(
    private readonly store: Pick<Store, 'commit' | 'readJournal'>,
    private readonly listener: GroupCommitListener,
  ) {}

  /** How many revisions are on disk that were decided here. */
  get landed(): number {
    return this.#landed;
  }

  /** How many revisions did not land since another server's were there first. */
  get conflicts(): number {
    return this.#conflicts;
  }

  /** Puts one revision in the next batch. */
  add(loaded: LoadedDay, entry: JournalEntry, change: Change): Promise<Landing> {
    const { landing } = this.#gather({ loaded, entry, change });
    this.#sendSoon();
    return landing;
  }

  /** Puts one revision of each of several days in the next batch: all of them land, or none does. */
  addTogether(parts: readonly CommitPart[]): Promise<Landing> {
    const days = parts.map((part) => this.#gather(part));
    if (days.length > 1) this.#join(days);
    this.#sendSoon();
    return (days[0] as DayBatch).landing;
  }

  #gather({ loaded, entry, change }: CommitPart): DayBatch {
    let batch = this.#gathering.get(loaded);
    if (!batch) {
      batch = new DayBatch(loaded);
      this.#gathering.set(loaded, batch);
      loaded.underway = batch.landing;
    }
    batch.add(entry, change);
    if (change.createdSlotIds || change.changedSlotId || change.closed) loaded.slotsUnderway = batch.landing;
    return batch;
  }

  /** Whatever group one of these days is in already comes along, since a day lands whole. */
  #join(days: readonly DayBatch[]): void {
    const group = new DayGroup(++this.#groups);
    for (const day of days) for (const each of day.together?.days ?? [day]) group.take(each);
  }

  #sendSoon(): void {
    if (this.#busy) return;
    this.#busy = true;
    // Not at once: the calls that came with this one are to be in the same batch.
    setImmediate(() => this.#send());
  }

  async #send(): Promise<void> {
    while (this.#gathering.size > 0) {
      const batch = [...this.#gathering.values()];
      this.#gathering = new Map();
      const landings = await this.#commit(batch);
      const landed = batch.filter((_, index) => landings[index] === 'committed');
      for (const dayBatch of landed) this.#land(dayBatch);
      // After that: with what is lost, days may be lost that are among those that landed.
      batch.forEach((dayBatch, index) => {
        const landing = landings[index] ?? 'failed';
        if (landing !== 'committed') this.#lose(dayBatch, landing);
      });
    }
    this.#busy = false;
  }

  async #commit(batch: DayBatch[]): Promise<Landing[]> {
    try {
      const outcomes = await this.store.commit(batch);
      return await Promise.all(batch.map((day, index) => this.#landingOf(day, outcomes[index])));
    } catch (error) {
      this.listener.faulted(error);
      return batch.map(() => 'failed');
    }
  }

  async #landingOf(day: DayBatch, outcome: CommitOutcome | undefined): Promise<Landing> {
    if (outcome !== 'conflict') return outcome ?? 'failed';
    try {
      return (await this.#isKept(day)) ? 'committed' : 'conflict';
    } catch (error) {
      this.listener.faulted(error);
      return 'failed';
    }
  }

  /**
   * Whether the journal has what was decided here. A day lands whole or not at all: its first
   * revision tells.
   */
  async #isKept({ key, entries }: DayBatch): Promise<boolean> {
    const [{ revision, commandId }] = entries as [JournalEntry];
    const [kept] = await this.store.readJournal(key, revision - 1, 1);
    return commandId !== undefined && kept?.revision === revision && kept.commandId === commandId;
  }

  #land(batch: DayBatch): void {
    this.#landed += batch.entries.length;
    for (const change of batch.changes) batch.loaded.land(change);
    for (const entry of batch.entries) batch.loaded.settle(entry);
    if (batch.loaded.underway === batch.landing) batch.loaded.underway = undefined;
    if (batch.loaded.slotsUnderway === batch.landing) batch.loaded.slotsUnderway = undefined;
    this.listener.landed(batch.loaded);
    batch.resolve('committed');
  }

  #lose(batch: DayBatch, landing: Landing): void {
    if (landing === 'conflict') this.#conflicts += batch.entries.length;
    this.listener.lost(batch.loaded);
    batch.resolve(landing);
    // What gathered meanwhile built on what did not land: it goes the same way, with all that is to land together with it.
    const dependent = this.#gathering.get(batch.loaded);
    if (!dependent) return;
    const days = dependent.together?.days ?? [dependent];
    for (const { loaded } of days) this.#gathering.delete(loaded);
    for (const day of days) this.#lose(day, landing);
  }
}
