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
 * fails too, and the day is loaded anew. Reads see what has been decided, and are answered once that is on disk.
 */
import type { Command, RecordedCommand } from '../domain/command.js';
import { type Circumstances, type Decision, decide } from '../domain/decide.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import type { DoctorUpdate } from '../domain/doctor-update.js';
import type { Change } from '../domain/event.js';
import { type Answer, answered, DONE, refused } from '../domain/refusal.js';
import type { Schedule } from '../domain/schedule.js';
import type { Slot, SlotId } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { Token, TokenId } from '../domain/token.js';
import { type DayKey, type RequestMark, type Store, StoreUnavailable } from '../store/store.js';
import { type Attempt, insist, STORE_UNAVAILABLE } from './attempts.js';
import { BackOffice } from './back-office.js';
import { accountOf, type BrokenRules } from './broken-rules.js';
import { DayShelf, DEFAULT_SHELF_LIMITS, type ShelfLimits } from './day-shelf.js';
import { Directory } from './directory.js';
import { DoctorRegister, type NewDoctor, type RegisterSurroundings } from './doctor-register.js';
import type { Done, Place } from './errand.js';
import { GroupCommit } from './group-commit.js';
import { type ChangePage, type ListedDay, Lists, type TokenPage, type TokensAsked } from './lists.js';
import type { LoadedDay } from './loaded-day.js';
import { aboutSlot, aboutToken, aboutWatch, type WatchStart, type WatchWish } from './look-ups.js';
import { Neighbourhood } from './neighbourhood.js';
import { QueueBoard, type Subscription } from './queue-board.js';
import { Rehearsals } from './rehearsal.js';
import { Replays } from './replays.js';
import { RequestBook } from './request-book.js';
import { type Asking, SeveralDays } from './several-days.js';
import { lifeOf, type TokenLife } from './token-life.js';

export type { Done, Place };

export interface Surroundings extends RegisterSurroundings {
  /** Told of each failure of the store, for the log. */
  readonly onFault: (error: unknown) => void;
  /** Told of each bug in the rules, beside what its caller is told. */
  readonly onBrokenRules?: (account: BrokenRules) => void;
  /** Told whether a store that servers share can be reached, each time that this changes. */
  readonly onReachable?: (isReachable: boolean) => void;
  readonly shelfLimits?: ShelfLimits;
}

interface Tried {
  /** How often it has been tried before. */
  readonly times: number;
  /** The day, where it has been found in memory just now. */
  readonly atHand?: LoadedDay | undefined;
  /** It was refused; that is to be judged by all that other servers have acknowledged. */
  readonly isLastWord?: boolean;
}

export class FrontDesk {
  readonly board: QueueBoard;
  readonly #doctors: DoctorRegister;
  readonly #directory: Directory;
  readonly #shelf: DayShelf;
  readonly #commits: GroupCommit;
  readonly #requests = new RequestBook();
  readonly #backOffice = new BackOffice();
  readonly #rehearsals: Rehearsals;
  readonly #replays: Replays;
  readonly #severalDays: SeveralDays;
  readonly #lists: Lists;
  /** Undefined where this server is alone. */
  readonly neighbourhood: Neighbourhood | undefined;

