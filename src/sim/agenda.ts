/** What is to happen, in order of time: each thing is done with before the next begins. */
import type { Instant } from '../domain/time.js';
import type { VirtualClock } from './virtual-clock.js';

type Act = () => void | Promise<void>;

interface Item {
  readonly at: Instant;
  readonly act: Act;
}

export class Agenda {
  /** By time; what is due at the same time, in the order in which it was put down. */
  readonly #items: Item[] = [];

  constructor(readonly clock: VirtualClock) {}

  /** Puts something down, also while the agenda is being done. What is due already is done next. */
  add(at: Instant, act: Act): void {
    const due = Math.max(at, this.clock.now) as Instant;
    let [from, to] = [0, this.#items.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#items[middle] as Item).at > due) to = middle;
      else from = middle + 1;
    }
    this.#items.splice(from, 0, { at: due, act });
  }

  /** Sets the clock to the time of each item, and does it, until nothing is left. */
  async run(): Promise<void> {
    for (let item = this.#items.shift(); item; item = this.#items.shift()) {
      this.clock.advanceTo(item.at);
      await item.act();
    }
  }
}
