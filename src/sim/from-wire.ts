/** From the wire to domain values, so that the invariants can be checked on what was answered. */
import {
  type Doctor,
  type QueueChange,
  SlotState,
  type TokenChange,
  type Slot as WireSlot,
  type Token as WireToken,
} from '../../gen/opd/v1/resources.js';
import type { AllocationPolicy } from '../domain/doctor.js';
import type { Change, TokenEffect } from '../domain/event.js';
import type { SlotId, SlotSummary } from '../domain/slot.js';
import { type Instant, instantOf, type LocalDate, parseTimeOfDay, type TimeZone } from '../domain/time.js';
import { PRIORITY, STANDING, type Token, type TokenId, type TokenSource, type TokenStatus } from '../domain/token.js';

/** A message that a server of this contract cannot send. */
export class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage';
}

export function tokenFrom(wire: WireToken | undefined): Token {
  if (!wire) throw new UnreadableMessage('a token is missing');
  const source = wire.source.replace('TOKEN_SOURCE_', '') as TokenSource;
  const status = wire.status.replace('TOKEN_STATUS_', '') as TokenStatus;
  if (PRIORITY[source] !== wire.priority)
    throw new UnreadableMessage(`${source} cannot have priority ${wire.priority}`);
  if (!STANDING[status]) throw new UnreadableMessage(`no token is ${status}`);
  return {
    id: wire.id as TokenId,
    number: wire.number,
    slotId: wire.slotId as SlotId,
    requestedSlotId: wire.requestedSlotId as SlotId,
    source,
    status,
    patientRef: wire.patientRef,
    createdAt: instantFrom(wire.createdAt),
    updatedAt: instantFrom(wire.updatedAt),
    checkedInAt: wire.checkedInAt && instantFrom(wire.checkedInAt),
    displacements: wire.displacements,
    seatedAt: undefined,
    calledAt: wire.calledAt && instantFrom(wire.calledAt),
    rescheduledFromTokenId: wire.rescheduledFromTokenId === '' ? undefined : (wire.rescheduledFromTokenId as TokenId),
  };
}

export function policyFrom(doctor: Doctor | undefined): AllocationPolicy {
  const { policy } = doctor ?? {};
  if (!policy) throw new UnreadableMessage('a policy is missing');
  const { noShowGrace, agingPointsPerHour, protectCheckedIn, maxDisplacements } = policy;
  return {
    rebalance: policy.rebalance.replace('REBALANCE_POLICY_', '') as AllocationPolicy['rebalance'],
    noShowGraceMilliseconds: noShowGrace && noShowGrace.seconds * 1_000 + noShowGrace.nanos / 1_000_000,
    agingPointsPerHour,
    protectCheckedIn,
    displacementsMax: maxDisplacements,
  };
}

export function slotFrom(wire: WireSlot | undefined, zone: TimeZone): SlotSummary {
  const start = parseTimeOfDay(wire?.start ?? '');
  const end = parseTimeOfDay(wire?.end ?? '');
  if (!wire || start === undefined || end === undefined) throw new UnreadableMessage('a slot has no window');
  const date = wire.date as LocalDate;
  return {
    id: wire.id as SlotId,
    start,
    end,
    startsAt: instantOf(date, start, zone),
    endsAt: instantOf(date, end, zone),
    capacity: wire.capacity,
    seatsTaken: wire.seatsTaken,
    waiting: wire.waiting,
    isClosed: wire.state === SlotState.CLOSED,
    ...(wire.state === SlotState.DELETED && { isDeleted: true as const }),
  };
}

export function changeFrom(wire: QueueChange, zone: TimeZone): Change {
  return {
    revision: wire.revision,
    at: instantFrom(wire.at),
    cause: wire.cause as Change['cause'],
    reason: wire.reason,
    effects: wire.tokens.map(effectFrom),
    slots: wire.slots.map((slot) => slotFrom(slot, zone)),
  };
}

function effectFrom({ kind, token, fromSlotId, displacedByTokenId }: TokenChange): TokenEffect {
  return {
    kind: kind.replace('KIND_', '') as TokenEffect['kind'],
    token: tokenFrom(token),
    ...(fromSlotId && { fromSlotId: fromSlotId as SlotId }),
    ...(displacedByTokenId && { displacedByTokenId: displacedByTokenId as TokenId }),
  };
}

function instantFrom(date: Date | undefined): Instant {
  if (!date) throw new UnreadableMessage('an instant is missing');
  return date.getTime() as Instant;
}
