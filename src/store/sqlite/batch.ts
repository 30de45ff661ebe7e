/**
 * A batch on its way to the worker: one flat list of texts and numbers, which costs the sender about half of what the
 * objects themselves, or JSON of them, would. A day is its header, then its entries, slots and tokens, each a row of fixed width.
 */
import { encodeEntry } from '../journal-codec.js';
import type { DayCommit } from '../store.js';

export type Value = string | number | null;
export type PackedBatch = readonly Value[];

/** How many values a row has. */
export const ENTRY_WIDTH = 7;
export const SLOT_WIDTH = 9;
export const TOKEN_WIDTH = 13;

export interface DayHeader {
  readonly doctorId: string;
  readonly date: string;
  readonly entryCount: number;
  readonly slotCount: number;
  readonly tokenCount: number;
  /** When something is next due; null where nothing ever will be. */
  readonly due: number | null | typeof UNCHANGED;
}

const UNCHANGED = 'unchanged';

export function packBatch(batch: readonly DayCommit[]): PackedBatch {
  const values: Value[] = [];
  for (const day of batch) packDay(values, day);
  return values;
}

function packDay(values: Value[], { key, entries, slots, tokens, due }: DayCommit): void {
  values.push(key.doctorId, key.date, entries.length, slots.length, tokens.length);
  values.push(due ? (due.at ?? null) : UNCHANGED);
  for (const entry of entries) {
    const { format, command, events } = encodeEntry(entry);
    const { request } = entry;
    values.push(entry.revision, entry.at, format, command, events, request?.id ?? null, request?.digest ?? null);
  }
  for (const { id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, isClosed } of slots) {
    values.push(id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, isClosed ? 1 : 0);
  }
  for (const token of tokens) {
    const { id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt } = token;
    const { checkedInAt = null, displacements, seatedAt = null, rescheduledFromTokenId = null } = token;
    values.push(id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt);
    values.push(checkedInAt, displacements, seatedAt, rescheduledFromTokenId);
  }
}

type HeaderRow = [string, string, number, number, number, DayHeader['due']];

/** Reads a packed batch from its start to its end. */
export class PackedReader {
  #at = 0;

  constructor(private readonly values: PackedBatch) {}

  get atEnd(): boolean {
    return this.#at >= this.values.length;
  }

  header(): DayHeader {
    const [doctorId, date, entryCount, slotCount, tokenCount, due] = this.row(6) as HeaderRow;
    return { doctorId, date, entryCount, slotCount, tokenCount, due };
  }

  row(width: number): Value[] {
    const start = this.#at;
    this.#at += width;
    return this.values.slice(start, this.#at);
  }

  skip(width: number, rows: number): void {
    this.#at += width * rows;
  }
}
