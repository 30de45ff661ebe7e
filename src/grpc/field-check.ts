/**
 * Checks the fields of a request, once, at the edge: what comes out has a checked type. Every violation is gathered, so that
 * a caller sees all that is wrong at once.
 */
import { MAX, NIL, validate } from 'uuid';
import {
  RebalancePolicy as WireRebalance,
  TokenSource as WireSource,
  TokenStatus as WireStatus,
} from '../../gen/opd/v1/resources.js';
import type { AllocationPolicy, DoctorId, RebalancePolicy } from '../domain/doctor.js';
import { oneForm, withoutEnds } from '../domain/patient-ref.js';
import { type Answer, answered, type FieldViolation, refused } from '../domain/refusal.js';
import type { SlotId } from '../domain/slot.js';
import {
  type LocalDate,
  parseDate,
  parseTimeOfDay,
  parseTimeZone,
  type TimeOfDay,
  type TimeZone,
} from '../domain/time.js';
import type { TokenId, TokenSource, TokenStatus } from '../domain/token.js';

const NAME_CHARACTERS_MAX = 128;
const REASON_CHARACTERS_MAX = 256;
const PATIENT_REF_BYTES_MAX = 128;
const CAPACITY_MAX = 1_000;
const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 500;

type BookedSource = Exclude<TokenSource, 'EMERGENCY'>;

const SOURCES: Partial<Record<WireSource, BookedSource>> = {
  [WireSource.PAID]: 'PAID',
  [WireSource.FOLLOW_UP]: 'FOLLOW_UP',
  [WireSource.ONLINE]: 'ONLINE',
  [WireSource.WALK_IN]: 'WALK_IN',
};

const REBALANCE: Partial<Record<WireRebalance, RebalancePolicy>> = {
  [WireRebalance.ON_EMERGENCY]: 'ON_EMERGENCY',
  [WireRebalance.ALWAYS]: 'ALWAYS',
  [WireRebalance.NEVER]: 'NEVER',
};

const STATUSES: Partial<Record<WireStatus, TokenStatus>> = {
  [WireStatus.ACTIVE]: 'ACTIVE',
  [WireStatus.WAITING]: 'WAITING',
  [WireStatus.DISPLACED]: 'DISPLACED',
  [WireStatus.SERVING]: 'SERVING',
  [WireStatus.COMPLETED]: 'COMPLETED',
  [WireStatus.CANCELLED]: 'CANCELLED',
  [WireStatus.NO_SHOW]: 'NO_SHOW',
  [WireStatus.EXPIRED]: 'EXPIRED',
};

export class FieldCheck {
  readonly #violations: FieldViolation[] = [];

