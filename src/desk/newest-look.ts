/**
 * Looks up how far days and their doctors have come on disk, for many who ask at once: those who ask while a look is under way, which may have
 * seen their day too early for them, are served together by the next one.
 */
import type { DayKey, Neighbours, Newest } from '../store/store.js';
import { nameOf } from './loaded-day.js';

/** So that who has just missed one need not wait for all of it. */
const LOOKS_AT_ONCE_MAX = 2;

class Look {
  readonly #keys = new Map<string, DayKey>();
  readonly #found: Promise<Map<string, Newest>>;
  #begin!: () => void;

  constructor(neighbours: Pick<Neighbours, 'readNewest'>) {
    this.#found = new Promise<void>((resolve) => {
      this.#begin = resolve;
    }).then(async () => {
      const found = await neighbours.readNewest([...this.#keys.values()]);
      return new Map([...this.#keys.keys()].map((name, index) => [name, found[index] as Newest]));
    });
    this.#found.catch(() => {});
  }

  async newestOf(key: DayKey): Promise<Newest> {
    const name = nameOf(key);
    this.#keys.set(name, key);
    return (await this.#found).get(name) as Newest;
  }

  /** Resolves when it is over, well or not. */
  async run(): Promise<void> {
    this.#begin();
    await this.#found.catch(() => {});
  }
}

export class NewestLook {
  #gathering: Look | undefined;
  #underway = 0;

  constructor(private readonly neighbours: Pick<Neighbours, 'readNewest'>) {}

  /** How far a day has come, as of a moment after the call. */
  newestOf(key: DayKey): Promise<Newest> {
    if (!this.#gathering) {
      this.#gathering = new Look(this.neighbours);
      // Not at once: those who ask in this turn are to be served by the same look.
      if (this.#underway < LOOKS_AT_ONCE_MAX) setImmediate(() => void this.#send());
    }
    return this.#gathering.newestOf(key);
  }

  async #send(): Promise<void> {
    const look = this.#gathering;
    if (!look || this.#underway >= LOOKS_AT_ONCE_MAX) return;
    this.#gathering = undefined;
    this.#underway += 1;
    await look.run();
    this.#underway -= 1;
    void this.#send();
  }
}
