/** Lists: what may be asked for a page at a time, and what a page holds. */
import type { DoctorId } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import type { LocalDate } from '../domain/time.js';
import type { TokenId } from '../domain/token.js';
import type { TokenFilter } from '../domain/token-list.js';
import type { DayKey, KeptToken } from '../store/store.js';

/** One page of tokens: of a doctor-day where the filter names a doctor or a slot, else of a patient over all days. */
export interface TokensAsked {
  readonly filter: TokenFilter;
  readonly limit: number;
  /** The last token of the page before. */
  readonly after: TokenId | undefined;
}

/** One page of a doctor-day's changes, today's where no date is named. */
export interface ListedDay {
  readonly doctorId: DoctorId;
  readonly date: LocalDate | undefined;
  readonly limit: number;
  readonly afterRevision: number;
}

/** A page, and whether there is more after it. */
export interface Page<Thing> {
  readonly things: readonly Thing[];
  readonly goesOn: boolean;
}

export type TokenPage = Page<KeptToken>;
export type ChangePage = Page<Change> & { readonly key: DayKey };

/** A page of changes is full when they hold so many effects, whatever was asked for: a full page stays under 4 MiB. */
const EFFECTS_A_PAGE_MAX = 5_000;

/** Cuts what was read, one more than asked for, to a page. */
export function pageOf<Thing>(found: readonly Thing[], limit: number): Page<Thing> {
  return { things: found.slice(0, limit), goesOn: found.length > limit };
}

/** Takes changes until a page is full; one change always fits. */
export async function changePage(history: AsyncIterable<Change>, limit: number): Promise<Page<Change>> {
  const things: Change[] = [];
  let effects = 0;
  for await (const change of history) {
    effects += change.effects.length;
    const isFull = things.length === limit || (things.length > 0 && effects > EFFECTS_A_PAGE_MAX);
    if (isFull) return { things, goesOn: true };
    things.push(change);
  }
  return { things, goesOn: false };
}
