/** How long to wait before a database that could not be reached is tried again: longer each time, and never in step with others. */

const WAIT_MILLISECONDS_MIN = 50;
const WAIT_MILLISECONDS_MAX = 2_000;

export class Backoff {
  #failures = 0;
  #until = 0;

  /** Whether it is too early to try again. */
  get isOn(): boolean {
    return performance.now() < this.#until;
  }

  /** Notes a failure. @returns how long to wait, in milliseconds: between half and all of what has doubled with each failure */
  failed(): number {
    const longest = Math.min(WAIT_MILLISECONDS_MIN * 2 ** this.#failures, WAIT_MILLISECONDS_MAX);
    this.#failures += 1;
    const wait = longest * (0.5 + Math.random() / 2);
    this.#until = performance.now() + wait;
    return wait;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
