/** What is tried on days that may change under it, and how often. */
import { type Answer, refused } from '../domain/refusal.js';

/** How often a command or a read is tried on a day that changed under it or was let go, before it is refused. */
const ATTEMPTS_MAX = 20;

/** `again`: the day changed under it. `failed`: it built on what did not reach the disk. Either may go well next time. */
export type Attempt<T> = Answer<T> | 'again' | 'failed';

export const STORE_UNAVAILABLE = refused('STORE_UNAVAILABLE', {});

/** Tries until there is an answer; `times` says how often it has been tried before. */
export async function insist<T>(attempt: (times: number) => Promise<Attempt<T>>): Promise<Answer<T>> {
  let outcome: Attempt<T> = 'again';
  for (let times = 0; times < ATTEMPTS_MAX; times += 1) {
    outcome = await attempt(times);
    if (outcome !== 'again' && outcome !== 'failed') return outcome;
  }
  return outcome === 'failed' ? STORE_UNAVAILABLE : refused('CONFLICT', {});
}
