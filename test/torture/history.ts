/** What the clients of a run have asked and been told, each with when: all that the checks afterwards go by. */
import type { QueueChange } from '../../gen/opd/v1/resources.js';

export interface CommandRecord {
  readonly requestId: string;
  /** Names the patient of this command and of no other. */
  readonly patientRef: string;
  readonly day: string;
  /** When it was first sent, on a clock that only goes forward. */
  readonly sentAt: number;
  /** When its answer came. */
  readonly endedAt: number;
  /** `given up`: never answered, and not asked again; it may have been carried out or not. */
  readonly outcome: { readonly change: QueueChange } | { readonly refused: string } | 'given up';
}

export interface ReadRecord {
  readonly day: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly revision: number;
}

/** One watcher's whole stream, over all its connections. */
export interface WatchRecord {
  readonly day: string;
  readonly changes: QueueChange[];
}

export class History {
  readonly commands: CommandRecord[] = [];
  readonly reads: ReadRecord[] = [];
  readonly watches: WatchRecord[] = [];
}

/** Names a doctor-day. */
export function dayName(doctorId: string, date: string): string {
  return `${doctorId} ${date}`;
}
