/** Questions about one thing of a day, and where a watch of it begins. */
import type { DoctorDay } from '../domain/doctor-day.js';
import { canResume, type Epoch } from '../domain/epoch.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import type { Slot, SlotId } from '../domain/slot.js';
import type { Token, TokenId } from '../domain/token.js';
import type { DayKey } from '../store/store.js';

/** What a watch is to show. */
export interface WatchWish {
  /** Only what touches this slot; the whole day where undefined. */
  readonly slotId: SlotId | undefined;
  /** The last revision that the watcher has seen. */
  readonly afterRevision: number | undefined;
  /** The id of the epoch that this revision belongs to; undefined where the watcher does not say. */
  readonly epoch: string | undefined;
}

export interface WatchStart {
  readonly key: DayKey;
  /** The id of the epoch that the watch begins in. */
  readonly epoch: string;
  /** The revision to go on after; undefined where there is nothing that could be gone on from: a snapshot is to come first. */
  readonly afterRevision: number | undefined;
}

/** A question about a day, in the epoch that it was read in. */
export type Question<T> = (day: DoctorDay, epoch: Epoch) => Answer<T>;

export function aboutSlot<T>(slotId: SlotId, project: (day: DoctorDay, slot: Slot) => Answer<T>): Question<T> {
  return (day) => {
    const slot = day.slot(slotId);
    return slot ? project(day, slot) : refused('SLOT_NOT_FOUND', { slotId });
  };
}

export function aboutToken<T>(tokenId: TokenId, project: (day: DoctorDay, token: Token) => Answer<T>): Question<T> {
  return (day) => {
    const token = day.token(tokenId);
    return token ? project(day, token) : refused('TOKEN_NOT_FOUND', { tokenId });
  };
}

/** Watch 3, 6: a slot must be of the day; a revision of another history cannot be gone on from. */
export function aboutWatch({ slotId, afterRevision: revision, epoch }: WatchWish): Question<WatchStart> {
  return (day, now) => {
    if (slotId && !day.slot(slotId)) return refused('SLOT_NOT_FOUND', { slotId });
    const key: DayKey = { doctorId: day.doctor.id, date: day.date };
    const isKnown = revision !== undefined && canResume({ revision, epoch }, now, day.revision);
    return answered({ key, epoch: now.id, afterRevision: isKnown ? revision : undefined });
  };
}
