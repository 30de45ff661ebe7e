/**
 * Reads a SQLite file from beside its server, or without one: takes no lock, writes nothing, migrates nothing.
 *
 * One read transaction from opening to closing is what makes everything as of one moment. The server goes on; its log grows by
 * what it writes meanwhile, and is put away when the reader has gone.
 */

import type { DoctorId } from '../../domain/doctor.js';
import type { Instant, LocalDate } from '../../domain/time.js';
import type { ZoneDataVersion } from '../../domain/zone-data.js';
import {
  type ChangeRow,
  changeOf,
  type DoctorRow,
  doctorOf,
  type JournalRow,
  type SlotRow,
  type StrayRow,
  slotOf,
  type TokenRow,
  tellStray,
  tokenOf,
} from '../rows.js';
import { type DayKey, StoreRefused } from '../store.js';
import type { DayRecord, DoctorRecord, JournalRecord, StoreReader } from '../store-reader.js';
import type { Database, Statement } from './binding.js';
import { MEMORY } from './connection.js';
import { openToRead, refusalOf, refuseForeign } from './inspection.js';
import { APPLICATION_ID, NEWEST_MIGRATION } from './migrations.js';
import { type DayRow, OrderedDays } from './ordered-days.js';
import { DOCTOR } from './tables.js';

const SQL = {
  strayChanges: `SELECT doctor_id, count(*) FROM doctor_change WHERE doctor_id NOT IN (SELECT id FROM doctor)
    GROUP BY doctor_id ORDER BY doctor_id LIMIT 1`,
  countRevisions: 'SELECT count(*) FROM journal',
  doctors: `${DOCTOR} ORDER BY id`,
  findDoctor: `${DOCTOR} WHERE id = ?`,
  changes: `SELECT revision, at, format, doctor_before, doctor_after, request_id, request_digest, EXISTS (
      SELECT 1 FROM journal WHERE journal.doctor_id = doctor_change.doctor_id AND journal.request_id = doctor_change.request_id
    ) FROM doctor_change WHERE doctor_id = ? ORDER BY revision`,
  zoneData: "SELECT value FROM setting WHERE name = 'zone_data'",
  days: 'SELECT DISTINCT date, doctor_id FROM journal ORDER BY date, doctor_id',
  journal: `SELECT revision, at, format, command, events, request_id, request_digest, command_id FROM journal
    WHERE doctor_id = ? AND date = ? ORDER BY revision`,
  dueAt: 'SELECT due_at FROM day_due WHERE doctor_id = ? AND date = ?',
  // By the index on dates: a date at a time is put in order, rather than all of the table.
  slots: `SELECT date, doctor_id, id, start_minute, end_minute, starts_at, ends_at, capacity, seats_taken, waiting, closed, deleted
    FROM slot INDEXED BY slot_date ORDER BY date, doctor_id, start_minute`,
  tokens: `SELECT date, doctor_id, id, number, slot_id, requested_slot_id, source, status, patient_ref, created_at, updated_at,
    checked_in_at, displacements, seated_at, rescheduled_from_token_id, called_at
    FROM token INDEXED BY token_date ORDER BY date, doctor_id, number`,
} as const;

/**
 * Opens a file as it is at this moment.
 *
 * @throws StoreRefused where there is no database of this program at `path`, or none of this version
 * @throws StoreDamaged where it cannot be opened since it is damaged
 */
export function openSqliteReader(path: string): StoreReader {
  return new SqliteReader(openSnapshot(path), path);
}

/** A read-only connection whose view of the database stands still. @throws StoreRefused */
export function openSnapshot(path: string): Database {
  if (path === MEMORY) throw new StoreRefused("a database in memory is its own server's alone. Give a file's path.");
  const database = openToRead(path);
  try {
    database.exec('BEGIN');
    refuseForeign(database, path);
    refuseUnserved(database, path);
    return database;
  } catch (error) {
    database.close();
    throw refusalOf(path, error);
  }
}

