/**
 * Commands over several days: what one day's journal says of the others is in theirs, so that all of it was kept. A day of which
 * nothing is kept has been let go, and is not asked.
 */
import type { DayRevision, RecordedCommand } from '../domain/command.js';
import type { DayKey } from '../store/store.js';

/** A revision of one day that says what was done on another. */
interface Told {
  readonly by: DayKey;
  readonly revision: number;
  readonly kind: RecordedCommand['kind'];
  readonly other: DayRevision;
}

/** What such a revision says that is not so. */
export interface BrokenTale {
  readonly key: DayKey;
  readonly revision: number;
  readonly what: string;
}

export class WideCommands {
  readonly #told: Told[] = [];
  /** Every day that is kept. */
  readonly #days = new Set<string>();
  /** What a revision was the doing of, where it may have been told of elsewhere. */
  readonly #kinds = new Map<string, RecordedCommand['kind']>();

  noteDay({ doctorId, date }: DayKey): void {
    this.#days.add(`${doctorId} ${date}`);
  }

  note(by: DayKey, revision: number, command: RecordedCommand): void {
    const { kind } = command;
    if (kind !== 'CreateSlots' && kind !== 'RescheduleToken' && kind !== 'CloseSlots') return;
    this.#kinds.set(`${by.doctorId} ${by.date} ${revision}`, kind);
    for (const other of command.elsewhere ?? []) this.#told.push({ by, revision, kind, other });
  }

  /** Once all days have been noted: the first that is told of and is not there. */
  firstBroken(): BrokenTale | undefined {
    for (const { by, revision, kind, other } of this.#told) {
      const day = `${by.doctorId} ${other.date}`;
      if (!this.#days.has(day) || this.#kinds.get(`${day} ${other.revision}`) === kind) continue;
      const what = `${kind} is said to have made revision ${other.revision} of ${other.date}, and did not`;
      return { key: by, revision, what };
    }
    return undefined;
  }
}
