/**
 * The front desk: brings rules, disk and watchers together. The order of effects of a command, and what a crash leaves:
 *
 *   1. load     the day is made from its journal                    nothing has happened
 *   2. decide   the rules judge; the day in memory runs ahead       nothing has happened: nobody was told, nothing was kept
 *   3. commit   the revision goes to disk with the next batch       wholly there or not at all; the caller, who was not told,
 *                                                                   asks again under the same request id (R18)
 *   4. publish  watchers are woken                                  they resume after the last revision they saw
 *   5. answer   the caller learns what happened                     the answer is given again under the same request id
 *
 * So answers and watch updates leave only when their change is on disk. Commands on one doctor-day are decided one after
 * another, on the state that the one before left, without waiting for its write; where a write fails, all that built on it
 * fails too, and the day is loaded anew. Reads see what has been decided, and are answered once that is on disk; where servers share
 * the store, they see what is on disk.
 */
import type { SlotsToClose } from '../domain/close-slots.js';
import type { Command } from '../domain/command.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { DoctorFilter } from '../domain/doctor-filter.js';
import type { DoctorUpdate } from '../domain/doctor-update.js';
import type { Change } from '../domain/event.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import type { Rescheduling } from '../domain/reschedule.js';
import type { Schedule } from '../domain/schedule.js';
import type { Slot, SlotId } from '../domain/slot.js';
import type { Token, TokenId } from '../domain/token.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';
import { type DayKey, type RequestMark, type Store, StoreUnavailable } from '../store/store.js';
import { type Attempt, insist, STORE_UNAVAILABLE } from './attempts.js';
import { BackOffice } from './back-office.js';
import { DayShelf, DEFAULT_SHELF_LIMITS } from './day-shelf.js';
import { Directory } from './directory.js';
import { DoctorRegister, type NewDoctor } from './doctor-register.js';
import type { Asking, Done, Place } from './errand.js';
import { GroupCommit } from './group-commit.js';
import { type ChangePage, type ListedDay, Lists, type TokenPage, type TokensAsked } from './lists.js';
import type { LoadedDay } from './loaded-day.js';
import { aboutSlot, aboutToken, aboutWatch, type Question, type WatchStart, type WatchWish } from './look-ups.js';
import { Neighbourhood } from './neighbourhood.js';
import { OneDay, type Retimed, type Tried } from './one-day.js';
import { QueueBoard, type Seen, type Subscription } from './queue-board.js';
import { Rehearsals } from './rehearsal.js';
import { Replays } from './replays.js';
import { RequestBook } from './request-book.js';
import { SeveralDays } from './several-days.js';
import type { Races, Surroundings } from './surroundings.js';
import { lifeOf, type TokenLife } from './token-life.js';

export type { Asking, Done, Place, Surroundings };

export class FrontDesk {
  readonly board: QueueBoard;
  readonly #doctors: DoctorRegister;
  readonly #directory: Directory;
  readonly #shelf: DayShelf;
  readonly #commits: GroupCommit;
  readonly #requests = new RequestBook();
  readonly #backOffice = new BackOffice();
  readonly #replays: Replays;
  readonly #oneDay: OneDay;
  readonly #severalDays: SeveralDays;
  readonly #lists: Lists;
  /** Undefined where this server is alone. */
  readonly #neighbourhood: Neighbourhood | undefined;
  #refusedForConflicts = 0;

