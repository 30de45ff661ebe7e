/** R21: the day ends, and with it every token that is still live. */
import { isLive, type Token } from './token.js';
import type { Turn } from './turn.js';

/** By number. All slots have ended by then, so that no seat is filled again. */
export function endDay(turn: Turn): void {
  const left = [...turn.day.tokens].filter(isLive);
  for (const token of left) turn.record({ kind: endOf(token), tokenId: token.id });
}

function endOf({ status, checkedInAt }: Token): 'COMPLETED' | 'NO_SHOW' | 'EXPIRED' {
  if (status === 'SERVING') return 'COMPLETED';
  return status === 'ACTIVE' && checkedInAt === undefined ? 'NO_SHOW' : 'EXPIRED';
}
