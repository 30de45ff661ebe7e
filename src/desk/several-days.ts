/**
 * Commands over several doctor-days of one doctor: all of their days change, or none, also over a crash. The order of effects
 * is the front desk's, on all days together:
 *
 *   1. load     every day, and none is let go while the others come in
 *   2. decide   on all of them in one go, guards before effects: nobody else gets a word in between
 *   3. commit   the days as one group, which lands whole or not at all
 *   4. publish  day by day
 *   5. answer   when all of it is on disk; again under the same request id (R18), which the first day's revision carries, with word
 *               of where the others are
 */
import pLimit from 'p-limit';
import { closeSlots, datesToClose, type SlotsToClose } from '../domain/close-slots.js';
import type { DayPart, DayRevision, RecordedCommand } from '../domain/command.js';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { DoctorDay } from '../domain/doctor-day.js';
import { type Answer, answered, refused } from '../domain/refusal.js';
import { type Rescheduling, rescheduleToken } from '../domain/reschedule.js';
import { createSlots, datesOf, openingsOn, type Schedule } from '../domain/schedule.js';
import type { DayDecision, WideCircumstances } from '../domain/several-days.js';
import type { LocalDate } from '../domain/time.js';
import type { DayKey, RequestMark } from '../store/store.js';
import { type Attempt, insist, STORE_UNAVAILABLE } from './attempts.js';
import type { Asking, Done, Place } from './errand.js';
import type { Landing, LoadedDay } from './loaded-day.js';
import type { DeskParts, OneDay } from './one-day.js';

/** A command over several days. */
interface Undertaking {
  /** Made once for each call, and kept over its attempts; the revision on each of its days has it. */
  readonly commandId: string;
  readonly doctorId: DoctorId;
  /** Each once; the first that it changes carries the request id. */
  readonly dates: readonly LocalDate[];
  readonly part: DayPart;
  /** Whether it leaves days as they are that have no slot for it. Such a day is in no commit, so its slots must be on disk. */
  readonly passesDaysOver?: true;
  /** Judges it on all of its days; answers with a decision for each that it changes, in their order. */
  decide(days: readonly DoctorDay[], circumstances: WideCircumstances): Answer<readonly DayDecision[]>;
}

/** Days that are loaded, or have their calendar worked out, at once: others are to get their turn in between. */
const DAYS_AT_ONCE = 16;

export class SeveralDays {
  /** One after another: each holds up to a year of days in memory, and fills a batch. */
  readonly #scheduling = pLimit(1);

  constructor(
    private readonly desk: DeskParts,
    private readonly oneDay: Pick<OneDay, 'repeat' | 'makeGoodWhatIsDue' | 'breakOff'>,
    private readonly findDoctor: (id: DoctorId) => Promise<Doctor | undefined>,
    private readonly locate: (place: Place) => Promise<Answer<DayKey>>,
  ) {}

  /** Makes a schedule's slots; answers with what that did, by date. There is at least one date. */
  createSlots(doctorId: DoctorId, schedule: Schedule, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#scheduling(() => this.#createSlots(doctorId, schedule, asking));
  }

