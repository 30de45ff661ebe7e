/**
 * A batch on its way to the worker: one flat list of texts and numbers, which costs the sender about half of what the
 * objects themselves, or JSON of them, would. A day is its header, then its entries, slots and tokens, each a row of fixed width.
 */
import { entryRow } from '../rows.js';
import type { DayCommit } from '../store.js';

export type Value = string | number | null;
export type PackedBatch = readonly Value[];

/** How many values a row has. */
const HEADER_WIDTH = 7;
const ENTRY_WIDTH = 8;
const SLOT_WIDTH = 10;
const TOKEN_WIDTH = 14;

const UNCHANGED = 'unchanged';

export function packBatch(batch: readonly DayCommit[]): PackedBatch {
  const values: Value[] = [];
  for (const day of batch) packDay(values, day);
  return values;
}

function packDay(values: Value[], { key, group, entries, slots, tokens, due }: DayCommit): void {
  values.push(key.doctorId, key.date, group ?? null, entries.length, slots.length, tokens.length);
  values.push(due ? (due.at ?? null) : UNCHANGED);
  for (const entry of entries) values.push(...entryRow(entry));
  for (const { id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, isClosed, isDeleted } of slots) {
    values.push(id, start, end, startsAt, endsAt, capacity, seatsTaken, waiting, isClosed ? 1 : 0, isDeleted ? 1 : 0);
  }
  for (const token of tokens) {
    const { id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt } = token;
    const {
      checkedInAt = null,
      displacements,
      seatedAt = null,
      rescheduledFromTokenId = null,
      calledAt = null,
    } = token;
    values.push(id, number, slotId, requestedSlotId, source, status, patientRef, createdAt, updatedAt);
    values.push(checkedInAt, displacements, seatedAt, rescheduledFromTokenId, calledAt);
  }
}

/** The days of a packed batch, in its order. */
export function unpackBatch(packed: PackedBatch): PackedDay[] {
  const days: PackedDay[] = [];
  for (let at = 0; at < packed.length; at = days.at(-1)?.endsAt ?? packed.length) days.push(new PackedDay(packed, at));
  return days;
}

/** A day of a packed batch: its rows are read where they lie. */
export class PackedDay {
  readonly doctorId: string;
  readonly date: string;
  /** Days with the same number are kept together or not at all; null for one that stands for itself. */
  readonly group: number | null;
  readonly entryCount: number;
  readonly slotCount: number;
  readonly tokenCount: number;
  /** When something is next due; null where nothing ever will be. */
  readonly due: number | null | typeof UNCHANGED;
  readonly endsAt: number;
  readonly #entriesAt: number;
  readonly #slotsAt: number;
  readonly #tokensAt: number;

  constructor(
    private readonly values: PackedBatch,
    at: number,
  ) {
    [this.doctorId, this.date, this.group] = values.slice(at, at + 3) as [string, string, number | null];
    [this.entryCount, this.slotCount, this.tokenCount] = values.slice(at + 3, at + 6) as [number, number, number];
    this.due = values[at + 6] as PackedDay['due'];
    this.#entriesAt = at + HEADER_WIDTH;
    this.#slotsAt = this.#entriesAt + this.entryCount * ENTRY_WIDTH;
    this.#tokensAt = this.#slotsAt + this.slotCount * SLOT_WIDTH;
    this.endsAt = this.#tokensAt + this.tokenCount * TOKEN_WIDTH;
  }

  entry(index: number): Value[] {
    return this.#row(this.#entriesAt, index, ENTRY_WIDTH);
  }

  slot(index: number): Value[] {
    return this.#row(this.#slotsAt, index, SLOT_WIDTH);
  }

  token(index: number): Value[] {
    return this.#row(this.#tokensAt, index, TOKEN_WIDTH);
  }

  #row(at: number, index: number, width: number): Value[] {
    return this.values.slice(at + index * width, at + (index + 1) * width);
  }
}
