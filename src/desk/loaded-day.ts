/** A doctor-day in memory: as decided, which may run ahead of the disk, and up to where it is durable. */
import { isDeepStrictEqual } from 'node:util';
import { nextDue } from '../domain/clock.js';
import type { Doctor } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Epoch } from '../domain/epoch.js';
import type { Change } from '../domain/event.js';
import type { Instant } from '../domain/time.js';
import { type Recorded, replay } from '../domain/turn.js';
import type { DayCommit, DayKey } from '../store/store.js';

/** What became of a commit: `failed` where the store could not say that it is on disk. */
export type Landing = 'committed' | 'conflict' | 'failed';

/** How many of the latest changes are kept at hand for those who watch; older ones are read from the journal. */
export const RECENT_CHANGES_MAX = 64;
/** Where nobody watches: enough for a request that is repeated, or a watch that breaks off and comes back. */
export const RECENT_CHANGES_UNWATCHED_MAX = 16;

export class LoadedDay {
  /** The newest commit under way: what has been decided so far is durable once it has landed. */
  underway: Promise<Landing> | undefined;
  /**
   * The newest commit under way that creates or changes slots: which slots are open is durable once
   * it has landed.
   */
  slotsUnderway: Promise<Landing> | undefined;
  /** Greater than that of any day used before it. */
  usedAt = 0;
  /** How many watch it; a watched day stays loaded. */
  watchers = 0;
  /** When something next happens to the day by itself, as it has been decided so far; undefined where nothing ever will. */
  nextDue: Instant | undefined;
  /** What the store knows of that, once all is on disk that has been decided. */
  #keptDue: Instant | undefined | 'unknown' = 'unknown';
  /** How many commands over several days have asked for it and wait for the others; it stays loaded for them. */
  holds = 0;
  #retired = false;
  #durableRevision = 0;
  #recent: Change[] = [];
  /** The day as far as it is on disk, where others may get ahead of what is decided here. */
  #settled: DoctorDay | undefined;

  constructor(
    readonly key: DayKey,
    readonly day: DoctorDay,
    /** The history that it was read from. */
    readonly epoch: Epoch,
  ) {}

  /** From now on the day can be taken up again from where it was on disk, without reading all of its journal. */
  keepSettled(): void {
    this.#settled = this.day.copy();
  }

  /** Notes that a revision which has landed is to be part of what can be taken up again. */
  settle(entry: Recorded): void {
    if (this.#settled) replay(this.#settled, entry);
  }

  /** The day as far as it is on disk, to be read and not to be changed; undefined where it is not kept, or was taken up. */
  get settled(): DoctorDay | undefined {
    return this.#settled;
  }

  /** What is in memory cannot be relied on at all. */
  forgetSettled(): void {
    this.#settled = undefined;
  }

  /** The day as it was on disk when it was last heard of, to be brought further from there; once, after it was retired. */
  takeUp(doctor: Doctor): LoadedDay | undefined {
    const settled = this.#settled;
    this.#settled = undefined;
    if (!settled || settled.revision !== this.#durableRevision || !isDeepStrictEqual(settled.doctor, doctor))
      return undefined;
    const again = new LoadedDay(this.key, settled, this.epoch);
    again.#durableRevision = this.#durableRevision;
    again.#recent = this.#recent;
    again.watchers = this.watchers;
    return again;
  }

  /** Nothing may be decided on a retired day: it is loaded anew, from the journal. */
  get retired(): boolean {
    return this.#retired;
  }

  get durableRevision(): number {
    return this.#durableRevision;
  }

  retire(): void {
    this.#retired = true;
  }

  /** Looks at the day anew; answers with what the commit that follows is to tell the store, if that has changed. */
  lookAhead(): DayCommit['due'] {
    this.nextDue = nextDue(this.day);
    if (this.nextDue === this.#keptDue) return undefined;
    this.#keptDue = this.nextDue;
    return { at: this.nextDue };
  }

  /** Looks at the day anew after another server has changed it: what the store was told of it then is not known here. */
  lookAgain(): void {
    this.nextDue = nextDue(this.day);
    this.#keptDue = 'unknown';
  }

  /** Notes that the next revision is on disk. */
  land(change: Change): void {
    this.#durableRevision = change.revision;
    this.#recent.push(change);
    const most = this.watchers > 0 ? RECENT_CHANGES_MAX : RECENT_CHANGES_UNWATCHED_MAX;
    // Cut in halves rather than one by one, so that a change costs no copying.
    if (this.#recent.length >= 2 * most) this.#recent = this.#recent.slice(-most);
  }

  /** A durable change, where it is still at hand. */
  recentChange(revision: number): Change | undefined {
    return this.#recent[revision - 1 - (this.#durableRevision - this.#recent.length)];
  }
}

/** A text that names a doctor-day, for maps. */
export function nameOf(key: DayKey): string {
  return `${key.doctorId} ${key.date}`;
}
