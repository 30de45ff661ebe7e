/** From the desk to the wire: domain values in the contract's messages. */
import type { Duration } from '../../gen/google/protobuf/duration.js';
import type * as wire from '../../gen/opd/v1/opd_service.js';
import {
  type QueueChange,
  type QueueSnapshot,
  RebalancePolicy,
  type SlotQueue,
  SlotState,
  type TokenChange,
  TokenChange_Kind,
  TokenSource,
  TokenStatus,
  type Doctor as WireDoctor,
  type AllocationPolicy as WirePolicy,
  type Slot as WireSlot,
  type Token as WireToken,
} from '../../gen/opd/v1/resources.js';
import type { Done } from '../desk/front-desk.js';
import type { ChangePage, TokenPage } from '../desk/lists.js';
import type { Seen } from '../desk/queue-board.js';
import type { AllocationPolicy, Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Epoch } from '../domain/epoch.js';
import { estimator, type QueueEstimate } from '../domain/estimate.js';
import type { Change, TokenEffect } from '../domain/event.js';
import type { Slot, SlotSummary } from '../domain/slot.js';
import { formatTimeOfDay, type Instant } from '../domain/time.js';
import { PRIORITY, type Token } from '../domain/token.js';
import type { DayKey } from '../store/store.js';
import { pageTokenAfter } from './page-token.js';

/**
 * What the answers to all commands about a token have in common. The command's own token may occur
 * in several effects: the last one counts.
 */
export function tokenAndChange({ key, change }: Done): { token: WireToken; change: QueueChange } {
  const told = queueChange(key, change);
  const id = told.tokens[0]?.token?.id;
  const own = told.tokens.findLast(({ token }) => token?.id === id)?.token;
  if (!own) throw new Error(`revision ${change.revision} of ${key.doctorId} on ${key.date} has no token of its own`);
  return { token: own, change: told };
}

export function slotAndChange({ key, change }: Done): wire.CreateSlotResponse {
  const created = change.slots.find(({ id }) => change.createdSlotIds?.includes(id));
  if (!created) throw new Error(`revision ${change.revision} of ${key.doctorId} on ${key.date} created no slot`);
  return { slot: slot(key, created, change.at), change: queueChange(key, change) };
}

/** Of a schedule: the slots that each day's change created. */
export function slotsAndChanges(days: readonly Done[]): wire.CreateSlotsResponse {
  return {
    slots: days.flatMap(({ key, change }) => {
      const created = new Set(change.createdSlotIds);
      return change.slots.filter(({ id }) => created.has(id)).map((each) => slot(key, each, change.at));
    }),
    changes: days.map(({ key, change }) => queueChange(key, change)),
  };
}

/** Of slots closed together: those of each day, its change, and whom to tell. */
export function closedSlotsAndChanges(days: readonly Done[]): wire.CloseSlotsResponse {
  return {
    slots: days.flatMap(({ key, change }) => {
      const closed = new Set(change.closed?.slotIds);
      return change.slots.filter(({ id }) => closed.has(id)).map((each) => slot(key, each, change.at));
    }),
    changes: days.map(({ key, change }) => queueChange(key, change)),
    toTell: days.flatMap(({ key, change }) => toTell(change).map((each) => token(key.doctorId, each))),
  };
}

/** Each once, as it stands after the change, by number. */
function toTell({ effects, closed }: Change): Token[] {
  const tokens = [...effects.map((effect) => effect.token), ...(closed?.left ?? [])];
  return [...new Map(tokens.map((each) => [each.id, each])).values()].sort((a, b) => a.number - b.number);
}

/** Of a rescheduling: the new place's day is the first. */
export function tokenAndChanges([first, ...others]: readonly Done[]): wire.RescheduleTokenResponse {
  if (!first) throw new Error('a token was rescheduled on no day at all');
  const { token, change } = tokenAndChange(first);
  return { token, changes: [change, ...others.map(({ key, change: other }) => queueChange(key, other))] };
}

/** What the answers to UpdateSlot, CloseSlot, ReopenSlot and DeleteSlot have in common. */
export function changedSlotAndChange({ key, change }: Done): { slot: WireSlot; change: QueueChange } {
  const changed = change.slots.find(({ id }) => id === change.changedSlotId);
  if (!changed) throw new Error(`revision ${change.revision} of ${key.doctorId} on ${key.date} changed no slot`);
  return { slot: slot(key, changed, change.at), change: queueChange(key, change) };
}

export function doctorsPage(doctors: readonly Doctor[], limit: number): wire.ListDoctorsResponse {
  const page = doctors.slice(0, limit);
  const last = doctors.length > limit ? page.at(-1) : undefined;
  return { doctors: page.map(doctor), nextPageToken: last ? pageTokenAfter(last.id) : '' };
}

export function tokensPage({ things, goesOn }: TokenPage): wire.ListTokensResponse {
  const last = goesOn ? things.at(-1) : undefined;
  return {
    tokens: things.map(({ key, token: each, estimate }) => estimatedToken(key.doctorId, each, estimate)),
    nextPageToken: last ? pageTokenAfter(last.token.id) : '',
  };
}

export function changesPage({ key, things, goesOn }: ChangePage): wire.ListChangesResponse {
  const last = goesOn ? things.at(-1) : undefined;
  return {
    changes: things.map((change) => queueChange(key, change)),
    nextPageToken: last ? pageTokenAfter(last.revision) : '',
  };
}

export function doctor(doctor: Doctor): WireDoctor {
  return {
    id: doctor.id,
    name: doctor.name,
    department: doctor.department,
    timeZone: doctor.timeZone,
    policy: policy(doctor.policy),
    createdAt: new Date(doctor.createdAt),
    retired: doctor.isRetired,
  };
}

