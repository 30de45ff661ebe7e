/** When the rules break on a day, which is a bug: what it takes to do it again. It names no patient, so that it may be logged. */
import type { RecordedCommand } from '../domain/command.js';
import { DoctorDay } from '../domain/doctor-day.js';
import { printDay } from '../domain/notation.js';
import type { SlotId } from '../domain/slot.js';
import { formatTimeOfDay } from '../domain/time.js';
import type { TokenId } from '../domain/token.js';
import type { Store } from '../store/store.js';
import { replayJournal } from './journal-reading.js';
import type { LoadedDay } from './loaded-day.js';

export interface BrokenRules {
  readonly doctorId: string;
  /** The day as the command found it, in the notation. */
  readonly day: string;
  /** As JSON, with the ids that they have in the notation. */
  readonly command: string;
}

/**
 * Makes the day anew from its journal: the one in memory may be half changed. Where what it was ahead of the disk was lost
 * meanwhile, the day is the one on disk; its revision tells.
 *
 * @param loaded the day that the rules broke on, retired
 */
export async function accountOf(store: Store, loaded: LoadedDay, command: RecordedCommand): Promise<BrokenRules> {
  const { key, day: broken } = loaded;
  await loaded.underway;
  const day = new DoctorDay(broken.doctor, key.date);
  const journal = replayJournal(store, key, day);
  while (day.revision < broken.revision && !(await journal.next()).done);
  return { doctorId: key.doctorId, day: printDay(day, { withPatients: false }), command: printCommand(day, command) };
}

function printCommand(day: DoctorDay, command: RecordedCommand): string {
  const { patientRef, reason, ...plain } = { patientRef: '', reason: '', ...command };
  return JSON.stringify(plain, (_, value) => notedId(day, value) ?? value);
}

function notedId(day: DoctorDay, value: unknown): string | undefined {
  const slot = day.slot(value as SlotId);
  if (slot) return `slot_${formatTimeOfDay(slot.terms.start)}`;
  const token = day.token(value as TokenId);
  return token && `token_${token.number}`;
}
