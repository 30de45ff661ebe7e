/**
 * Time acts by itself (R20 to R22). What is due on a day is decided like any command, through the same journal, streams and
 * invariants; this looks twice a second on which days something is, loaded or not. The store knows of each day an instant
 * that is not later than when something is next due there, so that after a restart what fell due meanwhile is made good, in
 * order of its due time. A command that comes to a day before the clock does finds it made good first.
 */
import type { Answer } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import type { DayKey, DueDay, Store } from '../store/store.js';

/** Due changes are to happen within a second of their instant. */
const TICK_MILLISECONDS = 500;
/** After a failure; the store may be out of reach. */
const TICK_AFTER_FAULT_MILLISECONDS = 5_000;
/** How many days are seen to at once. Those that come for a patient now are not to wait behind all that a restart finds due. */
const DAYS_AT_ONCE = 8;

export interface ClockSurroundings {
  readonly now: () => Instant;
  /** Told of each failure, for the log. */
  readonly onFault: (error: unknown) => void;
}

/** Does what is due on one day by now, and answers when that is on disk. */
type LetTimePass = (key: DayKey) => Promise<Answer<undefined>>;

export class DayClock {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<boolean> = Promise.resolve(true);
  #isStopped = false;

  constructor(
    private readonly store: Pick<Store, 'dueDays'>,
    private readonly letTimePass: LetTimePass,
    private readonly surroundings: ClockSurroundings,
  ) {}

  /** Strikes now, and then twice a second until it is stopped. */
  async start(): Promise<void> {
    const allDone = await this.strike();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.start(), allDone ? TICK_MILLISECONDS : TICK_AFTER_FAULT_MILLISECONDS);
  }

  /** Resolves when what has been begun is done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Does all that is due by now, the earliest first; says whether all of it is on disk. Never rejects. */
  strike(): Promise<boolean> {
    this.#round = this.#round.then(() => this.#seeToAll());
    return this.#round;
  }

  async #seeToAll(): Promise<boolean> {
    const until = this.surroundings.now();
    let allDone = true;
    let last: DueDay | undefined;
    try {
      while (!this.#isStopped) {
        const days: DueDay[] = await this.store.dueDays(until, last, DAYS_AT_ONCE);
        const done = await Promise.all(days.map(({ key }) => this.#seeTo(key)));
        allDone &&= done.every(Boolean);
        last = days.at(-1);
        if (days.length < DAYS_AT_ONCE) return allDone;
      }
    } catch (error) {
      this.surroundings.onFault(error);
    }
    return false;
  }

  /** One day that cannot be seen to does not hold up the others. */
  async #seeTo(key: DayKey): Promise<boolean> {
    try {
      return (await this.letTimePass(key)).ok;
    } catch (error) {
      this.surroundings.onFault(error);
      return false;
    }
  }
}
