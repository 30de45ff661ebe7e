/** The doctor's room and its door: who is here, who goes in, who comes out. One patient is with the doctor at a time. */
import { nextToCall } from './calling-order.js';
import { clear } from './closing.js';
import type { Admission, CallNextToken, CallToken } from './command.js';
import { giveWay } from './giving-way.js';
import { tokenInside, tokenOutside } from './guards.js';
import { DONE, type Refused, refused, type Verdict } from './refusal.js';
import { holdsSeat, type Token, type TokenId } from './token.js';
import type { Turn } from './turn.js';

export function checkInToken(turn: Turn, tokenId: TokenId): Verdict {
  const found = tokenOutside(turn.day, tokenId);
  if (!found.ok) return found;
  const { status, checkedInAt } = found.value;
  if (checkedInAt !== undefined) return refused('TOKEN_CHECKED_IN', { tokenId, status });

  turn.record({ kind: 'CHECKED_IN', tokenId });
  return DONE;
}

export function callNextToken(turn: Turn, command: CallNextToken): Verdict {
  const { target } = command;
  const slot = 'slotId' in target ? turn.day.slot(target.slotId) : undefined;
  if ('slotId' in target && !slot) return refused('SLOT_NOT_FOUND', target);
  const token = nextToCall(slot ? [slot] : turn.day.slots, turn.day.strength.compare);
  const unexpected = ifUnknown(turn, command) ?? ifGone(turn, command);
  if (unexpected) return unexpected;
  if (!token) return refused('NOBODY_TO_CALL', target);
  const busy = ifBusy(turn, command);
  if (busy) return busy;

  call(turn, token);
  return DONE;
}

export function callToken(turn: Turn, command: CallToken): Verdict {
  const { tokenId } = command;
  const unknown = turn.day.token(tokenId) && ifUnknown(turn, command);
  if (unknown) return unknown;
  const found = tokenOutside(turn.day, tokenId);
  if (!found.ok) return found;
  const token = found.value;
  if (!holdsSeat(token)) return refused('TOKEN_WITHOUT_SEAT', { tokenId, status: token.status });
  const busy = ifGone(turn, command) ?? ifBusy(turn, command);
  if (busy) return busy;

  call(turn, token);
  return DONE;
}

export function returnToken(turn: Turn, tokenId: TokenId): Verdict {
  const found = tokenInside(turn.day, tokenId);
  if (!found.ok) return found;

  turn.record({ kind: 'RETURNED', tokenId });
  const slot = turn.day.slotOf(found.value.slotId);
  if (slot.isClosed)
    clear(turn, [slot]); // R13
  else giveWay(turn, slot, found.value);
  return DONE;
}

export function completeToken(turn: Turn, tokenId: TokenId): Verdict {
  const found = tokenInside(turn.day, tokenId);
  if (!found.ok) return found;

  turn.record({ kind: 'COMPLETED', tokenId });
  return DONE;
}

/** Refuses if the token that the caller expects with the doctor is not of this day. */
function ifUnknown({ day }: Turn, { expectedCurrentTokenId: tokenId }: Admission): Refused | undefined {
  return tokenId && !day.token(tokenId) ? refused('TOKEN_NOT_FOUND', { tokenId }) : undefined;
}

/**
 * Refuses if nobody is with the doctor, and the expected token left without being completed, such
 * as back to its seat. If the token is COMPLETED, the call goes on: the patient was seen, and the
 * next one need not wait.
 */
function ifGone({ day }: Turn, { expectedCurrentTokenId: tokenId }: Admission): Refused | undefined {
  if (!tokenId || day.serving) return undefined;
  const { status } = day.tokenOf(tokenId);
  return status === 'COMPLETED' ? undefined : refused('TOKEN_NOT_SERVING', { tokenId, status });
}

/**
 * Refuses if somebody is with the doctor whom the call does not complete, or somebody else than the
 * caller expects.
 */
function ifBusy({ day }: Turn, { completeCurrent, expectedCurrentTokenId: expected }: Admission): Refused | undefined {
  const { serving } = day;
  if (!serving) return undefined;
  const isDone = completeCurrent && (expected === undefined || expected === serving.id);
  return isDone ? undefined : refused('DOCTOR_BUSY', { tokenId: serving.id });
}

/** The command's own token is told of first; whoever is with the doctor is done with then. */
function call(turn: Turn, token: Token): void {
  const { serving } = turn.day;
  turn.record({ kind: 'CALLED', tokenId: token.id });
  if (serving) turn.record({ kind: 'COMPLETED', tokenId: serving.id });
}
