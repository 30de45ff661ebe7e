/** The tables, as numbered steps. A step that has been released is never edited: a change is another step. */
import type { Database } from './binding.js';

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

/**
 * What time does: when a token got its seat (the journal has known all along), the policy's further terms, and for each
 * doctor-day to which something is still to happen by itself an instant that is not later than when it falls due. Of days
 * that were there before, that is as early as can be: whoever looks then sets it right.
 */
const TIME = `
  ALTER TABLE token ADD COLUMN seated_at INTEGER;                       -- null: has had no seat
  ALTER TABLE token ADD COLUMN rescheduled_from_token_id TEXT;          -- null: was not
  UPDATE token SET seated_at = told.at FROM (
    SELECT event.value ->> 'tokenId' AS id, max(at) AS at
    FROM journal, json_each(journal.events) AS event JOIN token ON token.id = event.value ->> 'tokenId'
    WHERE event.value ->> 'kind' IN ('ALLOCATED', 'PROMOTED', 'MOVED', 'RETURNED')
    OR (event.value ->> 'kind' = 'CARRIED_OVER' AND token.source = 'EMERGENCY') GROUP BY 1
  ) AS told WHERE token.id = told.id;

  ALTER TABLE doctor ADD COLUMN no_show_grace INTEGER;                  -- milliseconds; null: never
  ALTER TABLE doctor ADD COLUMN aging_points_per_hour INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE doctor ADD COLUMN protect_checked_in INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE doctor ADD COLUMN max_displacements INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE doctor ADD COLUMN policy_since INTEGER NOT NULL DEFAULT 0;
  UPDATE doctor SET policy_since = created_at;

  CREATE TABLE day_due (
    doctor_id TEXT NOT NULL,
    date TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (doctor_id, date)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX day_due_at ON day_due (due_at);
  INSERT INTO day_due SELECT doctor_id, date, min(starts_at) FROM slot GROUP BY 1, 2;
`;

/**
 * What was changed of doctors themselves, with the doctor before and after: so that a repeated request is answered as it was
 * then. A request id comes once among these and the journal of one doctor; whoever writes one looks in the other (R18).
 */
const DOCTOR_CHANGES = `
  CREATE TABLE doctor_change (
    doctor_id TEXT NOT NULL,
    revision INTEGER NOT NULL,           -- 1, 2, 3, … of a doctor
    at INTEGER NOT NULL,
    format INTEGER NOT NULL,             -- of the three that follow
    asked TEXT NOT NULL,                 -- JSON
    doctor_before TEXT NOT NULL,         -- JSON
    doctor_after TEXT NOT NULL,          -- JSON
    request_id TEXT,
    request_digest TEXT,
    PRIMARY KEY (doctor_id, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX doctor_change_request ON doctor_change (doctor_id, request_id) WHERE request_id IS NOT NULL;
`;

/** Doctors who see no more patients. */
const RETIREMENT = `
  ALTER TABLE doctor ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
`;

/** What is known of the database as a whole. */
const SETTINGS = `
  CREATE TABLE setting (
    name TEXT PRIMARY KEY,               -- zone_data: the newest version of the time zone data by which it was served
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Which call a revision was decided for. No index: it is only read with the row at a revision that
 * is known.
 */
const COMMAND_IDS = `
  ALTER TABLE journal ADD COLUMN command_id TEXT;                       -- null: written before it was kept
`;

/**
 * What was sure of the time when a server was last alive. One row; of a database from before, its
 * newest revision's instant.
 */
const CLOCK_MARK = `
  CREATE TABLE clock_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,
    uptime INTEGER NOT NULL,             -- of the machine, milliseconds
    boot_id TEXT                         -- names that run of the machine; null: not known
  ) STRICT;
  INSERT INTO clock_mark SELECT 1, max(at), 0, NULL FROM journal HAVING max(at) IS NOT NULL;
`;

/**
 * When a token was last called: the journal has known all along. The first condition spares most
 * rows the reading.
 */
const CALLS = `
  ALTER TABLE token ADD COLUMN called_at INTEGER;                       -- null: never called
  UPDATE token SET called_at = told.at FROM (
    SELECT event.value ->> 'tokenId' AS id, max(at) AS at
    FROM journal, json_each(journal.events) AS event
    WHERE instr(journal.events, 'CALLED') > 0 AND event.value ->> 'kind' = 'CALLED' GROUP BY 1
  ) AS told WHERE token.id = told.id;
`;

/** Slots that are no more keep their rows, so that a repeated command still finds its day (R18). */
const DELETED_SLOTS = `
  ALTER TABLE slot ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;       -- 1: is no more; nobody ever had a token in it
`;

/**
 * The history that the journal is of. One row; none where the next server is to begin another, as
 * in a backup and in a file from before.
 */
const EPOCH = `
  CREATE TABLE epoch (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    id TEXT NOT NULL,                    -- a UUID
    is_only INTEGER NOT NULL             -- 1: no other history of these days was ever served
  ) STRICT;
`;

const MIGRATIONS: readonly Migration[] = [
  { number: 1, sql: `PRAGMA application_id = ${APPLICATION_ID};${TABLES}` },
  { number: 2, sql: CLINIC },
  { number: 3, sql: PATIENTS },
  { number: 4, sql: TIME },
  { number: 5, sql: DOCTOR_CHANGES },
  { number: 6, sql: RETIREMENT },
  { number: 7, sql: SETTINGS },
  { number: 8, sql: COMMAND_IDS },
  { number: 9, sql: CLOCK_MARK },
  { number: 10, sql: CALLS },
  { number: 11, sql: DELETED_SLOTS },
  { number: 12, sql: EPOCH },
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
