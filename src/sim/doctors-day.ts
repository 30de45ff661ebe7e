/** One doctor's day over a connection: it is lived as any clinic's day, told, counted, and held against all that the desk gets wrong. */
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { RebalancePolicy } from '../../gen/opd/v1/resources.js';
import type { AllocationPolicy, DoctorId } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import {
  formatTimeOfDay,
  type Instant,
  instantOf,
  type LocalDate,
  MIDNIGHT_AT_END,
  type TimeOfDay,
  type TimeZone,
} from '../domain/time.js';
import type { Token } from '../domain/token.js';
import type { Agenda } from './agenda.js';
import { Board } from './board.js';
import { ClinicDay } from './clinic-day.js';
import type { Request } from './counter.js';
import { type DayPlan, planDay } from './day-plan.js';
import { closingTime, type DoctorProfile } from './doctors.js';
import { policyFrom } from './from-wire.js';
import type { Random } from './random.js';
import type { Reception } from './reception.js';
import { nextSlip } from './slips.js';
import { type DaySummary, Ledger } from './summary.js';
import { glimpse, localTime, type TimelineEntry, type Unsigned } from './timeline.js';
import { WiredCounter } from './wired-counter.js';
import { type Checks, Witness } from './witness.js';

const MINUTE = 60_000;
/** How many commands that must be refused a day sees. */
const SLIPS_A_DAY = 7;

/** What all doctors' days have in common. */
export interface Hospital {
  readonly reception: Reception;
  readonly agenda: Agenda;
  /** Has the server see to what is due by the agenda's clock. */
  readonly letTimePass: () => Promise<unknown>;
  readonly date: LocalDate;
  readonly zone: TimeZone;
  readonly tell: (entry: TimelineEntry) => void;
}

export class DoctorsDay {
  readonly #plan: DayPlan;
  readonly #counter: WiredCounter;
  readonly #clinic: ClinicDay;
  readonly #ledger = new Ledger();
  #summary: DaySummary | undefined;

