/**
 * Journal entries as text, the same in every database. Texts are written in the newest format and kept as they were
 * written; older ones are brought up to date as they are read.
 */
import type { RecordedCommand } from '../domain/command.js';
import type { DayEvent } from '../domain/event.js';
import type { DayKey } from './store.js';

/** The format that is written now. It rises when a shape's meaning changes, not when a kind or an optional field is added. */
export const JOURNAL_FORMAT = 1;

/** The part of an entry that is kept as text. */
export interface JournalText {
  readonly format: number;
  /** JSON of a {@link RecordedCommand}. */
  readonly command: string;
  /** JSON of the {@link DayEvent}s. */
  readonly events: string;
}

/** What the text of an entry says. */
export interface JournalSaying {
  readonly command: RecordedCommand;
  readonly events: readonly DayEvent[];
}

/** A row of the journal cannot be read: it is damaged, or a newer program wrote it. The message names the row. */
export class JournalUnreadable extends Error {
  override readonly name = 'JournalUnreadable';

  constructor(key: DayKey, revision: number, why: string, cause?: unknown) {
    super(`the journal's row ${key.doctorId} ${key.date} revision ${revision} cannot be read: ${why}`, { cause });
  }
}

export function encodeEntry(entry: JournalSaying): JournalText {
  return { format: JOURNAL_FORMAT, command: JSON.stringify(entry.command), events: JSON.stringify(entry.events) };
}

/** @throws JournalUnreadable where the format is unknown or the text is not what this program writes */
export function decodeEntry(key: DayKey, revision: number, text: JournalText): JournalSaying {
  switch (text.format) {
    // An older format gets its case here, which turns its shapes into those of the next one.
    case 1:
      return readFormat1(key, revision, text);
    default:
      throw new JournalUnreadable(key, revision, `its format ${text.format} is unknown to this program`);
  }
}

function readFormat1(key: DayKey, revision: number, text: JournalText): JournalSaying {
  try {
    return {
      command: checked<RecordedCommand>(JSON.parse(text.command), COMMAND_FIELDS),
      events: listOf(JSON.parse(text.events)).map((event) => checked<DayEvent>(event, EVENT_FIELDS)),
    };
  } catch (error) {
    // What JSON.parse complains of it quotes, patients' references and all.
    if (error instanceof SyntaxError) throw new JournalUnreadable(key, revision, 'its text is no JSON');
    throw new JournalUnreadable(key, revision, error instanceof Error ? error.message : String(error), error);
  }
}

type FieldType = 'string' | 'number' | 'boolean' | 'object';
/** For each kind, the fields that it always has. */
type FieldTable<Kind extends string> = Readonly<Record<Kind, Readonly<Record<string, FieldType>>>>;

const COMMAND_FIELDS: FieldTable<RecordedCommand['kind']> = {
  CreateSlot: { start: 'number', end: 'number', capacity: 'number' },
  AllocateToken: { slotId: 'string', source: 'string', patientRef: 'string' },
  InsertEmergency: { target: 'object', patientRef: 'string' },
  CancelToken: { tokenId: 'string', reason: 'string' },
  MarkNoShow: { tokenId: 'string' },
  UpdateToken: { tokenId: 'string' },
  UpdateSlot: { slotId: 'string' },
  CloseSlot: { slotId: 'string', reason: 'string' },
  ReopenSlot: { slotId: 'string' },
  DeleteSlot: { slotId: 'string' },
  CheckInToken: { tokenId: 'string' },
  CallNextToken: { target: 'object', completeCurrent: 'boolean' },
  CallToken: { tokenId: 'string', completeCurrent: 'boolean' },
  ReturnToken: { tokenId: 'string' },
  CompleteToken: { tokenId: 'string' },
  CLOCK: {},
  CreateSlots: { sessions: 'object' },
  CloseSlots: { reason: 'string' },
  RescheduleToken: { tokenId: 'string', slotId: 'string' },
};

const ISSUED: Readonly<Record<string, FieldType>> = {
  tokenId: 'string',
  number: 'number',
  slotId: 'string',
  source: 'string',
  patientRef: 'string',
};

const EVENT_FIELDS: FieldTable<DayEvent['kind']> = {
  SLOT_CREATED: {
    id: 'string',
    start: 'number',
    end: 'number',
    startsAt: 'number',
    endsAt: 'number',
    capacity: 'number',
  },
  ALLOCATED: ISSUED,
  QUEUED: ISSUED,
  DISPLACED: { tokenId: 'string' },
  PROMOTED: { tokenId: 'string' },
  MOVED: { tokenId: 'string', toSlotId: 'string' },
  CANCELLED: { tokenId: 'string' },
  NO_SHOW: { tokenId: 'string' },
  SLOT_RESIZED: { slotId: 'string', capacity: 'number' },
  SLOT_CLOSED: { slotId: 'string' },
  SLOT_REOPENED: { slotId: 'string' },
  SLOT_DELETED: { slotId: 'string' },
  SLOT_RETIMED: { slotId: 'string', start: 'number', end: 'number', startsAt: 'number', endsAt: 'number' },
  SLOT_ENDED: { slotId: 'string' },
  CARRIED_OVER: { tokenId: 'string', toSlotId: 'string' },
  UPDATED: { tokenId: 'string' },
  CHECKED_IN: { tokenId: 'string' },
  CALLED: { tokenId: 'string' },
  RETURNED: { tokenId: 'string' },
  COMPLETED: { tokenId: 'string' },
  EXPIRED: { tokenId: 'string' },
};

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('its events are no list');
  return value;
}

/** Fields beyond the table's pass: a newer program may have added optional ones. */
function checked<Shape extends { readonly kind: string }>(value: unknown, table: FieldTable<Shape['kind']>): Shape {
  const shape = value as Shape | null;
  const kind = shape?.kind ?? '';
  if (!Object.hasOwn(table, kind)) throw new Error(`its kind ${JSON.stringify(kind)} is unknown to this program`);
  for (const [name, type] of Object.entries(table[kind as Shape['kind']])) {
    const field: unknown = Reflect.get(shape as Shape, name);
    if (typeof field !== type || field === null) throw new Error(`its ${kind} has no ${type} ${name}`);
  }
  return shape as Shape;
}
