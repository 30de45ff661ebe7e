/**
 * The one switch on events: what each does to a doctor-day. Deciding and replaying both come through here, so that the
 * journal, applied from the start, gives exactly the state that is served (I8). An event that the table of states does not
 * allow is a bug or a damaged journal: it throws.
 */
import type { DoctorDay } from './doctor-day.js';
import type { DayEvent, SlotCreated, TokenEffect, TokenIssued, TokenMoved } from './event.js';
import type { Instant } from './time.js';
import { STANDING, type Token, type TokenStatus } from './token.js';

/** Applies one event. SLOT_CREATED touches no token, and so has no effect to tell of. */
export function evolve(day: DoctorDay, event: DayEvent, at: Instant): TokenEffect | undefined {
  switch (event.kind) {
    case 'SLOT_CREATED':
      day.addSlot(termsOf(event));
      return undefined;
    case 'ALLOCATED':
      return { kind: event.kind, token: issue(day, event, 'ACTIVE', at) };
    case 'QUEUED':
      return { kind: event.kind, token: issue(day, event, 'WAITING', at) };
    case 'DISPLACED': {
      const token = become(day, day.tokenOf(event.tokenId), 'DISPLACED', at);
      return { kind: event.kind, token, displacedByTokenId: event.byTokenId };
    }
    case 'PROMOTED':
      return { kind: event.kind, token: become(day, day.tokenOf(event.tokenId), 'ACTIVE', at) };
    case 'MOVED':
      return move(day, event, at);
    case 'CANCELLED':
    case 'NO_SHOW':
      return { kind: event.kind, token: become(day, day.tokenOf(event.tokenId), event.kind, at) };
  }
}

function termsOf({ kind: _, ...terms }: SlotCreated) {
  return terms;
}

function issue(day: DoctorDay, event: TokenIssued, status: TokenStatus, at: Instant): Token {
  const token: Token = {
    id: event.tokenId,
    number: event.number,
    slotId: event.slotId,
    requestedSlotId: event.slotId,
    source: event.source,
    status,
    patientRef: event.patientRef,
    createdAt: at,
    updatedAt: at,
  };
  day.add(token);
  return token;
}

function become(day: DoctorDay, token: Token, status: TokenStatus, at: Instant, slotId = token.slotId): Token {
  if (!STANDING[token.status].mayBecome.includes(status)) {
    throw new Error(`${token.id} is ${token.status} and cannot become ${status} (I4)`);
  }
  // Written out field by field: this is the hot path, and a spread copies more slowly.
  const after: Token = {
    id: token.id,
    number: token.number,
    slotId,
    requestedSlotId: token.requestedSlotId,
    source: token.source,
    status,
    patientRef: token.patientRef,
    createdAt: token.createdAt,
    updatedAt: at,
  };
  day.replace(token, after);
  return after;
}

function move(day: DoctorDay, event: TokenMoved, at: Instant): TokenEffect {
  const token = day.tokenOf(event.tokenId);
  const [from, to] = [day.slotOf(token.slotId), day.slotOf(event.toSlotId)];
  if (to.terms.start <= from.terms.start)
    throw new Error(`${token.id} cannot move from ${from.id} back to ${to.id} (I5)`);
  return { kind: event.kind, token: become(day, token, 'ACTIVE', at, to.id), fromSlotId: from.id };
}
