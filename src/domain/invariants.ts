/**
 * I1 to I9 as checks over plain values, so that they can also be made from outside, of what a
 * server answers. Each answers with what is broken, a line a breach that begins with the
 * invariant's name; nothing, where all is well. Nothing is repaired.
 *
 * {@link checkDay} checks a day as it stands. What commands do to a day is checked in
 * change-invariants.ts. Replay shows I8.
 *
 * Who is stronger is for the doctor's policy to say (R23), and that may have been another before:
 * what was decided until then is not held against it. So I3 looks only at who came to wait under
 * this policy, I6 only at what happened under it, and whoever was issued before may have been
 * protected (R24) then.
 */
import { DEFAULT_POLICY, type PolicyTerms, protects } from './doctor.js';
import type { DoctorDay } from './doctor-day.js';
import type { SlotId, SlotSummary } from './slot.js';
import { Strength } from './strength.js';
import type { Instant } from './time.js';
import { holdsSeat, isLive, type Token, type TokenId } from './token.js';

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
export const DEFAULT_TERMS: PolicyTerms = { policy: DEFAULT_POLICY, policySince: Number.NEGATIVE_INFINITY as Instant };

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

/**
 * R14: one patient, one place. Compared exactly: a day from before references had one form is
 * sound.
 */
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

export function tokensIn({ tokens }: DaySnapshot, slotId: SlotId): Token[] {
  return tokens.filter((token) => token.slotId === slotId);
}

/** R4: ACTIVE, and no emergency. */
export function isDisplaceable(token: Token): boolean {
  return token.status === 'ACTIVE' && !isEmergency(token);
}

export function isEmergency({ source }: Token): boolean {
  return source === 'EMERGENCY';
}

/** R4, R24: ACTIVE, and displaced by others than emergencies, too. */
export function isUnprotected(token: Token, { policy }: PolicyTerms): boolean {
  return isDisplaceable(token) && !protects(policy, token);
}
