/**
 * One doctor's day as it is lived: patients ask for tokens, come or stay away or come too late, give up; the doctor calls one after the
 * other, is called away at noon, and goes home when nobody is left.
 */
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import { type Instant, instantOf, type LocalDate, type TimeOfDay, type TimeZone } from '../domain/time.js';
import { isCallable, isLive, type Token, type TokenId } from '../domain/token.js';
import type { Agenda } from './agenda.js';
import { longestHere } from './calling-order.js';
import { slotFor } from './choices.js';
import type { Counter } from './counter.js';
import type { Asking, DayPlan } from './day-plan.js';
import { closingTime, type DoctorProfile } from './doctors.js';
import type { Patient } from './patients.js';
import { Random } from './random.js';
import { Room } from './room.js';

const MINUTE = 60_000;
/** What a consultation takes on average, of the time that a slot has for one. */
const PACE = 0.85;

/** Somebody is with the doctor at last. */
export interface Visit {
  readonly token: Token;
  /** Since the patient has been here and the slot asked for has begun; for an emergency, since it has been here. */
  readonly waitedMilliseconds: number;
  /** Whether the slot that the seat is in was over by then. */
  readonly isLate: boolean;
}

export interface ClinicDayTerms {
  readonly agenda: Agenda;
  readonly counter: Counter;
  readonly plan: DayPlan;
  readonly profile: DoctorProfile;
  readonly date: LocalDate;
  readonly zone: TimeZone;
  /** Told of what no command says. */
  readonly remark?: (text: string) => void;
  readonly onVisit?: (visit: Visit) => void;
}

export class ClinicDay {
  readonly #room: Room;
  readonly #midnight: Instant;
  /** Those who were not at the door, and will be. */
  readonly #fetched = new Set<Patient>();
  /** When what time does by itself is looked at next. */
  #looksAt: number = Number.POSITIVE_INFINITY;
  #isAway = false;
  #goneHomeAt: Instant | undefined;

  constructor(private readonly terms: ClinicDayTerms) {
    this.#room = new Room(terms.agenda, this);
    this.#midnight = instantOf(terms.date, 0 as TimeOfDay, terms.zone);
  }

  /** How long after closing the doctor went home. Only once the day is over. */
  get overtimeMilliseconds(): number {
    if (this.#goneHomeAt === undefined) throw new Error('the doctor has not gone home');
    return this.#goneHomeAt - this.#minuteAt(closingTime(this.terms.profile));
  }

  /** Puts on the agenda all that is known beforehand. */
  begin(): void {
    const { plan, profile, remark } = this.terms;
    for (const asking of plan.askings) this.at(asking.minute, () => this.#arrive(asking));
    if (plan.accident) {
      const { minute, victims } = plan.accident;
      this.at(minute, () => remark?.(`a road accident: ${victims} people are being brought in`));
    }
    if (plan.calledAwayAtMinute !== undefined) this.at(plan.calledAwayAtMinute, () => this.#callAway());
    this.at(profile.opens, () => {});
    this.at(closingTime(profile), () => {});
  }

  /** @param minute since local midnight */
  at(minute: number, act: () => void | Promise<void>): void {
    this.#when(this.#minuteAt(minute), act);
  }

  /** Sees what time has done, does something, and sees whether there is somebody new at the doctor's door. */
  #when(at: Instant, act: () => void | Promise<void>): void {
    this.terms.agenda.add(at, async () => {
      await this.terms.counter.look();
      await act();
      await this.#room.knock();
      this.#expectTime();
    });
  }

  /** What falls due by itself may seat somebody who is here. */
  #expectTime(): void {
    const due = this.terms.counter.nextDue;
    if (due === undefined || due >= this.#looksAt) return;
    this.#looksAt = due;
    this.#when(due, () => {
      this.#looksAt = Number.POSITIVE_INFINITY;
    });
  }

