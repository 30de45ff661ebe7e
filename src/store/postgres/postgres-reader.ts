/**
 * Reads a PostgreSQL database beside its servers. One transaction from opening to closing is what makes everything as of one moment;
 * it hinders nobody, but keeps the database from clearing away old rows while it lasts.
 */
import type pg from 'pg';
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
import { connectOnce, placeOf } from './connections.js';
import { migrationReached, refuseOtherVersion } from './migrations.js';
import { DOCTOR, DOCTOR_COLUMNS, ENTRY_COLUMNS, SLOT_COLUMNS, TOKEN_COLUMNS } from './statements.js';

const ROWS_A_FETCH = 1_000;

const OF_DAY = 'WHERE doctor_id = $1 AND date = $2';
const SQL = {
  checksums: 'SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()',
  // R18: whoever lost a mark would do a command twice.
  marks: `SELECT count(*) FROM opd.journal LEFT JOIN opd.request USING (doctor_id, request_id)
    WHERE journal.request_id IS NOT NULL
    AND (request.date, request.revision) IS DISTINCT FROM (journal.date, journal.revision)`,
  strayChanges: `SELECT doctor_id, count(*) FROM opd.doctor_change
    WHERE NOT EXISTS (SELECT FROM opd.doctor WHERE doctor.id = doctor_change.doctor_id)
    GROUP BY doctor_id ORDER BY doctor_id LIMIT 1`,
  zoneData: "SELECT value FROM opd.setting WHERE name = 'zone_data'",
  countRevisions: 'SELECT count(*) FROM opd.journal',
  doctors: `${DOCTOR} ORDER BY id`,
  days: `SELECT date, doctor_id FROM (
      SELECT date, doctor_id FROM opd.journal UNION SELECT date, doctor_id FROM opd.slot UNION SELECT date, doctor_id FROM opd.token
    ) AS day ORDER BY date, doctor_id`,
  doctor: `SELECT ${DOCTOR_COLUMNS} FROM opd.doctor WHERE id = $1`,
  changes: `SELECT revision, at, format, doctor_before, doctor_after, request_id, request_digest, EXISTS (
      SELECT FROM opd.request WHERE request.doctor_id = doctor_change.doctor_id
      AND request.request_id = doctor_change.request_id AND request.date IS NOT NULL
    ) FROM opd.doctor_change WHERE doctor_id = $1 ORDER BY revision`,
  journal: `SELECT ${ENTRY_COLUMNS} FROM opd.journal ${OF_DAY} ORDER BY revision`,
  due: `SELECT due_at FROM opd.day_due ${OF_DAY}`,
  slots: `SELECT ${SLOT_COLUMNS} FROM opd.slot ${OF_DAY} ORDER BY start_minute`,
  tokens: `SELECT ${TOKEN_COLUMNS} FROM opd.token ${OF_DAY} ORDER BY number`,
} as const;

type DayRow = [date: string, doctorId: string];

/**
 * Opens a database as it is at this moment.
 *
 * @throws StoreRefused where it is out of reach, or none of this program's or version's
 */
export async function openPostgresReader(data: string): Promise<StoreReader> {
  const place = placeOf(data);
  const client = await connectOnce(data, { pipeline: true } as pg.ClientConfig);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    refuseOtherVersion(await migrationReached(client), place);
    return new PostgresReader(client, place);
  } catch (error) {
    await client.end();
    throw error instanceof StoreRefused ? error : refusalOf(place, error);
  }
}

class PostgresReader implements StoreReader {
  #cursors = 0;

  constructor(
    private readonly client: pg.Client,
    private readonly place: string,
  ) {}

  async findDamage(): Promise<string | undefined> {
    const [failures] = await this.#column(SQL.checksums);
    if (failures && Number(failures) > 0) return `${failures} pages whose checksums were wrong when they were read`;
    const [unmarked] = await this.#column(SQL.marks);
    if (Number(unmarked) > 0) return `R18: ${unmarked} journal rows whose request ids are not kept as theirs`;
    return tellStray((await this.#query<StrayRow>(SQL.strayChanges))[0]);
  }

  async countRevisions(): Promise<number> {
    return Number((await this.#column(SQL.countRevisions))[0]);
  }

  async *doctors(): AsyncGenerator<DoctorRecord> {
    for await (const row of this.#rows<DoctorRow>(SQL.doctors)) {
      const changes = (await this.#ask<ChangeRow>('changes', [row[0]])).map(changeOf);
      yield { doctor: doctorOf(row), requestId: row[6], requestDigest: row[7], changes };
    }
  }

  async zoneData(): Promise<ZoneDataVersion | undefined> {
    const [version] = await this.#column(SQL.zoneData);
    return version as ZoneDataVersion | undefined;
  }

  async *days(): AsyncGenerator<DayRecord> {
    for await (const day of this.#rows<DayRow>(SQL.days)) yield this.#day(day);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** All that there is of one day, in one round trip. */
  async #day([date, doctorId]: DayRow): Promise<DayRecord> {
    const key: DayKey = { doctorId: doctorId as DoctorId, date: date as LocalDate };
    const [doctors, journal, slots, tokens, [due]] = await Promise.all([
      this.#ask<DoctorRow>('doctor', [doctorId]),
      this.#ask<JournalRow>('journal', [doctorId, date]),
      this.#ask<SlotRow>('slots', [doctorId, date]),
      this.#ask<TokenRow>('tokens', [doctorId, date]),
      this.#ask<[number | null]>('due', [doctorId, date]),
    ]);
    return {
      key,
      doctor: doctors[0] && doctorOf(doctors[0]),
      journal: journal.map(recordOf),
      slots: slots.map(slotOf),
      tokens: tokens.map(tokenOf),
      dueAt: (due?.[0] ?? undefined) as Instant | undefined,
    };
  }

  async *#rows<Row extends unknown[]>(sql: string): AsyncGenerator<Row> {
    this.#cursors += 1;
    const cursor = `cursor_${this.#cursors}`;
    await this.#query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`);
    try {
      for (;;) {
        const rows = await this.#query<Row>(`FETCH ${ROWS_A_FETCH} FROM ${cursor}`);
        yield* rows;
        if (rows.length < ROWS_A_FETCH) return;
      }
    } finally {
      // Where the connection was lost the cursor went with it.
      await this.client.query(`CLOSE ${cursor}`).catch(() => {});
    }
  }

  async #column(sql: string): Promise<unknown[]> {
    return (await this.#query(sql)).map(([value]) => value);
  }

  #ask<Row extends unknown[]>(name: keyof typeof SQL, values: unknown[]): Promise<Row[]> {
    return this.#query<Row>(SQL[name], values, name);
  }

  async #query<Row extends unknown[]>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    try {
      return (await this.client.query<Row>({ text, values, ...(name && { name }), rowMode: 'array' })).rows;
    } catch (error) {
      throw refusalOf(this.place, error);
    }
  }
}

function refusalOf(place: string, error: unknown): StoreRefused {
  return new StoreRefused(`cannot read ${place}: ${(error as Error).message}`, { cause: error });
}

function recordOf([revision, at, format, command, events, ...marks]: JournalRow): JournalRecord {
  const [requestId, requestDigest, commandId] = marks;
  return { revision, at, text: { format, command, events }, requestId, requestDigest, commandId };
}
