/**
 * Commands on one doctor-day: how they are decided, committed, and answered again when they are repeated. The order of effects is
 * the front desk's.
 */
import type { Command, RecordedCommand } from '../domain/command.js';
import { type Decision, decide } from '../domain/decide.js';
import type { DoctorId } from '../domain/doctor.js';
import { CLOCK, makeGood } from '../domain/overdue.js';
import { type Answer, answered, DONE, refused } from '../domain/refusal.js';
import { slotsOutOfTime, slotsToRetime } from '../domain/retiming.js';
import type { Instant } from '../domain/time.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';
import type { DayKey, RequestMark, Store } from '../store/store.js';
import { type Attempt, STORE_UNAVAILABLE } from './attempts.js';
import { accountOf } from './broken-rules.js';
import type { DayShelf } from './day-shelf.js';
import type { Asking, Done, IdentifiedCommand } from './errand.js';
import type { GroupCommit } from './group-commit.js';
import type { LoadedDay } from './loaded-day.js';
import type { Neighbourhood } from './neighbourhood.js';
import type { Rehearsals } from './rehearsal.js';
import type { Replays } from './replays.js';
import type { RequestBook } from './request-book.js';
import type { Surroundings } from './surroundings.js';

/** What the front desk lends to those who carry commands out. */
export interface DeskParts {
  readonly store: Store;
  readonly shelf: DayShelf;
  readonly commits: GroupCommit;
  readonly requests: RequestBook;
  readonly replays: Replays;
  readonly rehearsals: Rehearsals;
  readonly surroundings: Surroundings;
  /** Undefined where this server is alone. */
  readonly neighbourhood: Neighbourhood | undefined;
  /** The day in memory is not what the journal says: it is loaded anew, at once where it is watched. */
  letGo(loaded: LoadedDay): void;
}

/**
 * How many slots of a day were retimed, and how many keep other instants than those of their local
 * times.
 */
export interface Retimed {
  readonly retimed: number;
  readonly kept: number;
}

export interface Tried {
  /** How often it has been tried before. */
  readonly times: number;
  /** The day, where it has been found in memory just now. */
  readonly atHand?: LoadedDay | undefined;
  /** It was refused; that is to be judged by all that other servers have acknowledged. */
  readonly isLastWord?: boolean;
}

export class OneDay {
  constructor(private readonly desk: DeskParts) {}

  /** Carries a command out, or tells what it would do. */
  perform(
    key: DayKey,
    tried: Tried,
    identified: IdentifiedCommand,
    { request, validateOnly }: Asking,
  ): Promise<Attempt<Done>> {
    if (validateOnly) return this.#rehearse(key, identified.command, request);
    return this.#perform(key, tried, identified, request);
  }

  /** Does what is due on a day by now (R20 to R22); answers when that is on disk. */
  async letTimePass(key: DayKey): Promise<Attempt<undefined>> {
    const { shelf, store, surroundings, neighbourhood } = this.desk;
    const loaded = await shelf.open(key);
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    await neighbourhood?.catchUp(loaded);
    if (loaded.retired) return 'again';
    const { revision, doctor } = loaded.day;
    this.makeGoodWhatIsDue(loaded, surroundings.now());
    // Nothing was due yet: the store had known of no later instant.
    if (loaded.day.revision === revision) await store.noteDue(key, revision, loaded.nextDue, doctor);
    const landing = await loaded.underway;
    if (landing === 'failed') return 'failed';
    return landing === 'conflict' ? 'again' : DONE;
  }

  /**
   * Retimes the slots of a day that have not begun and are not at their local times (R17); answers
   * when that is on disk, with how many were retimed and how many kept their instants.
   */
  async retimeSlots(key: DayKey, zoneData: ZoneDataVersion): Promise<Attempt<Retimed>> {
    const { shelf, surroundings, neighbourhood } = this.desk;
    const loaded = await shelf.open(key);
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    await neighbourhood?.catchUp(loaded);
    if (loaded.retired) return 'again';
    const now = surroundings.now();
    this.makeGoodWhatIsDue(loaded, now);
    const retimed = slotsToRetime(loaded.day, now).length;
    if (retimed > 0) {
      const command: Command = { kind: 'CLOCK', zoneData };
      const decision = this.#decide(loaded, command, now);
      const identified = { command, commandId: surroundings.newId() };
      if (decision.ok) void this.#commit(loaded, identified, decision.value, undefined);
    }
    const landing = await loaded.underway;
    if (landing === 'failed') return 'failed';
    return landing === 'conflict' ? 'again' : answered({ retimed, kept: slotsOutOfTime(loaded.day, now).length });
  }

  /** Whatever is decided on the day after what was due lands after it, or fails with it. */
  makeGoodWhatIsDue(loaded: LoadedDay, now: Instant): void {
    const { nextDue, day } = loaded;
    if (nextDue === undefined || nextDue > Math.max(now, day.changedAt)) return;
    try {
      for (const decision of makeGood(day, now)) {
        const identified = { command: CLOCK, commandId: this.desk.surroundings.newId() };
        void this.#commit(loaded, identified, decision, undefined);
      }
    } catch (bug) {
      this.breakOff(loaded, CLOCK);
      throw bug;
    }
  }

