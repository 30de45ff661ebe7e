/** Goes over one day's journal for all who read it, and makes its changes anew. */
import type { LimitFunction } from 'p-limit';
import type { Doctor } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import { replay } from '../domain/turn.js';
import type { DayKey, Store } from '../store/store.js';
import { JOURNAL_PAGE } from './journal-reading.js';

/** Begins at a multiple of {@link JOURNAL_PAGE}. */
interface Page {
  readonly changes: readonly Change[];
  /** The journal had no more when it was read, which was after it was asked for. */
  readonly isLast: boolean;
}

interface Waiter {
  /** The last revision that it has. */
  readonly after: number;
  readonly resolve: (page: Page) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A sweep goes up the journal a page at a time towards whoever has waited longest, and serves all whom it passes; it begins
 * anew where that one came too late for it. While nobody waits it stands still and holds no place: a reader who is blocked
 * hinders nobody.
 */
export class Sweep {
  /** How many have joined and not left. */
  readers = 0;
  /** As far as the sweep has come. */
  #day: DoctorDay | undefined;
  #waiting: Waiter[] = [];
  #isGoing = false;

  constructor(
    private readonly store: Pick<Store, 'readJournal'>,
    /** Room for a few sweeps at a time. */
    private readonly places: LimitFunction,
    private readonly key: DayKey,
    private readonly doctor: Doctor,
    private readonly onPage: (before: number, changes: readonly Change[]) => void,
  ) {}

  /** Some of the changes after a revision; none only where there are none yet. Rejects with StoreUnavailable. */
  pageAfter(after: number): Promise<Page> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ after, resolve, reject });
      if (!this.#isGoing) void this.#go();
    });
  }

  /** Takes a place for each who has waited longest, so that no day holds one for good. */
  async #go(): Promise<void> {
    this.#isGoing = true;
    while (this.#waiting.length > 0) {
      await this.places(() => this.#serveLongestWaiting()).catch((error) => this.#fail(error));
    }
    this.#isGoing = false;
  }

  async #serveLongestWaiting(): Promise<void> {
    const [longest] = this.#waiting;
    while (longest && longest === this.#waiting[0]) {
      if (!this.#day || longest.after < this.#day.revision) this.#day = new DoctorDay(this.doctor, this.key.date);
      await this.#step(this.#day);
    }
  }

  async #step(day: DoctorDay): Promise<void> {
    const before = day.revision;
    const within = before % JOURNAL_PAGE;
    const asked = this.#waiting.length;
    const entries = await this.store.readJournal(this.key, before, JOURNAL_PAGE - within);
    const changes = entries.map((entry) => replay(day, entry));
    if (within === 0 && changes.length > 0) this.onPage(before, changes);
    this.#hand({ changes, isLast: within + changes.length < JOURNAL_PAGE }, before, asked);
  }

  /**
   * @param asked how many had asked before the page was read, the first of those who wait: where it was the last, there may be more
   *     by now that was acknowledged before the others asked
   */
  #hand(page: Page, before: number, asked: number): void {
    const reached = before + page.changes.length;
    const waiting = this.#waiting;
    this.#waiting = [];
    waiting.forEach((waiter, index) => {
      const isLast = page.isLast && index < asked;
      const isServed = waiter.after >= before && (isLast || waiter.after < reached);
      if (isServed) waiter.resolve({ changes: page.changes.slice(waiter.after - before), isLast });
      else this.#waiting.push(waiter);
    });
  }

  /** Whoever asks next begins anew: the day may be half a page on. */
  #fail(error: unknown): void {
    this.#day = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