  async #createSlots(doctorId: DoctorId, schedule: Schedule, asking: Asking) {
    const doctor = await this.findDoctor(doctorId);
    if (!doctor) return refused('DOCTOR_NOT_FOUND', { doctorId });
    const { sessions } = schedule;
    const dates = datesOf(schedule);
    const openings = await inTurns(dates, async (date) => openingsOn(date, doctor.timeZone, sessions));
    const undertaking: Undertaking = {
      commandId: this.desk.surroundings.newId(),
      doctorId,
      dates,
      part: { kind: 'CreateSlots', sessions },
      decide(days, circumstances) {
        const planned = days.map((day, index) => ({ day, openings: openings[index] ?? [] }));
        return createSlots(planned, sessions, circumstances);
      },
    };
    return this.#perform(undertaking, asking);
  }

  /** Closes the slots of a span of days; answers with what that did, by date, on those that had one to close. */
  closeSlots(doctorId: DoctorId, wanted: SlotsToClose, asking: Asking): Promise<Answer<readonly Done[]>> {
    return this.#scheduling(async () => {
      if (!(await this.findDoctor(doctorId))) return refused('DOCTOR_NOT_FOUND', { doctorId });
      const undertaking: Undertaking = {
        doctorId,
        dates: datesToClose(wanted),
        part: { kind: 'CloseSlots', reason: wanted.reason },
        passesDaysOver: true,
        commandId: this.desk.surroundings.newId(),
        decide: (days, circumstances) => closeSlots(days, wanted, circumstances),
      };
      return this.#perform(undertaking, asking);
    });
  }

  /** Answers with what happened at the new place, and then, where that is another day, at the old one. */
  async rescheduleToken(wanted: Rescheduling, asking: Asking): Promise<Answer<readonly Done[]>> {
    const { tokenId, slotId } = wanted;
    const from = await this.locate({ tokenId });
    const to = await this.locate({ slotId });
    if (!from.ok) return to.ok ? from : to;
    const { doctorId, date } = from.value;
    if (!to.ok || to.value.doctorId !== doctorId) {
      return this.#unlessRepeated(doctorId, asking.request, refused('SLOT_NOT_FOUND', { slotId }));
    }
    const undertaking: Undertaking = {
      commandId: this.desk.surroundings.newId(),
      doctorId,
      dates: to.value.date === date ? [date] : [to.value.date, date],
      part: { kind: 'RescheduleToken', ...wanted },
      decide: ([first, second = first], circumstances) =>
        rescheduleToken({ to: first as DoctorDay, from: second as DoctorDay }, wanted, circumstances),
    };
    return this.#perform(undertaking, asking);
  }

  #perform(undertaking: Undertaking, { request, validateOnly }: Asking): Promise<Answer<readonly Done[]>> {
    const { doctorId, dates } = undertaking;
    if (validateOnly) return insist(() => this.#rehearse(undertaking, request));
    return insist(async (times) => {
      // As with one day: the first time an id is taken for new, unless it is at hand.
      const earlier = request && (await this.#repeat(doctorId, request, times > 0));
      if (earlier) return earlier;
      const held: LoadedDay[] = [];
      try {
        const days = await inTurns(dates, (date) => this.#hold({ doctorId, date }, held));
        return await this.#attempt(days, undertaking, request);
      } finally {
        for (const loaded of held) loaded.holds -= 1;
        this.desk.shelf.makeRoomSoon();
      }
    });
  }

  /** Answers with what it would do, and does nothing. */
  async #rehearse(
    { doctorId, dates, decide }: Undertaking,
    request: RequestMark | undefined,
  ): Promise<Attempt<readonly Done[]>> {
    const earlier = request && (await this.#repeat(doctorId, request, true));
    if (earlier) return earlier;
    const keys = dates.map((date) => ({ doctorId, date }));
    await Promise.all(keys.map((key) => this.desk.shelf.peek(key)?.underway));
    const { now, newId } = this.desk.surroundings;
    return this.desk.rehearsals.on(keys, (...days) => {
      const decisions = decide(days, { now: now(), newId });
      if (!decisions.ok) return decisions;
      return answered(decisions.value.map(({ date, change }) => ({ key: { doctorId, date }, change })));
    });
  }

  async #hold(key: DayKey, held: LoadedDay[]): Promise<LoadedDay> {
    const loaded = await this.desk.shelf.open(key);
    if (!loaded) throw new Error(`${key.doctorId} is gone`);
    loaded.holds += 1;
    held.push(loaded);
    return loaded;
  }

  async #attempt(
    held: readonly LoadedDay[],
    undertaking: Undertaking,
    request: RequestMark | undefined,
  ): Promise<Attempt<readonly Done[]>> {
    const { doctorId } = undertaking;
    await this.desk.neighbourhood?.catchUpAll(held);
    if (undertaking.passesDaysOver) {
      // Nothing is waited for between the look that finds nothing and the decision: another command could be decided meanwhile.
      for (let changing = slotChanges(held); changing.length > 0; changing = slotChanges(held)) {
        await Promise.all(changing);
      }
    }
    // Either may have come about while this one waited.
    if (held.some(({ retired }) => retired)) return 'again';
    if (request && this.desk.requests.find(doctorId, request.id)) return 'again';

    const decisions = this.#decide(held, undertaking);
    if (decisions.ok) return this.#commit(held, undertaking.commandId, decisions.value, request);
    // A refusal, too, may build on what is not on disk yet.
    const landings = await Promise.all(held.map(({ underway }) => underway));
    if (landings.includes('failed')) return STORE_UNAVAILABLE;
    if (landings.includes('conflict')) return 'again';
    // What is refused now may have been accepted before, under the same request id.
    return (request && (await this.#repeat(doctorId, request, true))) ?? decisions;
  }

  /** What time has done to the days by itself comes first. */
  #decide(held: readonly LoadedDay[], { part, decide }: Undertaking): Answer<readonly DayDecision[]> {
    const { now, newId } = this.desk.surroundings;
    const circumstances = { now: now(), newId };
    for (const loaded of held) this.oneDay.makeGoodWhatIsDue(loaded, circumstances.now);
    try {
      return decide(
        held.map(({ day }) => day),
        circumstances,
      );
    } catch (bug) {
      // Any of them may be half changed.
      for (const loaded of held) this.oneDay.breakOff(loaded, part);
      throw bug;
    }
  }

  async #commit(
    held: readonly LoadedDay[],
    commandId: string,
    decisions: readonly DayDecision[],
    request: RequestMark | undefined,
  ): Promise<Attempt<readonly Done[]>> {
    const { shelf, requests, commits } = this.desk;
    const byDate = new Map(held.map((loaded) => [loaded.key.date, loaded]));
    const parts = decisions.map(({ date, command, events, change }, index) => {
      const loaded = byDate.get(date) as LoadedDay;
      const { revision, at } = change;
      const mark = index === 0 && request ? { request } : {};
      shelf.index(loaded, change);
      return { loaded, change, entry: { revision, at, command, events, commandId, ...mark } };
    });
    const done = parts.map(({ loaded: { key }, change }) => ({ key, change }));
    const [{ key, change }] = done as [Done];
    if (request) requests.note(request.id, { key, revision: change.revision, digest: request.digest });
    const landing = await commits.addTogether(parts);
    if (landing === 'committed') return answered(done);
    if (request) requests.forget(key.doctorId, request.id);
    return landing === 'conflict' ? 'again' : STORE_UNAVAILABLE;
  }

  /** R18: the whole answer that was given under this request id before; undefined where it is new. */
  async #repeat(
    doctorId: DoctorId,
    request: RequestMark,
    searchStore: boolean,
  ): Promise<Attempt<readonly Done[]> | undefined> {
    const first = await this.oneDay.repeat(doctorId, request, searchStore);
    if (typeof first !== 'object' || !first.ok) return first;
    const { key, change } = first.value;
    const [entry] = await this.desk.store.readJournal(key, change.revision - 1, 1);
    const others = await inTurns(elsewhereOf(entry?.command), ({ date, revision }) =>
      this.#doneOn({ doctorId, date }, revision),
    );
    return answered([first.value, ...others]);
  }

  /** What is on disk on one day of a group is so on all. */
  async #doneOn(key: DayKey, revision: number): Promise<Done> {
    const atHand = this.desk.shelf.peek(key)?.recentChange(revision);
    return { key, change: atHand ?? (await this.desk.replays.changeOf(key, revision)) };
  }

  async #unlessRepeated(
    doctorId: DoctorId,
    request: RequestMark | undefined,
    refusal: Answer<never>,
  ): Promise<Answer<readonly Done[]>> {
    if (!request) return refusal;
    return insist(async () => (await this.#repeat(doctorId, request, true)) ?? refusal);
  }
}

/** What becomes of the changes of slots that are not on disk yet. A day that was retired has lost such a change. */
function slotChanges(held: readonly LoadedDay[]): Promise<Landing>[] {
  return held.flatMap(({ retired, slotsUnderway }) => (retired ? [] : (slotsUnderway ?? [])));
}

function elsewhereOf(command: RecordedCommand | undefined): readonly DayRevision[] {
  return command && 'elsewhere' in command ? (command.elsewhere ?? []) : [];
}

/**
 * Does something with each, a few at a time and a turn of the event loop apart; answers in their order. Where one fails, so does
 * this, once those at work are done.
 */
async function inTurns<Thing, Outcome>(
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < things.length; at += DAYS_AT_ONCE) {
    if (at > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    for (const outcome of await Promise.allSettled(things.slice(at, at + DAYS_AT_ONCE).map(act))) {
      if (outcome.status === 'rejected') throw outcome.reason;
      outcomes.push(outcome.value);
    }
  }
  return outcomes;
}
