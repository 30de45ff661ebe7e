/**
 * The store's port: what the desk needs kept, and what it may rely on. An adapter is right if it passes the contract suite
 * in `test/store/`.
 *
 * The journal is the truth: one row a revision. The slot and token tables say how things stand now; they serve look-ups by
 * id and a hospital's own SQL, and can be made anew from the journal. Stores keep and find; they hold no rules.
 */
import type { RecordedCommand } from '../domain/command.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorUpdate } from '../domain/doctor-update.js';
import type { Epoch } from '../domain/epoch.js';
import type { DayEvent } from '../domain/event.js';
import type { SlotId, SlotSummary } from '../domain/slot.js';
import type { Instant, LocalDate } from '../domain/time.js';
import type { Token, TokenId, TokenStatus } from '../domain/token.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';

/** Names a doctor-day. */
export interface DayKey {
  readonly doctorId: DoctorId;
  readonly date: LocalDate;
}

/** What makes a repeated command known again (R18). */
export interface RequestMark {
  /** A lower-case UUID. */
  readonly id: string;
  /** Tells two requests with other contents apart: the command's kind, a colon, and a SHA-256 in base64. */
  readonly digest: string;
}

/** One revision of a doctor-day. */
export interface JournalEntry {
  readonly revision: number;
  readonly at: Instant;
  readonly command: RecordedCommand;
  readonly events: readonly DayEvent[];
  readonly request?: RequestMark;
  /**
   * Names the call that the revision was decided for: a lower-case UUID. It is kept with the
   * revision, and tells a server whether the row that the journal has is its own. Revisions from
   * before it was kept have none.
   */
  readonly commandId?: string;
}

/** Revisions of one doctor-day, in order and without a gap, that land together or not at all. */
export interface DayCommit {
  readonly key: DayKey;
  readonly entries: readonly JournalEntry[];
  /** The slots and tokens that these entries touched, as they stand after the last of them; each once. */
  readonly slots: readonly SlotSummary[];
  readonly tokens: readonly Token[];
  /** When something next happens to the day by itself, undefined where nothing ever will; absent where that has not changed. */
  readonly due?: { readonly at: Instant | undefined } | undefined;
  /**
   * Days of one batch with the same number land together or not at all: a conflict of one of them is a conflict of all. A day
   * without one stands for itself.
   */
  readonly group?: number | undefined;
  /**
   * The doctor by whose policy the day was decided. Where servers share the store and another has changed the policy since, the day
   * is in conflict; where that happens at the very time of the commit, the day may land, but not what it says is next due. Absent
   * where that cannot be.
   */
  readonly doctor?: Doctor | undefined;
  /**
   * The id of the epoch in which the day was decided. Where the store has another one now, the day
   * is in conflict. Absent where that cannot be.
   */
  readonly epoch?: string | undefined;
}

/** A day on which something may be due by itself: at the instant that is kept, or later; never earlier. */
export interface DueDay {
  readonly key: DayKey;
  readonly at: Instant;
}

/**
 * `committed`: on disk, whatever happens now. `conflict`: nothing of it was kept, since one of its revisions or request ids
 * was there already, the latter perhaps with an update of the doctor.
 */
export type CommitOutcome = 'committed' | 'conflict';

/** Where a request id was seen. */
export interface SeenRequest {
  readonly key: DayKey;
  readonly revision: number;
  readonly digest: string;
}

/** A request id that came with an update of the doctor itself (R18). */
export interface SeenUpdate {
  readonly doctorId: DoctorId;
  readonly digest: string;
}

/** What an update of a doctor came to. */
export interface UpdatedDoctor {
  /** As it stood after the update that the request id first came with: what is to be answered. */
  readonly doctor: Doctor;
  /** As it stands now. */
  readonly current: Doctor;
  /** What the request id first came with; absent where there is no id. */
  readonly digest?: string;
  /** The earliest slot that keeps the zone; nothing was changed then. Absent if none does. */
  readonly slotToCome?: SlotId;
}

