/**
 * The store in a PostgreSQL database, for as many servers as there are. Each of its calls is one statement that is a transaction of
 * its own: a server that stops between two of them, or for good, holds nothing that another waits for.
 */
import { randomUUID } from 'node:crypto';
import type { Doctor, DoctorId } from '../../domain/doctor.js';
import type { Epoch } from '../../domain/epoch.js';
import type { SlotId } from '../../domain/slot.js';
import type { Instant, LocalDate } from '../../domain/time.js';
import type { TokenId, TokenStatus } from '../../domain/token.js';
import type { ZoneDataVersion } from '../../domain/zone-data.js';
import {
  type ClockMarkRow,
  clockMarkOf,
  clockMarkRow,
  type DoctorRow,
  type DueRow,
  doctorOf,
  doctorRow,
  dueDayOf,
  entryOf,
  type JournalRow,
  keptSlotOf,
  keptTokenOf,
  keyOf,
  type PlaceRow,
  type RequestRow,
  type SlotRow,
  seenOf,
  servedOf,
  type TokenRow,
} from '../rows.js';
import {
  type ClockMark,
  type CommitOutcome,
  type DayCommit,
  type DayKey,
  type DueDay,
  type JournalEntry,
  type KeptSlot,
  type KeptToken,
  type Neighbours,
  type RequestMark,
  type SeenRequest,
  type SeenUpdate,
  type ServedZoneData,
  type Store,
  StoreRefused,
  StoreUnavailable,
  type UpdatedDoctor,
} from '../store.js';
import { Bell } from './bell.js';
import { commitBatch, policySinceOf } from './commit.js';
import { Connections, connectOnce, placeOf, type Statement } from './connections.js';
import { asCreated, findSlotToCome, updateDoctor } from './doctor-changes.js';
import { Ear } from './ear.js';
import { currentEpoch } from './epoch.js';
import { KeptEpoch } from './kept-epoch.js';
import { bringUpToDate } from './migrations.js';
import { STATEMENTS } from './statements.js';

/**
 * Opens the store at a `postgres://` address; makes its tables, or brings them up to date, where that is to be done.
 *
 * @throws StoreRefused where it is out of reach, another version's, or would lose what it has acknowledged
 */
export async function openPostgresStore(data: string): Promise<Store> {
  const place = placeOf(data);
  const client = await connectOnce(data);
  try {
    await refuseForgetful(client, place);
    await bringUpToDate(client, place);
    const epoch = await currentEpoch(client).catch((error) => {
      throw new StoreRefused(
        `cannot read or write opd.epoch of ${place}: ${error.message}. Give this role the rights that docs/scaling.md lists.`,
        { cause: error },
      );
    });
    return new PostgresStore(data, epoch);
  } finally {
    await client.end();
  }
}

/**
 * Refuses a database with synchronous_commit off: a crash could take back what was answered. The
 * session sets it on; but whoever turned it off must know that it has no effect.
 */
async function refuseForgetful(client: Awaited<ReturnType<typeof connectOnce>>, place: string): Promise<void> {
  const { rows } = await client.query("SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'");
  if (rows[0].reset_val !== 'off') return;
  throw new StoreRefused(
    `${place} has synchronous_commit off, and so could lose what it has acknowledged. Set it to on for this database or role.`,
  );
}

type UpdateAsked = Parameters<Store['updateDoctor']>;

const BEFORE_ALL = [Number.MIN_SAFE_INTEGER, '', '-infinity'];

class PostgresStore implements Store {
  #closed: Promise<void> | undefined;
  readonly #underway = new Set<readonly DayCommit[]>();
  /** Resolves when all commits under way have ended. */
  #committing: Promise<unknown> = Promise.resolve();
  readonly #calls = new Set<Promise<unknown>>();
  readonly #bell: Bell;
  private readonly connections: Connections;
  #ear: Ear | undefined;
  readonly #epoch: KeptEpoch;

