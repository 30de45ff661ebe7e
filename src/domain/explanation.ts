/**
 * Why something happened to a token, as the front desk would tell its patient: the rule, and a sentence that names what one
 * would ask about, other tokens by their numbers and slots by their starts.
 */
import type { RecordedCommand } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import { ruleOfExpiry, ruleOfMove, ruleOfNoShow } from './effect-rules.js';
import type { Change, TokenEffect } from './event.js';
import { Occasion, takeDown } from './occasion.js';
import type { SlotId } from './slot.js';
import { formatInstant, formatTimeOfDay } from './time.js';
import { isLive, PRIORITY, type Token, type TokenId, type TokenSource } from './token.js';
import { type Recorded, replay } from './turn.js';

export interface Explanation {
  /** `R7`; empty where somebody at the desk or the doctor did it, which takes no rule. */
  readonly rule: string;
  readonly sentence: string;
}

/** One thing that happened to a token, or to the times of its slot. */
export interface Step extends Explanation {
  readonly change: Change;
  /** Absent if only the times of the token's slot changed. */
  readonly effect?: TokenEffect;
}

/** Applies a recorded revision, and explains each of its effects on one token. */
export function follow(day: DoctorDay, recorded: Recorded, id: TokenId): Step[] {
  const before = takeDown(day, recorded.events);
  const change = replay(day, recorded);
  const occasion = new Occasion(day, change, before);
  const ours = change.effects.filter(({ token }) => token.id === id);
  const steps: Step[] = ours.map((effect) => ({ change, effect, ...TELL[effect.kind](occasion, effect) }));
  const token = day.token(id);
  const retimed = token && isLive(token) && retimedSlot(occasion, token.slotId, recorded.command);
  return retimed ? [{ change, ...retimed }, ...steps] : steps;
}

/** R17: what became of the times of a slot; undefined if they stayed as they were. */
function retimedSlot(occasion: Occasion, slotId: SlotId, command: RecordedCommand): Explanation | undefined {
  const before = occasion.timesBefore(slotId);
  if (!before) return undefined;
  const { start, end, startsAt } = occasion.slot(slotId).terms;
  const [from, to] = [`${formatTimeOfDay(before.start)} slot`, `${formatTimeOfDay(start)}-${formatTimeOfDay(end)}`];
  if (command.kind !== 'CLOCK') return told('', `The ${from} was moved to ${to}.`);
  const rules = `The rules of the time zone changed (time zone data ${command.zoneData})`;
  const instants = `${formatInstant(startsAt)}, no longer ${formatInstant(before.startsAt)}`;
  return told('R17', `${rules}: the ${from} keeps its local time, which is now ${instants}.`);
}

type Tell = (occasion: Occasion, effect: TokenEffect) => Explanation;

const TELL: Readonly<Record<TokenEffect['kind'], Tell>> = {
  ALLOCATED: (occasion, effect) =>
    (effect.token.source === 'EMERGENCY' ? emergency : allocated)(occasion, effect.token),
  QUEUED: queued,
  DISPLACED: displaced,
  PROMOTED: promoted,
  MOVED: moved,
  CANCELLED: cancelled,
  NO_SHOW: noShow,
  EXPIRED: expired,
  UPDATED: updated,
  CHECKED_IN: () => told('', 'The patient checked in.'),
  CALLED: called,
  RETURNED: (occasion, { token }) => told('', `Sent back to its seat in ${slot(occasion, token.slotId)}.`),
  COMPLETED: completed,
};

function told(rule: string, sentence: string): Explanation {
  return { rule, sentence };
}

function allocated(occasion: Occasion, token: Token): Explanation {
  const weaker = occasion.displacedFor(token.id);
  if (!weaker) return told('R1', `Got a free seat in ${slot(occasion, token.slotId)}${instead(occasion, token)}.`);
  return told('R2', `${tookSeat(occasion, token, weaker)}${instead(occasion, token)}.`);
}

function queued(occasion: Occasion, { token }: TokenEffect): Explanation {
  const full = `Found ${slot(occasion, token.slotId)} full, and nobody there to make way`;
  return told('R3', `${full}: waits in its queue${instead(occasion, token)}.`);
}

function emergency(occasion: Occasion, token: Token): Explanation {
  const { replaced } = occasion;
  const where = `Seated at once in ${slot(occasion, token.slotId)}, as an emergency`;
  const patient = replaced ? `${numberOf(replaced.token)} of the same patient` : '';
  if (replaced && replaced.token.slotId === token.slotId && occasion.heldSeat(replaced)) {
    return told('R19', `${where}, in the seat of ${patient}.`);
  }
  return told('R5', `${where}${bySeat(occasion, token)}${replaced ? `; replaces ${patient}` : ''}.`);
}

