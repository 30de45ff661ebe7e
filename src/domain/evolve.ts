/**
 * The one switch on events: what each does to a doctor-day. Deciding and replaying both come through here, so that the
 * journal, applied from the start, gives exactly the state that is served (I8). An event that the table of states does not
 * allow is a bug or a damaged journal: it throws.
 */
import type { DoctorDay } from './doctor-day.js';
import type {
  DayEvent,
  SlotCreated,
  TokenCarriedOver,
  TokenDisplaced,
  TokenEffect,
  TokenIssued,
  TokenMoved,
  TokenUpdated,
} from './event.js';
import type { SlotId } from './slot.js';
import type { Instant } from './time.js';
import { isLive, STANDING, type Token, type TokenStatus } from './token.js';

/** Applies one event. One that is about a slot touches no token, and so has no effect to tell of. */
export function evolve(day: DoctorDay, event: DayEvent, at: Instant): TokenEffect | undefined {
  switch (event.kind) {
    case 'ALLOCATED':
      return { kind: event.kind, token: issue(day, event, 'ACTIVE', at) };
    case 'QUEUED':
      return { kind: event.kind, token: issue(day, event, 'WAITING', at) };
    case 'DISPLACED':
      return displace(day, event, at);
    case 'PROMOTED':
    case 'RETURNED':
      return { kind: event.kind, token: become(day, day.tokenOf(event.tokenId), 'ACTIVE', at) };
    case 'MOVED':
      return move(day, event, at);
    case 'CARRIED_OVER':
      return carryOver(day, event, at);
    case 'CHECKED_IN':
      return { kind: event.kind, token: checkIn(day, day.tokenOf(event.tokenId), at) };
    case 'UPDATED':
      return { kind: event.kind, token: update(day, event, at) };
    case 'CALLED':
      return { kind: event.kind, token: become(day, day.tokenOf(event.tokenId), 'SERVING', at) };
    case 'CANCELLED':
    case 'NO_SHOW':
    case 'EXPIRED':
      return { kind: event.kind, token: become(day, day.tokenOf(event.tokenId), event.kind, at) };
    case 'COMPLETED':
      return { kind: event.kind, token: complete(day, day.tokenOf(event.tokenId), at) };
    default:
      evolveSlot(day, event);
      return undefined;
  }
}

type SlotEvent = Extract<DayEvent, { readonly kind: `SLOT_${string}` }>;

function evolveSlot(day: DoctorDay, event: SlotEvent): void {
  switch (event.kind) {
    case 'SLOT_CREATED':
      day.addSlot(termsOf(event));
      break;
    case 'SLOT_RESIZED':
      day.slotOf(event.slotId).setCapacity(event.capacity);
      break;
    case 'SLOT_CLOSED':
      day.slotOf(event.slotId).close();
      break;
    case 'SLOT_REOPENED':
      day.slotOf(event.slotId).reopen();
      break;
    case 'SLOT_DELETED':
      day.removeSlot(event.slotId);
      break;
    case 'SLOT_RETIMED':
      day.retimeSlot(event.slotId, event);
      break;
    case 'SLOT_ENDED':
      day.slotOf(event.slotId).end();
      break;
  }
}

function displace(day: DoctorDay, { kind, tokenId, byTokenId }: TokenDisplaced, at: Instant): TokenEffect {
  const token = become(day, day.tokenOf(tokenId), 'DISPLACED', at);
  return byTokenId ? { kind, token, displacedByTokenId: byTokenId } : { kind, token };
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
    checkedInAt: undefined,
    displacements: 0,
    seatedAt: status === 'ACTIVE' ? at : undefined,
    calledAt: undefined,
    rescheduledFromTokenId: event.rescheduledFromTokenId,
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
    checkedInAt: token.checkedInAt,
    displacements: token.displacements + (status === 'DISPLACED' ? 1 : 0),
    seatedAt: status === 'ACTIVE' ? at : token.seatedAt,
    calledAt: status === 'SERVING' ? at : token.calledAt,
    rescheduledFromTokenId: token.rescheduledFromTokenId,
  };
  day.replace(token, after);
  return after;
}

function complete(day: DoctorDay, token: Token, at: Instant): Token {
  const after = become(day, token, 'COMPLETED', at);
  if (token.calledAt === undefined) throw new Error(`${token.id} is SERVING and has not been called (I4)`);
  day.noteConsultation(at - token.calledAt);
  return after;
}

function move(day: DoctorDay, event: TokenMoved, at: Instant): TokenEffect {
  const token = day.tokenOf(event.tokenId);
  const to = laterSlot(day, token, event.toSlotId);
  return { kind: event.kind, token: become(day, token, 'ACTIVE', at, to), fromSlotId: token.slotId };
}

/** The one way in which a token changes its slot and nothing else. */
function carryOver(day: DoctorDay, event: TokenCarriedOver, at: Instant): TokenEffect {
  const token = day.tokenOf(event.tokenId);
  const keepsSeat = token.status === 'ACTIVE' && token.source === 'EMERGENCY';
  if (!keepsSeat && token.status !== 'WAITING' && token.status !== 'DISPLACED') {
    throw new Error(`${token.id} is ${token.status} and cannot be carried over (I4)`);
  }
  const to = laterSlot(day, token, event.toSlotId);
  const after: Token = { ...token, slotId: to, updatedAt: at, seatedAt: keepsSeat ? at : token.seatedAt };
  day.replace(token, after);
  return { kind: 'MOVED', token: after, fromSlotId: token.slotId };
}

function laterSlot(day: DoctorDay, token: Token, toSlotId: SlotId): SlotId {
  const [from, to] = [day.slotOf(token.slotId), day.slotOf(toSlotId)];
  if (to.terms.start > from.terms.start) return to.id;
  throw new Error(`${token.id} cannot move from ${from.id} back to ${to.id} (I5)`);
}

function checkIn(day: DoctorDay, token: Token, at: Instant): Token {
  if (!isLive(token) || token.status === 'SERVING' || token.checkedInAt !== undefined) {
    throw new Error(`${token.id} is ${token.status} and cannot be checked in, or has been (I4)`);
  }
  const after: Token = { ...token, checkedInAt: at, updatedAt: at };
  day.replace(token, after);
  return after;
}

/** R5: no token becomes an emergency by it, and none stops being one. */
function update(day: DoctorDay, { tokenId, source, patientRef }: TokenUpdated, at: Instant): Token {
  const token = day.tokenOf(tokenId);
  const isBound = source !== undefined && (source === 'EMERGENCY' || token.source === 'EMERGENCY');
  if (!isLive(token) || isBound) throw new Error(`${token.id} is ${token.status} and cannot be updated (I4)`);
  const changed = { source: source ?? token.source, patientRef: patientRef ?? token.patientRef };
  const after: Token = { ...token, ...changed, updatedAt: at };
  day.replace(token, after);
  return after;
}
