/** The tables, as numbered steps. A step that has been released is never edited: a change is another step. */
import type { ClientBase } from 'pg';
import { StoreRefused } from '../store.js';

interface Migration {
  /** 1, 2, 3, … */
  readonly number: number;
  readonly sql: string;
}

/** The advisory lock that servers which start together take one after another ("OPDT"). */
const MIGRATION_LOCK = 0x4f504454;

/**
 * Every key leads with the doctor, and a commit touches the rows of its doctors alone, so that the tables can be distributed by
 * `doctor_id`; only the doctors themselves are few and the same everywhere (`docs/scaling.md` has the statements).
 *
 * Request ids are fenced by a table of their own rather than by an index on the journal: a journal that is partitioned by date could
 * not keep an id from coming twice on two dates.
 *
 * Ids, dates and references compare byte by byte, whatever the database's language is.
 */
const TABLES = `
  CREATE TABLE opd.doctor (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    department text NOT NULL,
    time_zone text NOT NULL,
    rebalance text NOT NULL,
    created_at bigint NOT NULL,          -- all instants: milliseconds since 1970-01-01T00:00:00Z
    request_id uuid UNIQUE,
    request_digest text,
    no_show_grace bigint,                -- milliseconds; null: never
    aging_points_per_hour integer NOT NULL,
    protect_checked_in boolean NOT NULL,
    max_displacements integer NOT NULL,
    policy_since bigint NOT NULL
  );

  CREATE TABLE opd.journal (
    doctor_id text COLLATE "C" NOT NULL,
    date date NOT NULL,                  -- of the doctor's time zone
    revision integer NOT NULL,           -- 1, 2, 3, … in a doctor-day
    at bigint NOT NULL,
    format integer NOT NULL,             -- of command and events
    command text NOT NULL,               -- JSON
    events text NOT NULL,                -- JSON
    request_id uuid,
    request_digest text,
    PRIMARY KEY (doctor_id, date, revision)
  );

  CREATE TABLE opd.request (
    doctor_id text COLLATE "C" NOT NULL,
    request_id uuid NOT NULL,
    date date,                           -- null: of an update of the doctor itself
    revision integer NOT NULL,
    PRIMARY KEY (doctor_id, request_id)
  );

  CREATE TABLE opd.doctor_change (
    doctor_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,           -- 1, 2, 3, … of a doctor
    at bigint NOT NULL,
    format integer NOT NULL,             -- of the three that follow
    asked text NOT NULL,                 -- JSON
    doctor_before text NOT NULL,         -- JSON
    doctor_after text NOT NULL,          -- JSON
    request_id uuid,
    request_digest text,
    PRIMARY KEY (doctor_id, revision)
  );

  CREATE TABLE opd.slot (
    doctor_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    id text COLLATE "C" NOT NULL,
    start_minute integer NOT NULL,       -- since local midnight
    end_minute integer NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    capacity integer NOT NULL,
    seats_taken integer NOT NULL,
    waiting integer NOT NULL,
    closed boolean NOT NULL,             -- the doctor is called away
    PRIMARY KEY (doctor_id, date, id)
  ) WITH (fillfactor = 70);              -- a slot changes with nearly every token; room beside it spares its indexes
  CREATE INDEX slot_id ON opd.slot (id);

  CREATE TABLE opd.token (
    doctor_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    id text COLLATE "C" NOT NULL,
    number integer NOT NULL,             -- what the patient is called by
    slot_id text COLLATE "C" NOT NULL,   -- where it sits or waits now
    requested_slot_id text COLLATE "C" NOT NULL,
    source text NOT NULL,
    status text NOT NULL,
    patient_ref text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    checked_in_at bigint,                -- null: not checked in
    displacements integer NOT NULL,
    seated_at bigint,                    -- null: has had no seat
    rescheduled_from_token_id text COLLATE "C",
    PRIMARY KEY (doctor_id, date, id)
  ) WITH (fillfactor = 90);
  CREATE INDEX token_id ON opd.token (id);
  CREATE INDEX token_patient ON opd.token (patient_ref, id) WHERE patient_ref <> '';

  CREATE TABLE opd.day_due (
    doctor_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    revision integer NOT NULL,           -- of the day, when this was said: an older word never replaces a newer one
    due_at bigint,                       -- not later than when something next happens by itself; null: nothing ever will
    PRIMARY KEY (doctor_id, date)
  );
  CREATE INDEX day_due_at ON opd.day_due (due_at, doctor_id, date) WHERE due_at IS NOT NULL;
`;