  /** The checked request, or a refusal that names every violation. What `value` holds of a wrong field means nothing. */
  answer<T>(value: T): Answer<T> {
    return this.#violations.length === 0
      ? answered(value)
      : refused('INVALID_FIELDS', { violations: this.#violations });
  }

  /** Whether nothing has been found wrong so far. */
  get isClean(): boolean {
    return this.#violations.length === 0;
  }

  violation(field: string, description: string): void {
    this.#violations.push({ field, description });
  }

  doctorId(field: string, text: string): DoctorId {
    return this.#id(field, text, 'doc_') as DoctorId;
  }

  slotId(field: string, text: string): SlotId {
    return this.#id(field, text, 'slot_') as SlotId;
  }

  tokenId(field: string, text: string): TokenId {
    return this.#id(field, text, 'token_') as TokenId;
  }

  /** Empty means none. Either case is taken; ids are compared without case (R18). */
  requestId(text: string): string | undefined {
    if (text === '') return undefined;
    const id = text.toLowerCase();
    if (!validate(id) || id === NIL || id === MAX) this.violation('request_id', 'must be a UUID, neither nil nor max');
    return id;
  }

  /** Empty means that the caller does not know it. */
  epoch(text: string): string | undefined {
    if (text === '') return undefined;
    if (!validate(text)) this.violation('epoch', 'must be a UUID, as the last snapshot or heartbeat has it');
    return text.toLowerCase();
  }

  /** Empty means today. */
  date(field: string, text: string): LocalDate | undefined {
    if (text === '') return undefined;
    const date = parseDate(text);
    if (!date) this.violation(field, 'must be a calendar date such as "2026-01-31"');
    return date;
  }

  /** A date that must be there; what it is where it is wrong means nothing. */
  givenDate(field: string, text: string): LocalDate {
    if (text === '') this.violation(field, 'must be set');
    return this.date(field, text) ?? ('' as LocalDate);
  }

  /** The start and end of a slot or a session, in that order; `path` is what their names follow. */
  window(startText: string, endText: string, path = ''): { start: TimeOfDay; end: TimeOfDay } {
    const [start, end] = [this.start(`${path}start`, startText), this.end(`${path}end`, endText)];
    const areTimes = parseTimeOfDay(startText) !== undefined && end > 0;
    if (areTimes && start >= end) this.violation(`${path}end`, 'must be after start');
    return { start, end };
  }

  /** A start from 00:00 to 23:59. After a violation the answer is meaningless. */
  start(field: string, text: string): TimeOfDay {
    const start = parseTimeOfDay(text);
    if (start === undefined || text === '24:00') this.violation(field, 'must be a time of day, "00:00" to "23:59"');
    return start ?? (0 as TimeOfDay);
  }

  /** An end from 00:01 to 24:00. After a violation the answer is meaningless. */
  end(field: string, text: string): TimeOfDay {
    const end = parseTimeOfDay(text);
    if (!end) this.violation(field, 'must be a time of day, "00:01" to "24:00"');
    return end ?? (0 as TimeOfDay);
  }

  capacity(field: string, capacity: number): number {
    if (capacity < 1 || capacity > CAPACITY_MAX) this.violation(field, 'must be 1 to 1,000');
    return capacity;
  }

  source(field: string, source: WireSource): BookedSource {
    const booked = SOURCES[source];
    if (booked) return booked;
    this.violation(
      field,
      source === WireSource.EMERGENCY
        ? 'must not be TOKEN_SOURCE_EMERGENCY: emergencies go through InsertEmergency'
        : 'must be one of TOKEN_SOURCE_PAID, TOKEN_SOURCE_FOLLOW_UP, TOKEN_SOURCE_ONLINE, TOKEN_SOURCE_WALK_IN',
    );
    return 'WALK_IN';
  }

  /** What is not set is left to its default. */
  rebalance(field: string, rebalance: WireRebalance | undefined): Partial<AllocationPolicy> {
    if (rebalance === undefined || rebalance === WireRebalance.UNSPECIFIED) return {};
    const known = REBALANCE[rebalance];
    if (known) return { rebalance: known };
    this.violation(field, 'must be a RebalancePolicy that this server knows');
    return {};
  }

  tokenStatus(field: string, status: WireStatus): TokenStatus {
    const known = STATUSES[status];
    if (!known) this.violation(field, 'must be a TokenStatus that this server knows');
    return known ?? 'ACTIVE';
  }

  name(field: string, text: string): string {
    if (text === '') this.violation(field, 'must not be empty');
    return this.#text(field, text, NAME_CHARACTERS_MAX);
  }

  department(field: string, text: string): string {
    return this.#text(field, text, NAME_CHARACTERS_MAX);
  }

  reason(field: string, text: string): string {
    return this.#text(field, text, REASON_CHARACTERS_MAX);
  }

  /**
   * R14: a reference in its one form, at most 128 bytes of UTF-8. Empty means none; blank is a
   * violation.
   */
  patientRef(field: string, text: string): string {
    const trimmed = withoutEnds(text);
    // A text this long is too long in NFC as well. Normalising a long text takes long.
    const isFarTooLong = trimmed.length > 4 * PATIENT_REF_BYTES_MAX;
    const patientRef = isFarTooLong ? trimmed : oneForm(trimmed);
    if (patientRef.length * 3 > PATIENT_REF_BYTES_MAX && Buffer.byteLength(patientRef) > PATIENT_REF_BYTES_MAX) {
      this.violation(field, 'must be at most 128 bytes of UTF-8');
    }
    if (text !== '' && patientRef === '') {
      this.violation(field, 'must not be blank: leave it empty for a patient without a reference');
    }
    this.#noNull(field, patientRef);
    return patientRef;
  }

  /** The paths that a field mask names. At least one, and only known ones; else a violation. */
  mask<Path extends string>(field: string, paths: readonly string[] | undefined, known: readonly Path[]): Set<Path> {
    const isKnown = (path: string): path is Path => (known as readonly string[]).includes(path);
    const isSound = paths && paths.length > 0 && paths.every(isKnown);
    if (!isSound) this.violation(field, `must name some of ${known.join(', ')}`);
    return new Set(paths?.filter(isKnown));
  }

  /** Empty means the server's own zone. */
  timeZone(field: string, text: string): TimeZone | undefined {
    if (text === '') return undefined;
    const zone = parseTimeZone(text);
    if (!zone) this.violation(field, 'must be an IANA time zone name such as "Asia/Kolkata"');
    return zone;
  }

  /** A zone that must be set. After a violation the answer is meaningless. */
  givenTimeZone(field: string, text: string): TimeZone {
    if (text === '') this.violation(field, 'must be set');
    return this.timeZone(field, text) ?? ('' as TimeZone);
  }

  pageSize(field: string, size: number): number {
    if (size < 0) this.violation(field, 'must not be negative');
    return size === 0 ? PAGE_SIZE_DEFAULT : Math.min(size, PAGE_SIZE_MAX);
  }

  #id(field: string, text: string, prefix: string): string {
    const uuid = text.slice(prefix.length);
    const wellFormed = text.startsWith(prefix) && validate(uuid) && uuid === uuid.toLowerCase();
    if (!wellFormed) this.violation(field, `must be "${prefix}" and a lower-case UUID`);
    return text;
  }

  #text(field: string, text: string, charactersMax: number): string {
    // Code points, not UTF-16 units; counted only where there may be too many.
    if (text.length > charactersMax && [...text].length > charactersMax) {
      this.violation(field, `must be at most ${charactersMax} characters`);
    }
    this.#noNull(field, text);
    return text;
  }

  #noNull(field: string, text: string): void {
    if (text.includes('\u0000')) this.violation(field, 'must not contain U+0000');
  }
}
