/**
 * The store in one SQLite file, for one server. A worker thread has the database; this side packs, sends and unpacks.
 *
 * What a crash leaves: a call that was answered is on disk. Of one that was not, or that was refused because the worker
 * died, either all is there or nothing: whoever must know looks for the revision or the request id.
 */
import { Worker } from 'node:worker_threads';
import type { Doctor, DoctorId } from '../../domain/doctor.js';
import type { DoctorUpdate } from '../../domain/doctor-update.js';
import type { Epoch } from '../../domain/epoch.js';
import type { SlotId } from '../../domain/slot.js';
import type { Instant, LocalDate } from '../../domain/time.js';
import type { TokenId, TokenStatus } from '../../domain/token.js';
import type { ZoneDataVersion } from '../../domain/zone-data.js';
import {
  clockMarkOf,
  clockMarkRow,
  type DueRow,
  doctorOf,
  doctorRow,
  dueDayOf,
  entryOf,
  keptSlotOf,
  keptTokenOf,
  keyOf,
  seenOf,
  servedOf,
} from '../rows.js';
import type {
  ClockMark,
  CommitOutcome,
  DayCommit,
  DayKey,
  DueDay,
  JournalEntry,
  KeptSlot,
  KeptToken,
  RequestMark,
  SeenRequest,
  SeenUpdate,
  ServedZoneData,
  Store,
  UpdatedDoctor,
} from '../store.js';
import { packBatch } from './batch.js';
import { type ConnectionOptions, MEMORY } from './connection.js';
import { placeToWrite } from './file-access.js';
import { type Lock, takeLock } from './lock.js';
import type { WorkerOrders } from './messages.js';
import { WorkerLine } from './worker-line.js';

export interface SqliteOptions extends ConnectionOptions {
  /** Starts the worker thread; tests put their own in to get hold of it. */
  readonly startWorker?: (orders: WorkerOrders) => Worker;
}

/**
 * Opens the store in the file at `path`, made new with the directories above it where there is none, or in memory
 * (`:memory:`), where all is lost with it.
 *
 * @throws StoreRefused where another server serves the file, or it is damaged, newer, another program's or out of reach
 */
export async function openSqliteStore(path: string, options: SqliteOptions = {}): Promise<Store> {
  const { startWorker = startSqliteWorker, ...connectionOptions } = options;
  const file = path === MEMORY ? MEMORY : placeToWrite(path);
  const lock = file === MEMORY ? undefined : takeLock(file);
  try {
    const start = (again: boolean) => startWorker({ path: file, options: connectionOptions, again });
    const line = await WorkerLine.open(start, file !== MEMORY);
    const [id, isOnly] = await line.call('readEpoch');
    return new SqliteStore(line, lock, { id, isOnly: isOnly === 1 });
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function startSqliteWorker(orders: WorkerOrders): Worker {
  return new Worker(new URL('./sqlite-worker.js', import.meta.url), { workerData: orders });
}

class SqliteStore implements Store {
  #closed: Promise<void> | undefined;

  constructor(
    private readonly line: WorkerLine,
    private readonly lock: Lock | undefined,
    readonly epoch: Epoch,
  ) {}

  async createDoctor(doctor: Doctor, request?: RequestMark): Promise<{ doctor: Doctor; digest?: string }> {
    const row = await this.line.call('createDoctor', doctorRow(doctor, request));
    const digest = row[7];
    return { doctor: doctorOf(row), ...(digest !== null && { digest }) };
  }

  updateDoctor(
    id: DoctorId,
    update: DoctorUpdate,
    at: Instant,
    request?: RequestMark,
  ): Promise<UpdatedDoctor | undefined> {
    return this.line.call('updateDoctor', id, update, at, request);
  }

  async findDoctor(id: DoctorId): Promise<Doctor | undefined> {
    const row = await this.line.call('findDoctor', id);
    return row && doctorOf(row);
  }

  findSlotToCome(id: DoctorId, at: Instant): Promise<SlotId | undefined> {
    return this.line.call('findSlotToCome', id, at);
  }

  async listDoctors(after: DoctorId | undefined, limit: number): Promise<Doctor[]> {
    const rows = await this.line.call('listDoctors', after ?? '', limit);
    return rows.map(doctorOf);
  }

  async locateSlot(id: SlotId): Promise<DayKey | undefined> {
    const row = await this.line.call('locateSlot', id);
    return row && keyOf(row);
  }

  async locateToken(id: TokenId): Promise<DayKey | undefined> {
    const row = await this.line.call('locateToken', id);
    return row && keyOf(row);
  }

  async listTokensOf(
    patientRef: string,
    statuses: readonly TokenStatus[],
    after: TokenId | undefined,
    limit: number,
  ): Promise<KeptToken[]> {
    const rows = await this.line.call('listTokensOf', patientRef, statuses, after ?? '', limit);
    return rows.map(keptTokenOf);
  }

  async findRequest(doctorId: DoctorId, requestId: string): Promise<SeenRequest | SeenUpdate | undefined> {
    const row = await this.line.call('findRequest', doctorId, requestId);
    return row && seenOf(doctorId, row);
  }

  async readJournal(key: DayKey, afterRevision: number, limit: number): Promise<JournalEntry[]> {
    const rows = await this.line.call('readJournal', key.doctorId, key.date, afterRevision, limit);
    return rows.map((row) => entryOf(key, row));
  }

  async commit(batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
    const kept = await this.line.call('commit', packBatch(batch));
    return kept.map((isKept) => (isKept ? 'committed' : 'conflict'));
  }

  async dueDays(until: Instant, after: DueDay | undefined, limit: number): Promise<DueDay[]> {
    const last: DueRow = after ? [after.at, after.key.doctorId, after.key.date] : BEFORE_ALL;
    const rows = await this.line.call('dueDays', until, last, limit);
    return rows.map(dueDayOf);
  }

  async noteDue({ doctorId, date }: DayKey, revision: number, at: Instant | undefined): Promise<void> {
    await this.line.call('noteDue', doctorId, date, revision, at ?? null);
  }

  async slotsFrom(date: LocalDate, after: KeptSlot | undefined, limit: number): Promise<KeptSlot[]> {
    const rows = await this.line.call('slotsFrom', after?.key.date ?? date, after?.slot.id ?? '', limit);
    return rows.map(keptSlotOf);
  }

  async noteZoneData(version: ZoneDataVersion): Promise<ServedZoneData> {
    return servedOf(await this.line.call('keepNewest', 'zone_data', version), version);
  }

  async readClockMark(): Promise<ClockMark | undefined> {
    const row = await this.line.call('readClockMark');
    return row && clockMarkOf(row);
  }

  async keepClockMark(mark: ClockMark): Promise<void> {
    await this.line.call('keepClockMark', clockMarkRow(mark));
  }

  async endEpoch(): Promise<void> {
    await this.line.call('endEpoch');
  }

  close(): Promise<void> {
    this.#closed ??= this.line.end().finally(() => this.lock?.release());
    return this.#closed;
  }
}

const BEFORE_ALL: DueRow = [Number.MIN_SAFE_INTEGER, '', ''];
