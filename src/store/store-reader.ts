/**
 * The store's other port: all that is kept, as it is, for those who check or count rather than serve. Nothing is taken on trust, so
 * that journal rows come as text and other rows as they are found. An adapter is right if it passes the readers' contract
 * suite in `test/store/`.
 */
import type { Doctor } from '../domain/doctor.js';
import type { SlotSummary } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { Token } from '../domain/token.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';
import type { JournalText } from './journal-codec.js';
import type { DayKey } from './store.js';

/** A request id and its digest as two columns have them. */
export interface RequestColumns {
  readonly requestId: string | null;
  readonly requestDigest: string | null;
}

/** One row of the journal. */
export interface JournalRecord extends RequestColumns {
  readonly revision: number;
  readonly at: number;
  readonly text: JournalText;
  /** Null in rows from before it was kept. */
  readonly commandId: string | null;
}

/** One change of a doctor. */
export interface DoctorChangeRecord extends RequestColumns {
  readonly revision: number;
  readonly at: number;
  readonly format: number;
  /** The doctor as text. */
  readonly before: string;
  readonly after: string;
  /** Whether the journal of one of the doctor's days has the request id as well. */
  readonly isOnDay: boolean;
}

export interface DoctorRecord extends RequestColumns {
  readonly doctor: Doctor;
  /** By revision. */
  readonly changes: readonly DoctorChangeRecord[];
}

/** Every row that names one doctor-day. */
export interface DayRecord {
  readonly key: DayKey;
  /** Undefined where no such doctor is kept. */
  readonly doctor: Doctor | undefined;
  /** By revision. */
  readonly journal: readonly JournalRecord[];
  readonly slots: readonly SlotSummary[];
  readonly tokens: readonly Token[];
  /** When something may next be due there by itself; undefined where the store knows of nothing. */
  readonly dueAt: Instant | undefined;
}

/** All of it is as of one moment, that of opening, whatever a server writes meanwhile. */
export interface StoreReader {
  /**
   * What is wrong with the database as a whole: what it finds itself, in its own words, or rows that none of the doctors and days below
   * tells of; undefined where nothing is.
   */
  findDamage(): Promise<string | undefined>;
  /**
   * The newest version of the time zone data by which the database was served; undefined if none
   * was noted.
   */
  zoneData(): Promise<ZoneDataVersion | undefined>;
  /** How many rows the journal has. */
  countRevisions(): Promise<number>;
  /** Every doctor, by id. */
  doctors(): AsyncIterable<DoctorRecord>;
  /** Every day that any row names, each once; one at a time in memory. */
  days(): AsyncIterable<DayRecord>;
  close(): Promise<void>;
}
