/**
 * Tells the time of which the server may be sure. What time does (R20 to R22) cannot be undone, so that one wrong reading of the
 * system clock must not decide it. The system clock is believed while the monotonic clock, or the time since the machine was
 * started, explains it. After a step that nothing explains the guard goes by its own estimate until the clock has been confirmed:
 * by a second source, by an operator, or by running steadily for a while. See docs/decisions/0018.
 */
import type { Instant } from '../domain/time.js';
import type { ClockMark } from '../store/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A step that is believed at once: what a time server corrects. */
export const STEP_MAX = 2 * MINUTE;
/** How long a server may have been stopped, on a machine of which nothing else is known, for its clock to be believed at once. */
export const GAP_MAX = HOUR;
/** How long a clock must run steadily to be believed, and how long after a large step. */
export const WAIT = 10 * MINUTE;
export const LONG_WAIT = HOUR;
/** A stop that is longer than this is as doubtful as a large step. */
const LONG_GAP = 4 * DAY;
/** A larger step on a machine that has run all the while is a large one. */
const LARGE_STEP = HOUR;
/** By how much a steady clock may gain or lose against the monotonic one while it is waited for. */
const DRIFT_MAX = 10_000;
/** This program did not exist before: a clock that says so has lost its battery. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** The clocks of a machine, in milliseconds. */
export interface MachineClocks {
  /** The system clock. */
  readonly wall: () => number;
  /** Never goes back, and does not follow steps of the system clock; it may stand still while the machine sleeps. */
  readonly monotonic: () => number;
  /** Since the machine was started, sleep included. */
  readonly uptime: () => number;
  /** Names the present run of the machine; undefined where the machine does not tell. */
  readonly bootId: string | undefined;
}

/** Why the system clock is not believed. */
export interface ClockDoubt {
  readonly wall: Instant;
  /** What the server goes by instead. */
  readonly estimate: Instant;
  /** How far the system clock is ahead of what can be explained; negative where it is behind. */
  readonly aheadMilliseconds: number;
  /** How long it must run steadily to be believed; undefined where that alone is not enough. */
  readonly waitMilliseconds: number | undefined;
}

interface Doubt extends ClockDoubt {
  /** The system clock less the monotonic one, when the doubt began. */
  readonly offset: number;
  readonly since: number;
}

export class ClockGuard {
  /** The newest instant that is sure, and when that was by the other clocks. */
  #anchor: { readonly at: number; readonly monotonic: number; readonly uptime: number };
  /** How far ahead of the estimate the system clock is still believed. */
  #aheadMax = STEP_MAX;
  #doubt: Doubt | undefined;
  #isContradicted = false;

  /** @param mark what was sure when a server of this store was last alive; undefined where none ever was */
  constructor(
    private readonly clocks: MachineClocks,
    mark: ClockMark | undefined,
  ) {
    const at = mark ? this.#expected(mark) : clocks.wall();
    this.#anchor = { at, monotonic: clocks.monotonic(), uptime: clocks.uptime() };
    if (mark && !this.#isSameBoot(mark)) this.#aheadMax = GAP_MAX;
    this.now();
  }

  /** The time that the server goes by. While the clock is in doubt it is an estimate that is not later than the true time. */
  readonly now = (): Instant => {
    const wall = this.clocks.wall();
    const monotonic = this.clocks.monotonic();
    if (this.#fits(wall, this.#estimate(monotonic)) || this.#isExplainedBySleep(wall)) {
      if (this.#doubt || this.#aheadMax !== STEP_MAX) this.confirm();
      return wall as Instant;
    }
    const doubt = this.#doubtOf(wall, monotonic);
    const { waitMilliseconds: wait = Number.POSITIVE_INFINITY } = doubt;
    if (monotonic - doubt.since < wait || this.#isContradicted) return this.#held(doubt, monotonic);
    this.confirm();
    return wall as Instant;
  };

  /** Undefined while the system clock is believed. */
  get doubt(): ClockDoubt | undefined {
    return this.#doubt;
  }

  /** Follows the system clock where it is believed; is to be called every second or so. */
  observe(): ClockDoubt | undefined {
    this.now();
    if (!this.#doubt) this.confirm();
    return this.#doubt;
  }

  /** The system clock is right: a second source or an operator says so. */
  confirm(): void {
    this.#anchor = { at: this.clocks.wall(), monotonic: this.clocks.monotonic(), uptime: this.clocks.uptime() };
    this.#aheadMax = STEP_MAX;
    this.#doubt = undefined;
    this.#isContradicted = false;
  }

  /** A second source says that the system clock is wrong: that it runs steadily does not count then. */
  contradict(): void {
    this.#isContradicted = this.#doubt !== undefined;
  }

  /** What is to be kept for the next start. */
  mark(): ClockMark {
    const { bootId } = this.clocks;
    return { at: this.now(), uptime: this.clocks.uptime(), ...(bootId !== undefined && { bootId }) };
  }

  #isSameBoot({ bootId, uptime }: ClockMark): boolean {
    return bootId !== undefined && bootId === this.clocks.bootId && uptime <= this.clocks.uptime();
  }

  /** What time it is at the least, as far as can be told without the system clock. */
  #expected(mark: ClockMark): number {
    return this.#isSameBoot(mark) ? mark.at + this.clocks.uptime() - mark.uptime : mark.at;
  }

  #estimate(monotonic: number): number {
    return this.#anchor.at + monotonic - this.#anchor.monotonic;
  }

  #fits(wall: number, estimate: number): boolean {
    // A clock that was set back is believed once it has passed the time that stood still meanwhile.
    const least = this.#isBehind ? this.#anchor.at : estimate;
    return wall >= least - STEP_MAX && wall <= estimate + this.#aheadMax;
  }

  /** The monotonic clock may have stood still while the machine slept. */
  #isExplainedBySleep(wall: number): boolean {
    const estimate = this.#anchor.at + this.clocks.uptime() - this.#anchor.uptime;
    return Math.abs(wall - estimate) <= STEP_MAX;
  }

  get #isBehind(): boolean {
    return this.#doubt !== undefined && this.#doubt.aheadMilliseconds < 0;
  }

  /** Time stands still while the clock is behind: nothing falls due by an estimate that may be too late. */
  #held({ aheadMilliseconds }: Doubt, monotonic: number): Instant {
    return Math.floor(aheadMilliseconds < 0 ? this.#anchor.at : this.#estimate(monotonic)) as Instant;
  }

  /** The doubt that there is, or a new one where the clock has been set again. */
  #doubtOf(wall: number, monotonic: number): Doubt {
    const offset = wall - monotonic;
    if (this.#doubt && Math.abs(offset - this.#doubt.offset) <= DRIFT_MAX) return this.#doubt;
    const estimate = this.#estimate(monotonic);
    const ahead = wall - estimate;
    // Time has stood still from here on; where it had before, it goes on standing there.
    if (ahead < 0 && !this.#isBehind) this.#anchor = { at: estimate, monotonic, uptime: this.clocks.uptime() };
    this.#isContradicted = false;
    this.#doubt = {
      ...{ wall: wall as Instant, estimate: estimate as Instant, aheadMilliseconds: ahead },
      ...{ waitMilliseconds: this.#waitFor(wall, ahead), offset, since: monotonic },
    };
    return this.#doubt;
  }

  #waitFor(wall: number, ahead: number): number | undefined {
    if (ahead < 0) return wall < EARLIEST || -ahead > LONG_GAP ? undefined : WAIT;
    const large = this.#aheadMax === GAP_MAX ? LONG_GAP : LARGE_STEP;
    return ahead > large ? LONG_WAIT : WAIT;
  }
}
