/** Which day a place is on, where no day in memory tells: as the store has it. */
import type { Doctor, DoctorId } from '../domain/doctor.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import { dateAt, type Instant } from '../domain/time.js';
import type { DayKey, Store } from '../store/store.js';
import type { Place } from './errand.js';

export class Directory {
  constructor(
    private readonly store: Pick<Store, 'locateSlot' | 'locateToken'>,
    private readonly findDoctor: (id: DoctorId) => Promise<Doctor | undefined>,
    private readonly now: () => Instant,
  ) {}

  /** Rejects with StoreUnavailable. */
  async locate(place: Place): Promise<Answer<DayKey>> {
    if ('slotId' in place) {
      const key = await this.store.locateSlot(place.slotId);
      return key ? answered(key) : refused('SLOT_NOT_FOUND', { slotId: place.slotId });
    }
    if ('tokenId' in place) {
      const key = await this.store.locateToken(place.tokenId);
      return key ? answered(key) : refused('TOKEN_NOT_FOUND', { tokenId: place.tokenId });
    }
    const { doctorId, date } = place;
    if (date) return answered({ doctorId, date });
    const doctor = await this.findDoctor(doctorId);
    if (!doctor) return refused('DOCTOR_NOT_FOUND', { doctorId });
    return answered({ doctorId, date: dateAt(this.now(), doctor.timeZone) });
  }
}
