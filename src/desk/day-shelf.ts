/**
 * The doctor-days in memory. A day is loaded when it is asked for, by applying its journal, and let go when it has not been
 * used for long or many others have, so that memory stays bounded however many days pass through.
 */
import { LRUCache } from 'lru-cache';
import { nextDue } from '../domain/clock.js';
import type { Doctor } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import type { Change } from '../domain/event.js';
import type { SlotId } from '../domain/slot.js';
import type { TokenId } from '../domain/token.js';
import type { DayKey, JournalEntry, Store } from '../store/store.js';
import { replayJournal } from './journal-reading.js';
import { LoadedDay, nameOf } from './loaded-day.js';

/** Days in use, watched, held or with a commit under way, stay beyond these; so does the one used last. */
export interface ShelfLimits {
  /** Days kept in memory. */
  readonly daysMax: number;
  /** Tokens of all days kept in memory. */
  readonly tokensMax: number;
}

/**
 * A day of one to four slots takes 2 to 6 KB, a token 0.5 to 1. In use is up to some three times what the days take that are held,
 * since those let go are collected late.
 */
export const DEFAULT_SHELF_LIMITS: ShelfLimits = { daysMax: 2_000, tokensMax: 500_000 };

const TOKEN_BYTES_MAX = 1_024;
/** The rest is for calls, watches, connections and what has not been collected yet. */
const SHARE_OF_HEAP = 0.4;

/**
 * What a process may hold whose heap may grow to so many bytes: as long as the days fit, it does not run out of memory because of
 * them.
 */
export function shelfLimitsFor(heapBytesMax: number): ShelfLimits {
  const { daysMax, tokensMax } = DEFAULT_SHELF_LIMITS;
  return { daysMax, tokensMax: Math.min(tokensMax, Math.floor((heapBytesMax * SHARE_OF_HEAP) / TOKEN_BYTES_MAX)) };
}

const OVERTAKEN_MAX = 500;
/** How much room is made at once. */
const ROOM_SHARE = 0.1;

export interface ShelfListener {
  /** A revision was read while its day was loaded. */
  replayed(key: DayKey, entry: JournalEntry): void;
  loaded(loaded: LoadedDay): void;
}

export class DayShelf {
  readonly #loaded = new Map<string, LoadedDay>();
  readonly #loading = new Map<string, Promise<LoadedDay | undefined>>();
  /** A retired day whose last commits have not landed yet: its journal is to be read only once they have. */
  readonly #leaving = new Map<string, LoadedDay>();
  /** Doctors whose days are not to be loaded before this has come to an end. */
  readonly #away = new Map<Doctor['id'], Promise<unknown>>();
  /** Days of a store that servers share which were let go since another got ahead, to be taken up again from where they were on disk. */
  readonly #overtaken = new LRUCache<string, LoadedDay>({ max: OVERTAKEN_MAX });
  readonly #bySlot = new Map<SlotId, LoadedDay>();
  readonly #byToken = new Map<TokenId, LoadedDay>();
  #makingRoom = false;
  #uses = 0;

  constructor(
    private readonly store: Store,
    private readonly findDoctor: (id: Doctor['id']) => Promise<Doctor | undefined>,
    private readonly limits: ShelfLimits,
    private readonly listener: ShelfListener,
  ) {}