/** A token as it stands on disk, and the day that it is of. */
export interface KeptToken {
  readonly key: DayKey;
  readonly token: Token;
}

/** A slot as it stands on disk, and the day that it is of. */
export interface KeptSlot {
  readonly key: DayKey;
  readonly slot: SlotSummary;
}

/** The versions of the time zone data that servers of a store have had. */
export interface ServedZoneData {
  /** The newest before this was noted; undefined if none was. */
  readonly before: ZoneDataVersion | undefined;
  /** The newest now. */
  readonly newest: ZoneDataVersion;
}

/** A day, and the revision that its journal has reached at least. */
export interface MovedDay {
  readonly key: DayKey;
  readonly revision: number;
}

/** How far a day, and its doctor, have come on disk. */
export interface Newest {
  /** Of the day; 0 where nobody has touched it. */
  readonly revision: number;
  /** How often the doctor has been changed. */
  readonly doctorChanges: number;
}

/** The time when a server of the store was last alive, by its {@link ClockGuard}. */
export interface ClockMark {
  readonly at: Instant;
  /** Milliseconds since the machine was started, and the id of that boot if known. */
  readonly uptime: number;
  readonly bootId?: string;
}

export interface NeighbourListener {
  /** Another server has moved the journals of these days on, or tried to. */
  moved(days: readonly MovedDay[], server: string): void;
  /** Any day may have moved without a word: some may have been lost, or it is time for the slow look at all that is watched. */
  unsure(): void;
  /** Whether the store can be reached; told each time that this changes, first as it is when listening begins. */
  reachable(isReachable: boolean): void;
  /**
   * The store has another epoch: what was read from it before may not be so any more. Told as soon
   * as {@link Store.epoch} says so.
   */
  epochChanged(): void;
  /** A newer version of this program has changed how the store is made: nothing more is kept for this server, which is to stop. */
  superseded(): void;
}

/**
 * What a store that several servers share can tell each of them of the others. What is heard is only a wake-up call, soon after the
 * fact as a rule, and may be lost; the journal is what is read.
 */
export interface Neighbours {
  /** This server's name among those that share the store. */
  readonly self: string;
  /** How far these days have come, in their order, as of a moment after the call. */
  readNewest(keys: readonly DayKey[]): Promise<Newest[]>;
  /** What time it is by the database's own clock. */
  readTime(): Promise<Instant>;
  /** Tells one listener from now on, until the store is closed. */
  listen(listener: NeighbourListener): void;
}

export interface Store {
  /**
   * Keeps a doctor durably. Where the request id came before, keeps nothing and answers with what that one created, as it was
   * created.
   */
  createDoctor(doctor: Doctor, request?: RequestMark): Promise<{ doctor: Doctor; digest?: string }>;
  /**
   * Changes a doctor durably; undefined where there is none. Where the request id came before, with
   * an update or with a command on one of the doctor's days, changes nothing and answers with the
   * digest that it came with: of an update, and a commit on a day, under one id one alone is kept,
   * whichever is first. Updates are worked out one after another, each on what the one before left.
   * A new time zone is not kept while a slot of the doctor has not ended at `at`, or has live
   * tokens: the end of their day would be another (R21). If the policy or the zone changes, the due
   * instants of the doctor's days are set to `at`, so that they are computed anew.
   */
  updateDoctor(
    id: DoctorId,
    update: DoctorUpdate,
    at: Instant,
    request?: RequestMark,
  ): Promise<UpdatedDoctor | undefined>;
  findDoctor(id: DoctorId): Promise<Doctor | undefined>;
  /** The earliest slot of a doctor that has not ended at an instant, or that has live tokens. */
  findSlotToCome(id: DoctorId, at: Instant): Promise<SlotId | undefined>;
  /** Doctors by id, those after `after`, `limit` at the most. */
  listDoctors(after: DoctorId | undefined, limit: number): Promise<Doctor[]>;

