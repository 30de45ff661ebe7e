/** A day's journal from its start, a page at a time. */
import type { DayKey, JournalEntry, Store } from '../store/store.js';

const PAGE = 1_000;

/** Between two pages other things of the process find their turn. Rejects with StoreUnavailable. */
export async function* journalOf(store: Pick<Store, 'readJournal'>, key: DayKey): AsyncGenerator<JournalEntry> {
  let last = 0;
  for (;;) {
    const entries = await store.readJournal(key, last, PAGE);
    yield* entries;
    last += entries.length;
    if (entries.length < PAGE) return;
  }
}
