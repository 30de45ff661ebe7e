/**
 * Manners among servers that want the same day at once. Whoever has just had its way with a day has all the news and would have its
 * way again and again, while the others, a step behind, lost every race; and were they all to go as soon as they hear of it, one would
 * have its way and the others' work be lost. So they take turns, in the order of their names, as far as each knows who wants the day:
 * whose turn it is goes at once, the next one a little later, in case the first wants nothing any more. The database decides all the
 * same; nothing but fairness and speed relies on this.
 */
import { LRUCache } from 'lru-cache';

/** Another server is taken to want a day for so long after it has spoken of it. */
const INTEREST_MILLISECONDS = 300;
/** About as long as it takes a server to hear, to read on, and to commit. */
const TURN_MILLISECONDS = 12;
const DAYS_MAX = 2_000;

interface Day {
  /** The newest revision that is known of, which server made it, and when that was heard; all times by performance.now(). */
  revision: number;
  mover: string;
  movedAt: number;
  /** When others last spoke of it. */
  readonly spokenAt: Map<string, number>;
  /** Those who wait for this server's turn. */
  waiting: (() => void)[];
}

export class Courtesy {
  readonly #days = new LRUCache<string, Day>({ max: DAYS_MAX });

  /** @param self this server's name among all */
  constructor(private readonly self: string) {}

  /** Another server has moved a day on to a revision, or tried to move it on from there. */
  heard(name: string, revision: number, server: string): void {
    const day = this.#days.get(name) ?? { revision: 0, mover: '', movedAt: 0, spokenAt: new Map(), waiting: [] };
    this.#days.set(name, day);
    day.spokenAt.set(server, performance.now());
    note(day, revision, server);
    for (const lookAgain of day.waiting.splice(0)) lookAgain();
  }

  /** This server has moved a day on to a revision. */
  won(name: string, revision: number): void {
    const day = this.#days.get(name);
    if (day) note(day, revision, this.self);
  }

  /** Resolves when it is this server's turn; undefined where it is now. */
  turn(name: string): Promise<void> | undefined {
    const day = this.#days.get(name);
    return day && this.#waitOf(day) > 0 ? this.#turn(day) : undefined;
  }

  async #turn(day: Day): Promise<void> {
    for (let wait = this.#waitOf(day); wait > 0; wait = this.#waitOf(day)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        day.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** How long until it is this server's turn, in milliseconds; not above 0 where it is now. */
  #waitOf(day: Day): number {
    const now = performance.now();
    // Everybody has had a turn: nearly always so, and found out at once.
    if (now >= day.movedAt + day.spokenAt.size * TURN_MILLISECONDS) return 0;
    for (const [server, at] of day.spokenAt) if (now - at > INTEREST_MILLISECONDS) day.spokenAt.delete(server);
    if (day.spokenAt.size === 0) return 0;
    const order = [...day.spokenAt.keys(), this.self].sort();
    const next = order.findIndex((server) => server > day.mover);
    const ahead = (order.indexOf(this.self) - Math.max(next, 0) + order.length) % order.length;
    return day.movedAt + ahead * TURN_MILLISECONDS - now;
  }
}

function note(day: Day, revision: number, mover: string): void {
  if (revision <= day.revision) return;
  day.revision = revision;
  day.mover = mover;
  day.movedAt = performance.now();
}