  get #now(): Instant {
    return this.terms.agenda.clock.now;
  }

  async #arrive(asking: Asking): Promise<void> {
    const { source, patient } = asking;
    if (source === 'EMERGENCY') return this.#insertEmergency(asking);
    const slot = this.#slotFor(asking);
    const live = this.#liveTokenOf(patient);
    if (!slot || live) return;
    const token = await this.#allocate(slot, asking);
    const { givesUpAfterMinutes } = patient;
    if (givesUpAfterMinutes !== undefined) {
      this.#when((this.#now + givesUpAfterMinutes * MINUTE) as Instant, () => this.#giveUp(token.id));
    }
    if (patient.staysAway) return;
    const comesAt = source === 'WALK_IN' ? this.#now : slot.startsAt + patient.minutesLate * MINUTE;
    this.#when(Math.max(comesAt, this.#now) as Instant, () => this.#turnUp(asking, token.id));
  }

  async #allocate({ id: slotId }: SlotSummary, { source, patient: { ref: patientRef } }: Asking): Promise<Token> {
    if (source === 'EMERGENCY') throw new Error('an emergency asks for no seat');
    return this.#ownToken(await this.terms.counter.ask({ kind: 'AllocateToken', slotId, source, patientRef }));
  }

  /** Two in three are sent to the doctor, whatever slot is running, the others straight to a slot. */
  async #insertEmergency(asking: Asking): Promise<void> {
    const slot = this.#slotFor(asking);
    const live = this.#liveTokenOf(asking.patient);
    if (!slot || live?.status === 'SERVING' || live?.source === 'EMERGENCY') return;
    const target = asking.taste % 3 === 0 ? { slotId: slot.id } : { doctorId: this.terms.counter.doctorId };
    const change = await this.terms.counter.ask({ kind: 'InsertEmergency', target, patientRef: asking.patient.ref });
    await this.terms.counter.ask({ kind: 'CheckInToken', tokenId: this.#ownToken(change).id });
  }

  /** R22: whoever turns up as a no-show asks for a new token, as one who walks in does. */
  async #turnUp(asking: Asking, tokenId: TokenId): Promise<void> {
    const token = this.terms.counter.token(tokenId);
    if (isLive(token)) return this.#checkIn(token);
    const slot = slotFor('WALK_IN', this.terms.counter.slots, this.#now, new Random(asking.taste, 0));
    if (token.status !== 'NO_SHOW' || !slot || this.#liveTokenOf(asking.patient)) return;
    await this.#checkIn(await this.#allocate(slot, asking));
  }

  async #checkIn({ id, status, checkedInAt }: Token): Promise<void> {
    if (status === 'SERVING' || checkedInAt !== undefined) return;
    await this.terms.counter.ask({ kind: 'CheckInToken', tokenId: id });
  }

  /** Whoever is no longer in the queue, or here with a seat, or whose slot is over, has no reason to cancel. */
  async #giveUp(tokenId: TokenId): Promise<void> {
    const token = this.terms.counter.token(tokenId);
    if (!isLive(token) || token.status === 'SERVING' || isCallable(token)) return;
    if (this.#slotOf(token).endsAt <= this.#now) return;
    const reason = token.status === 'ACTIVE' ? 'changed plans' : 'tired of waiting';
    await this.terms.counter.ask({ kind: 'CancelToken', tokenId, reason });
  }

  /** R13: the slot now running is closed, and until its end nobody is called. */
  async #callAway(): Promise<void> {
    const slot = this.terms.counter.slots.find(({ startsAt, endsAt }) => startsAt <= this.#now && this.#now < endsAt);
    if (!slot) return;
    this.#isAway = true;
    await this.terms.counter.ask({ kind: 'CloseSlot', slotId: slot.id, reason: 'called away to the ward' });
    this.#when(slot.endsAt, () => {
      this.#isAway = false;
    });
  }

  /**
   * The doctor's door: the next in the order of calling goes in, and whoever was in there is done
   * with.
   */
  async admit(): Promise<number | undefined> {
    const { counter } = this.terms;
    await counter.look();
    if (!this.#isThere || !counter.tokens.some(isCallable)) return this.#stayAlone();
    const target = { doctorId: counter.doctorId };
    const serving = counter.tokens.find(({ status }) => status === 'SERVING');
    const expected = serving && { expectedCurrentTokenId: serving.id };
    const change = await counter.ask({ kind: 'CallNextToken', target, completeCurrent: true, ...expected });
    const called = this.#ownToken(change);
    const consultation = this.#see((await this.#callAnother(called)) ?? called);
    this.#expectTime();
    return consultation;
  }

  /** Whether the doctor is in the room: from the first slot on, but for when something else came up. */
  get #isThere(): boolean {
    return this.#now >= this.#minuteAt(this.terms.profile.opens) && !this.#isAway && this.#goneHomeAt === undefined;
  }

  async #stayAlone(): Promise<undefined> {
    const { counter, profile, remark } = this.terms;
    const serving = counter.tokens.find(({ status }) => status === 'SERVING');
    if (serving) await counter.ask({ kind: 'CompleteToken', tokenId: serving.id });
    if (this.#goneHomeAt !== undefined || this.#now < this.#minuteAt(closingTime(profile))) return;
    this.#goneHomeAt = this.#now;
    remark?.('nobody is left: the doctor goes home');
  }

  /** Whoever does not come when called goes back to the seat, and who has been here longest is called; where there is nobody else, one waits. */
  async #callAnother(called: Token): Promise<Token | undefined> {
    const { counter } = this.terms;
    const patient = this.#patientOf(called);
    if (!patient.missesFirstCall || this.#fetched.has(patient)) return undefined;
    const others = counter.tokens.filter((token) => token.id !== called.id);
    const next = longestHere(counter.slots, others);
    if (!next) return undefined;
    this.#fetched.add(patient);
    await counter.ask({ kind: 'ReturnToken', tokenId: called.id });
    return this.#ownToken(await counter.ask({ kind: 'CallToken', tokenId: next.id, completeCurrent: false }));
  }

  /** Answers with how long it takes. */
  #see(token: Token): number {
    const { counter, profile, onVisit } = this.terms;
    const { requestedSlotId, source, checkedInAt = this.#now } = token;
    const asked = counter.slots.find(({ id }) => id === requestedSlotId)?.startsAt ?? checkedInAt;
    const waitsFrom = source === 'EMERGENCY' ? checkedInAt : Math.max(checkedInAt, asked);
    const isLate = this.#slotOf(token).endsAt <= this.#now;
    onVisit?.({ token, waitedMilliseconds: Math.max(0, this.#now - waitsFrom), isLate });
    const minutes = (profile.slotMinutes / profile.capacity) * PACE * this.#patientOf(token).consultations;
    return Math.round(minutes * MINUTE);
  }

  #slotFor({ source, taste }: Asking): SlotSummary | undefined {
    return slotFor(source, this.terms.counter.slots, this.#now, new Random(taste, 0));
  }

  #slotOf({ slotId }: Token): SlotSummary {
    const slot = this.terms.counter.slots.find(({ id }) => id === slotId);
    if (!slot) throw new Error(`${slotId} is no slot of this day`);
    return slot;
  }

  #patientOf({ patientRef }: Token): Patient {
    return this.terms.plan.patients.of(patientRef);
  }

  #liveTokenOf({ ref }: Patient): Token | undefined {
    return this.terms.counter.tokens.find((token) => token.patientRef === ref && isLive(token));
  }

  /** The one that a command was about is told of first. */
  #ownToken({ effects }: Change): Token {
    const token = effects[0]?.token;
    if (!token) throw new Error('a change of a token has no effect');
    return token;
  }

  #minuteAt(minute: number): Instant {
    return Math.round(this.#midnight + minute * MINUTE) as Instant;
  }
}
