/**
 * Runs a {@link ClockGuard}: reads the clocks each second, asks second sources, and writes the
 * clock mark to the store. Reports when the system clock falls into doubt, and when it is
 * confirmed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../domain/time.js';
import type { Store } from '../store/store.js';
import type { ClockDoubt, ClockGuard } from './clock-guard.js';

const LOOK_MILLISECONDS = 1_000;
const ASK_SECONDS = 10;
const MARK_SECONDS = 60;
/** A second source confirms a clock from which it differs by no more. */
const AGREEMENT_MILLISECONDS = 60_000;
const ANSWER_MILLISECONDS_MAX = 2_000;

export interface ClockSource {
  readonly name: string;
  /** Set if it is asked only while the clock is in doubt, because asking costs too much. */
  readonly isForDoubt?: boolean;
  /**
   * The time by this source; undefined if the source does not know. Rejects if it cannot be asked.
   */
  readonly read: () => Promise<Instant | undefined>;
}

export interface ClockListener {
  /** The system clock is in doubt, or has been confirmed. */
  readonly onDoubt: (doubt: ClockDoubt | undefined) => void;
  /** A second source and a system clock that is believed have begun to differ. */
  readonly onDisagreement: (source: string, system: Instant, other: Instant) => void;
  readonly onFault: (error: unknown) => void;
}

export class ClockWatch {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #looks = 0;
  #told: ClockDoubt | undefined;
  readonly #differing = new Set<string>();

  /** @param wall the system clock */
  constructor(
    private readonly guard: ClockGuard,
    private readonly wall: () => number,
    private readonly store: Pick<Store, 'keepClockMark'>,
    private readonly sources: readonly ClockSource[],
    private readonly listener: ClockListener,
  ) {}

  /** Resolves once the second sources have been asked for the first time. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#look());
    }, LOOK_MILLISECONDS);
  }

  /** Keeps the mark a last time; the store is closed after it. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
    await this.#keepMark();
  }

  async #look(): Promise<void> {
    const looks = this.#looks;
    this.#looks += 1;
    const isNew = this.guard.observe() !== undefined && this.#told === undefined;
    if (isNew || looks % (this.guard.doubt ? ASK_SECONDS : MARK_SECONDS) === 0) await this.#askAll();
    this.#tell();
    if (looks % MARK_SECONDS === 0) await this.#keepMark();
  }

  async #askAll(): Promise<void> {
    const asked = this.sources.filter(({ isForDoubt }) => this.guard.doubt || !isForDoubt);
    const answers = await Promise.all(asked.map((source) => this.#ask(source)));
    if (answers.includes(true)) this.guard.confirm();
    else if (answers.includes(false)) this.guard.contradict();
  }

  /** Whether a source agrees with the system clock; undefined if it does not know. */
  async #ask({ name, read }: ClockSource): Promise<boolean | undefined> {
    const over = new AbortController();
    const patience = sleep(ANSWER_MILLISECONDS_MAX, undefined, { signal: over.signal });
    try {
      const other = await Promise.race([read(), patience]);
      if (other === undefined) return undefined;
      const wall = this.wall() as Instant;
      const agrees = Math.abs(wall - other) <= AGREEMENT_MILLISECONDS;
      if (agrees) this.#differing.delete(name);
      else if (!this.#differing.has(name)) {
        this.#differing.add(name);
        this.listener.onDisagreement(name, wall, other);
      }
      return agrees;
    } catch (error) {
      this.listener.onFault(error);
      return undefined;
    } finally {
      patience.catch(() => {});
      over.abort();
    }
  }

  #tell(): void {
    const { doubt } = this.guard;
    if (doubt === this.#told) return;
    this.#told = doubt;
    this.listener.onDoubt(doubt);
  }

  async #keepMark(): Promise<void> {
    if (this.guard.observe()) return;
    await this.store.keepClockMark(this.guard.mark()).catch(this.listener.onFault);
  }
}
