/** One doctor on one calendar date: all the slots and tokens of that date. The unit of consistency. */
import type { Doctor } from './doctor.js';
import { LivePatients } from './live-patients.js';
import { Slot, type SlotId, type SlotSummary, type SlotTerms, type SlotTimes } from './slot.js';
import { Strength } from './strength.js';
import { type Instant, instantOf, type LocalDate, MIDNIGHT_AT_END, type TimeOfDay } from './time.js';
import { isLive, type Token, type TokenId } from './token.js';

/** R15: how many tokens a doctor-day issues at most, emergencies not counted. */
export const TOKENS_A_DAY_MAX = 10_000;

/** R25: of so many consultations, the latest of the day, the doctor's pace is made. */
const CONSULTATIONS_KEPT = 5;

export class DoctorDay {
  /** The order among its tokens, under its doctor's policy (R23). */
  readonly strength: Strength;
  // What stands here is also in copy().
  #revision = 0;
  #changedAt = Number.NEGATIVE_INFINITY as Instant;
  #issued = 0;
  #emergencies = 0;
  readonly #slots: Slot[] = [];
  readonly #deletedSlots: SlotSummary[] = [];
  readonly #slotById = new Map<SlotId, Slot>();
  readonly #tokenById = new Map<TokenId, Token>();
  #patients = new LivePatients();
  readonly #consultations: number[] = [];
  #midnight: Instant | undefined;

  constructor(
    readonly doctor: Doctor,
    readonly date: LocalDate,
  ) {
    this.strength = new Strength(doctor.policy.agingPointsPerHour);
  }

  /** How many commands have changed this day; 0 for one that nobody has touched. */
  get revision(): number {
    return this.#revision;
  }

  /** When the last change was made. Time does not go back within a day, whatever the clock does. */
  get changedAt(): Instant {
    return this.#changedAt;
  }

