/** R22: who has not come by the end of the grace is a no-show, and the seat goes to somebody who waits (R8). */
import { leave } from './leaving.js';
import type { Token } from './token.js';
import type { Turn } from './turn.js';

/** Gives up those who were due by now, one after another: who takes a seat by it may be due as well, where the grace is short. */
export function markNoShows(turn: Turn): void {
  for (let absent = firstDue(turn); absent; absent = firstDue(turn)) leave(turn, absent, 'NO_SHOW');
}

/** The one who was due before all others of the day, the lower number first. */
function firstDue({ day, now }: Turn): Token | undefined {
  let first: Token | undefined;
  let firstAt = Number.POSITIVE_INFINITY;
  for (const slot of day.slots) {
    const token = slot.nextNoShow;
    const dueAt = token && slot.noShowDue(token);
    if (!token || dueAt === undefined || dueAt > now) continue;
    const isEarlier = dueAt < firstAt || (dueAt === firstAt && first !== undefined && token.number < first.number);
    if (isEarlier) [first, firstAt] = [token, dueAt];
  }
  return first;
}
