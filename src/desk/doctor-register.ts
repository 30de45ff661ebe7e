/** The doctors: kept in the store, those asked for of late at hand. */
import { LRUCache } from 'lru-cache';
import { DEFAULT_POLICY, type Doctor, type DoctorId } from '../domain/doctor.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import type { Instant, TimeZone } from '../domain/time.js';
import type { RequestMark, Store } from '../store/store.js';

const DOCTORS_AT_HAND_MAX = 10_000;

/** A doctor to be added; what is not said takes its default. */
export interface NewDoctor {
  readonly name: string;
  readonly department: string;
  readonly timeZone: TimeZone | undefined;
  readonly policy: Partial<Doctor['policy']>;
}

export interface RegisterSurroundings {
  readonly now: () => Instant;
  readonly newId: () => string;
  /** The zone of a doctor for whom none is named. */
  readonly timeZone: TimeZone;
}

export class DoctorRegister {
  readonly #atHand = new LRUCache<DoctorId, Doctor>({ max: DOCTORS_AT_HAND_MAX });

  constructor(
    private readonly store: Store,
    private readonly surroundings: RegisterSurroundings,
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
    };
    const kept = await this.store.createDoctor(doctor, request);
    if (request && kept.digest !== request.digest) return refused('REQUEST_ID_REUSED', { requestId: request.id });
    return answered(kept.doctor);
  }

  async find(id: DoctorId): Promise<Doctor | undefined> {
    const atHand = this.#atHand.get(id);
    if (atHand) return atHand;
    const doctor = await this.store.findDoctor(id);
    if (doctor) this.#atHand.set(id, doctor);
    return doctor;
  }

  async list(after: DoctorId | undefined, limit: number): Promise<Doctor[]> {
    return this.store.listDoctors(after, limit);
  }
}
