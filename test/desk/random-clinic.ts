/** Takes the steps of a random schedule, and writes down what each was told and what was on disk at that moment. */
import type { Done, Place } from '../../src/desk/front-desk.js';
import { nameOf } from '../../src/desk/loaded-day.js';
import type { Subscription } from '../../src/desk/queue-board.js';
import type { CloseSlots, Command, RecordedCommand, RescheduleToken } from '../../src/domain/command.js';
import type { Change } from '../../src/domain/event.js';
import { type Answer, answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { TimeOfDay } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import type { DayKey, JournalEntry, RequestMark } from '../../src/store/store.js';
import { accepted, Clinic, markOf, newId, recordOf, type Standing, seenOf, TODAY, TOMORROW } from './clinic.js';
import type { CommandStep, Step } from './random-schedule.js';
import type { ScriptedStore } from './scripted-store.js';

interface Asked {
  readonly key: DayKey;
  readonly place: Place;
  readonly command: Command | RescheduleToken | CloseSlots;
  readonly request: RequestMark | undefined;
}

/** A CloseSlots of a doctor: the durable revisions of the days when asked and answered. */
interface Closing {
  readonly closed: readonly DayKey[];
  readonly passedOver: readonly { readonly key: DayKey; readonly from: number; readonly to: number }[];
}

/** What was answered: what happened on each day that the command changed, and up to where that day was on disk then. */
interface Told {
  readonly asked: Asked;
  readonly answer: Answer<readonly Done[]>;
  readonly durable: readonly number[];
}

interface RandomWatcher {
  readonly key: DayKey;
  readonly from: number;
  readonly seen: { readonly change: Change; readonly durable: number }[];
  subscription?: Subscription;
  look(): void;
  /** The last revision that it was given before it closed. */
  closedAt?: number;
}

export class RandomClinic {
  readonly days: DayKey[] = [];
  readonly told: Told[] = [];
  readonly closings: Closing[] = [];
  readonly readings: { readonly key: DayKey; readonly standing: Standing; readonly durable: number }[] = [];
  readonly watchers: RandomWatcher[] = [];
  readonly #asked: Asked[] = [];
  readonly #slots: SlotId[][] = [];
  readonly #tokens: { readonly key: DayKey; readonly id: TokenId }[] = [];
  readonly #underway = new Set<Promise<unknown>>();
  readonly #records = new Map<string, { readonly key: DayKey } & Awaited<ReturnType<typeof recordOf>>>();

  private constructor(
    readonly clinic: Clinic,
    private readonly store: ScriptedStore,
  ) {}

  /** Two dates of two doctors, each with a slot; one day more than is kept in memory where none is in use. */
  static async open(store: ScriptedStore): Promise<RandomClinic> {
    const random = new RandomClinic(Clinic.over(store, { daysMax: 2, tokensMax: 12 }), store);
    for (const doctor of [await random.clinic.doctor(), await random.clinic.doctor()]) {
      for (const date of [TODAY, TOMORROW]) await random.#addDay({ doctorId: doctor.id, date });
    }
    store.hold();
    return random;
  }

  async #addDay(key: DayKey): Promise<void> {
    this.days.push(key);
    this.#slots.push([await this.clinic.slot(key, 2)]);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'command':
        return this.#command(step);
      case 'read':
        return this.#start(this.#read(this.#day(step.day)));
      case 'watch':
        return this.#start(this.#watch(this.#day(step.day)));
      case 'unwatch':
        return this.#unwatch(step.which);
      case 'fate':
        return this.#meet(step.fate, this.#day(step.day));
      case 'readsFail':
        return this.store.failReads(step.readsFail);
      case 'turn':
        return new Promise((resolve) => setImmediate(resolve));
      case 'idle':
        return this.store.idle();
    }
  }

  /** Opens every gate, lets all who asked have their answer, and has the desk hear of what was written elsewhere. */
  async settle(): Promise<void> {
    this.store.failReads(false);
    this.store.release();
    await Promise.all(this.#underway);
    for (const key of this.days) accepted(await this.#ask(this.clinic, this.#lastSlot(key)));
    for (const watcher of this.#watching) watcher.look();
    await this.store.idle();
  }

  /** Reads the journals, to which `recordOf`, `entriesUnder` and `entriesLike` then answer. */
  async record(): Promise<void> {
    for (const key of this.days) this.#records.set(nameOf(key), { key, ...(await recordOf(this.store.inner, key)) });
  }

  recordOf(key: DayKey) {
    const record = this.#records.get(nameOf(key));
    if (!record) throw new Error(`${nameOf(key)} is none of the days of this schedule`);
    return record;
  }

  /** What the journals of a doctor hold under the request id of a command. */
  entriesUnder({ key, request }: Asked): JournalEntry[] {
    const ofDoctor = [...this.#records.values()].filter((record) => record.key.doctorId === key.doctorId);
    return ofDoctor.flatMap(({ entries }) => entries).filter((entry) => entry.request?.id === request?.id);
  }

  /** What the journals hold of commands like this one that came without an id. */
  entriesLike(command: RecordedCommand): JournalEntry[] {
    const text = JSON.stringify(command);
    const all = [...this.#records.values()].flatMap(({ entries }) => entries);
    return all.filter((entry) => !entry.request && JSON.stringify(entry.command) === text);
  }

  async #command(step: CommandStep): Promise<void> {
    const asked = this.#askedBy(step);
    if (!asked) return;
    this.#asked.push(asked);
    if (step.elsewhere) await this.#ask(this.clinic.elsewhere(), asked);
    else this.#start(this.#ask(this.clinic, asked));
  }

  #askedBy(step: CommandStep): Asked | undefined {
    const marked = this.#asked.filter(({ request }) => request);
    const earlier = marked[step.which % marked.length];
    if (step.id === 'repeat') return earlier;
    const asked = this.#unmarked(step);
    const id = step.id === 'reuse' ? earlier?.request?.id : step.id === 'fresh' ? newId() : undefined;
    return asked && { ...asked, request: id === undefined ? undefined : markOf(id, asked.command) };
  }

  #unmarked(step: CommandStep): Omit<Asked, 'request'> | undefined {
    if (step.what === 'reschedule') return this.#rescheduling(step);
    if (step.what !== 'closeSlots') return this.#compose(step);
    const key = this.#day(step.day);
    // By their reasons, two of them can be told apart.
    return { key, place: key, command: { kind: 'CloseSlots', reason: newId() } };
  }

  #compose({ what, day, which, source, patient, seatOnly }: CommandStep): Omit<Asked, 'request'> | undefined {
    const key = this.#day(day);
    if (what === 'createSlot') return createSlot(key, 10 + (which % 10));
    if (what === 'cancel' || what === 'noShow') return this.#ending(what, which);
    if (what === 'update')
      return this.#aboutToken(which, (tokenId) => ({ kind: 'UpdateToken', tokenId, source, patientRef: patient }));
    const slots = this.#slots[day % this.days.length] as SlotId[];
    const slotId = slots[which % slots.length] as SlotId;
    if (what === 'closeSlot') return { key, place: { slotId }, command: { kind: 'CloseSlot', slotId, reason: '' } };
    const command: Command =
      what === 'allocate'
        ? { kind: 'AllocateToken', slotId, source, patientRef: patient, ...(seatOnly && { seatOnly }) }
        : { kind: 'InsertEmergency', target: { slotId }, patientRef: patient };
    return { key, place: { slotId }, command };
  }

  /** To a slot of either day of the doctor. */
  #rescheduling({ day, which, seatOnly }: CommandStep): Omit<Asked, 'request'> | undefined {
    const token = this.#tokens[which % this.#tokens.length];
    if (!token) return undefined;
    const { key, id: tokenId } = token;
    const near = this.days.findIndex(({ doctorId }) => doctorId === key.doctorId);
    const slots = this.#slots[near + (day % 2)] as SlotId[];
    const slotId = slots[which % slots.length] as SlotId;
    return {
      key,
      place: { tokenId },
      command: { kind: 'RescheduleToken', tokenId, slotId, ...(seatOnly && { seatOnly }) },
    };
  }

  #ending(what: 'cancel' | 'noShow', which: number): Omit<Asked, 'request'> | undefined {
    return this.#aboutToken(which, (tokenId) =>
      what === 'cancel' ? { kind: 'CancelToken', tokenId, reason: '' } : { kind: 'MarkNoShow', tokenId },
    );
  }

  #aboutToken(which: number, commandOn: (id: TokenId) => Command): Omit<Asked, 'request'> | undefined {
    const token = this.#tokens[which % this.#tokens.length];
    return token && { key: token.key, place: { tokenId: token.id }, command: commandOn(token.id) };
  }

  #lastSlot(key: DayKey): Asked {
    return { ...createSlot(key, 22), request: markOf(newId(), createSlot(key, 22).command) };
  }

  async #ask(clinic: Clinic, asked: Asked): Promise<Answer<readonly Done[]>> {
    const before = new Map(this.days.map((key) => [key, this.store.durableRevision(key)]));
    const answer = await put(clinic, asked);
    const done = answer.ok ? answer.value : [];
    if (answer.ok && asked.command.kind === 'CloseSlots') this.#noteClosing(asked.key, done, before);
    this.told.push({ asked, answer, durable: done.map(({ key }) => this.store.durableRevision(key)) });
    for (const each of done) this.#learn(each);
    return answer;
  }

  #noteClosing({ doctorId }: DayKey, done: readonly Done[], before: ReadonlyMap<DayKey, number>): void {
    const closed = done.map(({ key }) => key);
    const names = closed.map(nameOf);
    const others = this.days.filter((key) => key.doctorId === doctorId && !names.includes(nameOf(key)));
    const spanOf = (key: DayKey) => ({ key, from: before.get(key) ?? 0, to: this.store.durableRevision(key) });
    this.closings.push({ closed, passedOver: others.map(spanOf) });
  }

  /** What was answered may be named in later commands. */
  #learn({ key, change }: Done): void {
    const slots = this.#slots[this.days.findIndex((day) => nameOf(day) === nameOf(key))];
    slots?.push(...(change.createdSlotIds ?? []));
    for (const { token } of change.effects) this.#tokens.push({ key, id: token.id });
  }

  async #read(key: DayKey): Promise<void> {
    const answer = await this.clinic.standing(key);
    const durable = this.store.durableRevision(key);
    if (answer.ok) this.readings.push({ key, standing: answer.value, durable });
  }

  async #watch(key: DayKey): Promise<void> {
    const { store } = this;
    const watcher: RandomWatcher = {
      key,
      from: 0,
      seen: [],
      look() {
        for (let taken = this.subscription?.take(); taken; taken = this.subscription?.take()) {
          if (taken === 'behind') throw new Error('a watcher of so few changes cannot fall behind');
          this.seen.push({ change: taken.change, durable: store.durableRevision(key) });
        }
      },
    };
    const answer = await this.clinic.desk.subscribe(key, seenOf(store, watcher.from), () => watcher.look());
    if (!answer.ok) return;
    watcher.subscription = answer.value;
    this.watchers.push(watcher);
    watcher.look();
  }

  get #watching(): RandomWatcher[] {
    return this.watchers.filter(({ closedAt }) => closedAt === undefined);
  }

  #unwatch(which: number): void {
    const watcher = this.#watching[which % this.#watching.length];
    if (!watcher?.subscription) return;
    watcher.closedAt = watcher.subscription.seen.revision;
    watcher.subscription.close();
  }

  #meet(fate: 'keep' | 'failBefore' | 'failAfter' | 'conflict', day: DayKey): void {
    const held = this.store.heldNow();
    held?.meet(fate === 'conflict' ? { conflictOn: (key) => nameOf(key) === nameOf(day) } : fate);
  }

  #day(number: number): DayKey {
    return this.days[number % this.days.length] as DayKey;
  }

  #start(work: Promise<unknown>): void {
    this.#underway.add(work);
    // What fails here fails the schedule, when it settles.
    work.then(() => this.#underway.delete(work)).catch(() => {});
  }
}

/** Asks a desk; a command on one day is answered as if it were one over several. */
export async function put({ desk }: Clinic, { place, command, request }: Asked): Promise<Answer<readonly Done[]>> {
  if (command.kind === 'RescheduleToken') {
    const { kind: _, ...wanted } = command;
    return desk.rescheduleToken(wanted, { request });
  }
  if (command.kind === 'CloseSlots') {
    const hours = { start: 0 as TimeOfDay, end: 1_440 as TimeOfDay };
    const wanted = { firstDate: TODAY, lastDate: TOMORROW, ...hours, reason: command.reason };
    return desk.closeSlots((place as DayKey).doctorId, wanted, { request });
  }
  const answer = await desk.perform(place, command, { request });
  return answer.ok ? answered([answer.value]) : answer;
}

function createSlot(key: DayKey, hour: number): Omit<Asked, 'request'> {
  const [start, end] = [hour * 60 + 5, hour * 60 + 15] as [TimeOfDay, TimeOfDay];
  return { key, place: key, command: { kind: 'CreateSlot', start, end, capacity: 1 } };
}