/** By which policy it was reckoned when something is next due; 0: older than any. */
const DUE_BY_POLICY = `
  ALTER TABLE opd.day_due ADD COLUMN policy_since bigint NOT NULL DEFAULT 0;
`;

/** Doctors who see no more patients. */
const RETIREMENT = `
  ALTER TABLE opd.doctor ADD COLUMN retired boolean NOT NULL DEFAULT false;
`;

/** What is known of the database as a whole. */
const SETTINGS = `
  CREATE TABLE opd.setting (
    name text COLLATE "C" PRIMARY KEY,   -- zone_data: the newest version of the time zone data by which it was served
    value text COLLATE "C" NOT NULL
  );
`;

/** Which call a revision was decided for. No index: it is read by revision only. */
const COMMAND_IDS = `
  ALTER TABLE opd.journal ADD COLUMN command_id uuid;   -- null: written before it was kept
`;

/** When a server was last alive. One row; for older data its newest revision's instant. */
const CLOCK_MARK = `
  CREATE TABLE opd.clock_mark (
    id integer PRIMARY KEY CHECK (id = 1),
    at bigint NOT NULL,
    uptime bigint NOT NULL,              -- of the machine, milliseconds
    boot_id text                         -- names that run of the machine; null: not known
  );
  INSERT INTO opd.clock_mark SELECT 1, max(at), 0, NULL FROM opd.journal HAVING max(at) IS NOT NULL;
`;

/** When a token was last called, from the journal. The first condition avoids parsing most rows. */
const CALLS = `
  ALTER TABLE opd.token ADD COLUMN called_at bigint;  -- null: never called
  UPDATE opd.token SET called_at = told.at FROM (
    SELECT doctor_id, date, event ->> 'tokenId' AS id, max(at) AS at
    FROM opd.journal, json_array_elements(events::json) AS event
    WHERE events LIKE '%CALLED%' AND event ->> 'kind' = 'CALLED' GROUP BY 1, 2, 3
  ) AS told WHERE token.doctor_id = told.doctor_id AND token.date = told.date AND token.id = told.id;
`;

/** Deleted slots keep their rows, so that a repeated command still finds its day (R18). */
const DELETED_SLOTS = `
  ALTER TABLE opd.slot ADD COLUMN deleted boolean NOT NULL DEFAULT false;
`;

/** The history that the journal is of. One row; none where the next server is to begin another. */
const EPOCH = `
  CREATE TABLE opd.epoch (
    number integer PRIMARY KEY CHECK (number = 1), id uuid NOT NULL,
    is_only boolean NOT NULL,            -- no other history of these days was ever served
    line text NOT NULL, place text NOT NULL, started text NOT NULL   -- cluster and timeline; database and table; run of PostgreSQL
  );
`;

const MIGRATIONS: readonly Migration[] = [
  { number: 1, sql: TABLES },
  { number: 2, sql: DUE_BY_POLICY },
  { number: 3, sql: RETIREMENT },
  { number: 4, sql: SETTINGS },
  { number: 5, sql: COMMAND_IDS },
  { number: 6, sql: CLOCK_MARK },
  { number: 7, sql: CALLS },
  { number: 8, sql: DELETED_SLOTS },
  { number: 9, sql: EPOCH },
];

/** The number of the newest step that this program knows. */
export const NEWEST_MIGRATION = MIGRATIONS.reduce((newest, { number }) => Math.max(newest, number), 0);

