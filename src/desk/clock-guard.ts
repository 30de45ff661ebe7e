/**
 * Gives the server's time, and guards it against a wrong system clock. What time does (R20 to R22)
 * cannot be undone, so one wrong reading must not decide it. The guard believes the system clock
 * while the monotonic clock, or the machine's uptime, explains it. After a step that neither
 * explains, the guard returns its own estimate. It does so until the clock is confirmed: by a
 * second source, by an operator, or by running steadily for {@link WAIT} or {@link LONG_WAIT}. See
 * docs/decisions/0018-a-clock-that-can-be-doubted.md. All lengths are milliseconds.
 */
import type { Instant } from '../domain/time.js';
import type { ClockMark } from '../store/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The largest step that is believed at once: a time server corrects as much. */
export const STEP_MAX = 2 * MINUTE;
/**
 * The longest stop after which the clock is believed at once, if the machine was started anew
 * meanwhile.
 */
export const GAP_MAX = HOUR;
/** How long a clock in doubt must run steadily to be believed; LONG_WAIT after a large step. */
export const WAIT = 10 * MINUTE;
export const LONG_WAIT = HOUR;
/** A longer stop needs LONG_WAIT. */
const LONG_GAP = 4 * DAY;
/** A larger step needs LONG_WAIT, if the machine has run all the while. */
const LARGE_STEP = HOUR;
/** By how much a clock may gain or lose against the monotonic one and still count as steady. */
const DRIFT_MAX = 10_000;
/** This program did not exist before. A clock that is earlier has lost its battery. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** The clocks of a machine, in milliseconds. */
export interface MachineClocks {
  /** The system clock. */
  readonly wall: () => number;
  /**
   * Never goes back, and does not follow steps of the system clock; it may stand still while the
   * machine sleeps.
   */
  readonly monotonic: () => number;
  /** Time since the machine was started, sleep included. */
  readonly uptime: () => number;
  /** Names the present boot of the machine; undefined if the machine does not tell. */
  readonly bootId: string | undefined;
}

/** Why the system clock is not believed. */
export interface ClockDoubt {
  readonly wall: Instant;
  /** The time that the server uses instead. */
  readonly estimate: Instant;
  /** How far the system clock is ahead of the estimate; negative if it is behind. */
  readonly aheadMilliseconds: number;
  /** How long it must run steadily to be believed; undefined if that alone is not enough. */
  readonly waitMilliseconds: number | undefined;
}

interface Doubt extends ClockDoubt {
  /** The system clock less the monotonic one, when the doubt began. */
  readonly offset: number;
  readonly since: number;
}

export class ClockGuard {
  /** The newest sure instant, and the readings of the other clocks at it. */
  #anchor: { readonly at: number; readonly monotonic: number; readonly uptime: number };
  /** How far ahead of the estimate the system clock is still believed. */
  #aheadMax = STEP_MAX;
  #doubt: Doubt | undefined;
  #isContradicted = false;

  /** @param mark the store's newest clock mark; undefined if it has none */
  constructor(
    private readonly clocks: MachineClocks,
    mark: ClockMark | undefined,
  ) {
    const at = mark ? this.#expected(mark) : clocks.wall();
    this.#anchor = { at, monotonic: clocks.monotonic(), uptime: clocks.uptime() };
    if (mark && !this.#isSameBoot(mark)) this.#aheadMax = GAP_MAX;
    this.now();
  }

  /**
   * The server's time. While the clock is in doubt, this is an estimate that is not later than the
   * true time.
   */
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

  /** Moves the anchor to the system clock if that is believed. Must be called about every second. */
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

  /**
   * A second source says that the system clock is wrong. Then running steadily does not confirm it.
   */
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

  /** The least that the time can be, by the mark and the uptime. */
  #expected(mark: ClockMark): number {
    return this.#isSameBoot(mark) ? mark.at + this.clocks.uptime() - mark.uptime : mark.at;
  }

  #estimate(monotonic: number): number {
    return this.#anchor.at + monotonic - this.#anchor.monotonic;
  }

  #fits(wall: number, estimate: number): boolean {
    // A clock that was set back is believed once it has passed the instant at which time stands
    // still.
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

  /** While the clock is behind, time stands still, because the estimate may be too late. */
  #held({ aheadMilliseconds }: Doubt, monotonic: number): Instant {
    return Math.floor(aheadMilliseconds < 0 ? this.#anchor.at : this.#estimate(monotonic)) as Instant;
  }

  /** The present doubt, or a new one if the clock has been set again. */
  #doubtOf(wall: number, monotonic: number): Doubt {
    const offset = wall - monotonic;
    if (this.#doubt && Math.abs(offset - this.#doubt.offset) <= DRIFT_MAX) return this.#doubt;
    const estimate = this.#estimate(monotonic);
    const ahead = wall - estimate;
    // Time stands still from here on. If it stood still before, its instant stays.
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
