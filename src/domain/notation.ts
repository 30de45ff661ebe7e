/**
 * A doctor-day as a few lines of text, and back: what tests are written in, and what a failure
 * shows.
 *
 *     2026-01-31 Asia/Kolkata ON_EMERGENCY r9
 *     09:00-09:30 2/2: 1E 4P(alice) | 5O 3W!
 *     09:30-10:00 1/2: 2W^<09:00
 *     10:00-10:30 0/2 closed:
 *     gone: 6W@09:00 cancelled, 7F("Ann Lee")<09:00@09:30 no-show
 *
 * The first line has the date, the time zone, the policy (see policy-notation.ts) and the revision
 * (0 if left out). Then a line a slot, by start: its window, the seats taken of its capacity,
 * `closed`, `ended` (R20), the tokens that hold a seat and, after `|`, its waiting queue, each in
 * order of strength. Last, by number, the tokens that are no longer live and without a seat.
 *
 * A token is its number and the first letter of its source (`E P F O W`), and then, where there is
 * something to say:
 * - its status: `*` SERVING, `+` COMPLETED, `!` DISPLACED; unmarked it is ACTIVE in a seat, WAITING
 *   in a queue;
 * - `x2` how often it has been displaced, where the policy sets a limit to that (R24);
 * - `^` checked in;
 * - `(alice)` the patient; as a JSON string unless made of letters, digits, `.`, `_` and `-` alone;
 * - `<09:00` the start of the slot that was asked for, where it is not the one that it is in;
 * - among those gone, `@09:30` the slot that it was in, and how it ended.
 *
 * Of slots with the same start (a closed one leaves its time to others), the second is `09:00#2`
 * where a token names it.
 *
 * Blank lines and indentation count for nothing. Every day that is read has the ids `slot_09:00` and
 * `token_4`, and all happened at the instant 0; earlier displacements were by nobody. So if strength
 * grows with the time since issue (R23), tokens are read in any order, as if issued all at once.
 */
import type { Doctor, DoctorId } from './doctor.js';
import { DoctorDay } from './doctor-day.js';
import type { TokenEffect } from './event.js';
import { fail, type Reader, reading } from './line-reader.js';
import { parsePolicy, printPolicy } from './policy-notation.js';
import type { Slot, SlotId, SlotTerms } from './slot.js';
import {
  formatTimeOfDay,
  type Instant,
  instantOf,
  parseDate,
  parseTimeOfDay,
  parseTimeZone,
  type TimeOfDay,
} from './time.js';
import { holdsSeat, isLive, STANDING, type Token, type TokenId, type TokenSource, type TokenStatus } from './token.js';

const SOURCES: Readonly<Record<string, TokenSource>> = {
  E: 'EMERGENCY',
  P: 'PAID',
  F: 'FOLLOW_UP',
  O: 'ONLINE',
  W: 'WALK_IN',
};

type StatusByMark = Readonly<Record<string, TokenStatus>>;
const SEATED: StatusByMark = { '': 'ACTIVE', '*': 'SERVING', '+': 'COMPLETED' };
const QUEUED: StatusByMark = { '': 'WAITING', '!': 'DISPLACED' };
const GONE: StatusByMark = { cancelled: 'CANCELLED', 'no-show': 'NO_SHOW', expired: 'EXPIRED' };

