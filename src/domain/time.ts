/**
 * Dates, times of day and instants. A doctor-day lives in its doctor's time zone; instants carry no zone.
 * Nothing here reads a clock.
 */
import { Temporal } from 'temporal-polyfill';
import type { Brand } from './brand.js';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, 'Instant'>;
/** A calendar date, `2026-01-31`. */
export type LocalDate = Brand<string, 'LocalDate'>;
/** Minutes since local midnight, 0 to 1,440 (`24:00`). */
export type TimeOfDay = Brand<number, 'TimeOfDay'>;
/** 1, a Monday, to 7, a Sunday. */
export type DayOfWeek = Brand<number, 'DayOfWeek'>;
/** An IANA time zone name that Intl and Temporal know, as it was given. */
export type TimeZone = Brand<string, 'TimeZone'>;

export const MIDNIGHT_AT_END = 24 * 60;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME_OF_DAY = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
// A year outside this range would leave what a Timestamp can say once a zone's offset is added.
const FIRST_DATE = '0001-01-02';
const LAST_DATE = '9999-12-30';

/** Parses `2026-01-31`; undefined where it is no date of the calendar, or one before 0001-01-02 or after 9999-12-30. */
export function parseDate(text: string): LocalDate | undefined {
  if (!DATE.test(text) || text < FIRST_DATE || text > LAST_DATE) return undefined;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return undefined;
  }
  return text as LocalDate;
}

/** Parses `09:00` to `23:59`, and `24:00`; undefined for anything else (`9:00`, `25:00`). */
export function parseTimeOfDay(text: string): TimeOfDay | undefined {
  const match = TIME_OF_DAY.exec(text);
  if (!match) return undefined;
  if (match[1] === undefined) return MIDNIGHT_AT_END as TimeOfDay;
  return (Number(match[1]) * 60 + Number(match[2])) as TimeOfDay;
}

/** The dates from one to another, both included. */
export function datesBetween(first: LocalDate, last: LocalDate): LocalDate[] {
  const start = Temporal.PlainDate.from(first);
  const count = start.until(last, { largestUnit: 'day' }).days + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, days) => start.add({ days }).toString() as LocalDate);
}

export function dayOfWeekOf(date: LocalDate): DayOfWeek {
  return Temporal.PlainDate.from(date).dayOfWeek as DayOfWeek;
}

/** The inverse of {@link parseTimeOfDay}. */
export function formatTimeOfDay(time: TimeOfDay): string {
  const hours = String(Math.floor(time / 60)).padStart(2, '0');
  return `${hours}:${String(time % 60).padStart(2, '0')}`;
}

/**
 * Accepts an IANA name that Intl knows; offsets such as `+05:30` are no zones, and are refused. So are the few names that Intl
 * knows and Temporal does not take, since they say different hours to different people (`IST`, `CST`).
 */
export function parseTimeZone(name: string): TimeZone | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
  } catch {
    return undefined;
  }
  return name as TimeZone;
}

/** The instant of a local time; where clocks change, as Temporal's "compatible" resolves it (R17). */
export function instantOf(date: LocalDate, time: TimeOfDay, zone: TimeZone): Instant {
  const day = Temporal.PlainDate.from(date).add({ days: time === MIDNIGHT_AT_END ? 1 : 0 });
  const minutes = time % MIDNIGHT_AT_END;
  const local = day.toPlainDateTime({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds as Instant;
}

/** The calendar date in a zone at an instant. */
export function dateAt(instant: Instant, zone: TimeZone): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate().toString() as LocalDate;
}

/** RFC 3339 in UTC, to the millisecond: `2026-01-31T03:30:00.000Z`. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString();
}
