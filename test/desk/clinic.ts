/** A front desk over a scripted store, with a doctor, and the shortest way to ask it things. */
import type { BrokenRules } from '../../src/desk/broken-rules.js';
import type { ShelfLimits } from '../../src/desk/day-shelf.js';
import { type Asking, type Done, FrontDesk, type Place } from '../../src/desk/front-desk.js';
import type { Seen, Subscription } from '../../src/desk/queue-board.js';
import type { SlotsToClose } from '../../src/domain/close-slots.js';
import type { Command, RecordedCommand } from '../../src/domain/command.js';
import type { Doctor, DoctorId } from '../../src/domain/doctor.js';
import { DoctorDay } from '../../src/domain/doctor-day.js';
import type { Change } from '../../src/domain/event.js';
import { type Answer, answered } from '../../src/domain/refusal.js';
import type { Schedule } from '../../src/domain/schedule.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import type { TokenId, TokenSource } from '../../src/domain/token.js';
import { replay } from '../../src/domain/turn.js';
import type { DayKey, JournalEntry, RequestMark, Store } from '../../src/store/store.js';
import { ScriptedStore } from './scripted-store.js';

export const TODAY = '2026-01-31' as LocalDate;
export const TOMORROW = '2026-02-01' as LocalDate;
export const NOW = Date.parse('2026-01-31T06:00:00Z') as Instant;

/** More revisions than any test makes. */
const ALL = 1_000_000;

let idsMade = 0;
/** Ids that nobody has had before. */
export function newId(): string {
  idsMade += 1;
  return `00000000-0000-7000-8000-${String(idsMade).padStart(12, '0')}`;
}

/** Marks a command with a request id; its contents tell two of them apart. */
export function markOf(id: string, command: RecordedCommand): RequestMark {
  return { id, digest: JSON.stringify(command) };
}

export function askingOf(requestId: string | undefined, command: Command): Asking {
  return requestId === undefined ? {} : { request: markOf(requestId, command) };
}

/** How a day stands, as values that compare. */
export function standingOf(day: DoctorDay) {
  return { revision: day.revision, slots: day.slots.map((slot) => slot.summary()), tokens: [...day.tokens] };
}
export type Standing = ReturnType<typeof standingOf>;

export interface Asked {
  readonly source?: Exclude<TokenSource, 'EMERGENCY'>;
  readonly requestId?: string;
}

export interface Scheduled {
  readonly hours?: readonly [number, number];
  readonly requestId?: string;
}

export class Clinic {
  readonly faults: unknown[] = [];
  readonly brokenRules: BrokenRules[] = [];
  now = NOW;
  desk: FrontDesk;

  private constructor(
    readonly store: ScriptedStore,
    private readonly door: Store,
    private readonly shelfLimits: ShelfLimits | undefined,
  ) {
    this.desk = this.#openDesk();
  }

  static async open(shelfLimits?: ShelfLimits): Promise<Clinic> {
    return Clinic.over(await ScriptedStore.open(), shelfLimits);
  }

  /** A clinic with a desk of its own over a store that others use too. */
  static over(store: ScriptedStore, shelfLimits?: ShelfLimits): Clinic {
    return new Clinic(store, store, shelfLimits);
  }

  /** Another server over the same disk; no gate stops it. */
  elsewhere(): Clinic {
    return new Clinic(this.store, this.store.elsewhere(), undefined);
  }

  /** The server starts anew over what is on disk. */
  restart(): void {
    this.desk = this.#openDesk();
  }

