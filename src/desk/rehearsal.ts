/**
 * What a command would do, without doing it: it is judged on copies of its days that nobody else has, made from their
 * journals and thrown away. So nothing can be left of it, whatever the rules do. It costs as much as the days are long.
 */
import type { Doctor } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import { makeGood } from '../domain/overdue.js';
import { type Answer, refused } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import type { DayKey, Store } from '../store/store.js';
import type { BackOffice } from './back-office.js';
import { replayJournal } from './journal-reading.js';

export class Rehearsals {
  constructor(
    private readonly store: Pick<Store, 'readJournal'>,
    private readonly findDoctor: (id: Doctor['id']) => Promise<Doctor | undefined>,
    private readonly backOffice: BackOffice,
    private readonly now: () => Instant,
  ) {}

  /**
   * Has a command judged on copies of days as they stand on disk, in the order in which they are named. A command over several
   * days names them all.
   */
  on<T>(keys: readonly DayKey[], judge: (...days: DoctorDay[]) => Answer<T>): Promise<Answer<T>> {
    return this.backOffice.inTurn(async () => {
      const days: DoctorDay[] = [];
      for (const key of keys) {
        const doctor = await this.findDoctor(key.doctorId);
        if (!doctor) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
        const day = new DoctorDay(doctor, key.date);
        for await (const _ of replayJournal(this.store, key, day));
        // What is due by now would come before the command.
        for (const _ of makeGood(day, this.now()));
        days.push(day);
      }
      return judge(...days);
    });
  }
}