function policy(policy: AllocationPolicy): WirePolicy {
  const { rebalance, noShowGraceMilliseconds, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  return {
    rebalance: RebalancePolicy[rebalance],
    noShowGrace: noShowGraceMilliseconds === undefined ? undefined : durationOf(noShowGraceMilliseconds),
    agingPointsPerHour,
    protectCheckedIn,
    maxDisplacements: displacementsMax,
  };
}

function durationOf(milliseconds: number): Duration {
  return { seconds: Math.floor(milliseconds / 1_000), nanos: (milliseconds % 1_000) * 1_000_000 };
}

/** @param at when that is true of the slot */
function slot(key: DayKey, slot: SlotSummary, at: Instant): WireSlot {
  return {
    id: slot.id,
    doctorId: key.doctorId,
    date: key.date,
    start: formatTimeOfDay(slot.start),
    end: formatTimeOfDay(slot.end),
    capacity: slot.capacity,
    seatsTaken: slot.seatsTaken,
    waiting: slot.waiting,
    state: stateOf(slot, at),
  };
}

function stateOf({ isClosed, endsAt, isDeleted }: SlotSummary, at: Instant): SlotState {
  if (isDeleted) return SlotState.DELETED;
  if (isClosed) return SlotState.CLOSED;
  return endsAt <= at ? SlotState.ENDED : SlotState.OPEN; // R17
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
    checkedInAt: token.checkedInAt === undefined ? undefined : new Date(token.checkedInAt),
    displacements: token.displacements,
    estimate: undefined,
    rescheduledFromTokenId: token.rescheduledFromTokenId ?? '',
    calledAt: token.calledAt === undefined ? undefined : new Date(token.calledAt),
  };
}

/** The answer to GetToken. */
export function tokenAt(day: DoctorDay, each: Token, now: Instant): wire.GetTokenResponse {
  return { token: estimatedToken(day.doctor.id, each, estimator(day, now)(each)) };
}

/** R25: an estimate moves with the clock, and so is part of answers to reads alone. */
function estimatedToken(doctorId: DoctorId, each: Token, estimate: QueueEstimate | undefined): WireToken {
  const told = token(doctorId, each);
  if (!estimate) return told;
  const { ahead, earliest, expected } = estimate;
  return { ...told, estimate: { ahead, earliest: new Date(earliest), expected: new Date(expected) } };
}

type EstimateOf = (token: Token) => QueueEstimate | undefined;

function slotQueue(day: DoctorDay, each: Slot, now: Instant, estimateOf: EstimateOf): SlotQueue {
  const key = keyOf(day);
  return {
    slot: slot(key, each.summary(), timeOf(day, now)),
    seated: each.seated().map((seated) => estimatedToken(key.doctorId, seated, estimateOf(seated))),
    waiting: each.waitingQueue().map((waiting) => estimatedToken(key.doctorId, waiting, estimateOf(waiting))),
  };
}

export function slotQueueAt(day: DoctorDay, each: Slot, now: Instant): wire.GetSlotResponse {
  return { queue: slotQueue(day, each, now, estimator(day, now)), revision: day.revision };
}

export function slots(day: DoctorDay, now: Instant): wire.ListSlotsResponse {
  const at = timeOf(day, now);
  return { slots: day.slots.map((each) => slot(keyOf(day), each.summary(), at)), revision: day.revision };
}

/** Within a day time does not go back, whatever the clock does. */
function timeOf(day: DoctorDay, now: Instant): Instant {
  return Math.max(now, day.changedAt) as Instant;
}

/** The whole day, as GetQueue answers. */
export function queue(day: DoctorDay, epoch: Epoch, now: Instant): QueueSnapshot {
  return snapshotOf(day, epoch, now, day.slots, estimator(day, now));
}

/** The whole day, or one slot of it, as a watch shows it. */
export function snapshot(day: DoctorDay, epoch: Epoch, now: Instant, only?: Slot): QueueSnapshot {
  return snapshotOf(day, epoch, now, only ? [only] : day.slots, () => undefined);
}

function snapshotOf(
  day: DoctorDay,
  epoch: Epoch,
  now: Instant,
  slots: readonly Slot[],
  estimateOf: EstimateOf,
): QueueSnapshot {
  return {
    doctor: doctor(day.doctor),
    date: day.date,
    revision: day.revision,
    slots: slots.map((each) => slotQueue(day, each, now, estimateOf)),
    epoch: epoch.id,
  };
}

export function queueChange(key: DayKey, change: Change): QueueChange {
  return {
    doctorId: key.doctorId,
    date: key.date,
    revision: change.revision,
    at: new Date(change.at),
    tokens: change.effects.map((effect) => tokenChange(key.doctorId, effect)),
    slots: change.slots.map((each) => slot(key, each, change.at)),
    cause: change.cause,
    reason: change.reason,
  };
}

export function heartbeat({ revision, epoch }: Seen, at: Instant): wire.WatchQueueResponse {
  return { update: { $case: 'heartbeat', value: { revision, epoch, at: new Date(at) } } };
}

function keyOf(day: DoctorDay): DayKey {
  return { doctorId: day.doctor.id, date: day.date };
}

export function tokenChange(doctorId: DoctorId, effect: TokenEffect): TokenChange {
  return {
    kind: TokenChange_Kind[effect.kind],
    token: token(doctorId, effect.token),
    fromSlotId: effect.fromSlotId ?? '',
    displacedByTokenId: effect.displacedByTokenId ?? '',
  };
}
