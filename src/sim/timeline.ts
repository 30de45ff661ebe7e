/** What happened, entry by entry: plain values without ids, so that the same seed gives the same timeline. */
import type { RebalancePolicy } from '../domain/doctor.js';
import type { Change, TokenEffect } from '../domain/event.js';
import { dateAt, formatTimeOfDay, type Instant, instantOf, type TimeOfDay, type TimeZone } from '../domain/time.js';
import type { Token, TokenSource, TokenStatus } from '../domain/token.js';
import type { Board } from './board.js';
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
  /** The number of the token that a DISPLACED one made way for. */
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
  readonly rebalance: RebalancePolicy;
}

/** Something that is no command, but explains those to come. */
export interface Remark extends Line {
  readonly what: 'remark';
  readonly text: string;
}

/** A command that was carried out, and all that it did: its own token's change first. */
export interface CarriedOut extends Line {
  readonly what: 'command';
  readonly command: 'CLOCK' | 'AllocateToken' | 'InsertEmergency' | 'CancelToken' | 'MarkNoShow';
  readonly revision: number;
  readonly effects: readonly EffectGlimpse[];
  /** Seats taken beyond capacity, after it, in the slot of its own token. */
  readonly overflow: number;
  /** Why a token was given up. */
  readonly because?: string;
  /** Asked twice under one request id, and answered alike (R18). */
  readonly again: boolean;
}

/** A command that was refused, and changed nothing (I9). */
export interface Refused extends Line {
  readonly what: 'refused';
  readonly attempt: string;
  readonly reason: string;
}

/** The last slot has ended. */
export interface DayClosed extends Line {
  readonly what: 'closed';
  readonly issued: number;
  readonly waiting: number;
}

export type TimelineEntry = DayOpened | Remark | CarriedOut | Refused | DayClosed;

/** An entry before time and doctor are written to it. */
export type Unsigned<Entry extends TimelineEntry> = Entry extends TimelineEntry ? Omit<Entry, keyof Line> : never;

/** The local time of day, `09:42`. */
export function localTime(instant: Instant, zone: TimeZone): string {
  const midnight = instantOf(dateAt(instant, zone), 0 as TimeOfDay, zone);
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
