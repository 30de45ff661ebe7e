/** The rows of the slot and token tables against the day that the journal comes to. */
import type { DoctorDay } from '../domain/doctor-day.js';
import type { SlotId, SlotSummary } from '../domain/slot.js';
import { formatTimeOfDay } from '../domain/time.js';
import type { Token, TokenId } from '../domain/token.js';

/** The last revision that touched each slot and token. */
export interface LastTouched {
  readonly slots: Map<SlotId, number>;
  readonly tokens: Map<TokenId, number>;
}

/** One row that is not as the journal has it. */
export interface Unlike {
  readonly revision: number;
  readonly what: string;
}

export function compareSlots(day: DoctorDay, rows: readonly SlotSummary[], touched: LastTouched): Unlike | undefined {
  const expected = [...day.slots.map((slot) => slot.summary()), ...day.deletedSlots];
  return compare(expected, rows, touched.slots, ({ id, start, end }) => {
    return `slot ${formatTimeOfDay(start)}-${formatTimeOfDay(end)} (${id})`;
  });
}

export function compareTokens(day: DoctorDay, rows: readonly Token[], touched: LastTouched): Unlike | undefined {
  return compare([...day.tokens], rows, touched.tokens, ({ id, number }) => `token ${number} (${id})`);
}

function compare<Id extends string, Row extends { readonly id: Id }>(
  expected: readonly Row[],
  rows: readonly Row[],
  touched: ReadonlyMap<Id, number>,
  nameOf: (row: Row) => string,
): Unlike | undefined {
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const row of expected) {
    const other = found.get(row.id);
    const revision = touched.get(row.id) ?? 0;
    if (!other) return { revision, what: `${nameOf(row)} is in the journal, and has no row in its table` };
    found.delete(row.id);
    const field = firstOtherField(row, other);
    if (field) return { revision, what: `${nameOf(row)}: ${difference(field, row, other)}` };
  }
  const [stray] = found.values();
  return stray && { revision: 0, what: `${nameOf(stray)} has a row in its table, and is not in the journal` };
}

function firstOtherField<Row extends object>(row: Row, other: Row): keyof Row | undefined {
  const fields = Object.keys({ ...row, ...other }) as (keyof Row)[];
  return fields.find((field) => row[field] !== other[field]);
}

function difference<Row extends object>(field: keyof Row, row: Row, other: Row): string {
  const words = String(field).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  // A report may lie about; a patient's reference must not.
  if (field === 'patientRef') return 'the table says another patient ref than the journal';
  return `the table says ${words} ${other[field]}, the journal ${row[field]}`;
}