  /** How many days and tokens are in memory. */
  get held(): { days: number; tokens: number } {
    return { days: this.#loaded.size, tokens: this.#byToken.size };
  }

  /** The day, where it is in memory. */
  peek(key: DayKey): LoadedDay | undefined {
    return this.peekByName(nameOf(key));
  }

  peekByName(name: string): LoadedDay | undefined {
    return this.#loaded.get(name);
  }

  /** The day, where it is in memory; now the one used last. */
  use(key: DayKey): LoadedDay | undefined {
    return this.#used(this.#loaded.get(nameOf(key)));
  }

  /** The day, loaded if it was not; undefined where there is no such doctor. */
  async open(key: DayKey): Promise<LoadedDay | undefined> {
    const loaded = this.use(key);
    if (loaded) return loaded;
    const name = nameOf(key);
    let loading = this.#loading.get(name);
    if (!loading) {
      loading = this.#load(key).finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  /** The day of a slot, where it is in memory; now the one used last. */
  useBySlot(id: SlotId): LoadedDay | undefined {
    return this.#used(this.#bySlot.get(id));
  }

  /** The day of a token, likewise. */
  useByToken(id: TokenId): LoadedDay | undefined {
    return this.#used(this.#byToken.get(id));
  }

  /** Makes what a change brought findable by its id: the slots it created, the token it issued. */
  index(loaded: LoadedDay, { createdSlotIds = [], effects }: Change): void {
    for (const id of createdSlotIds) this.#bySlot.set(id, loaded);
    for (const { kind, token } of effects) {
      if (kind === 'ALLOCATED' || kind === 'QUEUED') this.#byToken.set(token.id, loaded);
    }
  }

  /** Lets a day go whose memory is ahead of its journal. */
  letGo(loaded: LoadedDay): void {
    if (this.store.neighbours) this.#overtaken.set(nameOf(loaded.key), loaded);
    this.retire(loaded);
  }

  /**
   * Lets all days go, since the store has another epoch. What they were on disk is not taken up
   * again.
   *
   * @param letGo is to retire the day that it is given
   */
  letAllGo(letGo: (loaded: LoadedDay) => void): void {
    for (const loaded of [...this.#loaded.values()]) {
      loaded.forgetSettled();
      letGo(loaded);
    }
    this.#overtaken.clear();
  }

  /** Lets a day go: it is loaded anew when it is next asked for. */
  retire(loaded: LoadedDay): void {
    const name = nameOf(loaded.key);
    loaded.retire();
    if (this.#loaded.get(name) !== loaded) return;
    this.#loaded.delete(name);
    for (const { id } of loaded.day.slots) this.#bySlot.delete(id);
    for (const { id } of loaded.day.tokens) this.#byToken.delete(id);
    if (!loaded.underway) return;
    this.#leaving.set(name, loaded);
    void loaded.underway.then(() => this.#leaving.delete(name));
  }

  /**
   * Does something while no day of a doctor is in memory, nor anything decided on one under way. Whoever asks for one
   * meanwhile waits, and finds it made from what there is afterwards. Not twice at once for one doctor.
   *
   * @param letGo is to retire the day that it is given
   */
  async withDaysAway<T>(id: Doctor['id'], letGo: (loaded: LoadedDay) => void, act: () => Promise<T>): Promise<T> {
    const loading = [...this.#loading].filter(([name]) => name.startsWith(`${id} `)).map(([, day]) => day);
    const done = this.#putAway(id, loading, letGo).then(act);
    this.#away.set(
      id,
      done.catch(() => {}),
    );
    return done.finally(() => this.#away.delete(id));
  }

  /**
   * To be called when a day has come in or is no longer in use. Room is not made at once: those who asked for a day that has
   * just been loaded are to find it there when they go on.
   */
  makeRoomSoon(): void {
    if (this.#makingRoom || !this.#isOverfull) return;
    this.#makingRoom = true;
    setImmediate(() => {
      this.#makingRoom = false;
      this.#makeRoom();
    });
  }

  #used(loaded: LoadedDay | undefined): LoadedDay | undefined {
    if (loaded) loaded.usedAt = ++this.#uses;
    return loaded;
  }

  async #putAway(id: Doctor['id'], loading: Promise<unknown>[], letGo: (loaded: LoadedDay) => void): Promise<void> {
    await Promise.allSettled(loading);
    const ofDoctor = ({ key }: LoadedDay) => key.doctorId === id;
    [...this.#loaded.values()].filter(ofDoctor).forEach(letGo);
    await Promise.all([...this.#leaving.values()].filter(ofDoctor).map(({ underway }) => underway));
  }

  async #load(key: DayKey): Promise<LoadedDay | undefined> {
    await this.#away.get(key.doctorId);
    await this.#leaving.get(nameOf(key))?.underway;
    const doctor = await this.findDoctor(key.doctorId);
    if (!doctor) return undefined;
    const { epoch } = this.store;
    const overtaken = this.#overtaken.get(nameOf(key))?.takeUp(doctor);
    this.#overtaken.delete(nameOf(key));
    const loaded = overtaken ?? new LoadedDay(key, new DoctorDay(doctor, key.date), epoch);
    for await (const { entry, change } of replayJournal(this.store, key, loaded.day)) {
      loaded.land(change);
      this.listener.replayed(key, entry);
    }
    // Some of it may be of the history before.
    if (this.store.epoch.id !== epoch.id) return this.#load(key);
    if (this.store.neighbours) loaded.keepSettled();
    for (const { id } of loaded.day.slots) this.#bySlot.set(id, loaded);
    for (const { id } of loaded.day.tokens) this.#byToken.set(id, loaded);
    loaded.nextDue = nextDue(loaded.day);
    this.#loaded.set(nameOf(key), loaded);
    loaded.usedAt = ++this.#uses;
    this.makeRoomSoon();
    this.listener.loaded(loaded);
    return loaded;
  }

  get #isOverfull(): boolean {
    return this.#loaded.size > this.limits.daysMax || this.#byToken.size > this.limits.tokensMax;
  }

  /**
   * Lets those go that have not been used for longest, until a tenth of the room is free: finding them costs a look at all
   * that are there, and is not to be done for each.
   */
  #makeRoom(): void {
    const daysMax = this.limits.daysMax - Math.floor(this.limits.daysMax * ROOM_SHARE);
    const tokensMax = this.limits.tokensMax - Math.floor(this.limits.tokensMax * ROOM_SHARE);
    const byUse = [...this.#loaded.values()].sort((a, b) => a.usedAt - b.usedAt);
    for (const loaded of byUse.slice(0, -1)) {
      if (this.#loaded.size <= daysMax && this.#byToken.size <= tokensMax) return;
      const inUse = loaded.watchers > 0 || loaded.holds > 0 || loaded.underway !== undefined;
      if (!inUse) this.retire(loaded);
    }
  }
}
