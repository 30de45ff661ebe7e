/** What happened, entry by entry: plain values without ids, so that the same seed gives the same timeline. */
import type { AllocationPolicy } from '../domain/doctor.js';
import type { Change, TokenEffect } from '../domain/event.js';
import {
  formatTimeOfDay,
  type Instant,
  instantOf,
  type LocalDate,
  type TimeOfDay,
  type TimeZone,
} from '../domain/time.js';
import type { Token, TokenSource, TokenStatus } from '../domain/token.js';
import type { Board } from './board.js';
import type { Request } from './counter.js';
import type { Patients } from './patients.js';

/** A token as it stands after an effect. */
export interface TokenGlimpse {
  readonly number: number;
  readonly patient: string;
  readonly source: TokenSource;
  readonly status: TokenStatus;
  /** The start of its slot, `09:30`. */
  readonly slot: string;
}

export interface EffectGlimpse {
  readonly kind: TokenEffect['kind'];
  readonly token: TokenGlimpse;
  /** The start of the slot that a MOVED token came from. */
  readonly from?: string;
  /** The number of the token that a DISPLACED one made way for, if for one. */
  readonly displacedBy?: number;
}

interface Line {
  /** Local to the doctor, `09:42`. */
  readonly time: string;
  /** The doctor's label. */
  readonly doctor: string;
}

/** The doctor's slots are there: from now on tokens are issued. */
export interface DayOpened extends Line {
  readonly what: 'opened';
  readonly name: string;
  readonly slots: readonly { readonly start: string; readonly end: string; readonly capacity: number }[];
  readonly policy: AllocationPolicy;
}

/** Something that is no command, but explains those to come. */
export interface Remark extends Line {
  readonly what: 'remark';
  readonly text: string;
}

interface Changed extends Line {
  readonly revision: number;
  readonly effects: readonly EffectGlimpse[];
}

/** A command that was carried out, and all that it did: its own token's change first, if it is about one. */
export interface CarriedOut extends Changed {
  readonly what: 'command';
  readonly command: Request['kind'];
  /** Seats taken beyond capacity, after it, in the slot of its own token. */
  readonly overflow: number;
  /** The start of the slot that was closed, and its end. */
  readonly closed?: { readonly start: string; readonly end: string };
  /** Why a token was given up, or a slot closed. */
  readonly because?: string;
  /** How many minutes after the start of its slot a patient has come, if after it. */
  readonly minutesLate?: number;
  /** Asked twice under one request id, and answered alike (R18). */
  readonly again: boolean;
}

/** What time did by itself. */
export interface TimeActed extends Changed {
  readonly what: 'time';
  /** The starts of the slots that it ended (R20). */
  readonly ended: readonly string[];
  /** Whether it ended the day (R21). */
  readonly isMidnight: boolean;
}

/** A command that was refused, and changed nothing (I9). */
export interface Refused extends Line {
  readonly what: 'refused';
  readonly attempt: string;
  readonly reason: string;
}

/** Nothing will happen any more. */
export interface DayClosed extends Line {
  readonly what: 'closed';
  readonly issued: number;
  readonly seen: number;
}

export type TimelineEntry = DayOpened | Remark | CarriedOut | TimeActed | Refused | DayClosed;

/** An entry before time and doctor are written to it. */
export type Unsigned<Entry extends TimelineEntry> = Entry extends TimelineEntry ? Omit<Entry, keyof Line> : never;

/** The local time of a date, `09:42`; `24:00` at its end. */
export function localTime(instant: Instant, date: LocalDate, zone: TimeZone): string {
  const midnight = instantOf(date, 0 as TimeOfDay, zone);
  return formatTimeOfDay(Math.floor((instant - midnight) / 60_000) as TimeOfDay);
}

/** Tells the effects of a change in names, numbers and times. */
export function glimpse({ effects }: Change, board: Board, patients: Patients): EffectGlimpse[] {
  const start = (id: Token['slotId']) => formatTimeOfDay(board.slot(id).start);
  return effects.map(({ kind, token, fromSlotId, displacedByTokenId }) => ({
    kind,
    token: {
      number: token.number,
      patient: patients.of(token.patientRef).name,
      source: token.source,
      status: token.status,
      slot: start(token.slotId),
    },
    ...(fromSlotId && { from: start(fromSlotId) }),
    ...(displacedByTokenId && { displacedBy: board.token(displacedByTokenId).number }),
  }));
}
