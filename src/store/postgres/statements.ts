/** The statements of the service. Rows come and go as lists of columns, in the order of `../rows.ts`. */
import { LIVE_STATUSES } from '../../domain/token.js';
import type { Statement } from './connections.js';
import { EPOCH_ID } from './epoch.js';
import { NEWEST_MIGRATION } from './migrations.js';

/** A column of a row that is given, and its type. */
type Column = readonly [name: string, type: string];

const ENTRY: readonly Column[] = [
  ['is_head', 'integer'],
  ['together', 'integer'],
  ['policy_mark', 'text'],
  ['epoch', 'uuid'],
  ['doctor_id', 'text'],
  ['date', 'date'],
  ['revision', 'integer'],
  ['at', 'bigint'],
  ['format', 'integer'],
  ['command', 'text'],
  ['events', 'text'],
  ['request_id', 'uuid'],
  ['request_digest', 'text'],
  ['command_id', 'uuid'],
];
const SLOT: readonly Column[] = [
  ['date', 'date'],
  ['doctor_id', 'text'],
  ['id', 'text'],
  ['start_minute', 'integer'],
  ['end_minute', 'integer'],
  ['starts_at', 'bigint'],
  ['ends_at', 'bigint'],
  ['capacity', 'integer'],
  ['seats_taken', 'integer'],
  ['waiting', 'integer'],
  ['closed', 'integer'],
  ['deleted', 'integer'],
];
const TOKEN: readonly Column[] = [
  ['date', 'date'],
  ['doctor_id', 'text'],
  ['id', 'text'],
  ['number', 'integer'],
  ['slot_id', 'text'],
  ['requested_slot_id', 'text'],
  ['source', 'text'],
  ['status', 'text'],
  ['patient_ref', 'text'],
  ['created_at', 'bigint'],
  ['updated_at', 'bigint'],
  ['checked_in_at', 'bigint'],
  ['displacements', 'integer'],
  ['seated_at', 'bigint'],
  ['rescheduled_from_token_id', 'text'],
  ['called_at', 'bigint'],
];
const DUE: readonly Column[] = [
  ['doctor_id', 'text'],
  ['date', 'date'],
  ['revision', 'integer'],
  ['due_at', 'bigint'],
  ['policy_since', 'bigint'],
];
const DAY: readonly Column[] = [
  ['doctor_id', 'text'],
  ['date', 'date'],
];

/** How many columns each kind of row that a commit is given has. */
export const WIDTHS = {
  entry: ENTRY.length,
  slot: SLOT.length,
  token: TOKEN.length,
  due: DUE.length,
  day: DAY.length,
} as const;

