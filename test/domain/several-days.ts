/**
 * Given days of one doctor, when a command comes that spans them, they become other days. As with one day, each command that is
 * accepted is also checked against the invariants and replayed from its events on every day, and each that is refused must
 * have left all of them alone; so a test need not say so.
 */

import { checkChange, checkRefusal } from '../../src/domain/change-invariants.js';
import { closeSlots } from '../../src/domain/close-slots.js';
import type { Session } from '../../src/domain/command.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import { brokenInvariants, snapshotOf } from '../../src/domain/invariants.js';
import { parseDay, printDay, printEffect } from '../../src/domain/notation.js';
import type { Answer, Refusal } from '../../src/domain/refusal.js';
import { rescheduleToken } from '../../src/domain/reschedule.js';
import { createSlots, openingsOn } from '../../src/domain/schedule.js';
import type { DayDecision, WideCircumstances } from '../../src/domain/several-days.js';
import { type Instant, instantOf, type LocalDate, type TimeOfDay } from '../../src/domain/time.js';
import { replay } from '../../src/domain/turn.js';
import { slotAt, timeOfDay, tokenOf } from './scenario.js';

export const FRIDAY = '2026-01-30 Asia/Kolkata ON_EMERGENCY';
export const SATURDAY = '2026-01-31 Asia/Kolkata ON_EMERGENCY';

/** Begins with days, each in the notation with its first line; at eight on the morning of the first of them. */
export function givenDays(...days: string[]): Days {
  return new Days(days).at('08:00');
}

interface RescheduleTerms {
  readonly from?: number;
  readonly to?: number;
  readonly seatOnly?: true;
}

export class Days {
  readonly days: readonly DoctorDay[];
  readonly #replayed: readonly DoctorDay[];
  #now = 0 as Instant;
  #idsMade = 0;
  #answer: Answer<readonly DayDecision[]> | undefined;

  constructor(notations: readonly string[]) {
    this.days = notations.map(parseDay);
    this.#replayed = notations.map(parseDay);
  }

  /** Sets the clock: `09:15` on the first day, or on another of them. */
  at(clock: string, day = this.#day(0)): this {
    this.#now = instantOf(day.date, timeOfDay(clock), day.doctor.timeZone);
    return this;
  }

  /** A patient of one day asks for a slot of the same or, where there is another, of that: the days are counted from 0. */
  reschedules(number: number, start: string, asked: RescheduleTerms = {}): this {
    const { from = 0, to = this.days.length - 1, seatOnly } = asked;
    const places = { to: this.#day(to), from: this.#day(from) };
    const newId = () => String(places.to.nextNumber);
    const wanted = { tokenId: tokenOf(number), slotId: slotAt(start), ...(seatOnly && { seatOnly }) };
    const order = from === to ? [to] : [to, from];
    return this.#when(order, (circumstances) => rescheduleToken(places, wanted, { ...circumstances, newId }));
  }

  /** A schedule comes for all of the days. */
  gets(...sessions: Session[]): this {
    const planned = this.days.map((day) => {
      return { day, openings: openingsOn(day.date, day.doctor.timeZone, sessions) };
    });
    return this.#when([...this.days.keys()], (circumstances) => createSlots(planned, sessions, circumstances));
  }

  /** All open slots of the days that overlap a window are closed together. */
  closes(window = '00:00-24:00', reason = ''): this {
    const [start = '', end = ''] = window.split('-').map(timeOfDay) as unknown as TimeOfDay[];
    const [firstDate, lastDate] = [this.#day(0).date, this.#day(this.days.length - 1).date];
    const wanted = { firstDate, lastDate, start: start as TimeOfDay, end: end as TimeOfDay, reason };
    return this.#when([...this.days.keys()], (circumstances) => closeSlots(this.days, wanted, circumstances));
  }

  /** What each day has become, its first line left out. */
  gives(...days: string[]): this {
    expect(this.days.map((day) => printDay(day).split('\n').slice(1))).toEqual(
      days.map((day) => day.split('\n').map((line) => line.trim())),
    );
    return this;
  }

  /** All effects of the last command, a list a day, in the order of its answer. */
  tells(...effects: string[][]): this {
    const told = this.decisions.map(({ change }, index) => {
      const day = this.#day(this.#order[index] as number);
      return change.effects.map((effect) => printEffect(day, effect));
    });
    expect(told).toEqual(effects);
    return this;
  }

  refuses(refusal: object): this {
    expect(this.refusal).toEqual(refusal);
    return this;
  }

  get refusal(): Refusal {
    if (!this.#answer || this.#answer.ok) throw new Error('not refused');
    return this.#answer.refusal;
  }

  /** What the last command did, a decision a day. */
  get decisions(): readonly DayDecision[] {
    if (!this.#answer?.ok) throw new Error(`not accepted: ${JSON.stringify(this.#answer)}`);
    return this.#answer.value;
  }

  #order: readonly number[] = [];

  #when(order: readonly number[], decide: (circumstances: WideCircumstances) => Answer<readonly DayDecision[]>): this {
    const before = this.days.map(snapshotOf);
    const newId = () => `new${++this.#idsMade}`;
    this.#order = order;
    this.#answer = decide({ now: this.#now, newId });
    const after = this.days.map(snapshotOf);
    if (this.#answer.ok) {
      // A command may leave days as they are.
      const decided = this.#answer.value.map(({ date }) => this.days.findIndex((day) => day.date === date));
      expect(order.filter((day) => decided.includes(day))).toEqual(decided);
      this.#order = decided;
      this.#answer.value.forEach((decision, index) => {
        const day = decided[index] as number;
        this.#check(day, decision, [before[day], after[day]] as never);
      });
    } else {
      expect(before.flatMap((day, index) => checkRefusal(day, after[index] as typeof day))).toEqual([]);
    }
    return this;
  }

  #check(index: number, { command, events, change }: DayDecision, [before, after]: Parameters<typeof checkRefusal>) {
    const [day, replayed] = [this.#day(index), this.#replayed[index] as DoctorDay];
    expect([...checkChange(before, change, after, day.doctor), ...brokenInvariants(day, change.at)]).toEqual([]);
    expect(replay(replayed, { revision: change.revision, at: change.at, command, events })).toEqual(change); // I8
    expect(printDay(replayed)).toBe(printDay(day));
  }

  #day(index: number): DoctorDay {
    return this.days[index] as DoctorDay;
  }
}

/** `session('09:00-10:00', 30, 2)`: slots of half an hour, of two seats each. */
export function session(window: string, slotMinutes: number, capacity: number): Session {
  const [start = '', end = ''] = window.split('-');
  return { start: timeOfDay(start), end: timeOfDay(end), slotMinutes, capacity };
}

export const date = (text: string) => text as LocalDate;
