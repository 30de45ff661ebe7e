/**
 * A patient asks for another slot: a new token there, judged by R1 to R3 as any other, and the old one CANCELLED with its seat
 * filled (R8). R9 is about what the engine does, not about what a patient asks for: the other slot may be an earlier one.
 */
import type { RescheduleToken } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import { ifNotLive, ifNotOpen, refuseIfRetired } from './guards.js';
import { leave } from './leaving.js';
import { oneForm } from './patient-ref.js';
import { rebalance } from './rebalancing.js';
import { type Answer, answered, type Refused, refused } from './refusal.js';
import { ifNoSeat, seatOrQueue } from './seating.js';
import { beginTurn, type DayDecision, finishTurns, type WideCircumstances } from './several-days.js';
import type { Slot } from './slot.js';
import type { Token, TokenId } from './token.js';

/** The day of the new place, and the day of the old one; the same where both slots are of one day. */
export interface Places {
  readonly to: DoctorDay;
  readonly from: DoctorDay;
}

/** What a patient asks for. */
export type Rescheduling = Pick<RescheduleToken, 'tokenId' | 'slotId' | 'seatOnly'>;

/** Decides on both days together; answers with what happened on the new place's day first. */
export function rescheduleToken(
  { to, from }: Places,
  { tokenId, slotId, seatOnly }: Rescheduling,
  { now, newId }: WideCircumstances,
): Answer<readonly DayDecision[]> {
  const part: RescheduleToken = { kind: 'RescheduleToken', tokenId, slotId, ...(seatOnly && { seatOnly }) };
  const arriving = beginTurn(to, part, now);
  const leaving = from === to ? arriving : beginTurn(from, part, now);
  const slot = to.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const token = from.token(tokenId);
  if (!token) return refused('TOKEN_NOT_FOUND', { tokenId });
  const refusal =
    ifThereAlready(slot, token) ??
    refuseIfRetired(to) ??
    ifNotOpen(slot, arriving.now) ??
    ifNoPlace(to, token) ??
    ifBound(token);
  if (refusal) return refusal;
  const seatless = seatOnly && ifNoSeat(arriving, slot, token.source);
  if (seatless) return seatless;

  const { source } = token;
  const patientRef = oneForm(token.patientRef); // R14
  const id = `token_${newId()}` as TokenId;
  const { displaced } = seatOrQueue(arriving, slot, { id, source, patientRef, rescheduledFromTokenId: tokenId });
  leave(leaving, token, 'CANCELLED'); // R8
  if (displaced && to.doctor.policy.rebalance === 'ALWAYS') rebalance(arriving); // R7
  return answered(finishTurns(arriving === leaving ? [arriving] : [arriving, leaving], part));
}

function ifThereAlready(slot: Slot, token: Token): Refused | undefined {
  return slot.id === token.slotId ? refused('INVALID_FIELDS', { violations: [SAME_SLOT] }) : undefined;
}

const SAME_SLOT = { field: 'slot_id', description: 'must be another slot than the one that the token is in' };

/** R14, where the token that is given up does not count, and R15. */
function ifNoPlace(to: DoctorDay, token: Token): Refused | undefined {
  const live = to.liveTokenOf(token.patientRef);
  if (live && live.id !== token.id) return refused('PATIENT_HAS_TOKEN', { tokenId: live.id });
  return to.isFull ? refused('DAY_FULL', { doctorId: to.doctor.id, date: to.date }) : undefined;
}

/** R11, and those who are not put off: who is with the doctor, and emergencies. */
function ifBound(token: Token): Refused | undefined {
  const gone = ifNotLive(token);
  if (gone) return gone;
  const { id: tokenId, status, source } = token;
  if (status === 'SERVING') return refused('TOKEN_SERVING', { tokenId, status });
  return source === 'EMERGENCY' ? refused('TOKEN_IS_EMERGENCY', { tokenId, status }) : undefined;
}
