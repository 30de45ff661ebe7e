/** Replays one doctor-day's journal, and holds what comes of it against the rules and against the tables. */

import { checkChange } from '../domain/change-invariants.js';
import { nextDue } from '../domain/clock.js';
import { checkLeft } from '../domain/close-slots.js';
import { DoctorDay } from '../domain/doctor-day.js';
import type { Change, DayEvent } from '../domain/event.js';
import { brokenInvariants, type DaySnapshot } from '../domain/invariants.js';
import { printDay } from '../domain/notation.js';
import { isOutOfTime } from '../domain/retiming.js';
import type { Slot } from '../domain/slot.js';
import { runTogether } from '../domain/slot-times.js';
import { formatInstant, type Instant } from '../domain/time.js';
import type { Token, TokenId } from '../domain/token.js';
import { replay } from '../domain/turn.js';
import { decodeEntry, type JournalSaying } from '../store/journal-codec.js';
import type { DayKey } from '../store/store.js';
import type { DayRecord, JournalRecord } from '../store/store-reader.js';
import { compareSlots, compareTokens, type LastTouched } from './compare-rows.js';
import { brokenCommandId, brokenDoctor, brokenMark } from './marks.js';
import { WideCommands } from './wide-commands.js';

/** The first thing that is not as it must be, in words that name no patient. */
export interface Difference {
  readonly key: DayKey;
  /** The revision that it is about; 0 where it is about none. */
  readonly revision: number;
  readonly what: string;
  /** The day in the notation, as far as the journal could be replayed. */
  readonly day?: string;
}

/**
 * All of a day is looked at when a change has earned it by so many looks at a token in a slot: small days after every change,
 * big ones ever more rarely, so that the cost of a change stays the same. At the end it is looked at in any case.
 */
const LOOKS_A_CHANGE = 50;

/** The most by which a change of law moves a local time, in milliseconds. */
const LAW_MILLISECONDS_MAX = 3 * 3_600_000;
const NEVER = Number.NEGATIVE_INFINITY as Instant;

/**
 * The first difference of a day; undefined where it is sound.
 *
 * @param wide takes note of what the day says of other days
 * @param now says which slots are still to end
 */
export function verifyDay(
  record: DayRecord,
  wide = new WideCommands(),
  now = Date.now() as Instant,
): Difference | undefined {
  const { key, doctor, journal, slots, tokens } = record;
  if (journal.length === 0) {
    const what = `${slots.length} rows of slots and ${tokens.length} of tokens belong to a day that has no journal`;
    return { key, revision: 0, what };
  }
  if (!doctor) return { key, revision: 0, what: 'its doctor has no row' };
  const unfit = brokenDoctor(doctor);
  if (unfit) return { key, revision: 0, what: unfit };
  wide.noteDay(key);
  return new DayVerification(record, new DoctorDay(doctor, key.date), wide, now).firstDifference();
}

class DayVerification {
  readonly #touched: LastTouched = { slots: new Map(), tokens: new Map() };
  /** The revision of each command id. */
  readonly #commandIds = new Map<string, number>();
  #looks = 0;

  constructor(
    private readonly record: DayRecord,
    private readonly day: DoctorDay,
    private readonly wide: WideCommands,
    private readonly now: Instant,
  ) {}

  firstDifference(): Difference | undefined {
    for (const entry of this.record.journal) {
      const next = this.day.revision + 1;
      const what = this.#follow(entry, next);
      if (what !== undefined) return this.#difference(next, what);
    }
    const { revision, changedAt } = this.day;
    const [broken] = brokenInvariants(this.day, changedAt);
    if (broken !== undefined) return this.#difference(revision, broken);
    const unlike =
      compareSlots(this.day, this.record.slots, this.#touched) ??
      compareTokens(this.day, this.record.tokens, this.#touched);
    if (unlike) return this.#difference(unlike.revision, unlike.what);
    const wrong = this.#checkDue() ?? this.#checkTimes();
    return wrong === undefined ? undefined : this.#difference(revision, wrong);
  }

  /**
   * No two slots that have not ended run at the same time. Slots from before that was refused may
   * do so if clocks go forward: then each is at its local times, and sound.
   */
  #checkTimes(): string | undefined {
    const { slots, date, doctor } = this.day;
    const isKept = ({ terms }: Slot) => isOutOfTime(terms, date, doctor.timeZone, NEVER);
    const toCome = slots.filter(({ terms }) => terms.endsAt > this.now);
    for (const [index, slot] of toCome.entries()) {
      const other = toCome.slice(0, index).find((earlier) => runTogether(earlier.terms, slot.terms));
      if (other && (isKept(slot) || isKept(other))) return `slots: ${other.id} and ${slot.id} run at the same time`;
    }
    return undefined;
  }

  /** Time must not come too late to a day; where it comes too early, it looks in vain. */
  #checkDue(): string | undefined {
    const due = nextDue(this.day);
    const { dueAt } = this.record;
    if (due === undefined || (dueAt !== undefined && dueAt <= due)) return undefined;
    // By other zone data the day ends at another instant (R21): those of this program need not be
    // the server's.
    if (due === this.day.endsAt && dueAt !== undefined && dueAt - due <= LAW_MILLISECONDS_MAX) return undefined;
    const kept = dueAt === undefined ? 'nothing' : formatInstant(dueAt);
    return `day_due: something is due at ${formatInstant(due)}, and its row says ${kept}`;
  }

