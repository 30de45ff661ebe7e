/**
 * Given a day, when a command comes, it gives another day: every rule in a few lines of the notation.
 *
 * Each command that is accepted is also checked against the invariants and replayed from its events, and each that is
 * refused must have left the day alone; so a test need not say so.
 */

import { checkChange, checkRefusal } from '../../src/domain/change-invariants.js';
import { nextDue } from '../../src/domain/clock.js';
import type { AllocateToken, Command, UpdateToken } from '../../src/domain/command.js';
import { type Decision, decide } from '../../src/domain/decide.js';
import type { DoctorId } from '../../src/domain/doctor.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import type { TokenEffect } from '../../src/domain/event.js';
import { brokenInvariants, snapshotOf } from '../../src/domain/invariants.js';
import { parseDay, printDay, printEffect } from '../../src/domain/notation.js';
import type { Answer, Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import {
  formatTimeOfDay,
  type Instant,
  instantOf,
  type LocalDate,
  parseTimeOfDay,
  type TimeOfDay,
} from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import { type Recorded, replay } from '../../src/domain/turn.js';

const HEADER = '2026-01-31 Asia/Kolkata ON_EMERGENCY';

/** Begins with a day whose first line may be left out, at eight in the morning. */
export function given(day: string): Scenario {
  return new Scenario(/^\s*\d{4}-/.test(day) ? day : `${HEADER}\n${day}`).at('08:00');
}

export class Scenario {
  readonly day: DoctorDay;
  readonly journal: Recorded[] = [];
  /** The same, made from the journal (I8). */
  readonly replayed: DoctorDay;
  #now = 0 as Instant;
  #answer: Answer<Decision> | undefined;
  #effects: readonly TokenEffect[] = [];

  constructor(notation: string) {
    this.day = parseDay(notation);
    this.replayed = parseDay(notation);
  }

  /** Sets the clock: `09:15` of the day's own date or `2026-01-30 09:15`, in the doctor's time zone; or an instant in UTC. */
  at(clock: string): this {
    if (clock.endsWith('Z')) {
      this.#now = Date.parse(clock) as Instant;
      return this;
    }
    const [time = '', date = this.day.date] = clock.split(' ').reverse();
    this.#now = instantOf(date as LocalDate, timeOfDay(time), this.day.doctor.timeZone);
    return this;
  }

  /** Lets time pass: whatever falls due until then happens, each at its own instant. */
  until(clock: string): this {
    const then = this.at(clock).#now;
    const effects: TokenEffect[] = [];
    for (let due = nextDue(this.day); due !== undefined && due <= then; due = nextDue(this.day)) {
      this.#now = due;
      effects.push(...this.when(CLOCK).accepted.change.effects);
    }
    this.#effects = effects;
    return this.at(clock);
  }

  when(command: Command): this {
    const before = snapshotOf(this.day);
    const newId = command.kind === 'CreateSlot' ? formatTimeOfDay(command.start) : String(this.day.nextNumber);
    this.#answer = decide(this.day, command, { now: this.#now, newId });
    const after = snapshotOf(this.day);
    if (!this.#answer.ok) {
      expect(checkRefusal(before, after)).toEqual([]);
      return this;
    }
    const { change, events } = this.#answer.value;
    this.#effects = change.effects;
    const recorded = { revision: change.revision, at: change.at, command, events };
    this.journal.push(recorded);
    expect([...checkChange(before, change, after, this.day.doctor), ...brokenInvariants(this.day, change.at)]).toEqual(
      [],
    );
    expect(replay(this.replayed, recorded)).toEqual(change); // I8
    expect(printDay(this.replayed)).toBe(printDay(this.day));
    return this;
  }

  /** What the day has become, its first line left out, and all effects of the last command, or of the time that passed. */
  gives(day: string, ...effects: string[]): this {
    const [, ...lines] = printDay(this.day).split('\n');
    expect(lines).toEqual(day.trim().split(/\n\s*/));
    expect(this.#effects.map((effect) => printEffect(this.day, effect))).toEqual(effects);
    return this;
  }

  /** The slots that the last command's change tells of: their starts. */
  touches(...starts: string[]): this {
    expect(this.accepted.change.slots.map((slot) => formatTimeOfDay(slot.start))).toEqual(starts);
    return this;
  }

  refuses(refusal: object): this {
    expect(this.refusal).toEqual(refusal);
    return this;
  }

  /** Why the last command was refused. */
  get refusal(): Refusal {
    if (!this.#answer || this.#answer.ok) throw new Error(`not refused:\n${printDay(this.day)}`);
    return this.#answer.refusal;
  }

  /** What the last command did. */
  get accepted(): Decision {
    if (!this.#answer?.ok) throw new Error(`not accepted: ${JSON.stringify(this.#answer)}`);
    return this.#answer.value;
  }
}

/** `createSlot('09:00-09:30', 2)` */
export function createSlot(window: string, capacity: number): Command {
  const [start = '', end = ''] = window.split('-');
  return { kind: 'CreateSlot', start: timeOfDay(start), end: timeOfDay(end), capacity };
}

export function allocate(source: AllocateToken['source'], start: string, patientRef = ''): AllocateToken {
  return { kind: 'AllocateToken', slotId: slotAt(start), source, patientRef };
}

/** The same, refused instead of queued. */
export function seatOnly(command: AllocateToken): AllocateToken {
  return { ...command, seatOnly: true };
}

export function emergency(start: string, patientRef = ''): Command {
  return { kind: 'InsertEmergency', target: { slotId: slotAt(start) }, patientRef };
}

export function emergencyForDoctor(patientRef = ''): Command {
  return { kind: 'InsertEmergency', target: { doctorId: DOCTOR }, patientRef };
}

export function cancel(number: number): Command {
  return { kind: 'CancelToken', tokenId: tokenOf(number), reason: '' };
}

export function noShow(number: number): Command {
  return { kind: 'MarkNoShow', tokenId: tokenOf(number) };
}

export function update(number: number, changes: Pick<UpdateToken, 'source' | 'patientRef'>): Command {
  return { kind: 'UpdateToken', tokenId: tokenOf(number), ...changes };
}

/** `resize('09:00', 3)` */
export function resize(start: string, capacity: number): Command {
  return { kind: 'UpdateSlot', slotId: slotAt(start), capacity };
}

/** `retime('09:00', '10:00-10:30')`, with other seats where a capacity is given. */
export function retime(start: string, window: string, capacity?: number): Command {
  const [from = '', to = ''] = window.split('-');
  const times = { ...(from && { start: timeOfDay(from) }), ...(to && { end: timeOfDay(to) }) };
  return { kind: 'UpdateSlot', slotId: slotAt(start), ...times, ...(capacity !== undefined && { capacity }) };
}

export function reopen(start: string): Command {
  return { kind: 'ReopenSlot', slotId: slotAt(start) };
}

export function deleteSlot(start: string): Command {
  return { kind: 'DeleteSlot', slotId: slotAt(start) };
}

export function close(start: string, reason = ''): Command {
  return { kind: 'CloseSlot', slotId: slotAt(start), reason };
}

export function checkIn(number: number): Command {
  return { kind: 'CheckInToken', tokenId: tokenOf(number) };
}

/** Of all slots of the doctor's day, where no start is given. */
export function callNext(start?: string, completeCurrent = false, expected?: number): Command {
  const target = start === undefined ? { doctorId: DOCTOR } : { slotId: slotAt(start) };
  return { kind: 'CallNextToken', target, completeCurrent, ...expecting(expected) };
}

export function call(number: number, completeCurrent = false, expected?: number): Command {
  return { kind: 'CallToken', tokenId: tokenOf(number), completeCurrent, ...expecting(expected) };
}

/** That this token is with the doctor. */
function expecting(number?: number) {
  return number === undefined ? {} : { expectedCurrentTokenId: tokenOf(number) };
}

export function sendBack(number: number): Command {
  return { kind: 'ReturnToken', tokenId: tokenOf(number) };
}

export function complete(number: number): Command {
  return { kind: 'CompleteToken', tokenId: tokenOf(number) };
}

export const CLOCK: Command = { kind: 'CLOCK' };

export const DOCTOR = 'doc_notation' as DoctorId;

export function slotAt(start: string): SlotId {
  return `slot_${start}` as SlotId;
}

export function tokenOf(number: number): TokenId {
  return `token_${number}` as TokenId;
}

export function timeOfDay(text: string): TimeOfDay {
  const time = parseTimeOfDay(text);
  if (time === undefined) throw new Error(`${text} is no time of day`);
  return time;
}
