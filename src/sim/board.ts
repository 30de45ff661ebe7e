/**
 * One doctor's day as somebody in the waiting room sees it: made of nothing but what the server has shown. Every change is
 * checked against the invariants as it is put up.
 */
import { isDeepStrictEqual } from 'node:util';
import type { QueueChange, QueueSnapshot } from '../../gen/opd/v1/resources.js';
import { checkChange, checkRefusal } from '../domain/change-invariants.js';
import { DEFAULT_POLICY, type PolicyTerms } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import { checkDay, type DaySnapshot } from '../domain/invariants.js';
import type { SlotId, SlotSummary } from '../domain/slot.js';
import { Strength } from '../domain/strength.js';
import { formatTimeOfDay, type Instant, type TimeZone } from '../domain/time.js';
import { holdsSeat, isLive, type Token, type TokenId } from '../domain/token.js';
import { changeFrom, slotFrom, tokenFrom } from './from-wire.js';

interface Queue {
  readonly slot: SlotSummary;
  readonly seated: readonly Token[];
  readonly waiting: readonly Token[];
}

/** Of a doctor who was given none, since ever. */
const DEFAULT_TERMS: PolicyTerms = { policy: DEFAULT_POLICY, policySince: Number.NEGATIVE_INFINITY as Instant };

export class Board {
  #day: DaySnapshot = { revision: 0, slots: [], tokens: [] };

  readonly #strength: Strength;

  /** Empty, as a day is that nobody has touched. */
  constructor(
    readonly zone: TimeZone,
    readonly terms: PolicyTerms = DEFAULT_TERMS,
  ) {
    this.#strength = new Strength(terms.policy.agingPointsPerHour);
  }

  get revision(): number {
    return this.#day.revision;
  }

  /** By start. */
  get slots(): readonly SlotSummary[] {
    return this.#day.slots;
  }

  /** By number, also those that are no longer live. */
  get tokens(): readonly Token[] {
    return this.#day.tokens;
  }

  slot(id: SlotId): SlotSummary {
    const slot = this.#day.slots.find((each) => each.id === id);
    if (!slot) throw new Error(`${id} is not on the board`);
    return slot;
  }

  token(id: TokenId): Token {
    const token = this.#day.tokens.find((each) => each.id === id);
    if (!token) throw new Error(`${id} is not on the board`);
    return token;
  }

  /** Puts a change up; answers with what it was, and with what it breaks, a line a breach. */
  apply(message: QueueChange, now: Instant): { change: Change; breaches: string[] } {
    const change = changeFrom(message, this.zone);
    const before = this.#day;
    this.#day = follow(before, change);
    return {
      change,
      breaches: this.#inWords([
        ...checkChange(before, change, this.#day, this.terms),
        ...checkDay(this.#day, now, this.terms),
      ]),
    };
  }

  /** Compares the board with a queue that was read: who sits, who waits, in order of strength. Answers with what differs. */
  differences(queue: QueueSnapshot): string[] {
    const shown = queue.slots.map(({ slot, seated, waiting }) => ({
      slot: slotFrom(slot, this.zone),
      seated: seated.map(tokenFrom),
      waiting: waiting.map(tokenFrom),
    }));
    const expected = this.#queues();
    const differing = expected.filter((each, index) => !isDeepStrictEqual(each, shown[index]));
    return [
      ...(queue.revision === this.revision ? [] : [`revision ${queue.revision}, where the board has ${this.revision}`]),
      ...(shown.length === expected.length ? [] : [`${shown.length} slots, where the board has ${expected.length}`]),
      ...differing.map(({ slot }) => `the slot of ${formatTimeOfDay(slot.start)} differs from the board`),
    ];
  }

  /** Whether another board, filled otherwise, shows the same, those who are gone included (I8). */
  isLike(other: Board): boolean {
    return checkRefusal(this.#day, other.#day).length === 0;
  }

  /** The day, a line a slot. */
  toString(): string {
    const lines = this.#queues().map(({ slot, seated, waiting }) => {
      const window = `${formatTimeOfDay(slot.start)}-${formatTimeOfDay(slot.end)}`;
      return `  ${window} ${slot.seatsTaken}/${slot.capacity}: ${names(seated)} | ${names(waiting)}`;
    });
    return [`revision ${this.revision}`, ...lines].join('\n');
  }

  #queues(): Queue[] {
    return this.#day.slots.map((slot) => {
      const present = this.#day.tokens.filter((token) => token.slotId === slot.id).sort(this.#strength.compare);
      const waiting = present.filter((token) => isLive(token) && !holdsSeat(token));
      return { slot, seated: present.filter(holdsSeat), waiting };
    });
  }

  /** Ids are drawn anew each time; a token is told by its number, a slot by its start. */
  #inWords(lines: string[]): string[] {
    const { tokens, slots } = this.#day;
    return lines.map((line) => {
      const named = tokens.reduce((text, { id, number }) => text.replaceAll(id, `#${number}`), line);
      return slots.reduce((text, { id, start }) => text.replaceAll(id, `the slot of ${formatTimeOfDay(start)}`), named);
    });
  }
}

/** The day after a change, believing all that it says. */
function follow(before: DaySnapshot, change: Change): DaySnapshot {
  const tokens = new Map(before.tokens.map((token) => [token.id, token]));
  for (const { token } of change.effects) tokens.set(token.id, token);
  const slots = new Map([...before.slots, ...change.slots].map((slot) => [slot.id, slot]));
  const byStart = [...slots.values()].sort((a, b) => a.start - b.start);
  return { revision: change.revision, slots: byStart, tokens: [...tokens.values()] };
}

function names(tokens: readonly Token[]): string {
  return tokens.map(({ number, source, status }) => `#${number} ${source} ${status}`).join(', ');
}