  private constructor(
    private readonly hospital: Hospital,
    readonly profile: DoctorProfile,
    private readonly random: Random,
    private readonly doctorId: DoctorId,
    private readonly witness: Witness,
  ) {
    const { agenda, letTimePass, date, zone } = hospital;
    const { accidentVictims, isCalledAway } = profile;
    this.#plan = planDay(profile, random, { hasAccident: accidentVictims > 0, isCalledAway });
    this.#counter = new WiredCounter({
      ...{ doctorId, witness, random, letTimePass, clock: agenda.clock, midnight: this.#midnight },
      onChange: (request, change, again) => this.#record(request, change, again),
    });
    witness.whenTimeActs = (change) => this.#recordAct(change);
    const remark = (text: string) => this.#tell({ what: 'remark', text });
    this.#clinic = new ClinicDay({ agenda, counter: this.#counter, plan: this.#plan, profile, date, zone, remark });
  }

  /** Adds the doctor, begins to watch the day, adds its slots, and puts on the agenda what is known of it beforehand. */
  static async open(hospital: Hospital, profile: DoctorProfile, random: Random): Promise<DoctorsDay> {
    const { reception, agenda, date, zone } = hospital;
    const reply = await reception.ask(OpdServiceService.createDoctor, {
      name: profile.name,
      department: profile.department,
      timeZone: zone,
      policy: wirePolicy(profile.policy),
      requestId: random.uuid(),
    });
    const doctor = reply.ok ? reply.response.doctor : undefined;
    if (!doctor) throw new Error(`${profile.name} could not be added`);
    const policy = policyFrom(doctor);
    const place = { doctorId: doctor.id, doctorName: profile.name, date };
    const board = new Board(zone, { policy, policySince: agenda.clock.now });
    const witness = await Witness.begin(reception, agenda.clock, place, board);
    const day = new DoctorsDay(hospital, { ...profile, policy }, random, doctor.id as DoctorId, witness);
    await day.#addSlots();
    day.#begin();
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

  get #board(): Board {
    return this.witness.board;
  }

  get #now(): Instant {
    return this.hospital.agenda.clock.now;
  }

  /** The day's end. */
  get #midnight(): Instant {
    return instantOf(this.hospital.date, MIDNIGHT_AT_END as TimeOfDay, this.hospital.zone);
  }

  async #addSlots(): Promise<void> {
    const { opens, slotMinutes, slotCount, capacity, policy } = this.profile;
    for (let index = 0; index < slotCount; index += 1) {
      const start = formatTimeOfDay((opens + index * slotMinutes) as TimeOfDay);
      const end = formatTimeOfDay((opens + (index + 1) * slotMinutes) as TimeOfDay);
      const place = { doctorId: this.doctorId, date: this.hospital.date, requestId: this.random.uuid() };
      this.#ledger.note(await this.witness.carryOut(OpdServiceService.createSlot, { ...place, start, end, capacity }));
    }
    const slots = this.#board.slots.map(({ start, end }) => ({
      ...{ start: formatTimeOfDay(start), end: formatTimeOfDay(end), capacity },
    }));
    this.#tell({ what: 'opened', name: this.profile.name, slots, policy });
  }

  #begin(): void {
    const { opens, slotMinutes, policy } = this.profile;
    this.#clinic.begin();
    // Where no grace is set, the desk itself sees who is missing.
    if (policy.noShowGraceMilliseconds === undefined) {
      for (const { id, start } of this.#board.slots) {
        this.#clinic.at(start + slotMinutes / 3, () => this.#callTheRoll(id));
      }
    }
    const closes = closingTime(this.profile);
    // Each day begins with another kind, so that a few days see all.
    const first = this.random.between(0, SLIPS_A_DAY);
    for (let turn = first; turn < first + SLIPS_A_DAY; turn += 1) {
      this.#clinic.at(opens + (closes - opens) * this.random.fraction(), () => this.#slip(turn));
    }
    this.#clinic.at(MIDNIGHT_AT_END, () => this.#close());
  }

  /** A third into a slot: who has a seat and is not there is a no-show; so may be who gets a seat by that. */
  async #callTheRoll(slotId: SlotSummary['id']): Promise<void> {
    for (;;) {
      const missing = this.#board.tokens.find((token) => token.slotId === slotId && this.#isMissing(token));
      if (!missing) return;
      await this.#counter.ask({ kind: 'MarkNoShow', tokenId: missing.id });
    }
  }

  #isMissing({ status, source, patientRef }: Token): boolean {
    return status === 'ACTIVE' && source !== 'EMERGENCY' && this.#plan.patients.of(patientRef).staysAway;
  }

  async #slip(turn: number): Promise<void> {
    const { doctorId, random, hospital } = this;
    const occasion = { board: this.#board, now: this.#now, random, doctorId, date: hospital.date };
    const slip = nextSlip({ ...occasion, accepted: this.#counter.accepted }, turn);
    if (!slip) return;
    await slip.make((method, request, reason) => this.witness.seeRefused(method, request, reason));
    this.#tell({ what: 'refused', attempt: slip.attempt, reason: slip.reason });
  }

  async #close(): Promise<void> {
    await this.witness.end();
    this.#summary = this.#ledger.close(this.#board);
    const { issued, seen } = this.#summary.total;
    this.#tell({ what: 'closed', issued, seen });
  }

  #record(request: Request, change: Change, again: boolean): void {
    this.#ledger.note(change);
    const [own] = change.effects;
    const slot = change.slots.find(({ id }) => id === (own?.token.slotId ?? change.changedSlotId));
    const because = 'reason' in request ? request.reason : undefined;
    const minutesLate = own?.kind === 'CHECKED_IN' ? this.#minutesLate(own.token) : undefined;
    this.#tell({
      ...{ what: 'command', command: request.kind, again, ...this.#told(change) },
      overflow: slot ? Math.max(0, slot.seatsTaken - slot.capacity) : 0,
      ...(request.kind === 'CloseSlot' && { closed: this.#windowOf(request.slotId) }),
      ...(because && { because }),
      ...(minutesLate && { minutesLate }),
    });
  }

  /** It is told at the time at which it happened. */
  #recordAct(change: Change): void {
    this.#ledger.note(change);
    const over = this.#board.slots.filter(({ endsAt }) => endsAt === change.at);
    const ended = over.map(({ start }) => formatTimeOfDay(start));
    this.#tell({ what: 'time', ended, isMidnight: change.at === this.#midnight, ...this.#told(change) }, change.at);
  }

  #told(change: Change) {
    return { revision: change.revision, effects: glimpse(change, this.#board, this.#plan.patients) };
  }

  #windowOf(slotId: SlotSummary['id']): { start: string; end: string } {
    const { start, end } = this.#board.slot(slotId);
    return { start: formatTimeOfDay(start), end: formatTimeOfDay(end) };
  }

  /** Whoever walks in is never late, nor is who has been moved to a later slot. */
  #minutesLate({ source, slotId, requestedSlotId, checkedInAt }: Token): number | undefined {
    const isExpected = source !== 'WALK_IN' && source !== 'EMERGENCY' && slotId === requestedSlotId;
    const minutes = Math.floor(((checkedInAt ?? 0) - this.#board.slot(slotId).startsAt) / MINUTE);
    return isExpected && minutes > 0 ? minutes : undefined;
  }

  #tell(entry: Unsigned<TimelineEntry>, at = this.#now): void {
    const { date, zone } = this.hospital;
    this.hospital.tell({ time: localTime(at, date, zone), doctor: this.profile.label, ...entry });
  }
}

function wirePolicy(policy: AllocationPolicy) {
  const { rebalance, noShowGraceMilliseconds: grace, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  return {
    rebalance: RebalancePolicy[rebalance],
    noShowGrace: grace === undefined ? undefined : { seconds: Math.floor(grace / 1_000), nanos: (grace % 1_000) * 1e6 },
    agingPointsPerHour,
    protectCheckedIn,
    maxDisplacements: displacementsMax,
  };
}
