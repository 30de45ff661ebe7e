/**
 * The one switch on commands: guards first, in the order of the refusals, then effects. A refused command has touched
 * nothing (I9). The day is changed in place.
 */
import { callNextToken, callToken, checkInToken, completeToken, returnToken } from './calling.js';
import { letTimePass } from './clock.js';
import { closeSlot } from './closing.js';
import type { AllocateToken, CancelToken, Command, CreateSlot, InsertEmergency, MarkNoShow } from './command.js';
import type { DoctorDay } from './doctor-day.js';
import { insertEmergency } from './emergency.js';
import type { Change, DayEvent } from './event.js';
import { ifNotOpen, refuseIfRetired, tokenOutside } from './guards.js';
import { leave } from './leaving.js';
import { isOver, isSkipped, openingOn, openSlot, overlappedBy } from './new-slot.js';
import { rebalance } from './rebalancing.js';
import { type Answer, answered, DONE, refused, type Verdict } from './refusal.js';
import { retimeSlots } from './retiming.js';
import { ifNoSeat, seatOrQueue } from './seating.js';
import type { SlotId } from './slot.js';
import { deleteSlot, reopenSlot, updateSlot } from './slot-changes.js';
import type { Instant } from './time.js';
import { holdsSeat, type TokenId } from './token.js';
import { updateToken } from './token-update.js';
import { Turn } from './turn.js';

/** All that a decision may not find out for itself. */
export interface Circumstances {
  readonly now: Instant;
  /** A UUID nobody has had before: becomes the id of the slot or token that the command creates. */
  readonly newId: string;
}

/** What an accepted command did. */
export interface Decision {
  readonly events: readonly DayEvent[];
  readonly change: Change;
}

/** Judges a command; where it is accepted, carries it out on the day and answers with what that did. */
export function decide(day: DoctorDay, command: Command, circumstances: Circumstances): Answer<Decision> {
  const now = Math.max(circumstances.now, day.changedAt) as Instant;
  const turn = new Turn(day, command, now);
  const verdict = carryOut(turn, command, circumstances.newId);
  if (!verdict.ok) return verdict;
  return answered({ events: turn.events, change: turn.finish() });
}

function carryOut(turn: Turn, command: Command, newId: string): Verdict {
  switch (command.kind) {
    case 'CreateSlot':
      return createSlot(turn, command, `slot_${newId}` as SlotId);
    case 'AllocateToken':
      return allocateToken(turn, command, `token_${newId}` as TokenId);
    case 'InsertEmergency':
      return emergency(turn, command, `token_${newId}` as TokenId);
    case 'CancelToken':
      return cancelToken(turn, command);
    case 'MarkNoShow':
      return markNoShow(turn, command);
    case 'UpdateToken':
      return updateToken(turn, command);
    case 'UpdateSlot':
      return updateSlot(turn, command);
    case 'CloseSlot':
      return closeSlot(turn, command);
    case 'ReopenSlot':
      return reopenSlot(turn, command.slotId);
    case 'DeleteSlot':
      return deleteSlot(turn, command.slotId);
    case 'CheckInToken':
      return checkInToken(turn, command.tokenId);
    case 'CallNextToken':
      return callNextToken(turn, command);
    case 'CallToken':
      return callToken(turn, command);
    case 'ReturnToken':
      return returnToken(turn, command.tokenId);
    case 'CompleteToken':
      return completeToken(turn, command.tokenId);
    case 'CLOCK':
      if (command.zoneData) retimeSlots(turn);
      else letTimePass(turn);
      return DONE;
  }
}

function createSlot(turn: Turn, wanted: CreateSlot, id: SlotId): Verdict {
  const { date, doctor } = turn.day;
  const opening = openingOn(date, doctor.timeZone, wanted);
  if (isSkipped(opening)) return refused('INVALID_FIELDS', { violations: [SLOT_SKIPPED] });
  if (isOver(opening, turn.now)) return refused('INVALID_FIELDS', { violations: [SLOT_IN_THE_PAST] }); // R17
  const retired = refuseIfRetired(turn.day);
  if (retired) return retired;
  const overlapped = overlappedBy(turn.day, [opening]);
  if (overlapped) return refused('SLOT_OVERLAPS', { slotId: overlapped.id });

  openSlot(turn, id, opening); // R16
  return DONE;
}

const SLOT_SKIPPED = { field: 'end', description: 'no time is left between start and end, since clocks go forward' };
const SLOT_IN_THE_PAST = { field: 'end', description: 'the slot would already have ended' };

function allocateToken(turn: Turn, wanted: AllocateToken, id: TokenId): Verdict {
  const { slotId, source, patientRef } = wanted;
  const { day, now } = turn;
  const slot = day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const shut = refuseIfRetired(day) ?? ifNotOpen(slot, now);
  if (shut) return shut;
  const live = day.liveTokenOf(patientRef);
  if (live) return refused('PATIENT_HAS_TOKEN', { tokenId: live.id }); // R14
  if (day.isFull) return refused('DAY_FULL', { doctorId: day.doctor.id, date: day.date }); // R15
  const seatless = wanted.seatOnly && ifNoSeat(turn, slot, source);
  if (seatless) return seatless;

  const { displaced } = seatOrQueue(turn, slot, { id, source, patientRef });
  if (displaced && day.doctor.policy.rebalance === 'ALWAYS') rebalance(turn); // R7
  return DONE;
}

function emergency(turn: Turn, { target, patientRef }: InsertEmergency, id: TokenId): Verdict {
  const { day, now } = turn;
  const slot = 'slotId' in target ? day.slot(target.slotId) : day.runningOrNextSlot(now);
  if (!slot && 'slotId' in target) return refused('SLOT_NOT_FOUND', target);
  const retired = refuseIfRetired(day);
  if (retired) return retired;
  if (!slot) return refused('NO_OPEN_SLOT', { doctorId: day.doctor.id });
  const shut = ifNotOpen(slot, now);
  if (shut) return shut;
  const earlier = day.liveTokenOf(patientRef);
  if (earlier && (earlier.status === 'SERVING' || earlier.source === 'EMERGENCY')) {
    return refused('PATIENT_HAS_TOKEN', { tokenId: earlier.id }); // R14, R19
  }

  insertEmergency(turn, slot, { id, source: 'EMERGENCY', patientRef }, earlier);
  return DONE;
}

function cancelToken(turn: Turn, { tokenId }: CancelToken): Verdict {
  const found = tokenOutside(turn.day, tokenId);
  if (!found.ok) return found;

  leave(turn, found.value, 'CANCELLED');
  return DONE;
}

function markNoShow(turn: Turn, { tokenId }: MarkNoShow): Verdict {
  const found = tokenOutside(turn.day, tokenId);
  if (!found.ok) return found;
  const { status } = found.value;
  if (!holdsSeat(found.value)) return refused('TOKEN_WITHOUT_SEAT', { tokenId, status }); // R10

  leave(turn, found.value, 'NO_SHOW');
  return DONE;
}
