/**
 * R23: the order among tokens. A doctor's policy may let strength grow with the time since issue: it is then
 *
 *     priority + points an hour × hours since issue
 *
 * and, with one rate for all, the order of two tokens never changes while time passes. So it is reckoned from the instant of
 * issue, once for all: nothing is ever sorted anew.
 */
import { byStrength, PRIORITY, type Token } from './token.js';

const HOUR_MILLISECONDS = 3_600_000;

/** What strength is reckoned from: that of a token, or of one that is about to be issued. */
export type Claim = Pick<Token, 'source' | 'createdAt'>;

export class Strength {
  /** Order of strength, the earlier issue before the later where equal. Negative where the first is the stronger. */
  readonly compare: (a: Token, b: Token) => number;
  readonly #pointsPerHour: number;

  /** @param pointsPerHour 0 to 1,000; 0: priority alone counts */
  constructor(pointsPerHour: number) {
    this.#pointsPerHour = pointsPerHour;
    this.compare = pointsPerHour === 0 ? byStrength : (a, b) => this.#byScore(a, b);
  }

  /** Whether one is strictly stronger than another, the order of issue aside: only then may it displace it (R2). */
  outranks(a: Claim, b: Claim): boolean {
    return this.#score(a) > this.#score(b);
  }

  /** The stronger of two, either of which may be missing. */
  stronger(a: Token | undefined, b: Token | undefined): Token | undefined {
    if (!a || !b) return a ?? b;
    return this.compare(a, b) < 0 ? a : b;
  }

  #byScore(a: Token, b: Token): number {
    return byScore(this.#score(a), this.#score(b), a.number, b.number);
  }

  #score({ source, createdAt }: Claim): number {
    return scoreOf(PRIORITY[source], createdAt, this.#pointsPerHour);
  }
}

/** In points × milliseconds, so that it is a whole number, exact until the year 2255; an emergency is above all. */
export function scoreOf(priority: number, createdAt: number, pointsPerHour: number): number {
  if (priority >= PRIORITY.EMERGENCY) return Number.POSITIVE_INFINITY;
  return priority * HOUR_MILLISECONDS - pointsPerHour * createdAt;
}

/** Order of strength of two whose scores are known: the higher score, then the earlier issue. */
export function byScore(ours: number, theirs: number, number: number, theirNumber: number): number {
  if (ours === theirs) return number - theirNumber;
  return ours > theirs ? -1 : 1;
}
