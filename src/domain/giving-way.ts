/**
 * R2 after the fact: the strength of a token has changed, and a seat goes to a stronger token (I3).
 */
import { rebalance } from './rebalancing.js';
import type { Slot } from './slot.js';
import type { Token } from './token.js';
import type { Turn } from './turn.js';

/**
 * Gives a token's seat to the strongest who waits, if that one is strictly stronger (I3). The token
 * may be weaker than those who wait because it was with the doctor, and so protected, or because
 * its source is weaker now. If somebody weaker sits in the slot, nothing happens: then those who
 * wait have come from an earlier slot, and displace nobody.
 */
export function giveWay(turn: Turn, slot: Slot, token: Token): void {
  if (!slot.isOpen(turn.now)) return; // R13, R17
  if (slot.weakestUnprotected?.id !== token.id) return; // R2, R4, R24
  const waiting = slot.strongestWaiting;
  if (waiting && turn.day.strength.outranks(waiting, token)) handOver(turn, token, waiting);
}

/**
 * Seats a token that waits and has a stronger source now. It displaces whom a new token of that
 * source and instant of issue would displace.
 */
export function takeSeat(turn: Turn, slot: Slot, token: Token): void {
  if (!slot.isOpen(turn.now)) return; // R13, R17
  const weakest = slot.weakestUnprotected; // R24
  if (weakest && turn.day.strength.outranks(token, weakest)) handOver(turn, weakest, token);
}

/** One token for another: a slot that overflows stays as full as it was. */
function handOver(turn: Turn, seated: Token, waiting: Token): void {
  turn.record({ kind: 'DISPLACED', tokenId: seated.id, byTokenId: waiting.id });
  turn.record({ kind: 'PROMOTED', tokenId: waiting.id });
  if (turn.day.doctor.policy.rebalance === 'ALWAYS') rebalance(turn); // R7
}
