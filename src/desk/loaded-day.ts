/** A doctor-day in memory: as decided, which may run ahead of the disk, and up to where it is durable. */
import { nextDue } from '../domain/clock.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import type { Instant } from '../domain/time.js';
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

  constructor(
    readonly key: DayKey,
    readonly day: DoctorDay,
  ) {}

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
