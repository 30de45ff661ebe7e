/** From the desk to the wire: domain values in the contract's messages. */
import type * as wire from '../../gen/opd/v1/opd_service.js';
import {
  type QueueChange,
  type QueueSnapshot,
  RebalancePolicy,
  type SlotQueue,
  type TokenChange,
  TokenChange_Kind,
  TokenSource,
  TokenStatus,
  type Doctor as WireDoctor,
  type Slot as WireSlot,
  type Token as WireToken,
} from '../../gen/opd/v1/resources.js';
import type { Done } from '../desk/front-desk.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Change, TokenEffect } from '../domain/event.js';
import type { Slot, SlotSummary } from '../domain/slot.js';
import { formatTimeOfDay, type Instant } from '../domain/time.js';
import { PRIORITY, type Token } from '../domain/token.js';
import type { DayKey } from '../store/store.js';
import { pageTokenAfter } from './requests.js';

/** What the answers to AllocateToken, InsertEmergency, CancelToken and MarkNoShow have in common. */
export function tokenAndChange({ key, change }: Done): { token: WireToken; change: QueueChange } {
  const told = queueChange(key, change);
  const own = told.tokens[0]?.token;
  if (!own) throw new Error(`revision ${change.revision} of ${key.doctorId} on ${key.date} has no token of its own`);
  return { token: own, change: told };
}

export function slotAndChange({ key, change }: Done): wire.CreateSlotResponse {
  const created = change.slots.find(({ id }) => id === change.createdSlotId);
  if (!created) throw new Error(`revision ${change.revision} of ${key.doctorId} on ${key.date} created no slot`);
  return { slot: slot(key, created), change: queueChange(key, change) };
}

export function doctorsPage(doctors: readonly Doctor[], limit: number): wire.ListDoctorsResponse {
  const page = doctors.slice(0, limit);
  const last = doctors.length > limit ? page.at(-1) : undefined;
  return { doctors: page.map(doctor), nextPageToken: last ? pageTokenAfter(last.id) : '' };
}

export function doctor(doctor: Doctor): WireDoctor {
  return {
    id: doctor.id,
    name: doctor.name,
    department: doctor.department,
    timeZone: doctor.timeZone,
    policy: { rebalance: RebalancePolicy[doctor.policy.rebalance] },
    createdAt: new Date(doctor.createdAt),
  };
}

export function slot(key: DayKey, slot: SlotSummary): WireSlot {
  return {
    id: slot.id,
    doctorId: key.doctorId,
    date: key.date,
    start: formatTimeOfDay(slot.start),
    end: formatTimeOfDay(slot.end),
    capacity: slot.capacity,
    seatsTaken: slot.seatsTaken,
    waiting: slot.waiting,
  };
}

export function token(doctorId: DoctorId, token: Token): WireToken {
  return {
    id: token.id,
    number: token.number,
    doctorId,
    slotId: token.slotId,
    requestedSlotId: token.requestedSlotId,
    source: TokenSource[token.source],
    priority: PRIORITY[token.source],
    status: TokenStatus[token.status],
    patientRef: token.patientRef,
    createdAt: new Date(token.createdAt),
    updatedAt: new Date(token.updatedAt),
  };
}

export function slotQueue(key: DayKey, each: Slot): SlotQueue {
  return {
    slot: slot(key, each.summary()),
    seated: each.seated().map((seated) => token(key.doctorId, seated)),
    waiting: each.waitingQueue().map((waiting) => token(key.doctorId, waiting)),
  };
}

export function slots(day: DoctorDay): wire.ListSlotsResponse {
  return { slots: day.slots.map((each) => slot(keyOf(day), each.summary())), revision: day.revision };
}

/** The whole day, or one slot of it. */
export function snapshot(day: DoctorDay, only?: Slot): QueueSnapshot {
  const key = keyOf(day);
  const slots = only ? [only] : day.slots;
  return {
    doctor: doctor(day.doctor),
    date: day.date,
    revision: day.revision,
    slots: slots.map((each) => slotQueue(key, each)),
  };
}

export function queueChange(key: DayKey, change: Change): QueueChange {
  return {
    doctorId: key.doctorId,
    date: key.date,
    revision: change.revision,
    at: new Date(change.at),
    tokens: change.effects.map((effect) => tokenChange(key.doctorId, effect)),
    slots: change.slots.map((each) => slot(key, each)),
  };
}

export function heartbeat(revision: number, at: Instant): wire.WatchQueueResponse {
  return { update: { $case: 'heartbeat', value: { revision, at: new Date(at) } } };
}

export function keyOf(day: DoctorDay): DayKey {
  return { doctorId: day.doctor.id, date: day.date };
}

function tokenChange(doctorId: DoctorId, effect: TokenEffect): TokenChange {
  return {
    kind: TokenChange_Kind[effect.kind],
    token: token(doctorId, effect.token),
    fromSlotId: effect.fromSlotId ?? '',
    displacedByTokenId: effect.displacedByTokenId ?? '',
  };
}
