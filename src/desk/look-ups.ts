/** Questions about one thing of a day, and where a watch of it begins. */
import type { DoctorDay } from '../domain/doctor-day.js';
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
}

export interface WatchStart {
  readonly key: DayKey;
  /** The revision to go on after; undefined where there is nothing that could be gone on from: a snapshot is to come first. */
  readonly afterRevision: number | undefined;
}

type Question<T> = (day: DoctorDay) => Answer<T>;

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

/** Watch 3, 6: a slot must be of the day; a revision from the future cannot be gone on from. */
export function aboutWatch({ slotId, afterRevision }: WatchWish): Question<WatchStart> {
  return (day) => {
    if (slotId && !day.slot(slotId)) return refused('SLOT_NOT_FOUND', { slotId });
    const key: DayKey = { doctorId: day.doctor.id, date: day.date };
    const isKnown = afterRevision !== undefined && afterRevision <= day.revision;
    return answered({ key, afterRevision: isKnown ? afterRevision : undefined });
  };
}
