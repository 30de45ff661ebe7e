/**
 * The doctor's room: whoever is free in there takes the next from the door. It knows neither patients nor rules, so that the
 * clinic's door and the queues of the textbooks, for which there are formulas, are served by the very same.
 */
import type { Instant } from '../domain/time.js';
import type { Agenda } from './agenda.js';

export interface Door {
  /** Lets in whoever is next, and says for how many milliseconds; undefined where nobody is there to go in. */
  admit(): number | undefined | Promise<number | undefined>;
}

export class Room {
  #free: number;

  /** @param doctors how many see somebody at the same time */
  constructor(
    private readonly agenda: Agenda,
    private readonly door: Door,
    doctors = 1,
  ) {
    this.#free = doctors;
  }

  /** To be told whenever somebody may be at the door who was not there before. */
  async knock(): Promise<void> {
    while (this.#free > 0) {
      const milliseconds = await this.door.admit();
      if (milliseconds === undefined) return;
      this.#free -= 1;
      this.agenda.add((this.agenda.clock.now + milliseconds) as Instant, () => this.#leave());
    }
  }

  #leave(): Promise<void> {
    this.#free += 1;
    return this.knock();
  }
}
