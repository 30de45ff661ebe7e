/** A day's journal, a page at a time, so that other things of the process find their turn in between. */
import type { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import { replay } from '../domain/turn.js';
import type { DayKey, JournalEntry, Store } from '../store/store.js';

/** Revisions. */
export const JOURNAL_PAGE = 1_000;

/** The revisions after one, in order. Rejects with StoreUnavailable. */
export async function* journalOf(
  store: Pick<Store, 'readJournal'>,
  key: DayKey,
  after = 0,
): AsyncGenerator<JournalEntry> {
  let last = after;
  for (;;) {
    const entries = await store.readJournal(key, last, JOURNAL_PAGE);
    yield* entries;
    last += entries.length;
    if (entries.length < JOURNAL_PAGE) return;
  }
}

/** A revision as it was kept, and the change that it made. */
export interface Replayed {
  readonly entry: JournalEntry;
  readonly change: Change;
}

/** Brings a day to where its journal ends, and tells each change as it was when it was made. Rejects with StoreUnavailable. */
export async function* replayJournal(
  store: Pick<Store, 'readJournal'>,
  key: DayKey,
  day: DoctorDay,
): AsyncGenerator<Replayed> {
  for await (const entry of journalOf(store, key, day.revision)) yield { entry, change: replay(day, entry) };
}
