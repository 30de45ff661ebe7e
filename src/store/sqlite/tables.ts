/** The statements, prepared once, and what the store does with them. Rows come and go as lists of columns. */
import type { ClockMarkRow, DoctorRow, DueRow, JournalRow, PlaceRow, RequestRow, SlotRow, TokenRow } from '../rows.js';
import { type PackedBatch, type PackedDay, unpackBatch, type Value } from './batch.js';
import type { Database, Statement } from './binding.js';
import { DoctorChanges } from './doctor-changes.js';
import { COUNT_REVISIONS, END_EPOCH, type EpochRow, READ_EPOCH } from './epoch.js';
import type { EpochNote } from './epoch-note.js';

const DOCTOR_COLUMNS = `id, name, department, time_zone, rebalance, created_at, request_id, request_digest, no_show_grace,
  aging_points_per_hour, protect_checked_in, max_displacements, policy_since, retired`;
export const DOCTOR = `SELECT ${DOCTOR_COLUMNS} FROM doctor`;

const SQL = {
  insertDoctor: `INSERT INTO doctor (${DOCTOR_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (request_id) DO NOTHING`,
  doctorOfRequest: `${DOCTOR} WHERE request_id = ?`,
  findDoctor: `${DOCTOR} WHERE id = ?`,
  listDoctors: `${DOCTOR} WHERE id > ? ORDER BY id LIMIT ?`,
  locateSlot: 'SELECT doctor_id, date FROM slot WHERE id = ?',
  locateToken: 'SELECT doctor_id, date FROM token WHERE id = ?',
  findRequest: `SELECT date, revision, request_digest FROM journal WHERE doctor_id = ? AND request_id = ?
    UNION ALL SELECT NULL, revision, request_digest FROM doctor_change WHERE doctor_id = ? AND request_id = ?`,
  readJournal: `SELECT revision, at, format, command, events, request_id, request_digest, command_id FROM journal
    WHERE doctor_id = ? AND date = ? AND revision > ? ORDER BY revision LIMIT ?`,
  // `patient_ref <> ''` says to the planner that the partial index will do.
  listTokensOf: `SELECT date, doctor_id, id, number, slot_id, requested_slot_id, source, status, patient_ref, created_at, updated_at,
    checked_in_at, displacements, seated_at, rescheduled_from_token_id, called_at
    FROM token WHERE patient_ref = ? AND patient_ref <> '' AND id > ?
    AND (? = '[]' OR status IN (SELECT value FROM json_each(?))) ORDER BY id LIMIT ?`,
  // R18: nor is an id taken that an update of the doctor came with.
  insertEntry: `INSERT INTO journal
    (doctor_id, date, revision, at, format, command, events, request_id, request_digest, command_id)
    SELECT * FROM (SELECT ? AS doctor_id, ?, ?, ?, ?, ?, ?, ? AS request_id, ?, ?) AS entry WHERE NOT EXISTS (
      SELECT 1 FROM doctor_change AS earlier
      WHERE earlier.doctor_id = entry.doctor_id AND earlier.request_id = entry.request_id
    ) ON CONFLICT DO NOTHING`,
  takeBackEntries: 'DELETE FROM journal WHERE doctor_id = ? AND date = ? AND revision >= ? AND revision < ?',
  keepSlot: `INSERT INTO slot
    (doctor_id, date, id, start_minute, end_minute, starts_at, ends_at, capacity, seats_taken, waiting, closed, deleted)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    start_minute = excluded.start_minute, end_minute = excluded.end_minute, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    capacity = excluded.capacity, seats_taken = excluded.seats_taken, waiting = excluded.waiting, closed = excluded.closed,
    deleted = excluded.deleted`,
  keepToken: `INSERT INTO token
    (doctor_id, date, id, number, slot_id, requested_slot_id, source, status, patient_ref, created_at, updated_at,
      checked_in_at, displacements, seated_at, rescheduled_from_token_id, called_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    slot_id = excluded.slot_id, source = excluded.source, status = excluded.status, patient_ref = excluded.patient_ref,
    updated_at = excluded.updated_at, checked_in_at = excluded.checked_in_at, displacements = excluded.displacements,
    seated_at = excluded.seated_at, called_at = excluded.called_at`,
  keepDue: `INSERT INTO day_due (doctor_id, date, due_at) VALUES (?, ?, ?)
    ON CONFLICT (doctor_id, date) DO UPDATE SET due_at = excluded.due_at`,
  dropDue: 'DELETE FROM day_due WHERE doctor_id = ? AND date = ?',
  newestRevision: 'SELECT max(revision) FROM journal WHERE doctor_id = ? AND date = ?',
  dueDays: `SELECT due_at, doctor_id, date FROM day_due WHERE due_at <= ? AND (due_at, doctor_id, date) > (?, ?, ?)
    ORDER BY due_at, doctor_id, date LIMIT ?`,
  // By the index on dates, whose last column is the id without being named. A bound on the date
  // beside it would be used instead.
  slotsFrom: `SELECT date, doctor_id, id, start_minute, end_minute, starts_at, ends_at, capacity, seats_taken, waiting, closed
    FROM slot WHERE (date, id) > (?, ?) ORDER BY date, id LIMIT ?`,
  findSetting: 'SELECT value FROM setting WHERE name = ?',
  keepNewest: `INSERT INTO setting (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > setting.value`,
  readEpoch: READ_EPOCH,
  endEpoch: END_EPOCH,
  countRevisions: COUNT_REVISIONS,
  readClockMark: 'SELECT at, uptime, boot_id FROM clock_mark',
  keepClockMark: `INSERT INTO clock_mark (id, at, uptime, boot_id) VALUES (1, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, uptime = excluded.uptime, boot_id = excluded.boot_id`,
} as const;