  constructor(
    private readonly store: Store,
    private readonly surroundings: Surroundings,
  ) {
    const letGo = (loaded: LoadedDay) => this.#letGo(loaded);
    this.#doctors = new DoctorRegister(store, surroundings, (id, act) => this.#shelf.withDaysAway(id, letGo, act));
    const findDoctor = (id: DoctorId) => this.#doctors.find(id);
    this.#directory = new Directory(store, findDoctor, surroundings.now);
    this.#replays = new Replays(store, findDoctor);
    this.#shelf = new DayShelf(store, findDoctor, surroundings.shelfLimits ?? DEFAULT_SHELF_LIMITS, {
      // So that a storm of repeats after a restart finds them at hand.
      replayed: (key, entry) => this.#requests.noteEntry(key, entry),
      loaded: (loaded) => this.board.publish(loaded),
    });
    this.board = new QueueBoard(this.#shelf, surroundings.onFault);
    this.#commits = new GroupCommit(store, {
      landed: (loaded) => {
        this.#neighbourhood?.landed(loaded);
        this.board.publish(loaded);
        this.#shelf.makeRoomSoon();
      },
      lost: (loaded) => this.#letGo(loaded),
      faulted: surroundings.onFault,
    });
    this.#lists = new Lists(this, store, surroundings.now);
    const parts = {
      ...{ store, surroundings, letGo, shelf: this.#shelf, commits: this.#commits, requests: this.#requests },
      ...{ replays: this.#replays, rehearsals: new Rehearsals(store, findDoctor, this.#backOffice, surroundings.now) },
    };
    const household = { ...parts, board: this.board, ...surroundings, forgetAll: () => this.#forgetAll() };
    this.#neighbourhood = store.neighbours && new Neighbourhood(store.neighbours, store, household);
    const lent = { ...parts, neighbourhood: this.#neighbourhood };
    this.#oneDay = new OneDay(lent);
    this.#severalDays = new SeveralDays(lent, this.#oneDay, findDoctor, (place) => this.#find(place));
  }

  /** How many days and tokens are in memory. */
  get held(): { days: number; tokens: number } {
    return this.#shelf.held;
  }

  /** How often other servers were first at days that this one wanted; undefined where this server is alone. */
  get races(): Races | undefined {
    const { landed, conflicts } = this.#commits;
    return this.#neighbourhood && { landed, conflicts, refused: this.#refusedForConflicts };
  }

  createDoctor(wanted: NewDoctor, request?: RequestMark): Promise<Answer<Doctor>> {
    return this.#withStore(() => this.#doctors.create(wanted, request));
  }

  /** Changes a doctor, and answers when that is on disk: what is decided from then on is judged by the new policy. */
  updateDoctor(id: DoctorId, update: DoctorUpdate, asking: Asking = {}): Promise<Answer<Doctor>> {
    return this.#withStore(() => this.#doctors.update(id, update, asking));
  }

  findDoctor(id: DoctorId): Promise<Answer<Doctor>> {
    return this.#withStore(async () => {
      const doctor = await this.#doctors.find(id);
      return doctor ? answered(doctor) : refused('DOCTOR_NOT_FOUND', { doctorId: id });
    });
  }

  /** The doctors that a filter lets through, by id, those after `after`, `limit` at the most. */
  listDoctors(after: DoctorId | undefined, limit: number, filter: DoctorFilter): Promise<Answer<Doctor[]>> {
    return this.#withStore(async () => answered(await this.#doctors.list(after, limit, filter)));
  }

  /** Carries a command out where it points, and answers when that is on disk. */
  perform(place: Place, command: Command, asking: Asking = {}): Promise<Answer<Done>> {
    const identified = { command, commandId: this.surroundings.newId() };
    return this.#withDay(place, (key, tried) => this.#oneDay.perform(key, tried, identified, asking));
  }

  /** Makes a schedule's slots, all or none, and answers when they are on disk: with what that did, by date. */
  createSlots(doctorId: DoctorId, schedule: Schedule, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#withStore(() => this.#severalDays.createSlots(doctorId, schedule, asking));
  }

  /**
   * Closes all open slots of a span of days together, and answers when that is on disk: with what
   * it did, by date.
   */
  closeSlots(doctorId: DoctorId, wanted: SlotsToClose, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#withStore(() => this.#severalDays.closeSlots(doctorId, wanted, asking));
  }

  /** Gives a token up for one in another slot, both or neither; answers with the new place's change, then the old one's. */
  rescheduleToken(wanted: Rescheduling, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#withStore(() => this.#severalDays.rescheduleToken(wanted, asking));
  }

  /** Answers a question about a day. `project` must copy what it takes: the day goes on changing. */
  read<T>(place: Place, project: Question<T>): Promise<Answer<T>> {
    return this.#withDay(place, (key, { atHand }) => this.#read(key, atHand, project));
  }

  /** Likewise about a slot, wherever it is. */
  readSlot<T>(slotId: SlotId, project: (day: DoctorDay, slot: Slot) => Answer<T>): Promise<Answer<T>> {
    return this.read({ slotId }, aboutSlot(slotId, project));
  }

  /** Likewise about a token. */
  readToken<T>(tokenId: TokenId, project: (day: DoctorDay, token: Token) => Answer<T>): Promise<Answer<T>> {
    return this.read({ tokenId }, aboutToken(tokenId, project));
  }

  /** Finds where a watch begins. */
  startOfWatch(place: Place, wish: WatchWish): Promise<Answer<WatchStart>> {
    return this.read(place, aboutWatch(wish));
  }

  /**
   * Subscribes to a day's changes after a revision of an epoch. `wake` is called whenever there may
   * be more to take, also before this has resolved.
   */
  subscribe(key: DayKey, seen: Seen, wake: () => void): Promise<Answer<Subscription>> {
    return this.#withDay(key, async () => {
      const loaded = await this.#shelf.open(key);
      if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
      return loaded.retired ? 'again' : answered(this.board.subscribe(loaded, seen, wake));
    });
  }

  /** The changes of a day after a revision, from its journal. Rejects with StoreUnavailable. */
  history(key: DayKey, afterRevision: number): AsyncGenerator<Change> {
    return this.#replays.history(key, afterRevision);
  }

  /** Does what is due on a day by now (R20 to R22); answers when that is on disk. */
  letTimePass(key: DayKey): Promise<Answer<undefined>> {
    return this.#withDay(key, () => this.#oneDay.letTimePass(key));
  }

  /** Retimes the slots of a day that have not begun (R17); answers when that is on disk. */
  retimeSlots(key: DayKey, zoneData: ZoneDataVersion): Promise<Answer<Retimed>> {
    return this.#withDay(key, () => this.#oneDay.retimeSlots(key, zoneData));
  }

  /** What has happened to a token, and why: all that had been acknowledged before it was asked. */
  explainToken(tokenId: TokenId): Promise<Answer<TokenLife>> {
    return this.#withDay({ tokenId }, async (key) => {
      await this.#shelf.peek(key)?.underway;
      return this.#backOffice.inTurn(async () => {
        const doctor = await this.#doctors.find(key.doctorId);
        const life = doctor && (await lifeOf(this.store, doctor, key, tokenId));
        return life ? answered(life) : refused('TOKEN_NOT_FOUND', { tokenId });
      });
    });
  }

  /** A page of the tokens of a doctor-day, by number; or of a patient over all days, in order of issue. */
  listTokens(asked: TokensAsked): Promise<Answer<TokenPage>> {
    return this.#withStore(() => this.#lists.tokens(asked));
  }

  /** A page of a doctor-day's changes, from its journal: what was acknowledged before is in it. */
  listChanges(asked: ListedDay): Promise<Answer<ChangePage>> {
    return this.#withStore(() => this.#lists.changes(asked));
  }

  /** The day in memory is not what the journal says: it is loaded anew, at once where it is watched. */
  #letGo(loaded: LoadedDay): void {
    this.#shelf.letGo(loaded);
    this.board.bringBack(loaded.key);
  }

  /**
   * The store has another epoch: nothing that is in memory is so any more. Watched days are loaded
   * anew at once.
   */
  #forgetAll(): void {
    this.#requests.clear();
    this.#replays.clear();
    this.#shelf.letAllGo((loaded) => this.#shelf.retire(loaded));
    for (const key of this.board.watched) this.board.bringBack(key);
  }

  async #read<T>(key: DayKey, atHand: LoadedDay | undefined, project: Question<T>): Promise<Attempt<T>> {
    if (this.#neighbourhood) return this.#neighbourhood.read(key, project);
    const loaded = atHand ?? (await this.#shelf.open(key));
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    if (loaded.retired) return 'again';
    const answer = project(loaded.day, loaded.epoch);
    const landing = await loaded.underway;
    if (landing === 'failed') return 'failed';
    return landing === 'conflict' ? 'again' : answer;
  }

  /** The day that a place points at, where it is in memory. */
  #atHand(place: Place): LoadedDay | undefined {
    if ('slotId' in place) return this.#shelf.useBySlot(place.slotId);
    if ('tokenId' in place) return this.#shelf.useByToken(place.tokenId);
    return place.date && this.#shelf.use({ doctorId: place.doctorId, date: place.date });
  }

  async #find(place: Place): Promise<Answer<DayKey>> {
    const atHand = this.#atHand(place);
    return atHand ? answered(atHand.key) : this.#directory.locate(place);
  }

  /** Finds the day that a place points at, and does something with it, again where the day changed under it. */
  #withDay<T>(place: Place, act: (key: DayKey, tried: Tried) => Promise<Attempt<T>>): Promise<Answer<T>> {
    return this.#withStore(async () => {
      const atHand = this.#atHand(place);
      const located = atHand ? answered(atHand.key) : await this.#directory.locate(place);
      if (!located.ok) return located;
      return insist((times) => act(located.value, { times, atHand: times === 0 ? atHand : undefined }));
    });
  }

  async #withStore<T>(act: () => Promise<Answer<T>>): Promise<Answer<T>> {
    try {
      const answer = await act();
      if (!answer.ok && answer.refusal.reason === 'CONFLICT') this.#refusedForConflicts += 1;
      return answer;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.surroundings.onFault(error);
      return STORE_UNAVAILABLE;
    }
  }
}
