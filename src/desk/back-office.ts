/**
 * What takes long, and can wait: work that goes over a whole journal for one answer. One after another, so that the front desk
 * always finds its turn.
 */
import pLimit from 'p-limit';
import { type Answer, refused } from '../domain/refusal.js';

/** Who has waited for longer is refused when the turn comes: the caller may have gone, and others are to be told in time. */
const WAIT_SECONDS_MAX = 15;

export class BackOffice {
  readonly #turns = pLimit(1);

  constructor(private readonly waitSecondsMax = WAIT_SECONDS_MAX) {}

  inTurn<T>(work: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const askedAt = performance.now();
    return this.#turns(() => {
      const hasWaitedTooLong = performance.now() - askedAt > this.waitSecondsMax * 1_000;
      return hasWaitedTooLong ? refused('TOO_MANY_REQUESTS', {}) : work();
    });
  }
}
