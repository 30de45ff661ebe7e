/** What many days came to under one policy, in figures: of each source, and of all together. */
import type { Change, TokenEffect } from '../domain/event.js';
import type { TokenSource } from '../domain/token.js';
import type { Visit } from './clinic-day.js';
import { SOURCES_BY_STRENGTH } from './summary.js';

const MINUTE = 60_000;

export interface SourceFigures {
  readonly source: TokenSource | 'ALL';
  readonly issued: number;
  /** With the doctor: seats used. */
  readonly seen: number;
  /** `seen` as a share of all seats that there were; emergencies may have more than there are. */
  readonly seatsUsed: number;
  /** Of those seen, from when the patient was here and the slot asked for had begun (an emergency's: since it came). */
  readonly waitMinutesMean: number;
  /** No more than one in twenty waited longer. */
  readonly waitMinutesP95: number;
  /** Seen after the slot of their seat had ended. */
  readonly late: number;
  readonly displacements: number;
  readonly cancelled: number;
  readonly noShows: number;
  readonly expired: number;
}

export interface FiguresReport {
  /** Of all together first, then of each source, strongest first. */
  readonly sources: readonly SourceFigures[];
  /** How long after closing a doctor goes home, on average. */
  readonly overtimeMinutesMean: number;
}

type Counted = 'issued' | 'displacements' | 'cancelled' | 'noShows' | 'expired';

const COUNTED: Readonly<Partial<Record<TokenEffect['kind'], Counted>>> = {
  ALLOCATED: 'issued',
  QUEUED: 'issued',
  DISPLACED: 'displacements',
  CANCELLED: 'cancelled',
  NO_SHOW: 'noShows',
  EXPIRED: 'expired',
};

interface Book {
  readonly counts: Record<Counted | 'late', number>;
  readonly waits: number[];
}

/** Keeps count while days go on. */
export class Figures {
  readonly #books = new Map(SOURCES_BY_STRENGTH.map((source) => [source, emptyBook()]));
  #seats = 0;
  #days = 0;
  #overtimeMinutes = 0;

  /** One doctor's day is over. */
  noteDay({ seats, overtimeMilliseconds }: { seats: number; overtimeMilliseconds: number }): void {
    this.#days += 1;
    this.#seats += seats;
    this.#overtimeMinutes += overtimeMilliseconds / MINUTE;
  }

  note({ effects }: Change): void {
    for (const { kind, token } of effects) {
      const counted = COUNTED[kind];
      if (counted) this.#book(token.source).counts[counted] += 1;
    }
  }

  noteVisit({ token, waitedMilliseconds, isLate }: Visit): void {
    const { waits, counts } = this.#book(token.source);
    waits.push(waitedMilliseconds / MINUTE);
    if (isLate) counts.late += 1;
  }

  report(): FiguresReport {
    return { sources: this.#sources(), overtimeMinutesMean: this.#overtimeMinutes / Math.max(1, this.#days) };
  }

  #sources(): SourceFigures[] {
    const books = [...this.#books.values()];
    const counts = emptyBook().counts;
    for (const book of books) for (const key of keysOf(counts)) counts[key] += book.counts[key];
    const all: Book = { counts, waits: books.flatMap(({ waits }) => waits) };
    return [this.#figures('ALL', all), ...[...this.#books].map(([source, book]) => this.#figures(source, book))];
  }

  #figures(source: SourceFigures['source'], { counts, waits }: Book): SourceFigures {
    const seen = waits.length;
    const sorted = Float64Array.from(waits).sort();
    const total = sorted.reduce((sum, wait) => sum + wait, 0);
    return {
      source,
      ...counts,
      seen,
      seatsUsed: this.#seats === 0 ? 0 : seen / this.#seats,
      waitMinutesMean: seen === 0 ? 0 : total / seen,
      waitMinutesP95: sorted[Math.ceil(0.95 * seen) - 1] ?? 0,
    };
  }

  #book(source: TokenSource): Book {
    return this.#books.get(source) as Book;
  }
}

function emptyBook(): Book {
  return { counts: { issued: 0, displacements: 0, cancelled: 0, noShows: 0, expired: 0, late: 0 }, waits: [] };
}

function keysOf<Keys extends string>(record: Record<Keys, number>): Keys[] {
  return Object.keys(record) as Keys[];
}
