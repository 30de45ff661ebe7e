/**
 * The changes of doctors themselves. A change is worked out here, on the doctor as it was read; its number is a unique key, so that it is
 * kept only if nobody changed the doctor meanwhile, and worked out again otherwise. Its request id is fenced with those of the
 * doctor's days.
 */
import type { Doctor, DoctorId } from '../../domain/doctor.js';
import { changesDue, changesZone, type DoctorUpdate, updated } from '../../domain/doctor-update.js';
import type { SlotId } from '../../domain/slot.js';
import type { Instant } from '../../domain/time.js';
import { DOCTOR_FORMAT, decodeDoctor, encodeDoctor, encodeUpdate } from '../doctor-codec.js';
import { type DoctorRow, doctorOf, doctorRow } from '../rows.js';
import { type RequestMark, StoreUnavailable, type UpdatedDoctor } from '../store.js';
import type { Connections } from './connections.js';
import { STATEMENTS } from './statements.js';
import { codeOf, UNIQUE_VIOLATION } from './unavailable.js';

const ATTEMPTS_MAX = 20;

/** Format, doctor after it, digest; of a command on a day the digest alone. */
type SeenRow = [number | null, string | null, string];

/** Rejects with StoreUnavailable. */
export async function updateDoctor(
  connections: Connections,
  id: DoctorId,
  update: DoctorUpdate,
  at: Instant,
  request?: RequestMark,
): Promise<UpdatedDoctor | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const [row] = await connections.ask<[...DoctorRow, number]>(STATEMENTS.findDoctorToChange, [id]);
    if (!row) return undefined;
    const current = doctorOf(row.slice(0, -1) as DoctorRow);
    const earlier = request && (await seen(connections, current, request.id));
    if (earlier) return earlier;
    const slotToCome = changesZone(current, update) ? await findSlotToCome(connections, id, at) : undefined;
    if (slotToCome) return { doctor: current, current, slotToCome };
    const doctor = updated(current, update, at);
    if (
      await keep(
        connections,
        { before: current, after: doctor, revision: (row.at(-1) as number) + 1 },
        update,
        at,
        request,
      )
    ) {
      return { doctor, current: doctor, ...(request && { digest: request.digest }) };
    }
  }
  throw new StoreUnavailable('other servers kept changing the doctor, or a newer version has changed the tables');
}

/**
 * The earliest slot of a doctor that has not ended at an instant, or that somebody is still in.
 * Rejects with StoreUnavailable.
 */
export async function findSlotToCome(connections: Connections, id: DoctorId, at: Instant): Promise<SlotId | undefined> {
  const [row] = await connections.ask<[SlotId]>(STATEMENTS.findSlotToCome, [id, at]);
  return row?.[0];
}

/** R18: a doctor as it was when it was created, which is what its creation is answered again. */
export async function asCreated(connections: Connections, doctor: Doctor): Promise<Doctor> {
  const [first] = await connections.ask<[number, string]>(STATEMENTS.doctorAsCreated, [doctor.id]);
  return first ? decodeDoctor(...first) : doctor;
}

/** R18: what the id came with before, as an update of the doctor or as a command on one of its days. */
async function seen(connections: Connections, current: Doctor, requestId: string): Promise<UpdatedDoctor | undefined> {
  const [row] = await connections.ask<SeenRow>(STATEMENTS.findUpdate, [current.id, requestId]);
  if (!row) return undefined;
  const [format, after, digest] = row;
  return { doctor: format !== null && after !== null ? decodeDoctor(format, after) : current, current, digest };
}

interface DoctorChange {
  readonly before: Doctor;
  readonly after: Doctor;
  readonly revision: number;
}

/**
 * @returns false if meanwhile the doctor changed, the request id was taken, or a slot was made that
 * keeps the zone
 */
async function keep(
  connections: Connections,
  { before, after, revision }: DoctorChange,
  asked: DoctorUpdate,
  at: Instant,
  request?: RequestMark,
): Promise<boolean> {
  const texts = [DOCTOR_FORMAT, encodeUpdate(asked), encodeDoctor(before), encodeDoctor(after)];
  const [id, name, department, zone, rebalance, , , , ...terms] = doctorRow(after);
  const mark = [request?.id ?? null, request?.digest ?? null];
  const isNewZone = after.timeZone !== before.timeZone;
  const columns = [name, department, rebalance, ...terms, zone];
  const given = [id, revision, at, ...texts, ...mark, ...columns, changesDue(before, after), isNewZone];
  try {
    return (await connections.ask(STATEMENTS.changeDoctor, given)).length > 0;
  } catch (error) {
    if (codeOf(error) === UNIQUE_VIOLATION) return false;
    throw error;
  }
}
