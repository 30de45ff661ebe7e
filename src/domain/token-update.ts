/**
 * Corrects the source or the patient reference of a token. The token keeps its number; its place
 * follows its new strength.
 */
import type { UpdateToken } from './command.js';
import { giveWay, takeSeat } from './giving-way.js';
import { ifNotLive } from './guards.js';
import { DONE, refused, type Verdict } from './refusal.js';
import { PRIORITY } from './token.js';
import type { Turn } from './turn.js';

export function updateToken(turn: Turn, { tokenId, source, patientRef }: UpdateToken): Verdict {
  const { day } = turn;
  const token = day.token(tokenId);
  if (!token) return refused('TOKEN_NOT_FOUND', { tokenId });
  const other = patientRef === undefined ? undefined : day.liveTokenOf(patientRef);
  if (other && other.id !== tokenId) return refused('PATIENT_HAS_TOKEN', { tokenId: other.id }); // R14
  const gone = ifNotLive(token);
  if (gone) return gone;
  const isBound = source !== undefined && token.source === 'EMERGENCY'; // R5
  if (isBound) return refused('TOKEN_IS_EMERGENCY', { tokenId, status: token.status });

  turn.record({ kind: 'UPDATED', tokenId, ...(source && { source }), ...(patientRef !== undefined && { patientRef }) });
  const after = day.tokenOf(tokenId);
  const slot = day.slotOf(token.slotId);
  const rise = PRIORITY[after.source] - PRIORITY[token.source];
  if (rise > 0 && (token.status === 'WAITING' || token.status === 'DISPLACED')) takeSeat(turn, slot, after);
  if (rise < 0 && token.status === 'ACTIVE') giveWay(turn, slot, after);
  return DONE;
}
