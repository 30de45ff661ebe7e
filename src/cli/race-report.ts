/** Tells whoever runs a server how often others were first at days that it wanted too. */
import type { Races } from '../desk/surroundings.js';

/** A line at the most so often, and none where there is nothing to tell. */
const REPORT_SECONDS = 60;

const NONE: Races = { landed: 0, conflicts: 0, refused: 0 };
const WORDS =
  'other servers were first at days that this one wanted too; the commands were decided again, and nothing was lost';

interface Log {
  info(fields: object, message: string): void;
}

export class RaceReport {
  #told = NONE;
  readonly #timer: NodeJS.Timeout;

  /** @param races counts from the start of the server on; undefined where it is alone */
  constructor(
    private readonly races: () => Races | undefined,
    private readonly log: Log,
    private readonly seconds = REPORT_SECONDS,
  ) {
    this.#timer = setInterval(() => this.#tellNews(), seconds * 1_000).unref();
  }

  /** Tells of all the time since the start. */
  end(): void {
    clearInterval(this.#timer);
    const all = this.races() ?? NONE;
    if (all.conflicts > 0) this.log.info(all, `in all: ${WORDS}`);
  }

  #tellNews(): void {
    const [now, before] = [this.races() ?? NONE, this.#told];
    this.#told = now;
    const [landed, conflicts] = [now.landed - before.landed, now.conflicts - before.conflicts];
    if (conflicts === 0) return;
    this.log.info({ seconds: this.seconds, landed, conflicts, refused: now.refused - before.refused }, WORDS);
  }
}