  #openDesk(): FrontDesk {
    return new FrontDesk(this.door, {
      now: () => this.now,
      newId,
      timeZone: 'UTC' as TimeZone,
      onFault: (error) => this.faults.push(error),
      onBrokenRules: (account) => this.brokenRules.push(account),
      ...(this.shelfLimits && { shelfLimits: this.shelfLimits }),
    });
  }

  async doctor(): Promise<Doctor> {
    const wanted = { name: 'Dr Rao', department: '', timeZone: undefined, policy: {} };
    return accepted(await this.desk.createDoctor(wanted, undefined));
  }

  /** A new doctor's day with one slot, 09:00 to 10:00. */
  async day(capacity = 10, date = TODAY): Promise<{ key: DayKey; slotId: SlotId }> {
    const key = { doctorId: (await this.doctor()).id, date };
    return { key, slotId: await this.slot(key, capacity) };
  }

  async slot(key: DayKey, capacity = 10, hour = 9): Promise<SlotId> {
    const { change } = accepted(await this.createSlot(key, { capacity, hour }));
    return change.createdSlotIds?.[0] as SlotId;
  }

  createSlot(key: DayKey, { capacity = 10, hour = 9, requestId }: { capacity?: number; hour?: number } & Asked) {
    const [start, end] = [hour * 60, hour * 60 + 60] as TimeOfDay[] as [TimeOfDay, TimeOfDay];
    return this.ask(key, { kind: 'CreateSlot', start, end, capacity }, requestId);
  }

  allocate(slotId: SlotId, patientRef: string, { source = 'ONLINE', requestId }: Asked = {}): Promise<Answer<Done>> {
    return this.ask({ slotId }, { kind: 'AllocateToken', slotId, source, patientRef }, requestId);
  }

  cancel(tokenId: TokenId, requestId?: string): Promise<Answer<Done>> {
    return this.ask({ tokenId }, { kind: 'CancelToken', tokenId, reason: '' }, requestId);
  }

  /** Asks for a token of another slot, of whatever day. */
  reschedule(
    tokenId: TokenId,
    slotId: SlotId,
    requestId?: string,
    terms: { readonly seatOnly?: true } = {},
  ): Promise<Answer<readonly Done[]>> {
    const mark = requestId === undefined ? undefined : { id: requestId, digest: `${tokenId} ${slotId}` };
    return this.desk.rescheduleToken({ tokenId, slotId, ...terms }, { request: mark });
  }

  /** Slots of an hour, from 09:00 to 10:00 where nothing is said, on each of the dates. */
  schedule(doctorId: DoctorId, [firstDate, lastDate]: readonly [LocalDate, LocalDate], asked: Scheduled = {}) {
    const { hours = [9, 10], requestId } = asked;
    const [start, end] = hours.map((hour) => hour * 60) as [TimeOfDay, TimeOfDay];
    const sessions = [{ start, end, slotMinutes: 60, capacity: 10 }];
    const schedule: Schedule = { firstDate, lastDate, daysOfWeek: [], exceptDates: [], sessions };
    const mark = requestId === undefined ? undefined : { id: requestId, digest: JSON.stringify(schedule) };
    return this.desk.createSlots(doctorId, schedule, { request: mark });
  }

  /**
   * Closes the open slots of each of the dates together, those of all hours where nothing is said.
   */
  closeSlots(doctorId: DoctorId, [firstDate, lastDate]: readonly [LocalDate, LocalDate], asked: Scheduled = {}) {
    const { hours = [0, 24], requestId } = asked;
    const [start, end] = hours.map((hour) => hour * 60) as [TimeOfDay, TimeOfDay];
    const wanted: SlotsToClose = { firstDate, lastDate, start, end, reason: 'ill' };
    const mark = requestId === undefined ? undefined : { id: requestId, digest: JSON.stringify(wanted) };
    return this.desk.closeSlots(doctorId, wanted, { request: mark });
  }

  closeSlot(slotId: SlotId): Promise<Answer<Done>> {
    return this.ask({ slotId }, { kind: 'CloseSlot', slotId, reason: '' });
  }

  ask(place: Place, command: Command, requestId?: string): Promise<Answer<Done>> {
    return this.desk.perform(place, command, askingOf(requestId, command));
  }

  standing(place: Place): Promise<Answer<Standing>> {
    return this.desk.read(place, (day) => answered(standingOf(day)));
  }

  /** A watcher who writes down each revision that it is given. */
  async watch(key: DayKey, afterRevision: number): Promise<Watcher> {
    const watcher = new Watcher();
    watcher.subscription = accepted(
      await this.desk.subscribe(key, seenOf(this.store, afterRevision), () => watcher.look()),
    );
    watcher.look();
    return watcher;
  }
}

/** A revision that was seen in the store's own epoch. */
export function seenOf({ epoch }: Pick<Store, 'epoch'>, revision: number): Seen {
  return { revision, epoch: epoch.id };
}

/** Gives each test of a file a clinic of its own, and lets what is under way come to its end afterwards. */
export function inFreshClinic(enter: (fresh: Clinic) => void): void {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await Clinic.open();
    enter(clinic);
  });
  afterEach(async () => {
    clinic.store.release();
    await clinic.store.idle();
    await clinic.store.close();
  });
}

export class Watcher {
  subscription: Subscription | undefined;
  readonly seen: Change[] = [];
  wakes = 0;

  look(): void {
    this.wakes += 1;
    for (;;) {
      const taken = this.subscription?.take();
      if (!taken) return;
      if (taken === 'behind') {
        this.fallBehind();
        return;
      }
      this.seen.push(taken.change);
    }
  }

  /** Nobody expects it, unless a test does. */
  fallBehind(): void {
    throw new Error('this watcher fell behind');
  }

  get revisions(): number[] {
    return this.seen.map(({ revision }) => revision);
  }
}

/** What the journal holds of a day, and what each of its revisions comes to when it is applied from the start. */
export async function recordOf(store: Store, key: DayKey) {
  const doctor = (await store.findDoctor(key.doctorId)) as Doctor;
  const day = new DoctorDay(doctor, key.date);
  const entries: JournalEntry[] = [];
  const changes: Change[] = [];
  const standings: Standing[] = [standingOf(day)];
  for (const entry of await store.readJournal(key, 0, ALL)) {
    entries.push(entry);
    changes.push(replay(day, entry));
    standings.push(standingOf(day));
  }
  return { entries, changes, standings };
}

export async function durableRevision({ store }: Clinic, key: DayKey): Promise<number> {
  return (await store.inner.readJournal(key, 0, ALL)).length;
}

export function accepted<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.refusal)}`);
  return answer.value;
}

export function reasonOf(answer: Answer<unknown>): string {
  return answer.ok ? 'answered' : answer.refusal.reason;
}

/** The token that an accepted command issued or ended. */
export function tokenOf(answer: Answer<Done>): TokenId {
  return accepted(answer).change.effects[0]?.token.id as TokenId;
}

/** Whether a question is still without an answer, once all has happened that can. */
export async function isPending({ store }: Clinic, question: Promise<unknown>): Promise<boolean> {
  const PENDING = Symbol('pending');
  await store.idle();
  return (await Promise.race([question, Promise.resolve(PENDING)])) === PENDING;
}
