/**
 * I1 to I9 as checks over plain values, so that they can also be made from outside, of what a server answers. Each answers
 * with what is broken, a line a breach that begins with the invariant's name; nothing, where all is well. Nothing is repaired.
 *
 * Three questions: {@link checkDay}, of a day as it stands; {@link checkChange}, of what one accepted command did to it;
 * {@link checkRefusal}, of what a refused one left. I8 is replay's to show.
 *
 * Who is stronger is for the doctor's policy to say (R23), and that may have been another before: what was decided until then
 * is not held against it. So I3 looks only at who came to wait under this policy, I6 only at what happened under it, and whoever
 * was issued before may have been protected (R24) then.
 */
import { DEFAULT_POLICY, type PolicyTerms, protects } from './doctor.js';
import type { DoctorDay } from './doctor-day.js';
import type { Change, TokenEffect } from './event.js';
import { checkRetimed } from './retiming.js';
import type { SlotId, SlotSummary } from './slot.js';
import { hasSameTimes } from './slot-times.js';
import { Strength } from './strength.js';
import type { Instant } from './time.js';
import { holdsSeat, isLive, STANDING, type Token, type TokenId, type TokenStatus } from './token.js';

/** A doctor-day as it stood at one moment: what anybody may see of it. */
export interface DaySnapshot {
  readonly revision: number;
  readonly slots: readonly SlotSummary[];
  readonly tokens: readonly Token[];
}

export function snapshotOf(day: DoctorDay): DaySnapshot {
  return { revision: day.revision, slots: day.slots.map((slot) => slot.summary()), tokens: [...day.tokens] };
}

/** The policy that a doctor has who was given none, since ever. */
const DEFAULT_TERMS: PolicyTerms = { policy: DEFAULT_POLICY, policySince: Number.NEGATIVE_INFINITY as Instant };

/** What is broken in a day at an instant. */
export function brokenInvariants(day: DoctorDay, now: Instant): string[] {
  return checkDay(snapshotOf(day), now, day.doctor);
}

/** @param now decides which slots have ended */
export function checkDay(day: DaySnapshot, now: Instant, terms: PolicyTerms = DEFAULT_TERMS): string[] {
  return [
    ...checkPlaces(day),
    ...checkNumbers(day),
    ...checkPatients(day),
    ...checkServing(day),
    ...checkSlots(day),
    ...day.slots.flatMap((slot) => checkSlot(slot, tokensIn(day, slot.id), now, terms)),
  ];
}

/** I4: every token is in exactly one slot. */
function checkPlaces({ slots, tokens }: DaySnapshot): string[] {
  const known = new Set(slots.map((slot) => slot.id));
  const ids = new Set(tokens.map((token) => token.id));
  const lost = tokens.filter((token) => !known.has(token.slotId) || !known.has(token.requestedSlotId));
  return [
    ...lost.map((token) => `I4: ${token.id} is in no slot of the day, or asked for none`),
    ...(ids.size < tokens.length ? ['I4: a token is there twice'] : []),
  ];
}

/** I7: token numbers are exactly 1..n. */
function checkNumbers({ tokens }: DaySnapshot): string[] {
  const byNumber = [...tokens].sort((a, b) => a.number - b.number);
  return byNumber
    .filter((token, index) => token.number !== index + 1)
    .map((token) => `I7: ${token.id} has number ${token.number}, which another has or which leaves a gap before it`);
}

/** R14: one patient, one place. Compared exactly: a day from before references had one form is sound. */
function checkPatients({ tokens }: DaySnapshot): string[] {
  const named = tokens.filter((token) => isLive(token) && token.patientRef !== '');
  const first = new Map<string, TokenId>();
  for (const { patientRef, id } of named) if (!first.has(patientRef)) first.set(patientRef, id);
  return named
    .filter((token) => first.get(token.patientRef) !== token.id)
    .map((token) => `R14: the patient of ${token.id} also has ${first.get(token.patientRef)}`);
}

/** One patient is with the doctor at a time. */
function checkServing({ tokens }: DaySnapshot): string[] {
  const serving = tokens.filter(({ status }) => status === 'SERVING').map(({ id }) => id);
  return serving.length > 1 ? [`serving: ${serving} are with the doctor at once`] : [];
}

/** Slots of a doctor-day do not overlap, and are ordered by start. */
function checkSlots(day: DaySnapshot): string[] {
  // R13: a closed slot that nobody is in any more leaves its time to others.
  const slots = day.slots.filter(({ id, isClosed }) => !isClosed || tokensIn(day, id).some(isLive));
  const unordered = day.slots.filter((slot, index) => slot.start < (day.slots[index - 1]?.start ?? 0));
  return [...unordered.map(({ id }) => `slots: ${id} is not in order of start`), ...overlapping(slots)];
}

