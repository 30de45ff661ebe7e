/** R8 and R10: a patient does not come, or says so beforehand. */
import { fillFreedSeat } from './promotion.js';
import { holdsSeat, type Token } from './token.js';
import type { Turn } from './turn.js';

/** Ends a token, and fills its seat where it held one: giving up a place in a waiting queue frees nothing. */
export function leave(turn: Turn, token: Token, kind: 'CANCELLED' | 'NO_SHOW'): void {
  turn.record({ kind, tokenId: token.id });
  if (holdsSeat(token)) fillFreedSeat(turn, turn.day.slotOf(token.slotId));
}