function refuseUnserved(database: Database, path: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new StoreRefused(`${path} is empty: no server has made a database there yet. Check the path.`);
  }
  if (database.pragma('user_version', { simple: true }) === NEWEST_MIGRATION) return;
  throw new StoreRefused(
    `${path} was written by an older version of this program. Use that version, or start this one's server on it once.`,
  );
}

class SqliteReader implements StoreReader {
  constructor(
    private readonly database: Database,
    private readonly path: string,
  ) {}

  async findDamage(): Promise<string | undefined> {
    const found = this.#reading(() => this.database.pragma('integrity_check(1)', { simple: true }) as string);
    if (found !== 'ok') return found.replace(/\s+/g, ' ');
    const stray = this.#statement<[], StrayRow>(SQL.strayChanges);
    return tellStray(this.#reading(() => stray.get()));
  }

  async zoneData(): Promise<ZoneDataVersion | undefined> {
    return this.#reading(() => this.database.prepare<[], ZoneDataVersion>(SQL.zoneData).pluck().get());
  }

  async countRevisions(): Promise<number> {
    return this.#reading(() => this.database.prepare<[], number>(SQL.countRevisions).pluck().get() ?? 0);
  }

  async *doctors(): AsyncGenerator<DoctorRecord> {
    const changes = this.#statement<[string], ChangeRow>(SQL.changes);
    for (const row of this.#rows<DoctorRow>(SQL.doctors)) {
      const changed = this.#reading(() => changes.all(row[0])).map(changeOf);
      yield { doctor: doctorOf(row), requestId: row[6], requestDigest: row[7], changes: changed };
    }
  }

  async *days(): AsyncGenerator<DayRecord> {
    const doctor = this.#statement<[string], DoctorRow>(SQL.findDoctor);
    const journal = this.#statement<[string, string], JournalRow>(SQL.journal);
    const dueAt = this.#statement<[string, string], [number]>(SQL.dueAt);
    const touched = new OrderedDays(this.#rows<DayRow>(SQL.days));
    const slots = new OrderedDays(this.#rows<SlotRow>(SQL.slots));
    const tokens = new OrderedDays(this.#rows<TokenRow>(SQL.tokens));
    try {
      for (;;) {
        const day = [touched.next, slots.next, tokens.next].reduce(earlier);
        if (!day) return;
        touched.take(day);
        const [date, doctorId] = day;
        const row = this.#reading(() => doctor.get(doctorId));
        const due = this.#reading(() => dueAt.get(doctorId, date));
        yield {
          key: keyOf(day),
          doctor: row && doctorOf(row),
          journal: this.#reading(() => journal.all(doctorId, date)).map(recordOf),
          slots: slots.take(day).map(slotOf),
          tokens: tokens.take(day).map(tokenOf),
          dueAt: due?.[0] as Instant | undefined,
        };
      }
    } finally {
      for (const stream of [touched, slots, tokens]) stream.end();
    }
  }

  async close(): Promise<void> {
    this.database.close();
  }

  #statement<Given extends unknown[], Row>(sql: string): Statement<Given, Row> {
    return this.#reading(() => this.database.prepare<Given, Row>(sql).raw());
  }

  *#rows<Row>(sql: string): Generator<Row, undefined> {
    try {
      yield* this.database.prepare<[], Row>(sql).raw().iterate();
    } catch (error) {
      throw refusalOf(this.path, error);
    }
    return undefined;
  }

  #reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw refusalOf(this.path, error);
    }
  }
}

function earlier(a: DayRow | undefined, b: DayRow | undefined): DayRow | undefined {
  if (!a || !b) return a ?? b;
  return isBefore(b, a) ? b : a;
}

function isBefore([date, doctorId]: DayRow, [otherDate, otherDoctorId]: DayRow): boolean {
  return date < otherDate || (date === otherDate && doctorId < otherDoctorId);
}

function keyOf([date, doctorId]: DayRow): DayKey {
  return { doctorId: doctorId as DoctorId, date: date as LocalDate };
}

function recordOf([revision, at, format, command, events, ...marks]: JournalRow): JournalRecord {
  const [requestId, requestDigest, commandId] = marks;
  return { revision, at, text: { format, command, events }, requestId, requestDigest, commandId };
}
