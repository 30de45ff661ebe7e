/** R2, late: the order of strength among tokens that are there already has changed, and a seat changes hands (I3). */
import { rebalance } from './rebalancing.js';
import type { Slot } from './slot.js';
import type { Token } from './token.js';
import type { Turn } from './turn.js';

/**
 * A token that may be weaker than those who wait: one who was with the doctor, and so protected, or one with a weaker source now.
 * Somebody strictly stronger takes its seat, as would have happened if it had been as weak when that one came (I3). It is this
 * token's seat only where nobody weaker sits there: else those who wait have come from an earlier slot, and displace nobody.
 */
export function giveWay(turn: Turn, slot: Slot, token: Token): void {
  if (!slot.isOpen(turn.now)) return; // R13, R17
  if (slot.weakestUnprotected?.id !== token.id) return; // R2, R4, R24
  const waiting = slot.strongestWaiting;
  if (waiting && turn.day.strength.outranks(waiting, token)) handOver(turn, token, waiting);
}

/** A token that waits and has a stronger source now: it displaces whom a new token of that source would, issued when it was. */
export function takeSeat(turn: Turn, slot: Slot, token: Token): void {
  if (!slot.isOpen(turn.now)) return; // R13, R17
  const weakest = slot.weakestUnprotected; // R24
  if (weakest && turn.day.strength.outranks(token, weakest)) handOver(turn, weakest, token);
}

/** The seat only changes hands, so that also a slot that overflows stays as full as it was. */
function handOver(turn: Turn, seated: Token, waiting: Token): void {
  turn.record({ kind: 'DISPLACED', tokenId: seated.id, byTokenId: waiting.id });
  turn.record({ kind: 'PROMOTED', tokenId: waiting.id });
  if (turn.day.doctor.policy.rebalance === 'ALWAYS') rebalance(turn); // R7
}
