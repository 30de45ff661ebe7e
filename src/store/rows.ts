/** Rows of the tables as the things they tell of. What is in the tables was checked before it was put there. */
import type { Doctor, DoctorId, RebalancePolicy } from '../domain/doctor.js';
import type { SlotId, SlotSummary } from '../domain/slot.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../domain/time.js';
import type { Token, TokenId, TokenSource, TokenStatus } from '../domain/token.js';
import { isOlder, type ZoneDataVersion } from '../domain/zone-data.js';
import { decodeEntry, encodeEntry } from './journal-codec.js';
import type {
  ClockMark,
  DayKey,
  DueDay,
  JournalEntry,
  KeptSlot,
  KeptToken,
  RequestMark,
  SeenRequest,
  SeenUpdate,
  ServedZoneData,
} from './store.js';
import type { DoctorChangeRecord } from './store-reader.js';

/**
 * id, name, department, time zone, rebalance, created at, request id, request digest; the policy's
 * no-show grace, aging points, protection of those checked in and most displacements, and since
 * when it has been so; whether retired.
 */
export type DoctorRow = [
  ...[string, string, string, string, string, number, string | null, string | null],
  ...[number | null, number, number, number, number, number],
];

/**
 * Date, doctor id, id, start and end minute, starts and ends at, capacity, seats taken, waiting,
 * closed, deleted.
 */
export type SlotRow = [string, string, string, number, number, number, number, number, number, number, number, number];
/**
 * Date, doctor id, id, number, slot id, requested slot id, source, status, patient reference,
 * created, updated and checked in at, displacements, seated at, rescheduled from, called at.
 */
export type TokenRow = [
  ...[string, string, string, number, string, string, string, string, string, number, number],
  ...LaterTokenColumns,
];
type LaterTokenColumns = [number | null, number, number | null, string | null, number | null];

/** Doctor id, date. */
export type PlaceRow = [string, string];
/** Date, revision, digest; without a date, of an update of the doctor itself. */
export type RequestRow = [string | null, number, string];
/** Due at, doctor id, date. */
export type DueRow = [number, string, string];
/** Revision, at, format, command, events, request id, request digest, command id. */
export type JournalRow = [number, number, number, string, string, string | null, string | null, string | null];

/** Revision, at, format, before, after, request id, request digest, whether that id is in the journal: as each database says yes. */
export type ChangeRow = [number, number, number, string, string, string | null, string | null, boolean | number];

/** Doctor id, how many changes there are of a doctor who has no row. */
export type StrayRow = [string, number];

export function doctorOf(row: DoctorRow): Doctor {
  const [id, name, department, timeZone, rebalance, createdAt] = row;
  const [noShowGrace, agingPointsPerHour, protectCheckedIn, displacementsMax, policySince, isRetired] = row.slice(
    8,
  ) as Terms;
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
    isRetired: isRetired === 1,
  };
}

type Terms = [number | null, number, number, number, number, number];

export function slotOf(row: SlotRow): SlotSummary {
  const [, , id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, closed, deleted] = row;
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
    ...(deleted === 1 && { isDeleted: true }),
  };
}

export function tokenOf(row: TokenRow): Token {
  const [, , id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt] = row;
  const [checkedInAt, displacements, seatedAt, rescheduledFrom, calledAt] = row.slice(11) as LaterTokenColumns;
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
    calledAt: calledAt === null ? undefined : (calledAt as Instant),
  };
}

export function doctorRow(doctor: Doctor, request?: RequestMark): DoctorRow {
  const { id, name, department, timeZone, policy, policySince, createdAt, isRetired } = doctor;
  const { rebalance, noShowGraceMilliseconds = null, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  return [
    ...([id, name, department, timeZone, rebalance, createdAt, request?.id ?? null, request?.digest ?? null] as const),
    ...([
      noShowGraceMilliseconds,
      agingPointsPerHour,
      protectCheckedIn ? 1 : 0,
      displacementsMax,
      policySince,
      isRetired ? 1 : 0,
    ] as const),
  ];
}

export function changeOf([revision, at, format, before, after, id, digest, isOnDay]: ChangeRow): DoctorChangeRecord {
  return { revision, at, format, before, after, requestId: id, requestDigest: digest, isOnDay: Boolean(isOnDay) };
}

export function tellStray(row: StrayRow | undefined): string | undefined {
  return row && `doctor ${row[0]} has no row, and ${row[1]} of changes`;
}

export function keptTokenOf(row: TokenRow): KeptToken {
  const [date, doctorId] = row;
  return { key: { doctorId: doctorId as DoctorId, date: date as LocalDate }, token: tokenOf(row) };
}

export function entryOf(key: DayKey, row: JournalRow): JournalEntry {
  const [revision, at, format, command, events, id, digest, commandId] = row;
  const saying = decodeEntry(key, revision, { format, command, events });
  return {
    ...{ revision, at: at as Instant, ...saying },
    ...(id !== null && digest !== null && { request: { id, digest } }),
    ...(commandId !== null && { commandId }),
  };
}

export function keptSlotOf(row: SlotRow): KeptSlot {
  const [date, doctorId] = row;
  return { key: { doctorId: doctorId as DoctorId, date: date as LocalDate }, slot: slotOf(row) };
}

export function servedOf(before: string | null | undefined, version: ZoneDataVersion): ServedZoneData {
  const earlier = (before ?? undefined) as ZoneDataVersion | undefined;
  return { before: earlier, newest: earlier && isOlder(version, earlier) ? earlier : version };
}

export function keyOf([doctorId, date]: PlaceRow): DayKey {
  return { doctorId: doctorId as DoctorId, date: date as LocalDate };
}

export function dueDayOf([at, doctorId, date]: DueRow): DueDay {
  return { key: keyOf([doctorId, date]), at: at as Instant };
}

/** Where a request id was seen at a doctor. */
export function seenOf(doctorId: DoctorId, [date, revision, digest]: RequestRow): SeenRequest | SeenUpdate {
  return date === null ? { doctorId, digest } : { key: keyOf([doctorId, date]), revision, digest };
}

export function entryRow({ revision, at, request, commandId, ...saying }: JournalEntry): JournalRow {
  const { format, command, events } = encodeEntry(saying);
  return [revision, at, format, command, events, request?.id ?? null, request?.digest ?? null, commandId ?? null];
}

export function slotRow({ doctorId, date }: DayKey, slot: SlotSummary): SlotRow {
  const { id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, isClosed, isDeleted } = slot;
  const marks = [isClosed ? 1 : 0, isDeleted ? 1 : 0] as const;
  return [date, doctorId, id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, ...marks];
}

export function tokenRow({ doctorId, date }: DayKey, token: Token): TokenRow {
  const { id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt } = token;
  const { checkedInAt = null, displacements, seatedAt = null, rescheduledFromTokenId = null, calledAt = null } = token;
  return [
    ...([date, doctorId, id, number, slotId, requestedSlotId, source, status, patientRef, createdAt] as const),
    ...([updatedAt, checkedInAt, displacements, seatedAt, rescheduledFromTokenId, calledAt] as const),
  ];
}

export type ClockMarkRow = [at: number, uptime: number, bootId: string | null];

export function clockMarkRow({ at, uptime, bootId }: ClockMark): ClockMarkRow {
  return [at, Math.round(uptime), bootId ?? null];
}

export function clockMarkOf([at, uptime, bootId]: ClockMarkRow): ClockMark {
  return { at: at as Instant, uptime, ...(bootId !== null && { bootId }) };
}