  /** After a bug the day may be half changed. What was decided on it before stands, and will be in the journal. */
  breakOff(loaded: LoadedDay, command: RecordedCommand): void {
    this.desk.letGo(loaded);
    const { onBrokenRules, onFault } = this.desk.surroundings;
    accountOf(this.desk.store, loaded, command).then(onBrokenRules, onFault);
  }

  /** R18: the answer that was given under this request id before; undefined where it is new. */
  async repeat(doctorId: DoctorId, request: RequestMark, searchStore: boolean): Promise<Attempt<Done> | undefined> {
    const { requests, store, shelf, neighbourhood, replays } = this.desk;
    const atHand = requests.find(doctorId, request.id);
    const seen = atHand ?? (searchStore ? await store.findRequest(doctorId, request.id) : undefined);
    if (!seen) return undefined;
    if (!('key' in seen)) return refused('REQUEST_ID_REUSED', { requestId: request.id }); // by an update of the doctor
    const loaded = await shelf.open(seen.key);
    const landing = await loaded?.underway;
    if (landing === 'failed') return 'failed';
    if (!loaded || landing === 'conflict') return 'again';
    if (loaded.durableRevision < seen.revision) {
      // The journal has gone on without this desk.
      if (!(await neighbourhood?.catchUp(loaded))) this.desk.letGo(loaded);
      return 'again';
    }
    if (seen.digest !== request.digest) return refused('REQUEST_ID_REUSED', { requestId: request.id });
    const change = loaded.recentChange(seen.revision) ?? (await replays.changeOf(seen.key, seen.revision));
    return answered({ key: seen.key, change });
  }

  async #perform(
    key: DayKey,
    { times, atHand, isLastWord }: Tried,
    identified: IdentifiedCommand,
    request: RequestMark | undefined,
  ): Promise<Attempt<Done>> {
    const { shelf, requests, surroundings, neighbourhood } = this.desk;
    // The first time an id is taken for new, unless it is at hand: were it not, the commit would be in conflict.
    const earlier = request && (await this.repeat(key.doctorId, request, times > 0));
    if (earlier) return earlier;
    const loaded = atHand ?? (await shelf.open(key));
    if (!loaded) return refused('DOCTOR_NOT_FOUND', { doctorId: key.doctorId });
    const turn = isLastWord ? neighbourhood?.catchUp(loaded) : neighbourhood?.turn(loaded);
    if (turn) await turn;
    // Either may have come about while this one waited.
    if (loaded.retired || (request && requests.find(key.doctorId, request.id))) return 'again';

    const now = surroundings.now();
    this.makeGoodWhatIsDue(loaded, now);
    const decision = this.#decide(loaded, identified.command, now);
    if (decision.ok) return this.#commit(loaded, identified, decision.value, request);
    if (neighbourhood && !isLastWord) return this.#perform(key, { times, isLastWord: true }, identified, request);
    // A refusal, too, may build on what is not on disk yet.
    const landing = await loaded.underway;
    if (landing === 'failed') return STORE_UNAVAILABLE;
    if (landing === 'conflict') return 'again';
    // What is refused now may have been accepted before, under the same request id.
    return (request && (await this.repeat(key.doctorId, request, true))) ?? decision;
  }

  /** Answers with what a command would do, and does nothing: nobody is told, and nothing is kept, its request id neither. */
  async #rehearse(key: DayKey, command: Command, request: RequestMark | undefined): Promise<Attempt<Done>> {
    const { shelf, rehearsals, surroundings } = this.desk;
    const earlier = request && (await this.repeat(key.doctorId, request, true));
    if (earlier) return earlier;
    await shelf.peek(key)?.underway;
    return rehearsals.on([key], (day) => {
      const decision = decide(day, command, { now: surroundings.now(), newId: surroundings.newId() });
      return decision.ok ? answered({ key, change: decision.value.change }) : decision;
    });
  }

  #decide(loaded: LoadedDay, command: Command, now: Instant): Answer<Decision> {
    try {
      return decide(loaded.day, command, { now, newId: this.desk.surroundings.newId() });
    } catch (bug) {
      this.breakOff(loaded, command);
      throw bug;
    }
  }

  async #commit(
    loaded: LoadedDay,
    { command, commandId }: IdentifiedCommand,
    { events, change }: Decision,
    request: RequestMark | undefined,
  ): Promise<Attempt<Done>> {
    const { shelf, requests, commits } = this.desk;
    const { key } = loaded;
    const { revision, at } = change;
    shelf.index(loaded, change);
    if (request) requests.note(request.id, { key, revision, digest: request.digest });
    const entry = { revision, at, command, events, commandId, ...(request && { request }) };
    const landing = await commits.add(loaded, entry, change);
    if (landing === 'committed') return answered({ key, change });
    if (request) requests.forget(key.doctorId, request.id);
    return landing === 'conflict' ? 'again' : STORE_UNAVAILABLE;
  }
}
