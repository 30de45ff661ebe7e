/** The doctors: kept in the store, those asked for of late at hand. */
import { LRUCache } from 'lru-cache';
import { DEFAULT_POLICY, type Doctor, type DoctorId } from '../domain/doctor.js';
import { type DoctorFilter, isListed } from '../domain/doctor-filter.js';
import { changesZone, type DoctorUpdate, updated } from '../domain/doctor-update.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import type { Instant, TimeZone } from '../domain/time.js';
import type { RequestMark, Store } from '../store/store.js';
import type { Asking } from './errand.js';

const DOCTORS_AT_HAND_MAX = 10_000;
const DOCTORS_READ_AT_ONCE = 501;

/** A doctor to be added; what is not said takes its default. */
export interface NewDoctor {
  readonly name: string;
  readonly department: string;
  readonly timeZone: TimeZone | undefined;
  readonly policy: Partial<Doctor['policy']>;
}

/** Does something while no day of a doctor is in memory, nor anything decided on one under way; whoever asks for one waits. */
export type WithDaysAway = <T>(id: DoctorId, act: () => Promise<T>) => Promise<T>;

export interface RegisterSurroundings {
  readonly now: () => Instant;
  readonly newId: () => string;
  /** The zone of a doctor for whom none is named. */
  readonly timeZone: TimeZone;
}

export class DoctorRegister {
  readonly #atHand = new LRUCache<DoctorId, Doctor>({ max: DOCTORS_AT_HAND_MAX });
  /** The newest update under way of each doctor that has one. */
  readonly #updating = new Map<DoctorId, Promise<unknown>>();
  /** How many updates have come to an end: what was read of a doctor before the last of them may be out of date. */
  #updates = 0;

  constructor(
    private readonly store: Store,
    private readonly surroundings: RegisterSurroundings,
    private readonly withDaysAway: WithDaysAway,
  ) {}

  /** Adds a doctor; under a request id that came before, answers as it was answered then (R18). */
  async create(wanted: NewDoctor, request: RequestMark | undefined): Promise<Answer<Doctor>> {
    const now = this.surroundings.now();
    const doctor: Doctor = {
      id: `doc_${this.surroundings.newId()}` as DoctorId,
      name: wanted.name,
      department: wanted.department,
      timeZone: wanted.timeZone ?? this.surroundings.timeZone,
      policy: { ...DEFAULT_POLICY, ...wanted.policy },
      policySince: now,
      createdAt: now,
      isRetired: false,
    };
    const kept = await this.store.createDoctor(doctor, request);
    if (request && kept.digest !== request.digest) return refused('REQUEST_ID_REUSED', { requestId: request.id });
    return answered(kept.doctor);
  }

  /**
   * Changes a doctor, or tells what would come of it; under a request id that came before, answers as it was answered then (R18).
   * Updates of one doctor happen one after another. What is decided once this has answered is judged by the new policy, and
   * nothing was by the new one before it was on disk.
   */
  update(id: DoctorId, update: DoctorUpdate, { request, validateOnly }: Asking): Promise<Answer<Doctor>> {
    return this.#inTurn(id, () =>
      validateOnly ? this.#rehearse(id, update, request) : this.#update(id, update, request),
    );
  }

  #update(id: DoctorId, update: DoctorUpdate, request: RequestMark | undefined): Promise<Answer<Doctor>> {
    return this.withDaysAway(id, async () => {
      const kept = await this.#keepUpdate(id, update, request);
      if (!kept) return refused('DOCTOR_NOT_FOUND', { doctorId: id });
      if (kept.slotToCome) return refused('DOCTOR_HAS_SLOTS', { doctorId: id, slotId: kept.slotToCome });
      if (request && kept.digest !== request.digest) return refused('REQUEST_ID_REUSED', { requestId: request.id });
      return answered(kept.doctor);
    });
  }

  async #rehearse(id: DoctorId, update: DoctorUpdate, request: RequestMark | undefined): Promise<Answer<Doctor>> {
    const doctor = await this.find(id);
    if (!doctor) return refused('DOCTOR_NOT_FOUND', { doctorId: id });
    // Whatever came under the id was meant to happen, and so was something else (R18).
    const seen = request && (await this.store.findRequest(id, request.id));
    if (seen) return refused('REQUEST_ID_REUSED', { requestId: request.id });
    const now = this.surroundings.now();
    const slotId = changesZone(doctor, update) ? await this.store.findSlotToCome(id, now) : undefined;
    return slotId ? refused('DOCTOR_HAS_SLOTS', { doctorId: id, slotId }) : answered(updated(doctor, update, now));
  }

  async find(id: DoctorId): Promise<Doctor | undefined> {
    for (;;) {
      // Another server may have changed the doctor.
      const atHand = this.store.neighbours ? undefined : this.#atHand.get(id);
      if (atHand) return atHand;
      const updates = this.#updates;
      const doctor = await this.store.findDoctor(id);
      if (updates !== this.#updates) continue;
      if (doctor) this.#atHand.set(id, doctor);
      return doctor;
    }
  }

  /**
   * The doctors after one that a filter lets through, by id. The filter is applied here, so that
   * every database compares names alike; a hospital's doctors are few enough to be read.
   */
  async list(after: DoctorId | undefined, limit: number, filter: DoctorFilter): Promise<Doctor[]> {
    const listed: Doctor[] = [];
    for (let last = after; listed.length < limit; ) {
      const read = await this.store.listDoctors(last, DOCTORS_READ_AT_ONCE);
      listed.push(...read.filter((doctor) => isListed(doctor, filter)));
      last = read.at(-1)?.id;
      if (read.length < DOCTORS_READ_AT_ONCE) break;
    }
    return listed.slice(0, limit);
  }

  /** A write that failed may have reached the disk, or reach it later: what is at hand is forgotten, and read again. */
  async #keepUpdate(id: DoctorId, update: DoctorUpdate, request: RequestMark | undefined) {
    const kept = await this.store.updateDoctor(id, update, this.surroundings.now(), request).finally(() => {
      this.#updates += 1;
      this.#atHand.delete(id);
    });
    if (kept) this.#atHand.set(id, kept.current);
    return kept;
  }

  async #inTurn<T>(id: DoctorId, act: () => Promise<T>): Promise<T> {
    const before = this.#updating.get(id);
    const mine = (before ?? Promise.resolve()).catch(() => {}).then(act);
    this.#updating.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#updating.get(id) === mine) this.#updating.delete(id);
    }
  }
}
