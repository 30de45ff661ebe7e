/** R12, R13, R16, R17: a slot is changed, taken up again after it was closed, or deleted. */
import { fillSeats, resize } from './capacity.js';
import type { UpdateSlot } from './command.js';
import { refuseIfRetired } from './guards.js';
import { isSkipped, openingOn, overlappedBy } from './new-slot.js';
import { type Answer, answered, DONE, refused, type Verdict } from './refusal.js';
import type { Slot, SlotId } from './slot.js';
import type { SlotTimes } from './slot-times.js';
import type { Turn } from './turn.js';

/**
 * R12 for the seats, R17 for the times. Nobody is seated before both are as asked for: a seat that
 * goes at once is no seat.
 */
export function updateSlot(turn: Turn, wanted: UpdateSlot): Verdict {
  const slot = turn.day.slot(wanted.slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId: wanted.slotId });
  const times = timesFor(turn, slot, wanted);
  if (!times.ok) return times;
  const refusal = refuseIfFixed(turn, slot, times.value !== undefined);
  if (!refusal.ok) return refusal;

  if (times.value) turn.record({ kind: 'SLOT_RETIMED', slotId: slot.id, ...times.value });
  if (wanted.capacity !== undefined) resize(turn, slot, wanted.capacity);
  // Its tokens went with it. A seat that is free in it is now after slots that were after it (R16).
  if (times.value) fillSeats(turn, slot);
  return DONE;
}

/**
 * The times that a slot is to get; undefined if none are asked for. Its local times are resolved
 * anew.
 */
function timesFor({ day, now }: Turn, slot: Slot, { start, end }: UpdateSlot): Answer<SlotTimes | undefined> {
  if (start === undefined && end === undefined) return answered(undefined);
  const { terms } = slot;
  const wanted = { start: start ?? terms.start, end: end ?? terms.end, capacity: slot.capacity };
  if (wanted.start >= wanted.end)
    return end === undefined ? wrong('start', 'must be before end') : wrong('end', 'must be after start');
  const { capacity: _, ...times } = openingOn(day.date, day.doctor.timeZone, wanted);
  if (isSkipped(times)) return wrong('end', 'no time is left between start and end, since clocks go forward');
  // Of one that has begun, that is what is said: SLOT_STARTED.
  if (times.startsAt <= now && terms.startsAt > now) return wrong('start', 'the slot would have begun already');
  const overlapped = overlappedBy(day, [times], slot);
  return overlapped ? refused('SLOT_OVERLAPS', { slotId: overlapped.id }) : answered(times);
}

function wrong(field: string, description: string) {
  return refused('INVALID_FIELDS', { violations: [{ field, description }] });
}

/** R13, R17: a slot that is over or closed is not changed, and one that has begun keeps its times. */
function refuseIfFixed({ now }: Turn, slot: Slot, changesTimes: boolean): Verdict {
  const { id: slotId, terms } = slot;
  if (slot.hasEnded(now)) return refused('SLOT_ENDED', { slotId, endedAt: terms.endsAt });
  if (changesTimes && terms.startsAt <= now) return refused('SLOT_STARTED', { slotId, startedAt: terms.startsAt });
  return slot.isClosed ? refused('SLOT_CLOSED', { slotId }) : DONE;
}

/**
 * R13: the doctor is back. The slot's own queue comes first (R8), then the displaced of earlier
 * slots (R16).
 */
export function reopenSlot(turn: Turn, slotId: SlotId): Verdict {
  const { day, now } = turn;
  const slot = day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  const retired = refuseIfRetired(day);
  if (retired) return retired;
  const overlapped = slot.isClosed ? overlappedBy(day, [slot.terms], slot) : undefined;
  if (overlapped) return refused('SLOT_OVERLAPS', { slotId: overlapped.id });
  if (slot.hasEnded(now)) return refused('SLOT_ENDED', { slotId, endedAt: slot.terms.endsAt });
  if (!slot.isClosed) return refused('SLOT_NOT_CLOSED', { slotId });

  turn.record({ kind: 'SLOT_REOPENED', slotId });
  fillSeats(turn, slot);
  return DONE;
}

/** A slot that was made by mistake, or for a day on which nobody came. */
export function deleteSlot(turn: Turn, slotId: SlotId): Verdict {
  const slot = turn.day.slot(slotId);
  if (!slot) return refused('SLOT_NOT_FOUND', { slotId });
  if (!slot.isUnused) return refused('SLOT_NOT_EMPTY', { slotId });

  turn.record({ kind: 'SLOT_DELETED', slotId });
  return DONE;
}