function overlapping(slots: readonly SlotSummary[]): string[] {
  return slots
    .filter((slot, index) => index > 0 && slot.start < (slots[index - 1] as SlotSummary).end)
    .map((slot) => `slots: ${slot.id} begins before the one before it has ended`);
}

function checkSlot(slot: SlotSummary, tokens: readonly Token[], now: Instant, terms: PolicyTerms): string[] {
  const { id, capacity, endsAt, isClosed } = slot;
  const isOpen = !isClosed && now < endsAt;
  const seated = tokens.filter(holdsSeat);
  const waiting = tokens.filter((token) => isLive(token) && !holdsSeat(token));
  const broken: string[] = [];
  if (slot.seatsTaken !== seated.length) {
    broken.push(`tally: ${id} counts ${slot.seatsTaken} seats taken, its tokens ${seated.length}`);
  }
  if (slot.waiting !== waiting.length) {
    broken.push(`tally: ${id} counts ${slot.waiting} waiting, its tokens ${waiting.length}`);
  }
  // Every seat beyond capacity was taken by, or left to, a token that could not be displaced.
  const isFixed = (token: Token) => !isUnprotected(token, terms) || token.createdAt <= terms.policySince;
  if (seated.length - capacity > seated.filter(isFixed).length) {
    broken.push(`I1: ${id} has ${seated.length} seats taken of ${capacity}, and not by emergencies`);
  }
  if (isOpen && seated.length < capacity && waiting.length > 0) {
    broken.push(`I2: ${id} has a free seat while ${waiting.map((token) => token.id)} wait in its queue`);
  }
  if (isClosed && seated.some(isDisplaceable)) broken.push(`R13: ${id} is closed, and not everybody has left it`);
  return isOpen ? [...broken, ...checkStrength(id, seated, waiting, terms)] : broken;
}

/** I3: nobody waits in the slot that was asked for while somebody weaker sits in it. */
function checkStrength(
  slotId: SlotId,
  seated: readonly Token[],
  waiting: readonly Token[],
  terms: PolicyTerms,
): string[] {
  const strength = new Strength(terms.policy.agingPointsPerHour);
  const weakest = seated
    .filter((token) => isUnprotected(token, terms))
    .sort(strength.compare)
    .at(-1);
  return waiting
    .filter((token) => token.requestedSlotId === slotId && token.createdAt > terms.policySince)
    .filter((token) => weakest && strength.outranks(token, weakest))
    .map((token) => `I3: ${token.id} waits in ${slotId} while somebody weaker has a seat there`);
}

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

/** R20 and R22: nobody is left to wait in a slot that ended while it was open, and nobody who is here becomes a no-show. */
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
/** R6: a slot is closed or cut; and who is sent back to a closed slot leaves it with all who were left there (R13). */
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
 * @param strength what counted then; undefined where that is not known
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

/** R24: who is protected makes way for emergencies alone; but everybody leaves a slot that is closed (R13). */
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

/** I1: when an overflow begins or grows, nobody displaceable is ACTIVE there. Who comes back to a seat later does not break it. */
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

/** A change tells of every slot that a token of it was in or that it made or changed, as it stands, by start; and of no other. */
function checkTouched(before: DaySnapshot, change: Change, after: DaySnapshot): string[] {
  const touched = new Set(
    change.effects.flatMap(({ token, fromSlotId }) => [token.slotId, fromSlotId ?? token.slotId]),
  );
  const known = new Map(before.slots.map((slot) => [slot.id, slot]));
  // That a slot has just ended (R20) is not to be seen in it: where the clock acted, one that has ended may be told of.
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

function tokensIn({ tokens }: DaySnapshot, slotId: SlotId): Token[] {
  return tokens.filter((token) => token.slotId === slotId);
}

/** R4: ACTIVE, and no emergency. */
function isDisplaceable(token: Token): boolean {
  return token.status === 'ACTIVE' && !isEmergency(token);
}

function isEmergency({ source }: Token): boolean {
  return source === 'EMERGENCY';
}

/** R4, R24: ACTIVE, and displaced by others than emergencies, too. */
function isUnprotected(token: Token, { policy }: PolicyTerms): boolean {
  return isDisplaceable(token) && !protects(policy, token);
}

/** Whether two flat values have the same fields. */
function isSame<T extends object>(a: T, b: T | undefined): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b ?? {})]) as Set<keyof T>;
  return b !== undefined && [...fields].every((field) => a[field] === b[field]);
}