/** Rows that are given as one array a column, the first of them parameter `first`: however many rows, one statement. */
function given(name: string, columns: readonly Column[], first = 1): string {
  const arrays = columns.map(([, type], index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS ${name}(${namesOf(columns)})`;
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(([name]) => name).join(', ');
}

/** No newer version has changed the tables since this server was started: what it knows is still how things are written. */
const IS_CURRENT = `NOT EXISTS (SELECT FROM opd.migration WHERE number > ${NEWEST_MIGRATION})`;
/** A date as the number of days since 1970-01-01, whose text does not depend on settings. */
/**
 * A slot of a doctor because of which the zone stays: it has not ended, or somebody is still in it.
 * A day on which nothing is due any more has no live tokens: so old days cost one look each.
 */
const slotKeepsZone = (at: string) => `doctor_id = $1 AND NOT deleted AND (ends_at > ${at} OR EXISTS (
    SELECT FROM opd.day_due WHERE day_due.doctor_id = slot.doctor_id AND day_due.date = slot.date AND due_at IS NOT NULL
  ) AND EXISTS (
    SELECT FROM opd.token WHERE token.doctor_id = slot.doctor_id AND token.date = slot.date AND token.slot_id = slot.id
    AND status IN (${LIVE_STATUSES.map((status) => `'${status}'`)})
  ))`;

const DAY_NUMBER = "date - DATE '1970-01-01'";
const JOURNAL = namesOf(ENTRY.slice(4));
/** The doctor has another policy by now than the day was decided by. */
const OTHER_POLICY = `EXISTS (SELECT FROM opd.doctor
      WHERE doctor.id = entry.doctor_id AND entry.policy_mark <> concat_ws(' ', policy_since, rebalance,
        coalesce(no_show_grace, -1), aging_points_per_hour, protect_checked_in::integer, max_displacements, time_zone,
        retired::integer))`;
/** The day was decided in another epoch. */
const OTHER_EPOCH = `(entry.epoch IS NOT NULL AND entry.epoch IS DISTINCT FROM ${EPOCH_ID})`;
const SLOT_AT = 1 + ENTRY.length;
const TOKEN_AT = SLOT_AT + SLOT.length;
const DUE_AT = TOKEN_AT + TOKEN.length;
const DAY_AT = DUE_AT + DUE.length;

/** An older word never replaces a newer one: neither one about an earlier revision, nor one that was reckoned by an earlier policy. */
const KEEP_DUE = `ON CONFLICT (doctor_id, date) DO UPDATE SET
      revision = excluded.revision, due_at = excluded.due_at, policy_since = excluded.policy_since
      WHERE day_due.revision <= excluded.revision AND day_due.policy_since <= excluded.policy_since`;

export const DOCTOR_COLUMNS = `id, name, department, time_zone, rebalance, created_at, request_id, request_digest, no_show_grace,
  aging_points_per_hour, protect_checked_in::integer, max_displacements, policy_since, retired::integer`;
export const DOCTOR = `SELECT ${DOCTOR_COLUMNS} FROM opd.doctor`;
export const ENTRY_COLUMNS = 'revision, at, format, command, events, request_id, request_digest, command_id';
export const SLOT_COLUMNS = namesOf(SLOT).replace('closed', 'closed::integer').replace('deleted', 'deleted::integer');
export const TOKEN_COLUMNS = namesOf(TOKEN);

const TEXTS = {
  insertDoctor: `INSERT INTO opd.doctor (${DOCTOR_COLUMNS.replaceAll('::integer', '')})
    SELECT $1, $2, $3, $4, $5, $6::bigint, $7::uuid, $8, $9::bigint, $10::integer, $11::integer = 1, $12::integer, $13::bigint,
      $14::integer = 1
    WHERE ${IS_CURRENT}
    ON CONFLICT (request_id) DO NOTHING RETURNING id`,
  doctorOfRequest: `${DOCTOR} WHERE request_id = $1`,
  findDoctor: `${DOCTOR} WHERE id = $1`,
  listDoctors: `${DOCTOR} WHERE id > $1 ORDER BY id LIMIT $2`,

  // These two know no doctor yet: where the tables are distributed they ask everywhere. The desk asks once a day that it does not
  // have in memory, not once a command.
  locateSlot: 'SELECT doctor_id, date FROM opd.slot WHERE id = $1',
  locateToken: 'SELECT doctor_id, date FROM opd.token WHERE id = $1',
  // `patient_ref <> ''` says to the planner that the partial index will do.
  listTokensOf: `SELECT ${TOKEN_COLUMNS} FROM opd.token WHERE patient_ref = $1 AND patient_ref <> '' AND id > $2
    AND (cardinality($3::text[]) = 0 OR status = ANY ($3)) ORDER BY id LIMIT $4`,

  findRequest: `SELECT date, request.revision, coalesce(journal.request_digest, doctor_change.request_digest)
    FROM opd.request LEFT JOIN opd.journal USING (doctor_id, date, revision)
    LEFT JOIN opd.doctor_change ON date IS NULL AND doctor_change.doctor_id = request.doctor_id
      AND doctor_change.revision = request.revision
    WHERE request.doctor_id = $1 AND request.request_id = $2`,
  findUpdate: `SELECT doctor_change.format, doctor_after, coalesce(doctor_change.request_digest, journal.request_digest)
    FROM opd.request LEFT JOIN opd.journal USING (doctor_id, date, revision)
    LEFT JOIN opd.doctor_change ON date IS NULL AND doctor_change.doctor_id = request.doctor_id
      AND doctor_change.revision = request.revision
    WHERE request.doctor_id = $1 AND request.request_id = $2`,
  findDoctorToChange: `SELECT ${DOCTOR_COLUMNS}, coalesce((
      SELECT max(revision) FROM opd.doctor_change WHERE doctor_change.doctor_id = doctor.id
    ), 0) FROM opd.doctor WHERE id = $1`,
  /** The earliest slot of a doctor that has not ended at an instant, or that somebody is still in. */
  findSlotToCome: `SELECT id FROM opd.slot WHERE ${slotKeepsZone('$2')} ORDER BY starts_at LIMIT 1`,
  doctorAsCreated: 'SELECT format, doctor_before FROM opd.doctor_change WHERE doctor_id = $1 AND revision = 1',
  /** All or nothing, by the change's number. A request id that is taken fails it. */
  changeDoctor: `WITH
    change AS (
      INSERT INTO opd.doctor_change
      (doctor_id, revision, at, format, asked, doctor_before, doctor_after, request_id, request_digest)
      SELECT $1, $2::integer, $3::bigint, $4::integer, $5, $6, $7, $8::uuid, $9 WHERE ${IS_CURRENT}
      AND NOT ($21::boolean AND EXISTS (SELECT FROM opd.slot WHERE ${slotKeepsZone('$3::bigint')}))
      ON CONFLICT (doctor_id, revision) DO NOTHING RETURNING doctor_id, revision, at, request_id
    ),
    mark AS (
      INSERT INTO opd.request (doctor_id, request_id, revision)
      SELECT doctor_id, request_id, revision FROM change WHERE request_id IS NOT NULL
    ),
    kept AS (
      UPDATE opd.doctor SET name = $10, department = $11, rebalance = $12, no_show_grace = $13, aging_points_per_hour = $14,
      protect_checked_in = $15::integer = 1, max_displacements = $16, policy_since = $17, retired = $18::integer = 1,
      time_zone = $19
      FROM change WHERE doctor.id = change.doctor_id
    ),
    due_anew AS (
      UPDATE opd.day_due SET due_at = least(due_at, change.at), policy_since = $17
      FROM change WHERE $20::boolean AND day_due.doctor_id = change.doctor_id AND due_at IS NOT NULL
    )
    SELECT revision FROM change`,
  readJournal: `SELECT ${ENTRY_COLUMNS}, ${EPOCH_ID} FROM opd.journal
    WHERE doctor_id = $1 AND date = $2 AND revision > $3 ORDER BY revision LIMIT $4`,
  readNewest: `SELECT coalesce((
      SELECT revision FROM opd.journal WHERE journal.doctor_id = day.doctor_id AND journal.date = day.date
      ORDER BY revision DESC LIMIT 1
    ), 0), coalesce((
      SELECT revision FROM opd.doctor_change WHERE doctor_change.doctor_id = day.doctor_id
      ORDER BY revision DESC LIMIT 1
    ), 0), ${EPOCH_ID} FROM unnest($1::text[], $2::date[]) WITH ORDINALITY AS day(doctor_id, date, place) ORDER BY place`,

  /**
   * A whole batch, in one statement and so one transaction and one round trip. A day's first revision decides: whoever inserts it has
   * the day, and all else of the day goes in with it; where another server was first, nothing of the day does. First revisions are
   * inserted in the order of their keys, and nothing else waits, so that two servers' batches never wait for each other in a
   * ring. Nothing of any day does where a newer version has changed the tables. A later revision or a request id that is there already fails the whole statement, and so does a group of days of which
   * some were taken, by dividing by zero: see `commit.ts`.
   */
  commit: `WITH
    entry AS MATERIALIZED (SELECT * FROM ${given('entry', ENTRY)}),
    head AS (
      INSERT INTO opd.journal (${JOURNAL}) SELECT ${JOURNAL} FROM entry WHERE is_head = 1 AND NOT ${OTHER_POLICY}
      AND NOT ${OTHER_EPOCH} AND ${IS_CURRENT}
      ORDER BY doctor_id, date
      ON CONFLICT (doctor_id, date, revision) DO NOTHING RETURNING doctor_id, date, revision, request_id
    ),
    later AS (
      INSERT INTO opd.journal (${JOURNAL}) SELECT ${JOURNAL} FROM entry
      WHERE is_head = 0 AND (doctor_id, date) IN (SELECT doctor_id, date FROM head)
      RETURNING doctor_id, date, revision, request_id
    ),
    mark AS (
      INSERT INTO opd.request (doctor_id, request_id, date, revision)
      SELECT doctor_id, request_id, date, revision FROM (TABLE head UNION ALL TABLE later) AS kept
      WHERE request_id IS NOT NULL ORDER BY doctor_id, request_id
    ),
    day AS (SELECT doctor_id, date FROM head UNION ALL SELECT * FROM ${given('bare', DAY, DAY_AT)}),
    kept_slot AS (
      INSERT INTO opd.slot (${namesOf(SLOT)})
      SELECT ${namesOf(SLOT.slice(0, -2))}, closed = 1, deleted = 1 FROM ${given('slot', SLOT, SLOT_AT)}
      WHERE (doctor_id, date) IN (TABLE day)
      ON CONFLICT (doctor_id, date, id) DO UPDATE SET
      start_minute = excluded.start_minute, end_minute = excluded.end_minute, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      capacity = excluded.capacity, seats_taken = excluded.seats_taken, waiting = excluded.waiting, closed = excluded.closed,
      deleted = excluded.deleted
    ),
    kept_token AS (
      INSERT INTO opd.token (${namesOf(TOKEN)})
      SELECT ${namesOf(TOKEN)} FROM ${given('token', TOKEN, TOKEN_AT)} WHERE (doctor_id, date) IN (TABLE day)
      ON CONFLICT (doctor_id, date, id) DO UPDATE SET
      slot_id = excluded.slot_id, source = excluded.source, status = excluded.status, patient_ref = excluded.patient_ref,
      updated_at = excluded.updated_at, checked_in_at = excluded.checked_in_at, displacements = excluded.displacements,
      seated_at = excluded.seated_at, called_at = excluded.called_at
    ),
    kept_due AS (
      INSERT INTO opd.day_due (${namesOf(DUE)})
      SELECT ${namesOf(DUE)} FROM ${given('due', DUE, DUE_AT)} WHERE (doctor_id, date) IN (TABLE day)
      ${KEEP_DUE}
    )
    SELECT doctor_id, ${DAY_NUMBER}, 1 / (CASE WHEN EXISTS (
      SELECT FROM entry WHERE is_head = 1 AND together IS NOT NULL
      AND (doctor_id, date) NOT IN (SELECT doctor_id, date FROM head)
    ) THEN 0 ELSE 1 END) FROM day`,
  /** Which days of a batch that failed have a revision or a request id that is there already. */
  findTaken: `SELECT DISTINCT doctor_id, ${DAY_NUMBER} FROM ${given('entry', ENTRY)} WHERE
    EXISTS (SELECT FROM opd.journal WHERE journal.doctor_id = entry.doctor_id AND journal.date = entry.date
      AND journal.revision = entry.revision)
    OR EXISTS (SELECT FROM opd.request WHERE request.doctor_id = entry.doctor_id
      AND request.request_id = entry.request_id)
    OR ${OTHER_POLICY} OR ${OTHER_EPOCH}`,

  // Asked twice a second by every server; where the tables are distributed, everywhere.
  dueDays: `SELECT due_at, doctor_id, date FROM opd.day_due
    WHERE due_at <= $1 AND (due_at, doctor_id, date) > ($2, $3, $4::date) ORDER BY due_at, doctor_id, date LIMIT $5`,
  noteDue: `INSERT INTO opd.day_due (${namesOf(DUE)}) SELECT $1, $2::date, $3::integer, $4::bigint, $5::bigint
    WHERE $3 = coalesce((SELECT max(revision) FROM opd.journal WHERE doctor_id = $1 AND date = $2), 0)
    AND ${IS_CURRENT}
    ${KEEP_DUE}`,

  // Once a server starts, and once an hour.
  slotsFrom: `SELECT ${SLOT_COLUMNS} FROM opd.slot
    WHERE date >= $1::date AND (doctor_id, date, id) > ($2, $3::date, $4) ORDER BY doctor_id, date, id LIMIT $5`,
  noteZoneData: `WITH
    before AS (SELECT value FROM opd.setting WHERE name = 'zone_data'),
    kept AS (
      INSERT INTO opd.setting (name, value) SELECT 'zone_data', $1 WHERE ${IS_CURRENT}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > setting.value
    )
    SELECT (SELECT value FROM before)`,
  // A lost mark does no harm, so its commit does not wait for the disk or a standby.
  readClockMark: 'SELECT at, uptime, boot_id FROM opd.clock_mark',
  keepClockMark: `INSERT INTO opd.clock_mark (id, at, uptime, boot_id)
    SELECT 1, $1::bigint, $2::bigint, $3 FROM (SELECT set_config('synchronous_commit', 'off', true) AS name) AS setting
    WHERE name IS NOT NULL AND ${IS_CURRENT}
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, uptime = excluded.uptime, boot_id = excluded.boot_id`,
  // Of no place: whoever connects next writes another.
  endEpoch: "UPDATE opd.epoch SET is_only = false, place = ''",
  readTime: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint',

  // Its transaction writes nothing that must last. All that notify wait for one another from then until they have ended, which
  // without this would be until the disk has answered.
  ring: `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`,
} as const;

export type StatementName = keyof typeof TEXTS;

/** What is acknowledged once it is durable. */
const WRITES: ReadonlySet<string> = new Set<StatementName>([
  'insertDoctor',
  'changeDoctor',
  'commit',
  'noteDue',
  'noteZoneData',
  'endEpoch',
]);

export const STATEMENTS = Object.fromEntries(
  Object.entries(TEXTS).map(([name, text]) => [name, { name, text, isWrite: WRITES.has(name) }]),
) as Readonly<Record<StatementName, Statement>>;
