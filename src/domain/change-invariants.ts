/**
 * I4 to I9 as checks of what a command did to a day. What is checked, and from when on, is told in
 * invariants.ts.
 */
import { type PolicyTerms, protects } from './doctor.js';
import type { Change, TokenEffect } from './event.js';
import { type DaySnapshot, DEFAULT_TERMS, isDisplaceable, isEmergency, isUnprotected, tokensIn } from './invariants.js';
import { checkRetimed } from './retiming.js';
import type { SlotSummary } from './slot.js';
import { hasSameTimes } from './slot-times.js';
import { Strength } from './strength.js';
import { isLive, STANDING, type Token, type TokenStatus } from './token.js';

/** What is broken in how one accepted command changed a day. */
export function checkChange(
  before: DaySnapshot,
  change: Change,
  after: DaySnapshot,
  terms: PolicyTerms = DEFAULT_TERMS,
): string[] {
  return [
    ...checkRevision(before, change, after),
    ...checkEffects(before, change, after, terms),
    ...checkOverflow(before, change, after, terms),
    ...checkTouched(before, change, after),
    ...checkRetimed(before.slots, change, after.slots),
    ...(change.cause === 'CLOCK' ? checkClock(change, after) : []),
  ];
}

/**
 * R20 and R22: nobody is left to wait in a slot that ended while it was open, and nobody who is
 * here becomes a no-show.
 */
function checkClock({ at, effects }: Change, after: DaySnapshot): string[] {
  const left = after.slots.filter(({ endsAt, isClosed, waiting }) => endsAt <= at && !isClosed && waiting > 0);
  const here = effects.filter(({ kind, token }) => kind === 'NO_SHOW' && token.checkedInAt !== undefined);
  return [
    ...left.map(({ id }) => `R20: ${id} has ended, and somebody still waits in it`),
    ...here.map(({ token }) => `R22: ${token.id} became a no-show, and the patient is here`),
  ];
}

/** I7: one revision per changing command. */
function checkRevision(before: DaySnapshot, change: Change, after: DaySnapshot): string[] {
  if (change.revision === before.revision + 1 && after.revision === change.revision) return [];
  return [`I7: revision ${before.revision}, change ${change.revision}, revision ${after.revision}`];
}

/** Goes through the effects one by one (I4 to I6); in the end, they must add up to the day after. */
function checkEffects(before: DaySnapshot, change: Change, after: DaySnapshot, terms: PolicyTerms): string[] {
  const isUnderPolicy = change.at > terms.policySince;
  const strength = isUnderPolicy ? new Strength(terms.policy.agingPointsPerHour) : undefined;
  const starts = new Map(after.slots.map((slot) => [slot.id, slot.start]));
  const closed = new Set(after.slots.filter(({ isClosed }) => isClosed).map(({ id }) => id));
  const tokens = new Map(before.tokens.map((token) => [token.id, token]));
  const broken: string[] = [];
  for (const effect of change.effects) {
    const { token, displacedByTokenId } = effect;
    const known = tokens.get(token.id);
    const by = displacedByTokenId && tokens.get(displacedByTokenId);
    broken.push(...checkTransition(known, effect), ...checkDisplacement(known, effect, by, strength));
    if (known && isUnderPolicy) broken.push(...checkProtection(known, effect, by, change.cause, terms));
    if (GOES_IN.has(effect.kind) && closed.has(token.slotId)) broken.push(`R13: ${token.id} came into a closed slot`);
    if (known && Number(starts.get(token.slotId)) < Number(starts.get(known.slotId))) {
      broken.push(`I5: ${token.id} went back from ${known.slotId} to ${token.slotId}`);
    }
    if (token.updatedAt !== change.at) broken.push(`I4: ${token.id} does not tell when it changed`);
    tokens.set(token.id, token);
  }
  const displaced = change.effects.filter(({ kind }) => kind === 'DISPLACED');
  if (displaced.length > 1 && !DISPLACES_MANY.has(change.cause)) broken.push('R6: two were displaced');
  return [...broken, ...checkSum([...tokens.values()], after.tokens)];
}

/** Those that bring a token into a slot, or into a seat of it. */
const GOES_IN: ReadonlySet<TokenEffect['kind']> = new Set(['ALLOCATED', 'QUEUED', 'PROMOTED', 'MOVED']);
/**
 * R6: a slot is closed or cut; and who is sent back to a closed slot leaves it with all who were
 * left there (R13).
 */
