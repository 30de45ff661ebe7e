/** The time of the simulated day. It stands still until it is set forward. */
import type { Instant } from '../domain/time.js';

export class VirtualClock {
  #now: Instant;

  constructor(start: Instant) {
    this.#now = start;
  }

  get now(): Instant {
    return this.#now;
  }

  /** @throws RangeError where that would set it back */
  advanceTo(instant: Instant): void {
    if (instant < this.#now) throw new RangeError(`the clock cannot go back from ${this.#now} to ${instant}`);
    this.#now = instant;
  }
}