/** How an emergency came by its seat. */
function bySeat(occasion: Occasion, { id, slotId }: Token): string {
  const weaker = occasion.displacedFor(id);
  if (weaker) return `: ${who(weaker)}, made way`;
  const { seatsTaken, capacity } = occasion.slot(slotId);
  return seatsTaken > capacity ? `, beyond its ${seats(capacity)}: nobody there could make way` : ', in a free seat';
}

function displaced(occasion: Occasion, { token, displacedByTokenId }: TokenEffect): Explanation {
  const lost = `Lost its seat in ${slot(occasion, token.slotId)}`;
  if (displacedByTokenId) {
    const stronger = occasion.day.tokenOf(displacedByTokenId);
    const rule = stronger.source === 'EMERGENCY' ? 'R5' : 'R2';
    return told(rule, `${lost} to ${who(stronger)} (${comparison(stronger, token)}).`);
  }
  if (occasion.cause === 'UpdateSlot') {
    return told('R12', `${lost}, which was cut to ${seats(occasion.slot(token.slotId).capacity)}.`);
  }
  return told('R13', `${lost}, which ${closed(occasion)}.`);
}

function promoted(occasion: Occasion, effect: TokenEffect): Explanation {
  const { token } = effect;
  const weaker = occasion.displacedFor(token.id);
  if (weaker) return told('R2', `${tookSeat(occasion, token, weaker)}.`);
  return told('R8', `Got ${freedSeat(occasion, effect)}, as the strongest in its queue.`);
}

function moved(occasion: Occasion, effect: TokenEffect): Explanation {
  const { token, fromSlotId = token.slotId } = effect;
  const rule = ruleOfMove(occasion, effect);
  if (rule === 'R13' || rule === 'R20') return told(rule, cleared(occasion, effect, rule));
  const to = slot(occasion, token.slotId);
  const seats = {
    R7: `a free seat in ${to}`,
    R8: freedSeat(occasion, effect),
    R16: `a seat in ${to}, ${newness(occasion)}`,
  };
  return told(rule, `Moved from the queue of ${slot(occasion, fromSlotId)} to ${seats[rule]}.`);
}

/** Why a slot has new seats (R16), as the end of a sentence. */
function newness({ cause }: Occasion): string {
  if (cause === 'ReopenSlot') return 'which takes tokens again';
  return cause === 'UpdateSlot' ? 'which was moved to later' : 'a new one';
}

/** How a token came away from a slot that was closed (R13) or had ended (R20). */
function cleared(occasion: Occasion, effect: TokenEffect, rule: 'R13' | 'R20'): string {
  const { token, fromSlotId = token.slotId } = effect;
  const from = `${slot(occasion, fromSlotId)}, which ${rule === 'R20' ? 'had ended' : closed(occasion)},`;
  const to = slot(occasion, token.slotId);
  if (token.status !== 'ACTIVE') return `Moved from the queue of ${from} to that of ${to}.`;
  return occasion.heldSeat(effect)
    ? `Moved with its seat from ${from} to ${to}.`
    : `Moved from ${from} to a free seat in ${to}.`;
}

function cancelled(occasion: Occasion, effect: TokenEffect): Explanation {
  const { token } = effect;
  const where = slot(occasion, token.slotId);
  const issued = occasion.change.effects[0]?.token;
  if (occasion.cause === 'InsertEmergency' && issued) {
    return told('R19', `Replaced by ${who(issued)} of the same patient.`);
  }
  if (occasion.cause === 'RescheduleToken') {
    const isHere = issued?.rescheduledFromTokenId === token.id;
    const other = isHere ? `${numberOf(issued)} in ${slot(occasion, issued.slotId)}` : 'a token of another day';
    return told('', `Given up for ${other}, as the patient asked.`);
  }
  const left = occasion.heldSeat(effect) ? `gave up its seat in ${where}` : `left the queue of ${where}`;
  return told('', `Cancelled${reason(occasion)}: ${left}.`);
}

