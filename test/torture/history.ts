/** What the clients of a run have asked and been told, each with when: all that the checks afterwards go by. */
import type { ServiceError } from '@grpc/grpc-js';
import type { QueueChange } from '../../gen/opd/v1/resources.js';

/** A command on one day; one over two days has a record for each, under the same request id. */
export interface CommandRecord {
  readonly requestId: string;
  /** Names the patient of this command and of no other; where a token is rescheduled, nobody. */
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

/** A call that got no answer, or one that says to ask again. */
export interface LostCall {
  readonly error: ServiceError;
  readonly milliseconds: number;
}

/** How one watcher's stream fared, over all its connections. */
export interface StreamRecord {
  /** How each of its connections broke off, but for the last. */
  readonly breaks: ServiceError[];
  /** The longest time in which an open stream told it nothing: no change, no heartbeat. */
  silenceMillisecondsMax: number;
}

export class History {
  readonly commands: CommandRecord[] = [];
  readonly reads: ReadRecord[] = [];
  readonly watches: WatchRecord[] = [];
  readonly streams: StreamRecord[] = [];
  readonly lost: LostCall[] = [];
}

/** Names a doctor-day. */
export function dayName(doctorId: string, date: string): string {
  return `${doctorId} ${date}`;
}
