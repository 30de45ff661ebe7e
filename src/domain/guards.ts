/** Questions that several commands are judged by. Where there is nothing to find: a refusal, or undefined if nothing is to be said. */
import type { DoctorDay } from './doctor-day.js';
import { type Answer, answered, type Refused, refused } from './refusal.js';
import type { Slot } from './slot.js';
import type { Instant } from './time.js';
import { isLive, type Token, type TokenId } from './token.js';

/** R13, R17: a slot that has ended or is closed takes no tokens, and is not changed. */
export function ifNotOpen(slot: Slot, now: Instant): Refused | undefined {
  if (slot.hasEnded(now)) return refused('SLOT_ENDED', { slotId: slot.id, endedAt: slot.terms.endsAt });
  return slot.isClosed ? refused('SLOT_CLOSED', { slotId: slot.id }) : undefined;
}

/** Refuses new slots and tokens of a retired doctor. */
export function refuseIfRetired({ doctor }: DoctorDay): Refused | undefined {
  return doctor.isRetired ? refused('DOCTOR_RETIRED', { doctorId: doctor.id }) : undefined;
}

/** R11: the token of an id, if it is live and not with the doctor just now. */
export function tokenOutside(day: DoctorDay, tokenId: TokenId): Answer<Token> {
  const token = day.token(tokenId);
  if (!token) return refused('TOKEN_NOT_FOUND', { tokenId });
  const gone = ifNotLive(token);
  if (gone) return gone;
  return token.status === 'SERVING' ? refused('TOKEN_SERVING', { tokenId, status: token.status }) : answered(token);
}

/** The token of an id, if it is with the doctor just now. */
export function tokenInside(day: DoctorDay, tokenId: TokenId): Answer<Token> {
  const token = day.token(tokenId);
  if (!token) return refused('TOKEN_NOT_FOUND', { tokenId });
  const gone = ifNotLive(token);
  if (gone) return gone;
  return token.status === 'SERVING' ? answered(token) : refused('TOKEN_NOT_SERVING', { tokenId, status: token.status });
}

/** R11: a token that is no longer live never changes again. */
export function ifNotLive(token: Token): Refused | undefined {
  return isLive(token) ? undefined : refused('TOKEN_NOT_LIVE', { tokenId: token.id, status: token.status });
}