  locateSlot(id: SlotId): Promise<DayKey | undefined>;
  locateToken(id: TokenId): Promise<DayKey | undefined>;
  /**
   * The tokens of one patient over all doctor-days as they stand on disk, in order of their ids, those after `after`,
   * `limit` at the most; only those that stand in one of `statuses`, or all where that is empty. Not for an empty reference.
   */
  listTokensOf(
    patientRef: string,
    statuses: readonly TokenStatus[],
    after: TokenId | undefined,
    limit: number,
  ): Promise<KeptToken[]>;
  /** Looks for a request id among the commands on the doctor-days of one doctor, and its updates (R18). */
  findRequest(doctorId: DoctorId, requestId: string): Promise<SeenRequest | SeenUpdate | undefined>;

  /** A day's revisions after `afterRevision`, in order, `limit` at the most. */
  readJournal(key: DayKey, afterRevision: number, limit: number): Promise<JournalEntry[]>;
  /**
   * Makes a batch durable in one transaction; resolves when it is on disk. A day or a group of the batch that is in conflict
   * leaves nothing behind, neither in the journal nor in the tables, and does not hinder the others. Outcomes come in the
   * order of the batch. A day occurs at most once in a batch.
   */
  commit(batch: readonly DayCommit[]): Promise<CommitOutcome[]>;

  /** Days on which something may be due at `until` or before, in order of that instant; those after `after`, `limit` at the most. */
  dueDays(until: Instant, after: DueDay | undefined, limit: number): Promise<DueDay[]>;
  /**
   * Keeps when something is next due on a day, but only if `revision` is still its newest, and, where servers share the store,
   * nobody has changed the policy of `doctor` since, by which that was reckoned; absent where that cannot be.
   */
  noteDue(key: DayKey, revision: number, at: Instant | undefined, doctor?: Doctor): Promise<void>;

  /**
   * Slots on a date or later, `limit` at the most, in an order of the store's own; after `after`,
   * which is the last one seen. A slot that comes to be meanwhile may be left out. All pages are
   * asked for with the same date.
   */
  slotsFrom(date: LocalDate, after: KeptSlot | undefined, limit: number): Promise<KeptSlot[]>;
  /**
   * Notes durably that a server with this version of the time zone data serves the store. The
   * newest version is kept.
   */
  noteZoneData(version: ZoneDataVersion): Promise<ServedZoneData>;
  /**
   * The clock mark that was kept last; undefined if none ever was. Of a store from before marks:
   * its newest revision's instant.
   */
  readClockMark(): Promise<ClockMark | undefined>;
  /** Replaces the clock mark. */
  keepClockMark(mark: ClockMark): Promise<void>;

  /**
   * The history that all that is read belongs to. It stays the same while this server is alone.
   * Where servers share the store, it may change at any time, and what is read is never older than
   * it.
   */
  readonly epoch: Epoch;
  /** Marks this store as a copy: its epoch at the next opening is not the only one. */
  endEpoch(): Promise<void>;

  /** Where other servers write the same journals: how to keep up with them. Undefined where this server is alone. */
  readonly neighbours?: Neighbours | undefined;

  /** Finishes what is under way and lets the store go. */
  close(): Promise<void>;
}

/**
 * Any call on a store rejects with this where the store cannot do it now. Nothing of the call is kept, with one exception: a
 * write (a commit, a new doctor or an update of one) during which the store broke down or fell silent may have reached the disk or not, or reach
 * it later, wholly or not at all. Whoever built on it reads the journal anew, and the caller asks again under the same
 * request id.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A store will not open; the message is for whoever starts the server, and says what is wrong and what to do. */
export class StoreRefused extends Error {
  override readonly name: string = 'StoreRefused';
}

/** A store will not open since what it holds is damaged. */
export class StoreDamaged extends StoreRefused {
  override readonly name = 'StoreDamaged';
}
