/**
 * R18: the request ids seen of late, those whose commands are not on disk yet included. Older ones are the store's to
 * remember; it refuses the second of two as a conflict, so that forgetting one here costs time, never a double effect.
 */
import { LRUCache } from 'lru-cache';
import type { DoctorId } from '../domain/doctor.js';
import type { DayKey, JournalEntry, SeenRequest } from '../store/store.js';

const REQUESTS_MAX = 50_000;

export class RequestBook {
  readonly #seen = new LRUCache<string, SeenRequest>({ max: REQUESTS_MAX });

  find(doctorId: DoctorId, requestId: string): SeenRequest | undefined {
    return this.#seen.get(`${doctorId} ${requestId}`);
  }

  note(requestId: string, seen: SeenRequest): void {
    this.#seen.set(`${seen.key.doctorId} ${requestId}`, seen);
  }

  /** A revision that was read from the journal. */
  noteEntry(key: DayKey, { revision, request }: JournalEntry): void {
    if (request) this.note(request.id, { key, revision, digest: request.digest });
  }

  /** Forgets all: none of it may be so any more. */
  clear(): void {
    this.#seen.clear();
  }

  /** The command came to nothing: its id may be used again. */
  forget(doctorId: DoctorId, requestId: string): void {
    this.#seen.delete(`${doctorId} ${requestId}`);
  }
}
