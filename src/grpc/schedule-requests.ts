/** From the wire to the desk: commands that may span several days of a doctor. */
import * as wire from '../../gen/opd/v1/opd_service.js';
import type { SlotsToClose } from '../domain/close-slots.js';
import type { Session } from '../domain/command.js';
import type { DoctorId } from '../domain/doctor.js';
import type { Answer } from '../domain/refusal.js';
import type { Rescheduling } from '../domain/reschedule.js';
import { datesOf, type Schedule, slotCountOf } from '../domain/schedule.js';
import type { DayOfWeek, LocalDate } from '../domain/time.js';
import type { RequestMark } from '../store/store.js';
import { FieldCheck } from './field-check.js';
import { mark } from './requests.js';

const DAYS_MAX = 366;
/** An answer has each slot twice, and with those of whom new slots take in the most it is to stay under 4 MiB. */
const SLOTS_MAX = 12_000;
const SLOT_MINUTES_MAX = 24 * 60;

export interface ScheduleErrand {
  readonly doctorId: DoctorId;
  readonly schedule: Schedule;
  readonly request: RequestMark | undefined;
  readonly validateOnly: boolean;
}

export interface ClosingErrand {
  readonly doctorId: DoctorId;
  readonly wanted: SlotsToClose;
  readonly request: RequestMark | undefined;
  readonly validateOnly: boolean;
}

export interface ReschedulingErrand {
  readonly wanted: Rescheduling;
  readonly request: RequestMark | undefined;
  readonly validateOnly: boolean;
}

export function createSlots(request: wire.CreateSlotsRequest): Answer<ScheduleErrand> {
  const check = new FieldCheck();
  const doctorId = check.doctorId('doctor_id', request.doctorId);
  const range = dateRange(check, request);
  const daysOfWeek = daysOfWeekIn(check, request.days);
  const sessions = sessionsIn(check, request.sessions);
  const exceptDates = request.exceptDates.map((text, index) => check.givenDate(`except_dates[${index}]`, text));
  const mine = mark(check, 'CreateSlots', wire.CreateSlotsRequest, request);
  const schedule: Schedule = { ...range, daysOfWeek, sessions, exceptDates };
  // What the parts come to can be said once each is right in itself.
  if (check.isClean) checkWhole(check, schedule);
  return check.answer({ doctorId, schedule, request: mine, validateOnly: request.validateOnly });
}

export function closeSlots(request: wire.CloseSlotsRequest): Answer<ClosingErrand> {
  const check = new FieldCheck();
  const doctorId = check.doctorId('doctor_id', request.doctorId);
  const range = request.lastDate === '' ? oneDate(check, request.firstDate) : dateRange(check, request);
  const window = check.window(request.start || '00:00', request.end || '24:00');
  const reason = check.reason('reason', request.reason);
  return check.answer({
    doctorId,
    wanted: { ...range, ...window, reason },
    request: mark(check, 'CloseSlots', wire.CloseSlotsRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function rescheduleToken(request: wire.RescheduleTokenRequest): Answer<ReschedulingErrand> {
  const check = new FieldCheck();
  return check.answer({
    wanted: {
      tokenId: check.tokenId('token_id', request.tokenId),
      slotId: check.slotId('slot_id', request.slotId),
      ...(request.seatOnly && { seatOnly: true as const }),
    },
    request: mark(check, 'RescheduleToken', wire.RescheduleTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}

function oneDate(check: FieldCheck, text: string) {
  const date = check.givenDate('first_date', text);
  return { firstDate: date, lastDate: date };
}

function dateRange(check: FieldCheck, request: { firstDate: string; lastDate: string }) {
  const firstDate = check.givenDate('first_date', request.firstDate);
  const lastDate = check.givenDate('last_date', request.lastDate);
  if (firstDate && lastDate) {
    if (lastDate < firstDate) check.violation('last_date', 'must not be before first_date');
    else if (isLongerThan(DAYS_MAX, firstDate, lastDate)) {
      check.violation('last_date', `must be at most ${DAYS_MAX} days from first_date on, that one included`);
    }
  }
  return { firstDate, lastDate };
}

function isLongerThan(days: number, first: LocalDate, last: LocalDate): boolean {
  const milliseconds = Date.parse(last) - Date.parse(first);
  return milliseconds >= days * 24 * 3_600_000;
}

const DAYS_OF_WEEK: Partial<Record<wire.DayOfWeek, number>> = {
  [wire.DayOfWeek.MONDAY]: 1,
  [wire.DayOfWeek.TUESDAY]: 2,
  [wire.DayOfWeek.WEDNESDAY]: 3,
  [wire.DayOfWeek.THURSDAY]: 4,
  [wire.DayOfWeek.FRIDAY]: 5,
  [wire.DayOfWeek.SATURDAY]: 6,
  [wire.DayOfWeek.SUNDAY]: 7,
};

function daysOfWeekIn(check: FieldCheck, days: readonly wire.DayOfWeek[]): DayOfWeek[] {
  return days.map((day, index) => {
    const known = DAYS_OF_WEEK[day];
    if (known === undefined) check.violation(`days[${index}]`, 'must be a DayOfWeek that this server knows');
    else if (days.indexOf(day) < index) check.violation(`days[${index}]`, 'must not come twice');
    return (known ?? 1) as DayOfWeek;
  });
}

/** By start, whatever the order in which they were given. */
function sessionsIn(check: FieldCheck, given: readonly wire.Session[]): Session[] {
  if (given.length === 0) check.violation('sessions', 'must not be empty');
  const sessions = given.map((session, index) => sessionOf(check, `sessions[${index}]`, session));
  sessions.forEach((session, index) => {
    const other = sessions.slice(0, index).findIndex((earlier) => overlap(earlier, session));
    if (other >= 0) check.violation(`sessions[${index}]`, `must not overlap sessions[${other}]`);
  });
  return sessions.sort((a, b) => a.start - b.start);
}

/** One that ends before it has begun overlaps none: that is wrong enough. */
function overlap(one: Session, other: Session): boolean {
  return Math.max(one.start, other.start) < Math.min(one.end, other.end);
}

function sessionOf(check: FieldCheck, path: string, session: wire.Session): Session {
  const { slotMinutes } = session;
  const { start, end } = check.window(session.start, session.end, `${path}.`);
  const capacity = check.capacity(`${path}.capacity`, session.capacity);
  if (slotMinutes < 1 || slotMinutes > SLOT_MINUTES_MAX) check.violation(`${path}.slot_minutes`, 'must be 1 to 1,440');
  else if (start < end && (end - start) % slotMinutes !== 0) {
    check.violation(`${path}.slot_minutes`, `must divide the session, which is ${end - start} minutes long`);
  }
  return { start, end, slotMinutes, capacity };
}

function checkWhole(check: FieldCheck, schedule: Schedule): void {
  const dates = datesOf(schedule);
  const slots = dates.length * slotCountOf(schedule.sessions);
  if (slots > SLOTS_MAX) {
    check.violation('last_date', `would make it ${slots} slots, and one call creates at most ${SLOTS_MAX}`);
  }
  if (dates.length > 0) return;
  const hasSuchDays = datesOf({ ...schedule, exceptDates: [] }).length > 0;
  if (hasSuchDays) check.violation('except_dates', 'must leave a date to create slots on');
  else check.violation('days', 'must name a day of the week that comes from first_date to last_date');
}
