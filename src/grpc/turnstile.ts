/**
 * Lets things in so many in a turn of the event loop, the others in the turns after it, in the order in which they came. So a
 * turn takes about as long as so many take, however many come at once and however slow the machine is just then; and what
 * does not pass here, as health checks, waits for that long and no longer.
 *
 * Where merely to hear of all who come takes up the turns, more are let in after a long turn: a share of the time is theirs.
 */
export class Turnstile<Thing> {
  #left: number;
  #waiting: Thing[] = [];
  #isTurning = false;
  /** By performance.now(); of use while it turns. */
  #turnedAt = 0;

  /** @param aMillisecond how many are let in at least for each that the turn before took, in place of `aTurn` where that is more */
  constructor(
    private readonly aTurn: number,
    private readonly letIn: (thing: Thing) => void,
    private readonly aMillisecond = 0,
  ) {
    this.#left = aTurn;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets it in at once, where few have come in this turn. */
  come(thing: Thing): void {
    this.#turnSoon();
    if (this.#left === 0) {
      this.#waiting.push(thing);
      return;
    }
    this.#left -= 1;
    this.letIn(thing);
  }

  #turnSoon(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#turnedAt = performance.now();
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isTurning = false;
    const room = Math.max(this.aTurn, Math.floor((performance.now() - this.#turnedAt) * this.aMillisecond));
    const next = this.#waiting.splice(0, room);
    this.#left = Math.max(0, this.aTurn - next.length);
    if (next.length > 0) this.#turnSoon();
    for (const thing of next) this.letIn(thing);
  }
}