/** Of the patient's reference only that it was changed: no sentence names a patient. */
function updated(occasion: Occasion, effect: TokenEffect): Explanation {
  const { source, patientRef } = effect.token;
  const before = occasion.tokenBefore(effect) ?? effect.token;
  const changes = [
    ...(source === before.source ? [] : [`made ${KIND[source]} instead of ${KIND[before.source]}`]),
    ...(patientRef === before.patientRef ? [] : ['given another patient reference']),
  ];
  return told('', changes.length > 0 ? `Was ${changes.join(', and ')}.` : 'Was updated, to what it was.');
}

function noShow(occasion: Occasion, effect: TokenEffect): Explanation {
  const rule = ruleOfNoShow(occasion, effect);
  const where = slot(occasion, effect.token.slotId);
  const sentences = {
    R10: `The patient did not come: gave up its seat in ${where}.`,
    R20: `The patient had not come when ${where} ended.`,
    R21: 'The patient had not come when the day ended.',
    R22: `The patient had not come in time: gave up its seat in ${where}.`,
  };
  return told(rule, sentences[rule]);
}

function expired(occasion: Occasion, effect: TokenEffect): Explanation {
  const rule = ruleOfExpiry(occasion, effect);
  if (rule === 'R21') return told(rule, 'The day ended before its turn came.');
  return told(rule, `Waited until ${slot(occasion, effect.token.slotId)} ended, and there was no later one.`);
}

function completed({ cause, change }: Occasion): Explanation {
  if (cause === 'CLOCK') return told('R21', 'Was with the doctor when the day ended.');
  const next = change.effects.find(({ kind }) => kind === 'CALLED');
  return told('', next ? `Seen by the doctor, who then called in ${numberOf(next.token)}.` : 'Seen by the doctor.');
}

/** The sentence is also true of journals from before CallNextToken looked at all slots of the day. */
function called(occasion: Occasion, { token }: TokenEffect): Explanation {
  if (occasion.cause !== 'CallNextToken') return told('', 'Called in.');
  if (token.source === 'EMERGENCY') return told('R25', 'Called in, as an emergency: these are called first.');
  return told('R25', `Called in, as the strongest in ${slot(occasion, token.slotId)} who had checked in.`);
}

/** The seat that an effect fills, and how it came to be free (R8). */
function freedSeat(occasion: Occasion, effect: TokenEffect): string {
  const where = slot(occasion, effect.token.slotId);
  if (occasion.adds(effect.token.slotId)) return `one of the seats that ${where} was given`;
  if (occasion.cause === 'ReopenSlot') return `a seat in ${where}, which takes tokens again`;
  const left = occasion.leftBefore(effect);
  return left ? `the seat in ${where} that ${numberOf(left.token)} gave up` : `a free seat in ${where}`;
}

function tookSeat(occasion: Occasion, token: Token, weaker: Token): string {
  return `Took the seat of ${who(weaker)}, in ${slot(occasion, token.slotId)} (${comparison(token, weaker)})`;
}

/** What a token stands in place of, where its patient asked for another slot. */
function instead({ day }: Occasion, { rescheduledFromTokenId }: Token): string {
  if (!rescheduledFromTokenId) return '';
  const earlier = day.token(rescheduledFromTokenId);
  return `, in place of ${earlier ? numberOf(earlier) : 'a token of another day'}, as the patient asked`;
}

/** R23: of two that are compared, the one with the lower priority is the stronger where it has waited for so long. */
function comparison(stronger: Token, weaker: Token): string {
  const [more, less] = [PRIORITY[stronger.source], PRIORITY[weaker.source]];
  return more > less ? `${more} over its ${less}` : 'which had waited for longer';
}

const CLOSES: ReadonlySet<Occasion['cause']> = new Set(['CloseSlot', 'CloseSlots']);

function closed(occasion: Occasion): string {
  return CLOSES.has(occasion.cause) ? `was closed${reason(occasion)}` : 'is closed';
}

function reason({ change }: Occasion): string {
  return change.reason === '' ? '' : ` ("${change.reason}")`;
}

function seats(count: number): string {
  return count === 1 ? '1 seat' : `${count} seats`;
}

function slot(occasion: Occasion, id: SlotId): string {
  return `the ${formatTimeOfDay(occasion.slot(id).terms.start)} slot`;
}

function numberOf(token: Token): string {
  return `#${token.number}`;
}

function who(token: Token): string {
  return `${numberOf(token)}, ${KIND[token.source]}`;
}

const KIND: Readonly<Record<TokenSource, string>> = {
  EMERGENCY: 'an emergency',
  PAID: 'a paid booking',
  FOLLOW_UP: 'a follow-up',
  ONLINE: 'an online booking',
  WALK_IN: 'a walk-in',
};