const DISPLACES_MANY: ReadonlySet<Change['cause']> = new Set(['CloseSlot', 'CloseSlots', 'UpdateSlot', 'ReturnToken']);

/** What each effect makes of a token. CHECKED_IN and UPDATED leave its status, and MOVED may. */
const LEADS_TO: Readonly<Partial<Record<TokenEffect['kind'], TokenStatus>>> = {
  DISPLACED: 'DISPLACED',
  PROMOTED: 'ACTIVE',
  MOVED: 'ACTIVE',
  CANCELLED: 'CANCELLED',
  NO_SHOW: 'NO_SHOW',
  EXPIRED: 'EXPIRED',
  CALLED: 'SERVING',
  RETURNED: 'ACTIVE',
  COMPLETED: 'COMPLETED',
};

function mayBecome(known: Token, { kind, token }: TokenEffect): boolean {
  const queues = known.status === 'WAITING' || known.status === 'DISPLACED';
  const isSameStatus = known.status === token.status;
  if (kind === 'UPDATED') return isSameStatus && isLive(known) && isEmergency(known) === isEmergency(token);
  if (kind === 'CHECKED_IN') return isSameStatus && (queues || known.status === 'ACTIVE');
  // R13: from queue to queue, or an emergency with its seat.
  if (kind === 'MOVED' && isSameStatus) return queues || (known.status === 'ACTIVE' && known.source === 'EMERGENCY');
  return LEADS_TO[kind] === token.status && STANDING[known.status].mayBecome.includes(token.status);
}

/** I4: only the transitions of the table of states occur, each by the effect that is named for it. */
function checkTransition(known: Token | undefined, effect: TokenEffect): string[] {
  const { kind, token, fromSlotId } = effect;
  if (!known) {
    const status = kind === 'ALLOCATED' ? 'ACTIVE' : 'WAITING';
    const isIssued = kind === 'ALLOCATED' || kind === 'QUEUED';
    return isIssued && token.status === status ? [] : [`I4: ${token.id} came into being ${token.status}, by ${kind}`];
  }
  const broken: string[] = [];
  const isMove = kind === 'MOVED';
  if (!mayBecome(known, effect))
    broken.push(`I4: ${token.id} was ${known.status} and became ${token.status}, by ${kind}`);
  if (isMove !== (known.slotId !== token.slotId)) broken.push(`I4: ${token.id} changed its slot, by ${kind}`);
  if (isMove && fromSlotId !== known.slotId) broken.push(`I4: ${token.id} did not move from ${fromSlotId}`);
  const checkedInAt = kind === 'CHECKED_IN' ? token.updatedAt : known.checkedInAt;
  const displacements = known.displacements + (kind === 'DISPLACED' ? 1 : 0);
  const calledAt = kind === 'CALLED' ? token.updatedAt : known.calledAt;
  const { status, slotId, updatedAt } = token;
  const { source, patientRef } = kind === 'UPDATED' ? token : known;
  const { seatedAt } = token; // Not to be seen from outside; replay compares it (I8).
  const expected: Token = {
    ...known,
    source,
    patientRef,
    status,
    slotId,
    updatedAt,
    checkedInAt,
    displacements,
    seatedAt,
    calledAt,
  };
  if (!isSame(token, expected)) broken.push(`I4: ${token.id} is another than it was`);
  return broken;
}

/**
 * I6: only the strictly weaker are displaced; never EMERGENCY, SERVING, COMPLETED.
 *
 * @param strength what counted then; undefined if that is not known
 */
function checkDisplacement(
  known: Token | undefined,
  effect: TokenEffect,
  by: Token | undefined,
  strength: Strength | undefined,
): string[] {
  if (effect.kind !== 'DISPLACED') return [];
  const { id } = effect.token;
  if (!known || !isDisplaceable(known)) return [`I6: ${id} was displaced, and is protected`];
  if (!effect.displacedByTokenId) return [];
  if (!by || by.slotId !== known.slotId) return [`I6: ${id} was displaced by somebody elsewhere`];
  return !strength || strength.outranks(by, known) ? [] : [`I6: ${id} was displaced by ${by.id}, who is no stronger`];
}

/**
 * R24: who is protected makes way for emergencies alone; but everybody leaves a slot that is closed
 * (R13).
 */
