/** The tables, as numbered steps. A step that has been released is never edited: a change is another step. */
import type { Database } from 'better-sqlite3';

interface Migration {
  /** 1, 2, 3, …: what `PRAGMA user_version` says once it has run. */
  readonly number: number;
  readonly sql: string;
}

/** `PRAGMA application_id` of our databases ("OPDT"): tells them from another program's. */
export const APPLICATION_ID = 0x4f504454;

// Writing costs by the page touched, and an index in no order of time touches a page a row. So the big tables grow at their ends
// (the journal by rowid, tokens and slots by ids that begin with the time), and only two indexes do not: those that keep
// revisions and request ids from coming twice.
const TABLES = `
  CREATE TABLE doctor (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    rebalance TEXT NOT NULL,
    created_at INTEGER NOT NULL,         -- all instants: milliseconds since 1970-01-01T00:00:00Z
    request_id TEXT UNIQUE,
    request_digest TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE journal (
    doctor_id TEXT NOT NULL,
    date TEXT NOT NULL,                  -- of the doctor's time zone, 2026-01-31
    revision INTEGER NOT NULL,           -- 1, 2, 3, … in a doctor-day
    at INTEGER NOT NULL,
    format INTEGER NOT NULL,             -- of command and events
    command TEXT NOT NULL,               -- JSON
    events TEXT NOT NULL,                -- JSON
    request_id TEXT,
    request_digest TEXT,
    PRIMARY KEY (doctor_id, date, revision)
  ) STRICT;
  CREATE UNIQUE INDEX journal_request ON journal (doctor_id, request_id) WHERE request_id IS NOT NULL;

  CREATE TABLE slot (
    id TEXT PRIMARY KEY,
    doctor_id TEXT NOT NULL,
    date TEXT NOT NULL,
    start_minute INTEGER NOT NULL,       -- since local midnight
    end_minute INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    capacity INTEGER NOT NULL,
    seats_taken INTEGER NOT NULL,
    waiting INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX slot_date ON slot (date);

  CREATE TABLE token (
    id TEXT PRIMARY KEY,
    doctor_id TEXT NOT NULL,
    date TEXT NOT NULL,
    number INTEGER NOT NULL,             -- what the patient is called by
    slot_id TEXT NOT NULL,               -- where it sits or waits now
    requested_slot_id TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    patient_ref TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX token_date ON token (date);
`;

/** What a slot and a token tell since R13 and check-ins. How often a token was displaced, the journal has known all along. */
const CLINIC = `
  ALTER TABLE slot ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;        -- 1: the doctor is called away
  ALTER TABLE token ADD COLUMN checked_in_at INTEGER;                   -- null: not checked in
  ALTER TABLE token ADD COLUMN displacements INTEGER NOT NULL DEFAULT 0;
  UPDATE token SET displacements = told.times FROM (
    SELECT event.value ->> 'tokenId' AS id, count(*) AS times
    FROM journal, json_each(journal.events) AS event
    WHERE event.value ->> 'kind' = 'DISPLACED' GROUP BY 1
  ) AS told WHERE token.id = told.id;
`;

// For a patient's tokens over all days. Partial: tokens of nobody in particular cost nothing. The id, which the rows are kept
// by, is the index's last column without being named, so that a patient's tokens come in order of issue.
const PATIENTS = `
  CREATE INDEX token_patient ON token (patient_ref) WHERE patient_ref <> '';
`;

const MIGRATIONS: readonly Migration[] = [
  { number: 1, sql: `PRAGMA application_id = ${APPLICATION_ID};${TABLES}` },
  { number: 2, sql: CLINIC },
  { number: 3, sql: PATIENTS },
];

/** The number of the newest step that this program knows. */
export const NEWEST_MIGRATION = MIGRATIONS.reduce((newest, { number }) => Math.max(newest, number), 0);

/** Brings a database up to date, all steps or none; tests leave one at an earlier step. */
export function migrate(database: Database, newest = NEWEST_MIGRATION): void {
  const reached = database.pragma('user_version', { simple: true }) as number;
  const missing = MIGRATIONS.filter(({ number }) => number > reached && number <= newest);
  if (missing.length === 0) return;
  database
    .transaction(() => {
      for (const { number, sql } of missing) database.exec(`${sql}; PRAGMA user_version = ${number};`);
    })
    .exclusive();
}