  constructor(
    private readonly store: Store,
    private readonly surroundings: Surroundings,
  ) {
    const letGo = (loaded: LoadedDay) => this.#letGo(loaded);
    this.#doctors = new DoctorRegister(store, surroundings, (id, act) => this.#shelf.withDaysAway(id, letGo, act));
    const findDoctor = (id: DoctorId) => this.#doctors.find(id);
    this.#directory = new Directory(store, findDoctor, surroundings.now);
    this.#rehearsals = new Rehearsals(store, findDoctor, this.#backOffice, surroundings.now);
    this.#replays = new Replays(store, findDoctor);
    this.#shelf = new DayShelf(store, findDoctor, surroundings.shelfLimits ?? DEFAULT_SHELF_LIMITS, {
      // So that a storm of repeats after a restart finds them at hand.
      replayed: (key, entry) => this.#requests.noteEntry(key, entry),
      loaded: (loaded) => this.board.publish(loaded),
    });
    this.board = new QueueBoard(this.#shelf, surroundings.onFault);
    this.#commits = new GroupCommit(store, {
      landed: (loaded) => {
        this.neighbourhood?.landed(loaded);
        this.board.publish(loaded);
        this.#shelf.makeRoomSoon();
      },
      lost: (loaded) => this.#letGo(loaded),
      faulted: surroundings.onFault,
    });
    this.#severalDays = new SeveralDays({
      store,
      shelf: this.#shelf,
      commits: this.#commits,
      requests: this.#requests,
      surroundings,
      findDoctor: (id) => this.#doctors.find(id),
      locate: (place) => this.#find(place),
      repeat: (...asked) => this.#repeat(...asked),
      changeOf: (key, revision) => this.#replays.changeOf(key, revision),
      catchUp: (held) => this.neighbourhood?.catchUpAll(held),
      makeGoodWhatIsDue: (loaded, now) => this.#makeGoodWhatIsDue(loaded, now),
      breakOff: (loaded, command) => this.#breakOff(loaded, command),
      rehearsals: this.#rehearsals,
    });
    this.#lists = new Lists(this, store, surroundings.now);
    const parts = { shelf: this.#shelf, board: this.board, commits: this.#commits, requests: this.#requests, letGo };
    this.neighbourhood = store.neighbours && new Neighbourhood(store.neighbours, store, { ...parts, ...surroundings });
  }

  /** How many days and tokens are in memory. */
  get held(): { days: number; tokens: number } {
    return this.#shelf.held;
  }

  createDoctor(wanted: NewDoctor, request?: RequestMark): Promise<Answer<Doctor>> {
    return this.#withStore(() => this.#doctors.create(wanted, request));
  }

  /** Changes a doctor, and answers when that is on disk: what is decided from then on is judged by the new policy. */
  updateDoctor(id: DoctorId, update: DoctorUpdate, request?: RequestMark): Promise<Answer<Doctor>> {
    return this.#withStore(() => this.#doctors.update(id, update, request));
  }

  /** Answers with what an update would make of a doctor, and does nothing. */
  rehearseUpdate(id: DoctorId, update: DoctorUpdate, request?: RequestMark): Promise<Answer<Doctor>> {
    return this.#withStore(() => this.#doctors.rehearseUpdate(id, update, request));
  }

  findDoctor(id: DoctorId): Promise<Answer<Doctor>> {
    return this.#withStore(async () => {
      const doctor = await this.#doctors.find(id);
      return doctor ? answered(doctor) : refused('DOCTOR_NOT_FOUND', { doctorId: id });
    });
  }

  /** Doctors by id, those after `after`, `limit` at the most. */
  listDoctors(after: DoctorId | undefined, limit: number): Promise<Answer<Doctor[]>> {
    return this.#withStore(async () => answered(await this.#doctors.list(after, limit)));
  }

  /** Carries a command out where it points, and answers when that is on disk. */
  perform(place: Place, command: Command, request?: RequestMark): Promise<Answer<Done>> {
    return this.#withDay(place, (key, tried) => this.#perform(key, tried, command, request));
  }

  /** Answers with what a command would do, and does nothing: nobody is told, and nothing is kept, its request id neither. */
  rehearse(place: Place, command: Command, request?: RequestMark): Promise<Answer<Done>> {
    return this.#withDay(place, async (key) => {
      const earlier = request && (await this.#repeat(key.doctorId, request, true));
      if (earlier) return earlier;
      await this.#shelf.peek(key)?.underway;
      return this.#rehearsals.on([key], (day) => {
        const decision = decide(day, command, { now: this.surroundings.now(), newId: this.surroundings.newId() });
        return decision.ok ? answered({ key, change: decision.value.change }) : decision;
      });
    });
  }

  /** Makes a schedule's slots, all or none, and answers when they are on disk: with what that did, by date. */
  createSlots(doctorId: DoctorId, schedule: Schedule, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#withStore(() => this.#severalDays.createSlots(doctorId, schedule, asking));
  }

  /** Gives a token up for one in another slot, both or neither; answers with the new place's change, then the old one's. */
  rescheduleToken(tokenId: TokenId, slotId: SlotId, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#withStore(() => this.#severalDays.rescheduleToken(tokenId, slotId, asking));
  }

  /** Answers a question about a day. `project` must copy what it takes: the day goes on changing. */
  read<T>(place: Place, project: (day: DoctorDay) => Answer<T>): Promise<Answer<T>> {
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
   * Subscribes to a day's changes after a revision. `wake` is called whenever there may be more to take, also before this
   * has resolved.
   */
  subscribe(key: DayKey, revision: number, wake: () => void): Promise<Answer<Subscription>> {
    return this.#withDay(key, async () => {
      const loaded = await this.#shelf.open(key);
      if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
      return loaded.retired ? 'again' : answered(this.board.subscribe(loaded, revision, wake));
    });
  }

  /** The changes of a day after a revision, from its journal. Rejects with StoreUnavailable. */
  history(key: DayKey, afterRevision: number): AsyncGenerator<Change> {
    return this.#replays.history(key, afterRevision);
  }

  /** Does what is due on a day by now (R20 to R22); answers when that is on disk. */
  letTimePass(key: DayKey): Promise<Answer<undefined>> {
    return this.#withDay(key, async () => {
      const loaded = await this.#shelf.open(key);
      if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
      await this.neighbourhood?.catchUp(loaded);
      if (loaded.retired) return 'again';
      const { revision } = loaded.day;
      this.#makeGoodWhatIsDue(loaded, this.surroundings.now());
      // Nothing was due yet: the store had known of no later instant.
      if (loaded.day.revision === revision) await this.store.noteDue(key, revision, loaded.nextDue);
      const landing = await loaded.underway;
      if (landing === 'failed') return 'failed';
      return landing === 'conflict' ? 'again' : DONE;
    });
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

  async #perform(
    key: DayKey,
    { times, atHand, isLastWord }: Tried,
    command: Command,
    request: RequestMark | undefined,
  ): Promise<Attempt<Done>> {
    // The first time an id is taken for new, unless it is at hand: were it not, the commit would be in conflict.
    const earlier = request && (await this.#repeat(key.doctorId, request, times > 0));
    if (earlier) return earlier;
    const loaded = atHand ?? (await this.#shelf.open(key));
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    const turn = isLastWord ? this.neighbourhood?.catchUp(loaded) : this.neighbourhood?.turn(loaded);
    if (turn) await turn;
    // Either may have come about while this one waited.
    if (loaded.retired || (request && this.#requests.find(key.doctorId, request.id))) return 'again';

    const now = this.surroundings.now();
    this.#makeGoodWhatIsDue(loaded, now);
    const decision = this.#decide(loaded, command, now);
    if (decision.ok) return this.#commit(loaded, command, decision.value, request);
    if (this.neighbourhood && !isLastWord) return this.#perform(key, { times, isLastWord: true }, command, request);
    // A refusal, too, may build on what is not on disk yet.
    const landing = await loaded.underway;
    if (landing === 'failed') return refused('STORE_UNAVAILABLE', {});
    if (landing === 'conflict') return 'again';
    // What is refused now may have been accepted before, under the same request id.
    return (request && (await this.#repeat(key.doctorId, request, true))) ?? decision;
  }

  /**
   * Decides what is due on a day by now, in order of its due time. Whatever is decided on the day after it lands after it, or
   * fails with it. Where the clock has gone back, the day's own time counts, as it does for what is decided next.
   */
  #makeGoodWhatIsDue(loaded: LoadedDay, now: Instant): void {
    while (loaded.nextDue !== undefined && loaded.nextDue <= Math.max(now, loaded.day.changedAt)) {
      const decision = this.#decide(loaded, CLOCK, loaded.nextDue);
      if (!decision.ok) throw new Error(`time was refused: ${decision.refusal.reason}`);
      void this.#commit(loaded, CLOCK, decision.value, undefined);
    }
  }

  #decide(loaded: LoadedDay, command: Command, now: Instant): Answer<Decision> {
    const circumstances: Circumstances = { now, newId: this.surroundings.newId() };
    try {
      return decide(loaded.day, command, circumstances);
    } catch (bug) {
      this.#breakOff(loaded, command);
      throw bug;
    }
  }

  /** After a bug the day may be half changed. What was decided on it before stands, and will be in the journal. */
  #breakOff(loaded: LoadedDay, command: RecordedCommand): void {
    this.#letGo(loaded);
    const { onBrokenRules, onFault } = this.surroundings;
    accountOf(this.store, loaded, command).then(onBrokenRules, onFault);
  }

  /** The day in memory is not what the journal says: it is loaded anew, at once where it is watched. */
  #letGo(loaded: LoadedDay): void {
    this.#shelf.letGo(loaded);
    this.board.bringBack(loaded.key);
  }

  async #commit(
    loaded: LoadedDay,
    command: Command,
    { events, change }: Decision,
    request: RequestMark | undefined,
  ): Promise<Attempt<Done>> {
    const { key } = loaded;
    const { revision, at } = change;
    this.#shelf.index(loaded, change);
    if (request) this.#requests.note(request.id, { key, revision, digest: request.digest });
    const entry = { revision, at, command, events, ...(request && { request }) };
    const landing = await this.#commits.add(loaded, entry, change);
    if (landing === 'committed') return answered({ key, change });
    if (request) this.#requests.forget(key.doctorId, request.id);
    return landing === 'conflict' ? 'again' : refused('STORE_UNAVAILABLE', {});
  }

  /** R18: the answer that was given under this request id before; undefined where it is new. */
  async #repeat(doctorId: DoctorId, request: RequestMark, searchStore: boolean): Promise<Attempt<Done> | undefined> {
    const atHand = this.#requests.find(doctorId, request.id);
    const seen = atHand ?? (searchStore ? await this.store.findRequest(doctorId, request.id) : undefined);
    if (!seen) return undefined;
    if (!('key' in seen)) return refused('REQUEST_ID_REUSED', { requestId: request.id }); // by an update of the doctor
    const loaded = await this.#shelf.open(seen.key);
    const landing = await loaded?.underway;
    if (landing === 'failed') return 'failed';
    if (!loaded || landing === 'conflict') return 'again';
    if (loaded.durableRevision < seen.revision) {
      // The journal has gone on without this desk.
      if (!(await this.neighbourhood?.catchUp(loaded))) this.#letGo(loaded);
      return 'again';
    }
    if (seen.digest !== request.digest) return refused('REQUEST_ID_REUSED', { requestId: request.id });
    const change = loaded.recentChange(seen.revision) ?? (await this.#replays.changeOf(seen.key, seen.revision));
    return answered({ key: seen.key, change });
  }

  async #read<T>(
    key: DayKey,
    atHand: LoadedDay | undefined,
    project: (day: DoctorDay) => Answer<T>,
  ): Promise<Attempt<T>> {
    const loaded = atHand ?? (await this.#shelf.open(key));
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    if (this.neighbourhood) await this.neighbourhood.catchUp(loaded);
    if (loaded.retired) return 'again';
    const answer = project(loaded.day);
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

  #withStore<T>(act: () => Promise<Answer<T>>): Promise<Answer<T>> {
    return act().catch((error) => {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.surroundings.onFault(error);
      return STORE_UNAVAILABLE;
    });
  }
}

const CLOCK: Command = { kind: 'CLOCK' };