/** How far a database has come; 0 where it is none of this program's yet. */
export async function migrationReached(client: ClientBase): Promise<number> {
  const { rows } = await client.query("SELECT to_regclass('opd.migration') IS NOT NULL AS there");
  if (!rows[0].there) return 0;
  const reached = await client.query('SELECT coalesce(max(number), 0) AS number FROM opd.migration');
  return reached.rows[0].number;
}

/** Whether a newer version has brought the tables further than this program knows them. */
export async function isSuperseded(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query('SELECT max(number) > $1 AS is_newer FROM opd.migration', [NEWEST_MIGRATION]);
  return rows[0].is_newer === true;
}

/**
 * Brings a database up to date, all steps or none, however many servers start at once: one does it,
 * the others wait and find it done.
 *
 * @param newest tests leave one at an earlier step
 * @throws StoreRefused where a newer version has written it, or this role may not make the tables
 */
export async function bringUpToDate(client: ClientBase, place: string, newest = NEWEST_MIGRATION): Promise<void> {
  const reached = await migrationReached(client);
  refuseNewer(reached, place);
  if (reached === NEWEST_MIGRATION) return;
  if (reached === 0) await refuseEncoding(client, place);
  try {
    await migrate(client, newest);
  } catch (error) {
    throw new StoreRefused(notMigrated(reached, place, error), { cause: error });
  }
}

/** SQL_ASCII keeps bytes as they come, and so keeps UTF-8. */
const ENCODINGS = ['UTF8', 'SQL_ASCII'];

/** Refuses other encodings: they cannot keep every name. Only for new databases. */
async function refuseEncoding(client: ClientBase, place: string): Promise<void> {
  const { rows } = await client.query('SHOW server_encoding');
  const encoding: string = rows[0].server_encoding;
  if (ENCODINGS.includes(encoding)) return;
  throw new StoreRefused(
    `${place} has the encoding ${encoding}, which cannot keep names in every script. Give a database with the encoding UTF8.`,
  );
}

/** @throws StoreRefused where the tables are another version's */
export function refuseOtherVersion(reached: number, place: string): void {
  refuseNewer(reached, place);
  if (reached === 0)
    throw new StoreRefused(`${place} holds none of this program's tables yet. Start a server on it once.`);
  if (reached === NEWEST_MIGRATION) return;
  throw new StoreRefused(
    `${place} was written by an older version of this program. Use that version, or start this one's server on it once.`,
  );
}

function refuseNewer(reached: number, place: string): void {
  if (reached <= NEWEST_MIGRATION) return;
  throw new StoreRefused(
    `${place} was written by a newer version of this program (its tables are at ${reached}, this version knows ${NEWEST_MIGRATION}); ` +
      'it was left as it is. Start the newer version, or give another database.',
  );
}

async function migrate(client: ClientBase, newest: number): Promise<void> {
  // Before the transaction: within one, what others made meanwhile might not be noticed.
  await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    await client.query('BEGIN');
    await takeSteps(client, newest);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
  }
}

async function takeSteps(client: ClientBase, newest: number): Promise<void> {
  const reached = await migrationReached(client);
  if (reached === 0) await client.query(FOUNDATION);
  for (const { number, sql } of MIGRATIONS.filter(({ number }) => number > reached && number <= newest)) {
    await client.query(sql);
    await client.query('INSERT INTO opd.migration (number) VALUES ($1)', [number]);
  }
}

const FOUNDATION = `
  CREATE SCHEMA IF NOT EXISTS opd;
  CREATE TABLE opd.migration (number integer PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now());
`;

const INSUFFICIENT_PRIVILEGE = '42501';
const DUPLICATE_TABLE = '42P07';

function notMigrated(reached: number, place: string, error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === INSUFFICIENT_PRIVILEGE) {
    return `${place} needs its tables brought from step ${reached} to ${NEWEST_MIGRATION}, which this role may not do. Run: opd migrate --data with the role that owns them.`;
  }
  if (code === DUPLICATE_TABLE) {
    return `${place} has a schema "opd" with tables of another program; it was left as it is. Give another database.`;
  }
  return `${place} could not be brought up to date: ${message}`;
}
