/** From the wire to the desk: what is to happen to a slot. */
import * as wire from '../../gen/opd/v1/opd_service.js';
import type { ReopenOrDeleteSlot } from '../domain/command.js';
import type { Answer } from '../domain/refusal.js';
import type { Encoder } from './encoding.js';
import { FieldCheck } from './field-check.js';
import { doctorDay, type Errand, mark } from './requests.js';

export function createSlot(request: wire.CreateSlotRequest): Answer<Errand> {
  const check = new FieldCheck();
  const place = doctorDay(check, request);
  const { start, end } = check.window(request.start, request.end);
  const capacity = check.capacity('capacity', request.capacity);
  return check.answer({
    place,
    command: { kind: 'CreateSlot', start, end, capacity },
    request: mark(check, 'CreateSlot', wire.CreateSlotRequest, request),
  });
}

export function updateSlot(request: wire.UpdateSlotRequest): Answer<Errand> {
  const check = new FieldCheck();
  const slotId = check.slotId('slot_id', request.slotId);
  const { capacity, start, end } = request;
  if (capacity === undefined && start === undefined && end === undefined) {
    check.violation('capacity', 'must be set, or start, or end: there is nothing else to change');
  }
  return check.answer({
    place: { slotId },
    command: {
      ...{ kind: 'UpdateSlot', slotId },
      ...(capacity !== undefined && { capacity: check.capacity('capacity', capacity) }),
      ...(start !== undefined && { start: check.start('start', start) }),
      ...(end !== undefined && { end: check.end('end', end) }),
    },
    request: mark(check, 'UpdateSlot', wire.UpdateSlotRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function closeSlot(request: wire.CloseSlotRequest): Answer<Errand> {
  const check = new FieldCheck();
  const slotId = check.slotId('slot_id', request.slotId);
  const reason = check.reason('reason', request.reason);
  return check.answer({
    place: { slotId },
    command: { kind: 'CloseSlot', slotId, reason },
    request: mark(check, 'CloseSlot', wire.CloseSlotRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function reopenSlot(request: wire.ReopenSlotRequest): Answer<Errand> {
  return changeSlot('ReopenSlot', wire.ReopenSlotRequest, request);
}

export function deleteSlot(request: wire.DeleteSlotRequest): Answer<Errand> {
  return changeSlot('DeleteSlot', wire.DeleteSlotRequest, request);
}

function changeSlot<Request extends { slotId: string; validateOnly: boolean; requestId: string }>(
  kind: ReopenOrDeleteSlot['kind'],
  codec: Encoder<Request>,
  request: Request,
): Answer<Errand> {
  const check = new FieldCheck();
  const slotId = check.slotId('slot_id', request.slotId);
  return check.answer({
    place: { slotId },
    command: { kind, slotId },
    request: mark(check, kind, codec, request),
    validateOnly: request.validateOnly,
  });
}
