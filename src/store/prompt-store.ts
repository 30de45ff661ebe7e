/**
 * Puts a bound on how long a store may think. A call that has no answer by then is given up, and while the store is silent
 * one call at a time is let through to find out whether it is back; all others are refused at once. So neither callers nor
 * what they asked for pile up before a disk that hangs, and an answer that is lost for good blocks nobody.
 *
 * What was given up may still be carried out later. Whoever built on it reads the journal anew; a revision that both
 * of them have taken is fenced by the store as a conflict.
 */
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { Epoch } from '../domain/epoch.js';
import type { SlotId } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { TokenId } from '../domain/token.js';
import {
  type ClockMark,
  type DayCommit,
  type DayKey,
  type Neighbours,
  type RequestMark,
  type Store,
  StoreUnavailable,
} from './store.js';

/**
 * Longer than a healthy disk ever takes, and than SQLite waits for another process (2 s); shorter than callers wait, so that
 * they learn what is wrong rather than run into their deadlines.
 */
export const STORE_SECONDS_MAX = 5;

export class PromptStore implements Store {
  /** A call has been given up, and nothing has been answered since. */
  #silent = false;
  /** Calls neither answered nor given up. */
  #waiting = 0;

  constructor(
    private readonly inner: Store,
    private readonly secondsMax = STORE_SECONDS_MAX,
  ) {}

  createDoctor(doctor: Doctor, request?: RequestMark) {
    return this.#promptly(() => this.inner.createDoctor(doctor, request));
  }

  updateDoctor(...asked: Parameters<Store['updateDoctor']>) {
    return this.#promptly(() => this.inner.updateDoctor(...asked));
  }

  findDoctor(id: DoctorId) {
    return this.#promptly(() => this.inner.findDoctor(id));
  }

  findSlotToCome(id: DoctorId, at: Instant) {
    return this.#promptly(() => this.inner.findSlotToCome(id, at));
  }

  listDoctors(after: DoctorId | undefined, limit: number) {
    return this.#promptly(() => this.inner.listDoctors(after, limit));
  }

  locateSlot(id: SlotId) {
    return this.#promptly(() => this.inner.locateSlot(id));
  }

  locateToken(id: TokenId) {
    return this.#promptly(() => this.inner.locateToken(id));
  }

  listTokensOf(...asked: Parameters<Store['listTokensOf']>) {
    return this.#promptly(() => this.inner.listTokensOf(...asked));
  }

  findRequest(doctorId: DoctorId, requestId: string) {
    return this.#promptly(() => this.inner.findRequest(doctorId, requestId));
  }

  readJournal(key: DayKey, afterRevision: number, limit: number) {
    return this.#promptly(() => this.inner.readJournal(key, afterRevision, limit));
  }

  commit(batch: readonly DayCommit[]) {
    return this.#promptly(() => this.inner.commit(batch));
  }

  dueDays(...asked: Parameters<Store['dueDays']>) {
    return this.#promptly(() => this.inner.dueDays(...asked));
  }

  noteDue(...said: Parameters<Store['noteDue']>) {
    return this.#promptly(() => this.inner.noteDue(...said));
  }

  slotsFrom(...asked: Parameters<Store['slotsFrom']>) {
    return this.#promptly(() => this.inner.slotsFrom(...asked));
  }

  noteZoneData(...noted: Parameters<Store['noteZoneData']>) {
    return this.#promptly(() => this.inner.noteZoneData(...noted));
  }

  readClockMark() {
    return this.#promptly(() => this.inner.readClockMark());
  }

  keepClockMark(mark: ClockMark) {
    return this.#promptly(() => this.inner.keepClockMark(mark));
  }

  get epoch(): Epoch {
    return this.inner.epoch;
  }

  endEpoch() {
    return this.#promptly(() => this.inner.endEpoch());
  }

  get neighbours(): Neighbours | undefined {
    const { neighbours } = this.inner;
    return (
      neighbours && {
        self: neighbours.self,
        readNewest: (keys) => this.#promptly(() => neighbours.readNewest(keys)),
        readTime: () => this.#promptly(() => neighbours.readTime()),
        listen: (listener) => neighbours.listen(listener),
      }
    );
  }

  /** Waits as long as it takes: what is under way is to reach the disk. */
  close(): Promise<void> {
    return this.inner.close();
  }

  async #promptly<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#silent && this.#waiting > 0) throw new StoreUnavailable('the store does not answer');
    this.#waiting += 1;
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#silent = true;
        reject(new StoreUnavailable(`the store has not answered for ${this.secondsMax} s`));
      }, this.secondsMax * 1_000);
    });
    const answer = ask().finally(() => {
      this.#silent = false;
    });
    try {
      return await Promise.race([answer, givenUp]);
    } finally {
      clearTimeout(timer);
      this.#waiting -= 1;
    }
  }
}