  constructor(
    private readonly data: string,
    epoch: Epoch,
  ) {
    this.connections = new Connections(data, async (client) => this.#epoch.keep(await currentEpoch(client)));
    this.#epoch = new KeptEpoch(epoch, (act) => this.#call(() => this.connections.use(act)));
    this.#bell = new Bell(this.connections, this.neighbours.self);
  }

  readonly neighbours: Neighbours = {
    self: randomUUID(),
    readNewest: async (keys) => {
      const asked = [keys.map(({ doctorId }) => doctorId), keys.map(({ date }) => date)];
      const ask = () => this.#ask<[number, number, string | null]>(STATEMENTS.readNewest, asked);
      const rows = await this.#epoch.read(ask, ([, , id]) => id);
      return rows.map(([revision, doctorChanges]) => ({ revision, doctorChanges }));
    },
    readTime: async () => (await this.#ask<[Instant]>(STATEMENTS.readTime, []))[0]?.[0] as Instant,
    listen: (listener) => {
      this.#epoch.onChange = () => listener.epochChanged();
      this.#ear = new Ear(this.data, this.neighbours.self, listener, (epoch) => this.#epoch.keep(epoch));
    },
  };

  async createDoctor(doctor: Doctor, request?: RequestMark): Promise<{ doctor: Doctor; digest?: string }> {
    const isNew = (await this.#ask(STATEMENTS.insertDoctor, doctorRow(doctor, request))).length > 0;
    if (isNew) return { doctor, ...(request && { digest: request.digest }) };
    const [row] = await this.#ask<DoctorRow>(STATEMENTS.doctorOfRequest, [request?.id]);
    if (!row) throw new StoreUnavailable('a newer version of this program has changed the tables');
    const created = await this.#call(() => asCreated(this.connections, doctorOf(row)));
    return { doctor: created, ...(row[7] !== null && { digest: row[7] }) };
  }

  /** In the order in which they were asked for, commits included. */
  updateDoctor(...given: UpdateAsked): Promise<UpdatedDoctor | undefined> {
    return this.#inTurn(() => updateDoctor(this.connections, ...given));
  }

  findSlotToCome(id: DoctorId, at: Instant): Promise<SlotId | undefined> {
    return this.#call(() => findSlotToCome(this.connections, id, at));
  }

  async findDoctor(id: DoctorId): Promise<Doctor | undefined> {
    const [row] = await this.#ask<DoctorRow>(STATEMENTS.findDoctor, [id]);
    return row && doctorOf(row);
  }

  async listDoctors(after: DoctorId | undefined, limit: number): Promise<Doctor[]> {
    return (await this.#ask<DoctorRow>(STATEMENTS.listDoctors, [after ?? '', limit])).map(doctorOf);
  }

  async locateSlot(id: SlotId): Promise<DayKey | undefined> {
    const [row] = await this.#askAfterCommits<PlaceRow>(STATEMENTS.locateSlot, [id]);
    return row && keyOf(row);
  }

  async locateToken(id: TokenId): Promise<DayKey | undefined> {
    const [row] = await this.#askAfterCommits<PlaceRow>(STATEMENTS.locateToken, [id]);
    return row && keyOf(row);
  }

  async listTokensOf(
    patientRef: string,
    statuses: readonly TokenStatus[],
    after: TokenId | undefined,
    limit: number,
  ): Promise<KeptToken[]> {
    const asked = [patientRef, after ?? '', statuses, limit];
    return (await this.#askAfterCommits<TokenRow>(STATEMENTS.listTokensOf, asked)).map(keptTokenOf);
  }

  async findRequest(doctorId: DoctorId, requestId: string): Promise<SeenRequest | SeenUpdate | undefined> {
    const [row] = await this.#askAfterCommits<RequestRow>(STATEMENTS.findRequest, [doctorId, requestId], doctorId);
    return row && seenOf(doctorId, row);
  }

  async readJournal(key: DayKey, afterRevision: number, limit: number): Promise<JournalEntry[]> {
    const asked = [key.doctorId, key.date, afterRevision, limit];
    const ask = () =>
      this.#askAfterCommits<[...JournalRow, string | null]>(STATEMENTS.readJournal, asked, key.doctorId);
    const rows = await this.#epoch.read(ask, (row) => row[8]);
    return rows.map((row) => entryOf(key, row.slice(0, 8) as JournalRow));
  }

  async dueDays(until: Instant, after: DueDay | undefined, limit: number): Promise<DueDay[]> {
    const last = after ? [after.at, after.key.doctorId, after.key.date] : BEFORE_ALL;
    return (await this.#askAfterCommits<DueRow>(STATEMENTS.dueDays, [until, ...last, limit])).map(dueDayOf);
  }

  async noteDue({ doctorId, date }: DayKey, revision: number, at: Instant | undefined, doctor?: Doctor): Promise<void> {
    const said = [doctorId, date, revision, at ?? null, policySinceOf(doctor)];
    await this.#askAfterCommits(STATEMENTS.noteDue, said, doctorId);
  }

  async slotsFrom(date: LocalDate, after: KeptSlot | undefined, limit: number): Promise<KeptSlot[]> {
    const last = after ? [after.key.doctorId, after.key.date, after.slot.id] : ['', date, ''];
    return (await this.#askAfterCommits<SlotRow>(STATEMENTS.slotsFrom, [date, ...last, limit])).map(keptSlotOf);
  }

  async noteZoneData(version: ZoneDataVersion): Promise<ServedZoneData> {
    const [row] = await this.#ask<[string | null]>(STATEMENTS.noteZoneData, [version]);
    return servedOf(row?.[0], version);
  }

  async readClockMark(): Promise<ClockMark | undefined> {
    const [row] = await this.#ask<ClockMarkRow>(STATEMENTS.readClockMark, []);
    return row && clockMarkOf(row);
  }

  async keepClockMark(mark: ClockMark): Promise<void> {
    await this.#ask(STATEMENTS.keepClockMark, clockMarkRow(mark));
  }

  get epoch(): Epoch {
    return this.#epoch.now;
  }

  async endEpoch(): Promise<void> {
    await this.#ask(STATEMENTS.endEpoch, []);
  }

  /** One after another, in the order in which they were asked for. */
  commit(batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
    if (!this.#closed) this.#underway.add(batch);
    return this.#inTurn(() => this.#commit(batch)).finally(() => this.#underway.delete(batch));
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    const writing = this.#committing.then(write);
    this.#committing = writing.catch(() => {});
    return writing;
  }

  async #commit(batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
    const outcomes = await commitBatch(this.connections, batch);
    this.#bell.ring(batch.map((day, index) => ({ key: day.key, revision: reached(day, outcomes[index]) })));
    return outcomes;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#committing;
    await Promise.allSettled([...this.#calls, this.#ear?.close()]);
    await this.connections.end();
  }

  /** What is asked after a commit sees it; what is about a doctor of none of the commits under way need not wait. */
  #askAfterCommits<Row extends unknown[]>(
    statement: Statement,
    values: unknown[],
    doctorId?: DoctorId,
  ): Promise<Row[]> {
    const concerns = (batch: readonly DayCommit[]) => !doctorId || batch.some(({ key }) => key.doctorId === doctorId);
    if (![...this.#underway].some(concerns)) return this.#ask(statement, values);
    return this.#call(() => this.#committing.then(() => this.connections.ask<Row>(statement, values)));
  }

  #ask<Row extends unknown[]>(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.#call(() => this.connections.ask<Row>(statement, values));
  }

  #call<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    const call = ask().finally(() => this.#calls.delete(call));
    this.#calls.add(call);
    return call;
  }
}

/** How far a day is known to have come. That one was in conflict is of interest too: another server has it, and this one wants it. */
function reached({ entries }: DayCommit, outcome: CommitOutcome | undefined): number {
  if (outcome === 'committed') return entries.at(-1)?.revision ?? 0;
  return Math.max(0, (entries[0]?.revision ?? 0) - 1);
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('the store has been closed');
}
