/** Rows of the tables as the things they tell of. What is in the tables was checked before it was put there. */
import type { Doctor, DoctorId, RebalancePolicy } from '../../domain/doctor.js';
import type { SlotId, SlotSummary } from '../../domain/slot.js';
import type { Instant, TimeOfDay, TimeZone } from '../../domain/time.js';
import type { Token, TokenId, TokenSource, TokenStatus } from '../../domain/token.js';
import type { RequestMark } from '../store.js';

/**
 * id, name, department, time zone, rebalance, created at, request id, request digest; the policy's no-show grace, aging points,
 * protection of those checked in and most displacements, and since when it has been so.
 */
export type DoctorRow = [
  ...[string, string, string, string, string, number, string | null, string | null],
  ...[number | null, number, number, number, number],
];

/** Date, doctor id, id, start and end minute, starts and ends at, capacity, seats taken, waiting, closed. */
export type SlotRow = [string, string, string, number, number, number, number, number, number, number, number];
/**
 * Date, doctor id, id, number, slot id, requested slot id, source, status, patient reference, created, updated and checked in
 * at, displacements, seated at, rescheduled from.
 */
export type TokenRow = [
  ...[string, string, string, number, string, string, string, string, string, number, number],
  ...[number | null, number, number | null, string | null],
];

export function doctorOf(row: DoctorRow): Doctor {
  const [id, name, department, timeZone, rebalance, createdAt] = row;
  const [noShowGrace, agingPointsPerHour, protectCheckedIn, displacementsMax, policySince] = row.slice(8) as Terms;
  return {
    id: id as DoctorId,
    name,
    department,
    timeZone: timeZone as TimeZone,
    policy: {
      rebalance: rebalance as RebalancePolicy,
      noShowGraceMilliseconds: noShowGrace ?? undefined,
      agingPointsPerHour,
      protectCheckedIn: protectCheckedIn === 1,
      displacementsMax,
    },
    policySince: policySince as Instant,
    createdAt: createdAt as Instant,
  };
}

type Terms = [number | null, number, number, number, number];

export function doctorRow(doctor: Doctor, request?: RequestMark): DoctorRow {
  const { id, name, department, timeZone, policy, policySince, createdAt } = doctor;
  const { rebalance, noShowGraceMilliseconds = null, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  return [
    ...([id, name, department, timeZone, rebalance, createdAt, request?.id ?? null, request?.digest ?? null] as const),
    ...([
      noShowGraceMilliseconds,
      agingPointsPerHour,
      protectCheckedIn ? 1 : 0,
      displacementsMax,
      policySince,
    ] as const),
  ];
}

export function slotOf(row: SlotRow): SlotSummary {
  const [, , id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, closed] = row;
  return {
    id: id as SlotId,
    start: start as TimeOfDay,
    end: end as TimeOfDay,
    startsAt: startsAt as Instant,
    endsAt: endsAt as Instant,
    capacity,
    seatsTaken,
    waiting,
    isClosed: closed === 1,
  };
}

export function tokenOf(row: TokenRow): Token {
  const [, , id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt] = row;
  const [checkedInAt, displacements, seatedAt, rescheduledFrom] = [row[11], row[12], row[13], row[14]];
  return {
    id: id as TokenId,
    number,
    slotId: slotId as SlotId,
    requestedSlotId: requestedSlotId as SlotId,
    source: source as TokenSource,
    status: status as TokenStatus,
    patientRef,
    createdAt: createdAt as Instant,
    updatedAt: updatedAt as Instant,
    checkedInAt: checkedInAt === null ? undefined : (checkedInAt as Instant),
    displacements,
    seatedAt: seatedAt === null ? undefined : (seatedAt as Instant),
    rescheduledFromTokenId: rescheduledFrom === null ? undefined : (rescheduledFrom as TokenId),
  };
}
