/** A counter with the engine itself behind it, in this process: no server, no store, and time passes when it is told to. */

import { checkChange } from '../domain/change-invariants.js';
import { nextDue } from '../domain/clock.js';
import type { Command } from '../domain/command.js';
import { decide } from '../domain/decide.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import { brokenInvariants, type DaySnapshot, snapshotOf } from '../domain/invariants.js';
import { printDay } from '../domain/notation.js';
import type { SlotSummary } from '../domain/slot.js';
import { formatInstant, type Instant, type LocalDate } from '../domain/time.js';
import type { Token, TokenId } from '../domain/token.js';
import { type Recorded, replay } from '../domain/turn.js';
import { BrokenInvariant } from './broken-invariant.js';
import type { Counter, Request } from './counter.js';
import type { VirtualClock } from './virtual-clock.js';

/** A day is checked as often as this, and at its end: each time costs by all that has happened in it. */
const CHANGES_A_CHECK = 32;

export interface EngineCounterTerms {
  readonly doctor: Doctor;
  readonly date: LocalDate;
  /** How the day's slots were created: the same every day, so that it is replayed. */
  readonly opening: readonly Recorded[];
  readonly clock: VirtualClock;
  readonly onChange: (change: Change) => void;
}

export class EngineCounter implements Counter {
  readonly #day: DoctorDay;

  constructor(private readonly terms: EngineCounterTerms) {
    this.#day = new DoctorDay(terms.doctor, terms.date);
    for (const recorded of terms.opening) replay(this.#day, recorded);
  }

  get doctorId(): DoctorId {
    return this.#day.doctor.id;
  }

  get slots(): readonly SlotSummary[] {
    return this.#day.slots.map((slot) => slot.summary());
  }

  get tokens(): readonly Token[] {
    return [...this.#day.tokens];
  }

  token(id: TokenId): Token {
    return this.#day.tokenOf(id);
  }

  get nextDue(): Instant | undefined {
    return nextDue(this.#day);
  }

  look(): void {
    for (let due = this.nextDue; due !== undefined && due <= this.terms.clock.now; due = this.nextDue) {
      this.#decide({ kind: 'CLOCK' }, due);
    }
  }

  ask(request: Request): Change {
    return this.#decide(request, this.terms.clock.now);
  }

  /** @throws BrokenInvariant where the day is not as it must be */
  check(): void {
    this.#demand(brokenInvariants(this.#day, this.terms.clock.now), 'the day');
  }

  #decide(command: Command, now: Instant): Change {
    const isChecked = this.#day.revision % CHANGES_A_CHECK === 0;
    const before = isChecked ? snapshotOf(this.#day) : undefined;
    const answer = decide(this.#day, command, { now, newId: String(this.#day.nextNumber) });
    if (!answer.ok)
      return this.#fail([`refused: ${answer.refusal.reason}, where nothing spoke against it`], command.kind);
    const { change } = answer.value;
    if (before) this.#checkChange(before, change);
    this.terms.onChange(change);
    return change;
  }

  #checkChange(before: DaySnapshot, change: Change): void {
    this.#demand(checkChange(before, change, snapshotOf(this.#day), this.terms.doctor), change.cause);
    this.check();
  }

  #demand(breaches: readonly string[], after: string): void {
    if (breaches.length > 0) this.#fail(breaches, after);
  }

  #fail(breaches: readonly string[], after: string): never {
    const { name } = this.terms.doctor;
    const time = formatInstant(this.terms.clock.now);
    throw new BrokenInvariant(breaches, `after ${after}, ${name}, at ${time}:\n${printDay(this.#day)}`);
  }
}