function checkProtection(
  known: Token,
  { kind, displacedByTokenId }: TokenEffect,
  by: Token | undefined,
  cause: Change['cause'],
  { policy }: PolicyTerms,
): string[] {
  const isForOthers = displacedByTokenId ? by?.source !== 'EMERGENCY' : cause === 'UpdateSlot';
  const isBroken = kind === 'DISPLACED' && isForOthers && protects(policy, known);
  return isBroken ? [`R24: ${known.id} was displaced, and is protected from all but emergencies`] : [];
}

/** I4: what no effect tells of has not changed. */
function checkSum(expected: readonly Token[], actual: readonly Token[]): string[] {
  const found = new Map(actual.map((token) => [token.id, token]));
  const differing = expected.filter((token) => !isSame(token, found.get(token.id)));
  return [
    ...differing.map((token) => `I4: ${token.id} is not as the effects left it`),
    ...(actual.length === expected.length
      ? []
      : [`I4: the effects leave ${expected.length} tokens of ${actual.length}`]),
  ];
}

/**
 * I1: when an overflow begins or grows, nobody displaceable is ACTIVE there. Who comes back to a
 * seat later does not break it.
 */
function checkOverflow(before: DaySnapshot, change: Change, after: DaySnapshot, terms: PolicyTerms): string[] {
  // R12, R24: a cut leaves those in their seats whom only an emergency displaces.
  const isCut = change.cause === 'UpdateSlot';
  const couldMakeWay = (token: Token) => {
    return isCut ? isUnprotected(token, terms) && token.createdAt > terms.policySince : isDisplaceable(token);
  };
  const overflows = new Map(before.slots.map(({ id, seatsTaken, capacity }) => [id, seatsTaken - capacity]));
  return after.slots
    .filter(({ id, seatsTaken, capacity }) => seatsTaken - capacity > Math.max(0, overflows.get(id) ?? 0))
    .filter(({ id }) => tokensIn(after, id).some(couldMakeWay))
    .map(({ id }) => `I1: ${id} overflowed, though somebody there could have made way`);
}

/**
 * A change tells of every slot that a token of it was in or that it made or changed, as it stands,
 * by start; and of no other.
 */
function checkTouched(before: DaySnapshot, change: Change, after: DaySnapshot): string[] {
  const touched = new Set(
    change.effects.flatMap(({ token, fromSlotId }) => [token.slotId, fromSlotId ?? token.slotId]),
  );
  const known = new Map(before.slots.map((slot) => [slot.id, slot]));
  // That a slot has just ended (R20) is not to be seen in it: where the clock acted, one that has
  // ended may be told of.
  const told = new Set(change.cause === 'CLOCK' ? change.slots.map((slot) => slot.id) : [change.changedSlotId]);
  const hasEnded = ({ endsAt }: SlotSummary) => change.cause !== 'CLOCK' || endsAt <= change.at;
  const isAltered = (slot: SlotSummary) => {
    const earlier = known.get(slot.id);
    const isOther = !earlier || earlier.capacity !== slot.capacity || earlier.isClosed !== slot.isClosed;
    return isOther || !hasSameTimes(earlier, slot) || (told.has(slot.id) && hasEnded(slot));
  };
  const there = new Set(after.slots.map(({ id }) => id));
  const gone = before.slots
    .filter(({ id }) => !there.has(id))
    .map((slot): SlotSummary => ({ ...slot, isDeleted: true }));
  const expected = [...after.slots.filter((slot) => touched.has(slot.id) || isAltered(slot)), ...gone];
  const isComplete =
    expected.length === change.slots.length && expected.every((slot, i) => isSame(slot, change.slots[i]));
  return isComplete ? [] : [`slots: the change tells of ${change.slots.map((slot) => slot.id)}`];
}

/** I9: a refused command has changed nothing. */
export function checkRefusal(before: DaySnapshot, after: DaySnapshot): string[] {
  const isUntouched =
    before.revision === after.revision &&
    before.slots.length === after.slots.length &&
    before.slots.every((slot, index) => isSame(slot, after.slots[index])) &&
    checkSum(before.tokens, after.tokens).length === 0;
  return isUntouched ? [] : ['I9: a refused command changed the day'];
}

/** Whether two flat values have the same fields. */
function isSame<T extends object>(a: T, b: T | undefined): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b ?? {})]) as Set<keyof T>;
  return b !== undefined && [...fields].every((field) => a[field] === b[field]);
}
