/**
 * Copies a whole store into another, of whatever kind, by the ports alone: every doctor, and every day with all of its revisions, as
 * they were. In the end both are read side by side, so that what is said to be copied is there.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../domain/time.js';
import { decodeDoctor } from '../store/doctor-codec.js';
import { decodeEntry } from '../store/journal-codec.js';
import type { DayCommit, DayKey, JournalEntry, RequestMark, Store } from '../store/store.js';
import type { DayRecord, DoctorRecord, JournalRecord, StoreReader } from '../store/store-reader.js';

export interface Copied {
  readonly doctors: number;
  readonly days: number;
  readonly revisions: number;
}

/** The copy cannot be made, or is not what was copied; the message says where, and names no patient. */
export class CopyFailed extends Error {
  override readonly name = 'CopyFailed';
}

export type CopyProgress = (stage: 'copying' | 'comparing', done: number, total: number) => void;

/** How many revisions are written at a time; a day's are always written together. */
const REVISIONS_A_BATCH = 500;

/**
 * @param to an empty store
 * @throws CopyFailed where a row cannot be read or is taken already
 */
export async function copyStore(from: StoreReader, to: Store, onProgress: CopyProgress): Promise<Copied> {
  const total = await from.countRevisions();
  let doctors = 0;
  for await (const record of from.doctors()) {
    await copyDoctor(record, to);
    doctors += 1;
  }
  let [days, revisions, newest] = [0, 0, 0];
  let batch: DayCommit[] = [];
  for await (const record of from.days()) {
    batch.push(commitOf(record));
    days += 1;
    revisions += record.journal.length;
    newest = record.journal.reduce((latest, { at }) => Math.max(latest, at), newest);
    if (batch.reduce((sum, { entries }) => sum + entries.length, 0) < REVISIONS_A_BATCH) continue;
    await keep(batch, to);
    batch = [];
    onProgress('copying', revisions, total);
  }
  await keep(batch, to);
  const zoneData = await from.zoneData();
  if (zoneData) await to.noteZoneData(zoneData);
  // So that a server of the copy, too, notices a clock that is wrong.
  if (newest > 0) await to.keepClockMark({ at: newest as Instant, uptime: 0 });
  // The copy may go on in another way than the original, whose boards are not to take one for the
  // other.
  await to.endEpoch();
  return { doctors, days, revisions };
}

/** Reads two stores side by side. @throws CopyFailed at the first difference */
export async function compareStores(one: StoreReader, other: StoreReader, onProgress: CopyProgress): Promise<void> {
  const total = await one.countRevisions();
  await sideBySide(one.doctors(), other.doctors(), (record) => `doctor ${record.doctor.id}`);
  let revisions = 0;
  await sideBySide(one.days(), other.days(), (record) => {
    revisions += record.journal.length;
    onProgress('comparing', revisions, total);
    return `the day ${nameOf(record.key)}`;
  });
}

async function sideBySide<Thing>(
  ones: AsyncIterable<Thing>,
  others: AsyncIterable<Thing>,
  nameOf: (thing: Thing) => string,
) {
  const rest = others[Symbol.asyncIterator]();
  for await (const one of ones) {
    const name = nameOf(one);
    const { value: other, done } = await rest.next();
    if (done || !isDeepStrictEqual(one, other)) throw new CopyFailed(`${name} is not in the copy as it was`);
  }
  if (!(await rest.next()).done) throw new CopyFailed('the copy holds more than was copied');
}

/** As it was created, and then every change, at its time. */
async function copyDoctor({ doctor, requestId, requestDigest, changes }: DoctorRecord, to: Store): Promise<void> {
  const created = changes[0] ? decodeDoctor(changes[0].format, changes[0].before) : doctor;
  const kept = await to.createDoctor(created, markOf(requestId, requestDigest));
  if (kept.doctor.id !== doctor.id) throw new CopyFailed(`the request id of doctor ${doctor.id} is taken already`);
  for (const { at, format, after, ...columns } of changes) {
    const { name, department, policy, timeZone, isRetired } = decodeDoctor(format, after);
    const request = markOf(columns.requestId, columns.requestDigest);
    await to.updateDoctor(doctor.id, { name, department, policy, timeZone, isRetired }, at as Instant, request);
  }
}

async function keep(batch: readonly DayCommit[], to: Store): Promise<void> {
  const outcomes = await to.commit(batch);
  const refused = batch.find((_, index) => outcomes[index] !== 'committed');
  if (refused) throw new CopyFailed(`the day ${nameOf(refused.key)} is taken already, or has a request id twice`);
}

function commitOf({ key, journal, slots, tokens, dueAt }: DayRecord): DayCommit {
  const entries = journal.map((record) => entryOf(key, record));
  return { key, entries, slots, tokens, due: { at: dueAt } };
}

function entryOf(key: DayKey, record: JournalRecord): JournalEntry {
  const { revision, at, text, requestId, requestDigest, commandId } = record;
  const request = markOf(requestId, requestDigest);
  return {
    ...{ revision, at: at as Instant, ...decodeEntry(key, revision, text) },
    ...(request && { request }),
    ...(commandId !== null && { commandId }),
  };
}

function markOf(id: string | null, digest: string | null): RequestMark | undefined {
  return id !== null && digest !== null ? { id, digest } : undefined;
}

function nameOf({ doctorId, date }: DayKey): string {
  return `${doctorId} ${date}`;
}
