/** How long to wait between attempts, longer each time; by chance, so that a thousand boards do not come back in the same instant. */

const FIRST_MILLISECONDS = 200;
const LONGEST_MILLISECONDS = 15_000;

export class Backoff {
  #ceiling = FIRST_MILLISECONDS;

  /** @param random answers with a number in [0, 1) */
  constructor(private readonly random: () => number = Math.random) {}

  /** The next wait, in milliseconds: from half the ceiling to the ceiling, which doubles each time; never less than asked for. */
  next(atLeast = 0): number {
    const wait = (this.#ceiling * (1 + this.random())) / 2;
    this.#ceiling = Math.min(this.#ceiling * 2, LONGEST_MILLISECONDS);
    return Math.max(wait, atLeast);
  }

  /** It has worked: the next wait is a first one. */
  reset(): void {
    this.#ceiling = FIRST_MILLISECONDS;
  }
}
