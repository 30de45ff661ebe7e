/** The day in figures: for each doctor, slot and source, what became of the tokens. */
import type { Change, TokenEffect } from '../domain/event.js';
import type { SlotId } from '../domain/slot.js';
import { formatTimeOfDay } from '../domain/time.js';
import type { TokenSource } from '../domain/token.js';
import type { Board } from './board.js';

/**
 * Of the tokens of one source in one slot. A moved token counts as moved out in the slot that it left and as moved in in the
 * one that it came to, so that always: issued + moved in − moved out = seen + cancelled + no-shows + expired.
 */
export interface Tally {
  readonly issued: number;
  /** Had been with the doctor when the day was over. */
  readonly seen: number;
  readonly displaced: number;
  readonly movedIn: number;
  readonly movedOut: number;
  readonly promoted: number;
  readonly cancelled: number;
  readonly noShows: number;
  readonly expired: number;
}

export interface SourceTally extends Tally {
  readonly source: TokenSource;
}

export interface SlotTally {
  readonly start: string;
  readonly end: string;
  readonly capacity: number;
  /** The most seats beyond capacity that were ever taken. */
  readonly peakOverflow: number;
  /** Those that had any token there, strongest first. */
  readonly bySource: readonly SourceTally[];
  readonly total: Tally;
}

export interface DaySummary {
  /** By start. */
  readonly slots: readonly SlotTally[];
  readonly bySource: readonly SourceTally[];
  readonly total: Tally;
  /** The highest of its slots. */
  readonly peakOverflow: number;
}

const NOTHING: Tally = {
  issued: 0,
  seen: 0,
  displaced: 0,
  movedIn: 0,
  movedOut: 0,
  promoted: 0,
  cancelled: 0,
  noShows: 0,
  expired: 0,
};
const COLUMNS = Object.keys(NOTHING) as (keyof Tally)[];
export const SOURCES_BY_STRENGTH: readonly TokenSource[] = ['EMERGENCY', 'PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'];

const COLUMN_OF: Readonly<Partial<Record<TokenEffect['kind'], keyof Tally>>> = {
  ALLOCATED: 'issued',
  QUEUED: 'issued',
  DISPLACED: 'displaced',
  PROMOTED: 'promoted',
  MOVED: 'movedIn',
  CANCELLED: 'cancelled',
  NO_SHOW: 'noShows',
  EXPIRED: 'expired',
  COMPLETED: 'seen',
};

/** Keeps count while a day goes on. */
export class Ledger {
  readonly #tallies = new Map<string, Tally>();
  readonly #peaks = new Map<SlotId, number>();

  note({ effects, slots }: Change): void {
    for (const { kind, token, fromSlotId } of effects) {
      const column = COLUMN_OF[kind];
      if (column) this.#count(token.slotId, token.source, column);
      if (kind === 'MOVED' && fromSlotId) this.#count(fromSlotId, token.source, 'movedOut');
    }
    for (const { id, seatsTaken, capacity } of slots) {
      this.#peaks.set(id, Math.max(this.#peaks.get(id) ?? 0, seatsTaken - capacity));
    }
  }

  /** The day as it ended. */
  close(board: Board): DaySummary {
    const slots = board.slots.map(({ id, start, end, capacity }) => {
      const bySource = SOURCES_BY_STRENGTH.map((source) => ({ source, ...this.#tally(id, source) })).filter(hasAny);
      const peakOverflow = this.#peaks.get(id) ?? 0;
      const window = { start: formatTimeOfDay(start), end: formatTimeOfDay(end) };
      return { ...window, capacity, peakOverflow, bySource, total: sum(bySource) };
    });
    const all = slots.flatMap(({ bySource }) => bySource);
    const ofSource = (source: TokenSource) => sum(all.filter((tally) => tally.source === source));
    return {
      slots,
      bySource: SOURCES_BY_STRENGTH.map((source) => ({ source, ...ofSource(source) })).filter(hasAny),
      total: sum(all),
      peakOverflow: Math.max(0, ...slots.map(({ peakOverflow }) => peakOverflow)),
    };
  }

  #tally(slotId: SlotId, source: TokenSource): Tally {
    return this.#tallies.get(`${slotId} ${source}`) ?? NOTHING;
  }

  #count(slotId: SlotId, source: TokenSource, column: keyof Tally): void {
    const tally = this.#tally(slotId, source);
    this.#tallies.set(`${slotId} ${source}`, { ...tally, [column]: tally[column] + 1 });
  }
}

function hasAny(tally: Tally): boolean {
  return COLUMNS.some((column) => tally[column] > 0);
}

function sum(tallies: readonly Tally[]): Tally {
  const added = COLUMNS.map((column) => [column, tallies.reduce((total, tally) => total + tally[column], 0)]);
  return Object.fromEntries(added) as unknown as Tally;
}
