/**
 * What a command would do, without doing it: it is judged on copies of its days that nobody else has, made from their
 * journals and thrown away. So nothing can be left of it, whatever the rules do.
 *
 * A rehearsal costs as much as its days are long, a page of the journal at a time, so that commands find their turn in
 * between; and there is one at a time, since none is in a hurry.
 */
import type { Doctor } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import { type Answer, refused } from '../domain/refusal.js';
import type { DayKey, Store } from '../store/store.js';
import { replayJournal } from './day-shelf.js';

/** Who has waited for longer is refused when the turn comes: the caller may have gone, and others are to be told in time. */
const WAIT_SECONDS_MAX = 15;

export class Rehearsals {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly findDoctor: (id: Doctor['id']) => Promise<Doctor | undefined>,
    private readonly waitSecondsMax = WAIT_SECONDS_MAX,
  ) {}

  /**
   * Has a command judged on copies of days as they stand on disk, in the order in which they are named. A command over several
   * days names them all.
   */
  on<T>(keys: readonly DayKey[], judge: (...days: DoctorDay[]) => Answer<T>): Promise<Answer<T>> {
    const askedAt = performance.now();
    const mine = this.#last.then(() => {
      const hasWaitedTooLong = performance.now() - askedAt > this.waitSecondsMax * 1_000;
      return hasWaitedTooLong ? refused('TOO_MANY_REQUESTS', {}) : this.#judge(keys, judge);
    });
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #judge<T>(keys: readonly DayKey[], judge: (...days: DoctorDay[]) => Answer<T>): Promise<Answer<T>> {
    const days: DoctorDay[] = [];
    for (const key of keys) {
      const doctor = await this.findDoctor(key.doctorId);
      if (!doctor) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
      const day = new DoctorDay(doctor, key.date);
      for await (const _ of replayJournal(this.store, key, day));
      days.push(day);
    }
    return judge(...days);
  }
}