  /**
   * R21: midnight in the doctor's time zone; later only where clocks are put forward over it and a slot ends after it all
   * the same, which is to be held as long as it lasts.
   */
  get endsAt(): Instant {
    this.#midnight ??= instantOf(this.date, MIDNIGHT_AT_END as TimeOfDay, this.doctor.timeZone);
    let endsAt = this.#midnight;
    for (const { terms } of this.#slots) if (terms.endsAt > endsAt) endsAt = terms.endsAt;
    return endsAt;
  }

  /** By start; those with the same start by id. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** Deleted slots, in the order of their deletion. */
  get deletedSlots(): readonly SlotSummary[] {
    return this.#deletedSlots;
  }

  /** By number, which is the order of issue. */
  get tokens(): IterableIterator<Token> {
    return this.#tokenById.values();
  }

  /** The number that the next token gets (R15). */
  get nextNumber(): number {
    return this.#issued + 1;
  }

  /** R15: emergencies are not counted. */
  get isFull(): boolean {
    return this.#issued - this.#emergencies >= TOKENS_A_DAY_MAX;
  }

  slot(id: SlotId): Slot | undefined {
    return this.#slotById.get(id);
  }

  /** The slot of an id that this day is known to hold. */
  slotOf(id: SlotId): Slot {
    const slot = this.#slotById.get(id);
    if (!slot) throw new Error(`${id} is no slot of ${this.doctor.id} on ${this.date}`);
    return slot;
  }

  token(id: TokenId): Token | undefined {
    return this.#tokenById.get(id);
  }

  /** The token of an id that this day is known to hold. */
  tokenOf(id: TokenId): Token {
    const token = this.#tokenById.get(id);
    if (!token) throw new Error(`${id} is no token of ${this.doctor.id} on ${this.date}`);
    return token;
  }

  /** R25: how long the latest consultations took that were completed, in milliseconds, from the call on; the newest last. */
  get latestConsultations(): readonly number[] {
    return this.#consultations;
  }

  /** R14: references are compared in one form, and an empty one names nobody. */
  liveTokenOf(patientRef: string): Token | undefined {
    const id = this.#patients.find(patientRef);
    return id && this.#tokenById.get(id);
  }

  /** Who is with the doctor: one at a time. */
  get serving(): Token | undefined {
    for (const slot of this.#slots) if (slot.serving) return slot.serving;
    return undefined;
  }

  /**
   * The open slot now running, else the next one. Where clocks are put forward, a slot of the hour that is left out runs after
   * later ones have begun; so that the first that has not ended need not be running.
   */
  runningOrNextSlot(now: Instant): Slot | undefined {
    const open = this.#slots.filter((slot) => slot.isOpen(now));
    return open.find((slot) => slot.isRunning(now)) ?? open[0];
  }

  /** The open slots after one, by start. */
  openSlotsAfter(slot: Slot, now: Instant): Slot[] {
    return this.#slots.filter((other) => other.terms.start > slot.terms.start && other.isOpen(now));
  }

  /** The slots before one, by start. */
  *slotsBefore(slot: Slot): Generator<Slot> {
    for (const other of this.#slots) {
      if (other === slot) return;
      yield other;
    }
  }

  /** A day that stands as this one does, and goes its own way from here. */
  copy(): DoctorDay {
    const copy = new DoctorDay(this.doctor, this.date);
    copy.#revision = this.#revision;
    copy.#changedAt = this.#changedAt;
    copy.#issued = this.#issued;
    copy.#emergencies = this.#emergencies;
    copy.#consultations.push(...this.#consultations);
    copy.#deletedSlots.push(...this.#deletedSlots);
    for (const slot of this.#slots.map((each) => each.copy())) {
      copy.#slots.push(slot);
      copy.#slotById.set(slot.id, slot);
    }
    for (const [id, token] of this.#tokenById) copy.#tokenById.set(id, token);
    copy.#patients = this.#patients.copy();
    return copy;
  }

  // The writers below are evolve's and replay's, and the notation's, alone: everybody else asks.

  addSlot(terms: SlotTerms): Slot {
    const slot = new Slot(terms, this.doctor, this.strength);
    this.#place(slot);
    this.#slotById.set(slot.id, slot);
    return slot;
  }

  /** Deletes a slot that never had a token; throws if it has had one. */
  removeSlot(id: SlotId): void {
    const slot = this.slotOf(id);
    slot.delete();
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    this.#slotById.delete(id);
    this.#deletedSlots.push(slot.summary());
  }

  /** Changes the times of a slot, and so its place in the order. */
  retimeSlot(id: SlotId, times: SlotTimes): void {
    const slot = this.slotOf(id);
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    slot.retime(times);
    this.#place(slot);
  }

  /** Takes in a token that has just been issued. */
  add(token: Token): void {
    this.#count(token);
    this.slotOf(token.slotId).enter(token);
    this.#tokenById.set(token.id, token);
    if (isLive(token)) this.#patients.enter(token);
  }

  /** Puts a token as it now stands in place of how it stood before. */
  replace(before: Token, after: Token): void {
    this.slotOf(before.slotId).leave(before);
    this.slotOf(after.slotId).enter(after);
    this.#tokenById.set(after.id, after);
    if (isLive(after) && after.patientRef === before.patientRef) return;
    this.#patients.leave(before);
    if (isLive(after)) this.#patients.enter(after);
  }

  /** Takes note of how long a consultation took that has just been completed. */
  noteConsultation(milliseconds: number): void {
    this.#consultations.push(milliseconds);
    if (this.#consultations.length > CONSULTATIONS_KEPT) this.#consultations.shift();
  }

  /** Closes a revision. */
  advance(revision: number, at: Instant): void {
    if (revision !== this.#revision + 1) throw new Error(`revision ${revision} cannot follow ${this.#revision}`);
    this.#revision = revision;
    this.#changedAt = at;
  }

  /** Takes up a day whose slots and tokens were put in place otherwise than by its journal. */
  resume(revision: number, at: Instant): void {
    this.#revision = revision;
    this.#changedAt = at;
  }

  #place(slot: Slot): void {
    const after = this.#slots.findIndex((other) => byStart(other, slot) > 0);
    this.#slots.splice(after < 0 ? this.#slots.length : after, 0, slot);
  }

  #count(token: Token): void {
    if (token.number !== this.nextNumber) throw new Error(`number ${token.number} cannot follow ${this.#issued} (I7)`);
    this.#issued += 1;
    if (token.source === 'EMERGENCY') this.#emergencies += 1;
  }
}

/**
 * By start; then by id: a closed slot that leaves its time to others can have the same start as one
 * of them.
 */
export function byStart(one: Slot, other: Slot): number {
  return one.terms.start - other.terms.start || (one.id < other.id ? -1 : Number(one.id > other.id));
}
