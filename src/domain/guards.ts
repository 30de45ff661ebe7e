/** Questions that several commands are judged by: a refusal, or undefined where there is nothing to say against it. */
import { type Refused, refused } from './refusal.js';
import type { Slot } from './slot.js';
import type { Instant } from './time.js';
import { isLive, type Token } from './token.js';

/** R13, R17: a slot that has ended or is closed takes no tokens, and is not changed. */
export function ifNotOpen(slot: Slot, now: Instant): Refused | undefined {
  if (slot.hasEnded(now)) return refused('SLOT_ENDED', { slotId: slot.id, endedAt: slot.terms.endsAt });
  return slot.isClosed ? refused('SLOT_CLOSED', { slotId: slot.id }) : undefined;
}

/** R11: a token that is no longer live never changes again. */
export function ifNotLive(token: Token): Refused | undefined {
  return isLive(token) ? undefined : refused('TOKEN_NOT_LIVE', { tokenId: token.id, status: token.status });
}
