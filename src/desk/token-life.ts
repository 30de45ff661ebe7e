/** A token's life as its day's journal has it, each step explained. Costs as much as the day is long. */
import type { Doctor } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import { follow, type Step } from '../domain/explanation.js';
import { isLive, type Token, type TokenId } from '../domain/token.js';
import type { DayKey, Store } from '../store/store.js';
import { journalOf } from './journal-reading.js';

export interface TokenLife {
  readonly doctorId: Doctor['id'];
  /** As it stands. */
  readonly token: Token;
  /** In order; the first is how it was issued. */
  readonly steps: readonly Step[];
}

/** Undefined where the journal of that day knows no such token. Rejects with StoreUnavailable. */
export async function lifeOf(
  store: Pick<Store, 'readJournal'>,
  doctor: Doctor,
  key: DayKey,
  id: TokenId,
): Promise<TokenLife | undefined> {
  const day = new DoctorDay(doctor, key.date);
  const steps: Step[] = [];
  for await (const entry of journalOf(store, key)) {
    steps.push(...follow(day, entry, id));
    const token = day.token(id);
    if (token && !isLive(token)) break; // R11: it never changes again
  }
  const token = day.token(id);
  return token && { doctorId: doctor.id, token, steps };
}