// Sticky, each: a line is read from left to right.
const HEADER = /(\S+) (\S+) (\S.*?)(?: r(\d+))?$/y;
const SLOT = /(\d\d:\d\d)-(\d\d:\d\d) (\d+)\/([1-9]\d*)( closed)?( ended)?:/y;
const TOKEN =
  /([1-9]\d*)([EPFOW])([*+!]?)(?:x([1-9]\d*))?(\^?)(?:\(([\w.-]+|"(?:[^"\\]|\\.)*")\))?(?:<(\d\d:\d\d(?:#[1-9]\d*)?))?/y;
const GONE_LABEL = /gone:/y;
const GONE_PLACE = /@(\d\d:\d\d(?:#[1-9]\d*)?) ([a-z-]+)/y;
const PLAIN_PATIENT = /^[\w.-]+$/;

const NOTED_AT = 0 as Instant;
/** Before all that happened. */
const POLICY_SINCE = -1 as Instant;

/**
 * Reads a day.
 *
 * @throws Error that names the first line that is not in the notation, or that tells of a day that cannot be
 */
export function parseDay(text: string): DoctorDay {
  const [header = '', ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const { day, revision } = reading(header, readHeader);
  const noted = readLines(lines, day);
  noted.sort((a, b) => a.token.number - b.token.number);
  for (const { token, line } of noted) {
    reading(line, () => (day.token(token.id) ? fail(`${name(token)} has a number that comes twice`) : day.add(token)));
  }
  lines.slice(0, day.slots.length).forEach((line, index) => {
    reading(line, () => checkTime(day, index));
  });
  day.resume(revision, NOTED_AT);
  return day;
}

/** The tokens of the lines after the first. All slots are read first, because tokens name them. */
function readLines(lines: readonly string[], day: DoctorDay): { token: Token; line: string }[] {
  const rests = lines.map((line, index) =>
    reading(line, (reader) => {
      const isGone = index === lines.length - 1 && reader.take(GONE_LABEL);
      return isGone ? () => readGone(reader, day) : readSlot(reader, day);
    }),
  );
  return lines.flatMap((line, index) =>
    reading(line, () => (rests[index]?.() ?? []).map((token) => ({ token, line }))),
  );
}

/** Writes a day; with its patients' references, unless told otherwise: a log may carry none. */
export function printDay(day: DoctorDay, { withPatients = true } = {}): string {
  const { date, doctor, revision } = day;
  const lines = [`${date} ${doctor.timeZone} ${printPolicy(doctor.policy)} r${revision}`];
  for (const slot of day.slots) lines.push(printSlot(day, slot, withPatients));
  const gone = [...day.tokens].filter((token) => !isLive(token) && !holdsSeat(token));
  if (gone.length > 0) lines.push(`gone: ${gone.map((token) => printGone(day, token, withPatients)).join(', ')}`);
  return lines.join('\n');
}

/** Writes what happened to a token, without its patient: `3P@09:00 allocated`, `1W@09:30 moved from 09:00`. */
export function printEffect(day: DoctorDay, { kind, token, fromSlotId, displacedByTokenId }: TokenEffect): string {
  const by = displacedByTokenId && day.tokenOf(displacedByTokenId);
  const words = [`${name(token)}@${startOf(day, token.slotId)}`, kind.toLowerCase().replace('_', '-')];
  if (fromSlotId) words.push(`from ${startOf(day, fromSlotId)}`);
  if (by) words.push(`by ${name(by)}`);
  return words.join(' ');
}

function readHeader(reader: Reader): { day: DoctorDay; revision: number } {
  const [, date = '', zone = '', policy = '', revision = 0] = reader.expect(HEADER, 'date, time zone, policy');
  const doctor: Doctor = {
    id: 'doc_notation' as DoctorId,
    name: 'The doctor',
    department: 'Outpatients',
    timeZone: parseTimeZone(zone) ?? fail(`${zone} is no time zone`),
    policy: parsePolicy(policy) ?? fail(`${policy} is no policy`),
    policySince: POLICY_SINCE,
    createdAt: NOTED_AT,
    isRetired: false,
  };
  return { day: new DoctorDay(doctor, parseDate(date) ?? fail(`${date} is no date`)), revision: Number(revision) };
}

/** Adds a slot to the day; answers with what reads its tokens. */
function readSlot(reader: Reader, day: DoctorDay): () => Token[] {
  const [, start = '', end = '', seatsTaken, capacity, closed, ended] = reader.expect(SLOT, 'a slot');
  const slot = day.addSlot(termsOf(day, start, end, Number(capacity)));
  if (closed) slot.close();
  if (ended) slot.end();
  return () => {
    const seated = readTokens(reader, day, slot, SEATED);
    const queued = reader.take(/ \|(?= )/y) ? readTokens(reader, day, slot, QUEUED) : [];
    reader.expect(/$/y, 'a token, or the end');
    if (seated.length !== Number(seatsTaken)) fail(`${seated.length} tokens hold a seat, not ${seatsTaken}`);
    return [...seated, ...queued];
  };
}

function termsOf(day: DoctorDay, from: string, to: string, capacity: number): SlotTerms {
  const start = timeOf(from);
  const end = timeOf(to);
  if (start >= end) fail(`${from} is not before ${to}`);
  const last = day.slots.at(-1);
  if (last && start < last.terms.start) fail(`${from} is before the start of ${last.id}`);
  const sameStart = day.slots.filter((slot) => slot.terms.start === start).length;
  const id = `slot_${from}${sameStart > 0 ? `#${sameStart + 1}` : ''}` as SlotId;
  const instantAt = (time: TimeOfDay) => instantOf(day.date, time, day.doctor.timeZone);
  return { id, start, end, startsAt: instantAt(start), endsAt: instantAt(end), capacity };
}

/** Slots do not overlap, except closed ones without live tokens (R13). */
function checkTime({ slots }: DoctorDay, index: number): void {
  const { terms, blocksItsTime } = slots[index] as Slot;
  const earlier = slots.slice(0, index).find((other) => other.blocksItsTime && terms.start < other.terms.end);
  if (blocksItsTime && earlier) fail(`${formatTimeOfDay(terms.start)} is before the end of ${earlier.id}`);
}

function timeOf(text: string): TimeOfDay {
  return parseTimeOfDay(text) ?? fail(`${text} is no time of day`);
}

/** Tokens in order of strength, each after a space. */
function readTokens(reader: Reader, day: DoctorDay, slot: Slot, statuses: StatusByMark): Token[] {
  const tokens: Token[] = [];
  while (reader.take(/ (?=\d)/y)) {
    const { mark, ...noted } = readToken(reader);
    const status = statuses[mark] ?? fail(`${noted.number}${noted.letter} cannot be marked ${mark} there`);
    const token = tokenIn(day, slot, status, noted);
    const before = tokens.at(-1);
    const isInOrder = !before || day.doctor.policy.agingPointsPerHour > 0 || day.strength.compare(before, token) <= 0;
    if (!isInOrder) fail(`${name(token)} is stronger than ${name(before)} before it`);
    tokens.push(token);
  }
  return tokens;
}

/** Those gone, by number: each after a space, and all but the first after a comma. */
function readGone(reader: Reader, day: DoctorDay): Token[] {
  const tokens: Token[] = [];
  do {
    reader.expect(/ /y, 'a token');
    const { mark, ...noted } = readToken(reader);
    if (mark) fail(`${noted.number}${noted.letter} is gone and cannot be marked ${mark}`);
    const [, start = '', how = ''] = reader.expect(GONE_PLACE, 'where it was and how it ended');
    if ((tokens.at(-1)?.number ?? 0) >= noted.number) fail(`${noted.number}${noted.letter} is not in order of number`);
    tokens.push(tokenIn(day, slotAt(day, start), GONE[how] ?? fail(`${how} is no end`), noted));
  } while (reader.take(/,/y));
  reader.expect(/$/y, 'a comma, or the end');
  return tokens;
}

interface NotedToken {
  readonly number: number;
  readonly letter: string;
  readonly displacements: number;
  readonly isCheckedIn: boolean;
  readonly patientRef: string;
  /** When the slot starts that was asked for, if it is another than where the token is. */
  readonly requested: string | undefined;
}

function readToken(reader: Reader): NotedToken & { readonly mark: string } {
  const [, number, letter = '', mark = '', times = 0, checkedIn, patient = '', requested] = reader.expect(
    TOKEN,
    'a token',
  );
  const patientRef: string = patient.startsWith('"') ? JSON.parse(patient) : patient;
  const displacements = Number(times);
  return { number: Number(number), letter, mark, displacements, isCheckedIn: checkedIn === '^', patientRef, requested };
}

function tokenIn(day: DoctorDay, slot: Slot, status: TokenStatus, noted: NotedToken): Token {
  const { number, letter, displacements, isCheckedIn, patientRef, requested } = noted;
  const requestedSlot = requested === undefined ? slot : slotAt(day, requested);
  if (requested !== undefined && requestedSlot === slot) fail(`${number}${letter} is in ${requested} itself`);
  return {
    id: `token_${number}` as TokenId,
    number,
    slotId: slot.id,
    requestedSlotId: requestedSlot.id,
    source: SOURCES[letter] ?? fail(`${letter} is no source`),
    status,
    patientRef,
    createdAt: NOTED_AT,
    updatedAt: NOTED_AT,
    checkedInAt: isCheckedIn ? NOTED_AT : undefined,
    displacements,
    seatedAt: STANDING[status].holdsSeat ? NOTED_AT : undefined,
    calledAt: status === 'SERVING' || status === 'COMPLETED' ? NOTED_AT : undefined,
    rescheduledFromTokenId: undefined,
  };
}

function slotAt(day: DoctorDay, start: string): Slot {
  return day.slot(`slot_${start}` as SlotId) ?? fail(`no slot starts at ${start}`);
}

function printSlot(day: DoctorDay, slot: Slot, withPatients: boolean): string {
  const { start, end } = slot.terms;
  const print = (token: Token) => ` ${printToken(day, token, withPatients)}`;
  const queue = slot.waiting > 0 ? ` |${slot.waitingQueue().map(print).join('')}` : '';
  const state = `${slot.isClosed ? ' closed' : ''}${slot.isEnded ? ' ended' : ''}`;
  const seats = `${slot.seatsTaken}/${slot.capacity}${state}:${slot.seated().map(print).join('')}`;
  return `${formatTimeOfDay(start)}-${formatTimeOfDay(end)} ${seats}${queue}`;
}

function printGone(day: DoctorDay, token: Token, withPatients: boolean): string {
  return `${printToken(day, token, withPatients)}@${startOf(day, token.slotId)} ${markOf(token.status, [GONE])}`;
}

function printToken(day: DoctorDay, token: Token, withPatients: boolean): string {
  const { slotId, requestedSlotId, patientRef, status, displacements, checkedInAt } = token;
  const times = displacements > 0 && day.doctor.policy.displacementsMax > 0 ? `x${displacements}` : '';
  const checkedIn = checkedInAt === undefined ? '' : '^';
  const patient = withPatients && patientRef !== '' ? `(${printPatient(patientRef)})` : '';
  const requested = requestedSlotId === slotId ? '' : `<${startOf(day, requestedSlotId)}`;
  return `${name(token)}${markOf(status, [SEATED, QUEUED])}${times}${checkedIn}${patient}${requested}`;
}

function printPatient(patientRef: string): string {
  return PLAIN_PATIENT.test(patientRef) ? patientRef : JSON.stringify(patientRef);
}

function markOf(status: TokenStatus, tables: readonly StatusByMark[]): string {
  const marks = tables.flatMap((table) => Object.entries(table));
  return marks.find(([, marked]) => marked === status)?.[0] ?? '';
}

/** Number and letter: all that those at the desk need to tell tokens apart. */
function name({ number, source }: Token): string {
  return `${number}${source.charAt(0)}`;
}

function startOf(day: DoctorDay, slotId: SlotId): string {
  const { start } = day.slotOf(slotId).terms;
  const place = day.slots.filter((slot) => slot.terms.start === start).findIndex(({ id }) => id === slotId);
  return `${formatTimeOfDay(start)}${place > 0 ? `#${place + 1}` : ''}`;
}
