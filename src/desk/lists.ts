/** Lists: what may be asked for a page at a time, and what a page holds. */
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import { estimator, type QueueEstimate } from '../domain/estimate.js';
import type { Change } from '../domain/event.js';
import { type Answer, answered } from '../domain/refusal.js';
import { dateAt, type Instant, type LocalDate } from '../domain/time.js';
import { isLive, type Token, type TokenId } from '../domain/token.js';
import { type TokenFilter, tokensThatFit } from '../domain/token-list.js';
import type { DayKey, KeptToken, Store } from '../store/store.js';
import type { Place } from './errand.js';

/** One page of tokens: of a doctor-day where the filter names a doctor or a slot, else of a patient over all days. */
export interface TokensAsked {
  readonly filter: TokenFilter;
  /**
   * The patient's reference as it was sent. Tokens from before references had one form (R14) are
   * kept under what was sent then.
   */
  readonly patientRefSent?: string;
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

/** A token, and when its turn may come (R25). */
export type ListedToken = KeptToken & { readonly estimate: QueueEstimate | undefined };

export type TokenPage = Page<ListedToken>;
export type ChangePage = Page<Change> & { readonly key: DayKey };

/** A page of changes is full when they hold so many effects, whatever was asked for: a full page stays under 4 MiB. */
const EFFECTS_A_PAGE_MAX = 5_000;

/** Cuts what was read, one more than asked for, to a page. */
function pageOf<Thing>(found: readonly Thing[], limit: number): Page<Thing> {
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

/** What the lists ask the front desk. */
export interface Readable {
  findDoctor(id: DoctorId): Promise<Answer<Doctor>>;
  read<T>(place: Place, project: (day: DoctorDay) => Answer<T>): Promise<Answer<T>>;
  readToken<T>(tokenId: TokenId, project: (day: DoctorDay, token: Token) => Answer<T>): Promise<Answer<T>>;
  history(key: DayKey, afterRevision: number): AsyncIterable<Change>;
}

export class Lists {
  constructor(
    private readonly desk: Readable,
    private readonly store: Pick<Store, 'listTokensOf'>,
    private readonly now: () => Instant,
  ) {}

  async tokens(asked: TokensAsked): Promise<Answer<TokenPage>> {
    const { filter, after, limit } = asked;
    const { doctorId, slotId, date } = filter;
    const place = slotId ? { slotId } : doctorId && { doctorId, date };
    if (!place) return this.#tokensOfPatient(asked);
    const doctor = doctorId && slotId ? await this.desk.findDoctor(doctorId) : undefined;
    if (doctor && !doctor.ok) return doctor;
    return this.desk.read(place, (day) => {
      const found = tokensThatFit(day, filter, after, limit + 1);
      if (!found.ok) return found;
      const key: DayKey = { doctorId: day.doctor.id, date: day.date };
      const estimateOf = estimator(day, this.now());
      const { things, goesOn } = pageOf(found.value, limit);
      return answered({ things: things.map((token) => ({ key, token, estimate: estimateOf(token) })), goesOn });
    });
  }

  async changes({ doctorId, date, afterRevision, limit }: ListedDay): Promise<Answer<ChangePage>> {
    const doctor = await this.desk.findDoctor(doctorId);
    if (!doctor.ok) return doctor;
    const key: DayKey = { doctorId, date: date ?? dateAt(this.now(), doctor.value.timeZone) };
    return answered({ key, ...(await changePage(this.desk.history(key, afterRevision), limit)) });
  }

  /** From the store's table, not from the days: it holds what is on disk, and so all that has been acknowledged. */
  async #tokensOfPatient({ filter, after, limit, patientRefSent = '' }: TokensAsked) {
    const { patientRef = '', statuses } = filter;
    const found: KeptToken[] = [];
    for (const reference of new Set([patientRef, patientRefSent || patientRef])) {
      found.push(...(await this.store.listTokensOf(reference, statuses, after, limit + 1)));
    }
    found.sort((a, b) => (a.token.id < b.token.id ? -1 : 1));
    const { things, goesOn } = pageOf(found, limit);
    const listed: ListedToken[] = [];
    for (const kept of things) listed.push({ ...kept, estimate: await this.#estimateOf(kept.token) });
    return answered({ things: listed, goesOn });
  }

  /** Of a patient's tokens few are live, and only the days of those are loaded. */
  async #estimateOf(token: Token): Promise<QueueEstimate | undefined> {
    if (!isLive(token)) return undefined;
    const now = this.now();
    const estimate = await this.desk.readToken(token.id, (day, current) => answered(estimator(day, now)(current)));
    return estimate.ok ? estimate.value : undefined;
  }
}