  /** Applies a row of the journal; answers with what is wrong with it. */
  #follow(entry: JournalRecord, next: number): string | undefined {
    if (entry.revision !== next) return `I7: the journal goes on with revision ${entry.revision}`;
    try {
      const saying = decodeEntry(this.record.key, entry.revision, entry.text);
      return brokenMark(entry, saying.command.kind) ?? this.#checkCommandId(entry) ?? this.#apply(entry, saying);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** A call changes a day once: no two revisions have one command id. */
  #checkCommandId({ commandId, revision }: JournalRecord): string | undefined {
    if (commandId === null) return undefined;
    const earlier = this.#commandIds.get(commandId);
    if (earlier !== undefined) return `its command was carried out already, as revision ${earlier}`;
    this.#commandIds.set(commandId, revision);
    return brokenCommandId(commandId);
  }

  #apply(entry: JournalRecord, { command, events }: JournalSaying): string | undefined {
    const at = entry.at as Instant;
    if (at < this.day.changedAt) return 'it happened before the revision before it';
    this.wide.note(this.record.key, entry.revision, command);
    const before = this.#narrow(events);
    const change = replay(this.day, { revision: entry.revision, at, command, events });
    this.#remember(change);
    const [broken] = [
      ...checkChange(before, change, this.#narrow(events), this.day.doctor),
      ...this.#checkSeats(before, change),
      ...checkLeft(this.day, change),
      ...this.#checkWhole(at),
    ];
    return broken;
  }

  /** The day as far as these events go: its slots, and the tokens that they name. */
  #narrow(events: readonly DayEvent[]): DaySnapshot {
    const tokens = new Map<TokenId, Token>();
    for (const id of events.flatMap(tokensNamed)) {
      const token = this.day.token(id);
      if (token) tokens.set(id, token);
    }
    const slots = this.day.slots.map((slot) => slot.summary());
    return { revision: this.day.revision, slots, tokens: [...tokens.values()] };
  }

  /** I1 and I2 of the slots that changed, by their tallies and ends alone. */
  #checkSeats(before: DaySnapshot, { slots, at }: Change): string[] {
    const broken: string[] = [];
    for (const { id, capacity, seatsTaken, waiting, endsAt, isClosed } of slots) {
      const takenBefore = before.slots.find((slot) => slot.id === id)?.seatsTaken ?? 0;
      if (seatsTaken > Math.max(capacity, takenBefore) && this.day.slotOf(id).weakestDisplaceable) {
        broken.push(`I1: ${id} overflowed, though somebody there could have made way`);
      }
      if (at < endsAt && !isClosed && seatsTaken < capacity && waiting > 0) {
        broken.push(`I2: ${id} has a free seat while ${waiting} wait in its queue`);
      }
    }
    return broken;
  }

  #remember({ revision, slots, effects }: Change): void {
    for (const { id } of slots) this.#touched.slots.set(id, revision);
    for (const { token } of effects) this.#touched.tokens.set(token.id, revision);
  }

  #checkWhole(at: Instant): string[] {
    const looks = this.day.slots.length * (this.day.nextNumber - 1);
    this.#looks += LOOKS_A_CHANGE;
    if (this.#looks < looks) return [];
    this.#looks = 0;
    return brokenInvariants(this.day, at);
  }

  #difference(revision: number, what: string): Difference {
    return { key: this.record.key, revision, what, day: printDay(this.day, { withPatients: false }) };
  }
}

function tokensNamed(event: DayEvent): TokenId[] {
  if (!('tokenId' in event)) return [];
  return 'byTokenId' in event && event.byTokenId ? [event.tokenId, event.byTokenId] : [event.tokenId];
}
