/**
 * Manners among servers that want the same day at once. Whoever has just had its way with a day has all the news and would have its
 * way again and again, while the others, a step behind, lost every race. So it lets one of them go first: it waits for word of that, but
 * not for long. The database decides all the same; nothing but fairness relies on this.
 */
import { LRUCache } from 'lru-cache';

/** Another server is taken to want a day for so long after it has spoken of it. */
const INTEREST_MILLISECONDS = 1_000;
/** Longer than it takes another server to hear, to read on, and to commit. */
const WAIT_MILLISECONDS_MAX = 25;
const DAYS_MAX = 2_000;

interface Day {
  /** When another server last spoke of it, and when this one last had its way; by performance.now(). */
  heardAt: number;
  wonAt: number;
  /** Those who let another go first. */
  waiting: (() => void)[];
}

export class Courtesy {
  readonly #days = new LRUCache<string, Day>({ max: DAYS_MAX });

  /** Another server has moved the day on, or tried to. */
  heard(name: string): void {
    const day = this.#days.get(name) ?? { heardAt: 0, wonAt: Number.NEGATIVE_INFINITY, waiting: [] };
    day.heardAt = performance.now();
    this.#days.set(name, day);
    for (const goOn of day.waiting.splice(0)) goOn();
  }

  /** This server has moved the day on. */
  won(name: string): void {
    const day = this.#days.get(name);
    if (day) day.wonAt = performance.now();
  }

  /** Resolves when it is this server's turn; undefined where it is now. */
  turn(name: string): Promise<void> | undefined {
    const day = this.#days.get(name);
    if (!day || day.heardAt > day.wonAt) return undefined;
    const now = performance.now();
    const wait = day.wonAt + WAIT_MILLISECONDS_MAX - now;
    if (wait <= 0 || now - day.heardAt > INTEREST_MILLISECONDS) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      day.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
