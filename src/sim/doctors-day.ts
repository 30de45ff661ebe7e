/** One doctor's day as it is lived: who asks when, who gives up, who stays away, and what the desk gets wrong. */
import { type InsertEmergencyRequest, OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { RebalancePolicy, TokenSource as WireSource } from '../../gen/opd/v1/resources.js';
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import {
  formatTimeOfDay,
  type Instant,
  instantOf,
  type LocalDate,
  type TimeOfDay,
  type TimeZone,
} from '../domain/time.js';
import { isLive, type Token, type TokenId, type TokenSource } from '../domain/token.js';
import type { Agenda } from './agenda.js';
import { arrivals, SOURCES } from './arrivals.js';
import { Board } from './board.js';
import { slotFor } from './choices.js';
import { closingTime, type DoctorProfile } from './doctors.js';
import { type Patient, Patients } from './patients.js';
import type { Random } from './random.js';
import type { Reception } from './reception.js';
import { nextSlip, type Occasion } from './slips.js';
import { type DaySummary, Ledger } from './summary.js';
import { type CarriedOut, glimpse, localTime, type TimelineEntry, type Unsigned } from './timeline.js';
import { type Checks, Witness } from './witness.js';

const MINUTE = 60_000;
/** How many commands that must be refused a day sees. */
const SLIPS_A_DAY = 5;
/** The share of commands that are sent a second time under their request id (R18). */
const ASKED_AGAIN = 0.04;
/** The share of emergencies that are patients who hold a token already (R19). */
const TAKEN_ILL_WAITING = 0.3;

/** What all doctors' days have in common. */
export interface Hospital {
  readonly reception: Reception;
  readonly agenda: Agenda;
  readonly date: LocalDate;
  readonly zone: TimeZone;
  readonly tell: (entry: TimelineEntry) => void;
}

type Target = NonNullable<InsertEmergencyRequest['target']>;

export class DoctorsDay {
  readonly #patients: Patients;
  readonly #ledger = new Ledger();
  #accepted: Occasion['accepted'];
  #summary: DaySummary | undefined;

  private constructor(
    private readonly hospital: Hospital,
    readonly profile: DoctorProfile,
    private readonly random: Random,
    private readonly doctorId: string,
    private readonly witness: Witness,
  ) {
    this.#patients = new Patients(profile.label.toUpperCase(), random);
  }

  /** Adds the doctor, begins to watch the day, adds its slots, and puts on the agenda what is known of it beforehand. */
  static async open(hospital: Hospital, profile: DoctorProfile, random: Random): Promise<DoctorsDay> {
    const { reception, agenda, date, zone } = hospital;
    const reply = await reception.ask(OpdServiceService.createDoctor, {
      name: profile.name,
      department: profile.department,
      timeZone: zone,
      policy: {
        rebalance: RebalancePolicy[profile.rebalance],
        noShowGrace: undefined,
        agingPointsPerHour: 0,
        protectCheckedIn: false,
        maxDisplacements: 0,
      },
      requestId: random.uuid(),
    });
    const doctorId = reply.ok ? reply.response.doctor?.id : undefined;
    if (!doctorId) throw new Error(`${profile.name} could not be added`);
    const place = { doctorId, doctorName: profile.name, date };
    const witness = await Witness.begin(reception, agenda.clock, place, new Board(zone));
    const day = new DoctorsDay(hospital, profile, random, doctorId, witness);
    witness.whenTimeActs = (change) => day.#record('CLOCK', change, { again: false });
    await day.#addSlots();
    day.#plan();
    return day;
  }

  get checks(): Checks {
    return this.witness.checks;
  }

  /** What became of all tokens. Only once the day is over. */
  get summary(): DaySummary {
    if (!this.#summary) throw new Error(`the day of ${this.profile.name} is not over`);
    return this.#summary;
  }

  get #doctor(): Target {
    return { $case: 'doctorId', value: this.doctorId };
  }

  get #board(): Board {
    return this.witness.board;
  }

  get #now(): Instant {
    return this.hospital.agenda.clock.now;
  }

  async #addSlots(): Promise<void> {
    const { opens, slotMinutes, slotCount, capacity } = this.profile;
    for (let index = 0; index < slotCount; index += 1) {
      const start = formatTimeOfDay((opens + index * slotMinutes) as TimeOfDay);
      const end = formatTimeOfDay((opens + (index + 1) * slotMinutes) as TimeOfDay);
      const request = { doctorId: this.doctorId, date: this.hospital.date, start, end, capacity, ...this.#requestId() };
      this.#ledger.note(await this.witness.carryOut(OpdServiceService.createSlot, request));
    }
    const slots = this.#board.slots.map(({ start, end }) => ({
      ...{ start: formatTimeOfDay(start), end: formatTimeOfDay(end), capacity },
    }));
    this.#tell({ what: 'opened', name: this.profile.name, slots, rebalance: this.profile.rebalance });
  }

  #plan(): void {
    for (const source of SOURCES) {
      for (const minute of arrivals(this.profile, source, this.random)) this.#at(minute, () => this.#arrive(source));
    }
    const { opens, slotMinutes } = this.profile;
    for (const { id, start } of this.#board.slots) this.#at(start + slotMinutes / 3, () => this.#callTheRoll(id));
    const closes = closingTime(this.profile);
    for (let turn = 0; turn < SLIPS_A_DAY; turn += 1) {
      this.#at(opens + (closes - opens) * this.random.fraction(), () => this.#slip(turn));
    }
    if (this.profile.accidentVictims > 0) this.#planAccident();
    this.#at(closes, () => this.#close());
  }

  /** Early in some slot, but not in the last: those who make way are to have somewhere to go. */
  #planAccident(): void {
    const { opens, slotMinutes, slotCount, accidentVictims } = this.profile;
    const begins = opens + slotMinutes * this.random.between(0, Math.max(0, slotCount - 2)) + slotMinutes / 8;
    this.#at(begins, async () => {
      this.#tell({ what: 'remark', text: `a road accident: ${accidentVictims} people are being brought in` });
      for (let victim = 1; victim <= accidentVictims; victim += 1) {
        const minutes = (this.random.fraction() * slotMinutes) / 2;
        this.#at(begins + minutes, () => this.#insertEmergency(this.#patients.welcome('EMERGENCY'), this.#doctor));
      }
    });
  }

  async #arrive(source: TokenSource): Promise<void> {
    if (source !== 'EMERGENCY') return this.#allocate(this.#patients.welcome(source), source);
    const present = this.#board.tokens.filter((token) => isLive(token) && token.source !== 'EMERGENCY');
    const known = this.random.chance(TAKEN_ILL_WAITING) ? this.random.pick(present) : undefined;
    const patient = known ? this.#patients.of(known.patientRef) : this.#patients.welcome('EMERGENCY');
    const slot = slotFor('EMERGENCY', this.#board.slots, this.#now, this.random);
    // Two in three are sent to the doctor, whatever slot is running, the others straight to a slot.
    const isForDoctor = !slot || this.random.chance(2 / 3);
    await this.#insertEmergency(patient, isForDoctor ? this.#doctor : { $case: 'slotId', value: slot.id });
  }

  async #allocate(patient: Patient, source: Exclude<TokenSource, 'EMERGENCY'>): Promise<void> {
    const slot = slotFor(source, this.#board.slots, this.#now, this.random);
    if (!slot) return;
    const request = {
      slotId: slot.id,
      source: WireSource[source],
      patientRef: patient.ref,
      validateOnly: false,
      ...this.#requestId(),
    };
    const again = this.random.chance(ASKED_AGAIN);
    const change = await this.witness.carryOut(OpdServiceService.allocateToken, request, { again });
    this.#accepted = request;
    this.#record('AllocateToken', change, { again });
    this.#expectGivingUp(patient, change);
  }

  #expectGivingUp({ givesUpAfterMinutes }: Patient, change: Change): void {
    const token = change.effects[0]?.token;
    if (!token || givesUpAfterMinutes === undefined) return;
    const at = (this.#now + givesUpAfterMinutes * MINUTE) as Instant;
    this.hospital.agenda.add(at, () => this.#giveUp(token.id));
  }

  async #insertEmergency(patient: Patient, target: Target): Promise<void> {
    const request = { target, patientRef: patient.ref, validateOnly: false, ...this.#requestId() };
    const again = this.random.chance(ASKED_AGAIN);
    const change = await this.witness.carryOut(OpdServiceService.insertEmergency, request, { again });
    this.#record('InsertEmergency', change, { again });
  }

  /** Whoever is no longer in the queue, or whose slot is over, has no reason to cancel. */
  async #giveUp(tokenId: TokenId): Promise<void> {
    const token = this.#board.token(tokenId);
    if (!isLive(token) || this.#board.slot(token.slotId).endsAt <= this.#now) return;
    const because = token.status === 'ACTIVE' ? 'changed plans' : 'tired of waiting';
    const request = { tokenId, reason: because, validateOnly: false, ...this.#requestId() };
    const again = this.random.chance(ASKED_AGAIN);
    const change = await this.witness.carryOut(OpdServiceService.cancelToken, request, { again });
    this.#record('CancelToken', change, { again, because });
  }

  /** A third into a slot: who has a seat and is not there is a no-show; so may be who gets a seat by that. */
  async #callTheRoll(slotId: SlotSummary['id']): Promise<void> {
    for (;;) {
      const missing = this.#board.tokens.find((token) => token.slotId === slotId && this.#isMissing(token));
      if (!missing) return;
      const request = { tokenId: missing.id, ...this.#requestId() };
      const change = await this.witness.carryOut(OpdServiceService.markNoShow, request);
      this.#record('MarkNoShow', change, { again: false });
    }
  }

  #isMissing({ status, source, patientRef }: Token): boolean {
    return status === 'ACTIVE' && source !== 'EMERGENCY' && this.#patients.of(patientRef).staysAway;
  }

  async #slip(turn: number): Promise<void> {
    const { doctorId, random, hospital } = this;
    const occasion = { board: this.#board, now: this.#now, random, doctorId, date: hospital.date };
    const slip = nextSlip({ ...occasion, accepted: this.#accepted }, turn);
    if (!slip) return;
    await slip.make((method, request, reason) => this.witness.seeRefused(method, request, reason));
    this.#tell({ what: 'refused', attempt: slip.attempt, reason: slip.reason });
  }

  async #close(): Promise<void> {
    await this.witness.end();
    this.#summary = this.#ledger.close(this.#board);
    const { issued, waiting } = this.#summary.total;
    this.#tell({ what: 'closed', issued, waiting });
  }

  #record(command: CarriedOut['command'], change: Change, told: Pick<CarriedOut, 'again' | 'because'>): void {
    this.#ledger.note(change);
    const own = change.effects[0]?.token.slotId;
    const slot = change.slots.find(({ id }) => id === own);
    const overflow = slot ? Math.max(0, slot.seatsTaken - slot.capacity) : 0;
    const effects = glimpse(change, this.#board, this.#patients);
    this.#tell({ what: 'command', command, revision: change.revision, effects, overflow, ...told });
  }

  #tell(entry: Unsigned<TimelineEntry>): void {
    const time = localTime(this.#now, this.hospital.zone);
    this.hospital.tell({ time, doctor: this.profile.label, ...entry });
  }

  #requestId(): { requestId: string } {
    return { requestId: this.random.uuid() };
  }

  /** @param minute since local midnight; once the day is over, nothing happens any more */
  #at(minute: number, act: () => Promise<void>): void {
    const { agenda, date, zone } = this.hospital;
    const at = Math.round(instantOf(date, 0 as TimeOfDay, zone) + minute * MINUTE) as Instant;
    agenda.add(at, async () => {
      if (!this.#summary) await act();
    });
  }
}