export class Tables {
  readonly #sql: Readonly<Record<keyof typeof SQL, Statement<Value[]>>>;
  readonly #doctorChanges: DoctorChanges;
  readonly #commit: (packed: PackedBatch) => boolean[];
  readonly #keepNewest: (name: string, value: string) => string | undefined;
  readonly #noteDue: (doctorId: string, date: string, revision: number, dueAt: number | null) => void;

  constructor(
    database: Database,
    private readonly note?: EpochNote,
  ) {
    const prepared = Object.entries(SQL).map(([name, sql]) => {
      const statement = database.prepare<Value[]>(sql);
      return [name, statement.reader ? statement.raw() : statement] as const;
    });
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof SQL, Statement<Value[]>>;
    this.#doctorChanges = new DoctorChanges(database, (id) => this.findDoctor(id));
    // IMMEDIATE: the right to write is asked for at the start, where being refused it undoes nothing.
    this.#commit = database.transaction((packed: PackedBatch) => this.#keepBatch(packed)).immediate;
    this.#keepNewest = database.transaction((name: string, value: string) => {
      const [before] = (this.#sql.findSetting.get(name) ?? []) as [string?];
      this.#sql.keepNewest.run(name, value);
      return before;
    }).immediate;
    this.#noteDue = database.transaction((doctorId: string, date: string, revision: number, dueAt: number | null) => {
      const [newest] = this.#sql.newestRevision.get(doctorId, date) as [number | null];
      if ((newest ?? 0) === revision) this.#keepDue(doctorId, date, dueAt);
    }).immediate;
  }

  /** Answers with the row that the request created, the one given or an earlier one. */
  createDoctor(row: DoctorRow): DoctorRow {
    const isNew = this.#sql.insertDoctor.run(...row).changes > 0;
    return isNew ? row : this.#doctorChanges.asCreated(this.#sql.doctorOfRequest.get(row[6]) as DoctorRow);
  }

  updateDoctor(...given: Parameters<DoctorChanges['update']>): ReturnType<DoctorChanges['update']> {
    return this.#doctorChanges.update(...given);
  }

  findSlotToCome(...given: Parameters<DoctorChanges['findSlotToCome']>): ReturnType<DoctorChanges['findSlotToCome']> {
    return this.#doctorChanges.findSlotToCome(...given);
  }

  findDoctor(id: string): DoctorRow | undefined {
    return this.#sql.findDoctor.get(id) as DoctorRow | undefined;
  }

  listDoctors(after: string, limit: number): DoctorRow[] {
    return this.#sql.listDoctors.all(after, limit) as DoctorRow[];
  }

  locateSlot(id: string): PlaceRow | undefined {
    return this.#sql.locateSlot.get(id) as PlaceRow | undefined;
  }

  locateToken(id: string): PlaceRow | undefined {
    return this.#sql.locateToken.get(id) as PlaceRow | undefined;
  }

  listTokensOf(patientRef: string, statuses: readonly string[], after: string, limit: number): TokenRow[] {
    const wanted = JSON.stringify(statuses);
    return this.#sql.listTokensOf.all(patientRef, after, wanted, wanted, limit) as TokenRow[];
  }

  findRequest(doctorId: string, requestId: string): RequestRow | undefined {
    return this.#sql.findRequest.get(doctorId, requestId, doctorId, requestId) as RequestRow | undefined;
  }

  readJournal(doctorId: string, date: string, afterRevision: number, limit: number): JournalRow[] {
    return this.#sql.readJournal.all(doctorId, date, afterRevision, limit) as JournalRow[];
  }

  /** Days on which something may be due, after the one named, which need not be there. */
  dueDays(until: number, [dueAt, doctorId, date]: DueRow, limit: number): DueRow[] {
    return this.#sql.dueDays.all(until, dueAt, doctorId, date, limit) as DueRow[];
  }

  noteDue(doctorId: string, date: string, revision: number, dueAt: number | null): void {
    this.#noteDue(doctorId, date, revision, dueAt);
  }

  /** Those after the one named, which need not be there, by date and id. */
  slotsFrom(date: string, id: string, limit: number): SlotRow[] {
    return this.#sql.slotsFrom.all(date, id, limit) as SlotRow[];
  }

  /** Keeps a setting unless a greater value is there; answers with the one before. */
  keepNewest(name: string, value: string): string | undefined {
    return this.#keepNewest(name, value);
  }

  readClockMark(): ClockMarkRow | undefined {
    return this.#sql.readClockMark.get() as ClockMarkRow | undefined;
  }

  keepClockMark(row: ClockMarkRow): void {
    this.#sql.keepClockMark.run(...row);
  }

  readEpoch(): EpochRow {
    return this.#sql.readEpoch.get() as EpochRow;
  }

  /** The next start gives another. */
  endEpoch(): void {
    this.#sql.endEpoch.run();
  }

  /** One transaction; for each day of the batch, whether it was kept. */
  commit(packed: PackedBatch): boolean[] {
    const kept = this.#commit(packed);
    const [revisions] = this.#sql.countRevisions.get() as [number];
    this.note?.write(revisions);
    return kept;
  }

  #keepBatch(packed: PackedBatch): boolean[] {
    const days = unpackBatch(packed);
    const kept = new Set<PackedDay>();
    for (const unit of unitsOf(days)) {
      if (this.#keepUnit(unit)) for (const day of unit) kept.add(day);
    }
    return days.map((day) => kept.has(day));
  }

  /** The journal of all its days first: what is in conflict is to leave the other tables alone. */
  #keepUnit(unit: readonly PackedDay[]): boolean {
    const inserted: PackedDay[] = [];
    for (const day of unit) {
      if (this.#keepEntries(day)) inserted.push(day);
      else {
        for (const before of inserted) this.#takeBack(before, before.entryCount);
        return false;
      }
    }
    for (const day of unit) this.#keepRows(day);
    return true;
  }

  #keepDue(doctorId: string, date: string, dueAt: number | null): void {
    if (dueAt === null) this.#sql.dropDue.run(doctorId, date);
    else this.#sql.keepDue.run(doctorId, date, dueAt);
  }

  /** A conflict is rare, so those of the day already inserted are taken back then, and no savepoint is paid for a day. */
  #keepEntries(day: PackedDay): boolean {
    for (let i = 0; i < day.entryCount; i++) {
      if (this.#sql.insertEntry.run(day.doctorId, day.date, ...day.entry(i)).changes > 0) continue;
      this.#takeBack(day, i);
      return false;
    }
    return true;
  }

  /** Takes the first entries of a day out again. */
  #takeBack(day: PackedDay, count: number): void {
    if (count === 0) return;
    const first = day.entry(0)[0] as number;
    this.#sql.takeBackEntries.run(day.doctorId, day.date, first, first + count);
  }

  #keepRows(day: PackedDay): void {
    const { keepSlot, keepToken } = this.#sql;
    for (let i = 0; i < day.slotCount; i++) keepSlot.run(day.doctorId, day.date, ...day.slot(i));
    for (let i = 0; i < day.tokenCount; i++) keepToken.run(day.doctorId, day.date, ...day.token(i));
    if (day.due !== 'unchanged') this.#keepDue(day.doctorId, day.date, day.due);
  }
}

/** What is kept or not as one: the days of a group, in the place of its first; any other day for itself. */
function unitsOf(days: readonly PackedDay[]): PackedDay[][] {
  const groups = new Map<number, PackedDay[]>();
  const units: PackedDay[][] = [];
  for (const day of days) {
    const group = day.group === null ? undefined : groups.get(day.group);
    if (group) {
      group.push(day);
      continue;
    }
    const unit = [day];
    units.push(unit);
    if (day.group !== null) groups.set(day.group, unit);
  }
  return units;
}
