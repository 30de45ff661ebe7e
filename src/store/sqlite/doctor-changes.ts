/** The changes of doctors themselves: kept in a table of their own, with what a repeated request is to be answered. */

import type { Doctor, DoctorId } from '../../domain/doctor.js';
import { changesDue, changesZone, type DoctorUpdate, updated } from '../../domain/doctor-update.js';
import type { SlotId } from '../../domain/slot.js';
import type { Instant } from '../../domain/time.js';
import { LIVE_STATUSES } from '../../domain/token.js';
import { DOCTOR_FORMAT, decodeDoctor, encodeDoctor, encodeUpdate } from '../doctor-codec.js';
import { type DoctorRow, doctorOf, doctorRow } from '../rows.js';
import type { RequestMark, UpdatedDoctor } from '../store.js';
import type { Value } from './batch.js';
import type { Database, Statement } from './binding.js';

/** Format, doctor, request digest. */
type AnswerRow = [number, string, string];

/** A day on which nothing is due any more has no live tokens: so old days cost one look each. */
const HAS_LIVE_TOKENS = `EXISTS (SELECT 1 FROM day_due WHERE day_due.doctor_id = slot.doctor_id AND day_due.date = slot.date)
  AND EXISTS (SELECT 1 FROM token WHERE token.doctor_id = slot.doctor_id AND token.date = slot.date AND token.slot_id = slot.id
    AND status IN (${LIVE_STATUSES.map((status) => `'${status}'`)}))`;

const SQL = {
  newestRevision: 'SELECT coalesce(max(revision), 0) FROM doctor_change WHERE doctor_id = ?',
  keepChange: `INSERT INTO doctor_change
    (doctor_id, revision, at, format, asked, doctor_before, doctor_after, request_id, request_digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  keepDoctor: `UPDATE doctor SET name = ?, department = ?, rebalance = ?, no_show_grace = ?, aging_points_per_hour = ?,
    protect_checked_in = ?, max_displacements = ?, policy_since = ?, retired = ?, time_zone = ? WHERE id = ?`,
  slotToCome: `SELECT id FROM slot WHERE doctor_id = ? AND (ends_at > ? OR ${HAS_LIVE_TOKENS}) AND deleted = 0
    ORDER BY starts_at LIMIT 1`,
  dueAnew: 'UPDATE day_due SET due_at = min(due_at, ?) WHERE doctor_id = ?',
  answerTo: 'SELECT format, doctor_after, request_digest FROM doctor_change WHERE doctor_id = ? AND request_id = ?',
  digestOnDay: 'SELECT request_digest FROM journal WHERE doctor_id = ? AND request_id = ?',
  asCreated: 'SELECT format, doctor_before FROM doctor_change WHERE doctor_id = ? AND revision = 1',
} as const;

export class DoctorChanges {
  readonly #sql: Readonly<Record<keyof typeof SQL, Statement<Value[]>>>;
  readonly #update: (...given: Parameters<DoctorChanges['update']>) => UpdatedDoctor | undefined;

  constructor(
    database: Database,
    private readonly findDoctor: (id: string) => DoctorRow | undefined,
  ) {
    const prepared = Object.entries(SQL).map(([name, sql]) => {
      const statement = database.prepare<Value[]>(sql);
      return [name, statement.reader ? statement.raw() : statement] as const;
    });
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof SQL, Statement<Value[]>>;
    this.#update = database.transaction((...given: Parameters<DoctorChanges['update']>) =>
      this.#keep(...given),
    ).immediate;
  }

  /** Reads, works out and keeps the doctor in one transaction, so that no update is lost to another. */
  update(id: DoctorId, update: DoctorUpdate, at: Instant, request?: RequestMark): UpdatedDoctor | undefined {
    return this.#update(id, update, at, request);
  }

  /** The earliest slot of a doctor that has not ended at an instant, or that somebody is still in. */
  findSlotToCome(id: DoctorId, at: Instant): SlotId | undefined {
    const row = this.#sql.slotToCome.get(id, at) as [SlotId] | undefined;
    return row?.[0];
  }

  /** R18: the row of a doctor as it was when it was created, which is what its creation is answered again. */
  asCreated(row: DoctorRow): DoctorRow {
    const first = this.#sql.asCreated.get(row[0]) as [number, string] | undefined;
    const [requestId, digest] = [row[6], row[7]];
    if (!first || requestId === null || digest === null) return row;
    return doctorRow(decodeDoctor(...first), { id: requestId, digest });
  }

  #keep(id: DoctorId, update: DoctorUpdate, at: Instant, request?: RequestMark): UpdatedDoctor | undefined {
    const row = this.findDoctor(id);
    if (!row) return undefined;
    const current = doctorOf(row);
    const earlier = request && this.#seen(current, request.id);
    if (earlier) return earlier;
    const slotToCome = changesZone(current, update) ? this.findSlotToCome(id, at) : undefined;
    if (slotToCome) return { doctor: current, current, slotToCome };
    const doctor = updated(current, update, at);
    this.#keepChange(current, doctor, update, at, request);
    this.#keepDoctor(doctor);
    // What is due by the new policy or in the new zone nobody has worked out: whoever looks next
    // does.
    if (changesDue(current, doctor)) this.#sql.dueAnew.run(at, id);
    return { doctor, current: doctor, ...(request && { digest: request.digest }) };
  }

  /** R18: what the id came with before, as an update of the doctor or as a command on one of its days. */
  #seen(current: Doctor, requestId: string): UpdatedDoctor | undefined {
    const answer = this.#sql.answerTo.get(current.id, requestId) as AnswerRow | undefined;
    if (answer) return { doctor: decodeDoctor(answer[0], answer[1]), current, digest: answer[2] };
    const onDay = this.#sql.digestOnDay.get(current.id, requestId) as [string] | undefined;
    return onDay && { doctor: current, current, digest: onDay[0] };
  }

  #keepChange(before: Doctor, after: Doctor, asked: DoctorUpdate, at: Instant, request?: RequestMark): void {
    const [newest] = this.#sql.newestRevision.get(after.id) as [number];
    const texts = [encodeUpdate(asked), encodeDoctor(before), encodeDoctor(after)];
    const mark = [request?.id ?? null, request?.digest ?? null];
    this.#sql.keepChange.run(after.id, newest + 1, at, DOCTOR_FORMAT, ...texts, ...mark);
  }

  #keepDoctor(doctor: Doctor): void {
    const [id, name, department, zone, rebalance, , , , ...terms] = doctorRow(doctor);
    this.#sql.keepDoctor.run(name, department, rebalance, ...terms, zone, id);
  }
}
