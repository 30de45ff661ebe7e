/**
 * A store for the desk's tests: the real one, in memory, behind gates. Commits can be held and given their fate one by one,
 * reads can be stalled or made to fail; nothing depends on how long anything takes.
 */
import { nameOf } from '../../src/desk/loaded-day.js';
import type { Doctor, DoctorId } from '../../src/domain/doctor.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant } from '../../src/domain/time.js';
import type { TokenId, TokenStatus } from '../../src/domain/token.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import {
  type ClockMark,
  type CommitOutcome,
  type DayCommit,
  type DayKey,
  type DueDay,
  type JournalEntry,
  type KeptToken,
  type RequestMark,
  type Store,
  StoreUnavailable,
} from '../../src/store/store.js';

const READS = [
  'findDoctor',
  'findSlotToCome',
  'listDoctors',
  'locateSlot',
  'locateToken',
  'listTokensOf',
  'findRequest',
  'readJournal',
  'dueDays',
] as const;

/**
 * What becomes of a batch. `failAfter`: it lands, and the store then fails. `conflictAfter`: it
 * lands, and the store answers that all of it was in conflict.
 */
export type Fate =
  | 'keep'
  | 'failBefore'
  | 'failAfter'
  | 'conflictAfter'
  | { readonly conflictOn: (key: DayKey) => boolean };

/** A batch on its way to disk, stopped at the gate. */
export class HeldCommit {
  constructor(
    readonly batch: readonly DayCommit[],
    readonly meet: (fate: Fate) => void,
  ) {}

  /** How many revisions of each of its days it holds. */
  get revisions(): number[] {
    return this.batch.map(({ entries }) => entries.length);
  }
}

function isOneGroup(one: DayCommit, other: DayCommit): boolean {
  return one.group !== undefined && one.group === other.group;
}

export class ScriptedStore implements Store {
  /** How many batches have come so far. */
  batches = 0;
  #holding = false;
  #readsFail = false;
  #held: HeldCommit[] = [];
  #expecting: ((held: HeldCommit) => void)[] = [];
  #stall: Promise<void> | undefined;
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #calls: string[] = [];
  readonly #durable = new Map<string, number>();

  private constructor(readonly inner: Store) {}

  static async open(): Promise<ScriptedStore> {
    return new ScriptedStore(await openSqliteStore(':memory:'));
  }

  /** From now on each batch waits to be given its fate. */
  hold(): void {
    this.#holding = true;
  }

  /** From now on batches are kept as they come, those that wait included. */
  release(): void {
    this.#holding = false;
    for (const held of this.#held.splice(0)) held.meet('keep');
  }

  /** The next batch that is held, once it is there. */
  nextHeld(): Promise<HeldCommit> {
    const held = this.#held.shift();
    return held ? Promise.resolve(held) : new Promise((resolve) => this.#expecting.push(resolve));
  }

  /** The next batch that is held, if one is there now. */
  heldNow(): HeldCommit | undefined {
    return this.#held.shift();
  }

  /** Stops all reads until what it answers with is called. */
  stallReads(): () => void {
    let go = (): void => {};
    this.#stall = new Promise((resolve) => {
      go = resolve;
    });
    return () => {
      this.#stall = undefined;
      go();
    };
  }

  failReads(readsFail: boolean): void {
    this.#readsFail = readsFail;
  }

  /** Resolves when all has happened that can happen without a gate being opened. */
  async idle(): Promise<void> {
    do {
      await Promise.allSettled(this.#atWork);
      await new Promise(setImmediate);
    } while (this.#atWork.size > 0);
  }

  /** Up to which revision a day is on disk at this moment, whoever wrote it and whether or not they know. */
  durableRevision(key: DayKey): number {
    return this.#durable.get(nameOf(key)) ?? 0;
  }

  /** The same disk as another server sees it: without gates. */
  elsewhere(): Store {
    const door = Object.create(this.inner) as Store;
    door.commit = (batch) => this.#toDisk(batch);
    for (const name of READS) door[name] = this.inner[name].bind(this.inner) as never;
    return door;
  }

  /** How often a method has been called. */
  callsOf(name: keyof Store): number {
    return this.#calls.filter((call) => call === name).length;
  }

  async commit(batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
    this.batches += 1;
    if (!this.#holding) return this.#atInner('commit', () => this.#toDisk(batch));
    const fate = await new Promise<Fate>((resolve) => {
      const held = new HeldCommit(batch, resolve);
      const expecting = this.#expecting.shift();
      if (expecting) expecting(held);
      else this.#held.push(held);
    });
    return this.#atInner('commit', () => this.#suffer(batch, fate));
  }

  async #suffer(batch: readonly DayCommit[], fate: Fate): Promise<CommitOutcome[]> {
    if (fate === 'failBefore') throw new StoreUnavailable('the disk is full');
    if (fate === 'keep') return this.#toDisk(batch);
    if (fate === 'failAfter') {
      await this.#toDisk(batch);
      throw new StoreUnavailable('the line broke');
    }
    if (fate === 'conflictAfter') {
      await this.#toDisk(batch);
      return batch.map(() => 'conflict');
    }
    const struck = batch.filter(({ key }) => fate.conflictOn(key));
    const kept = batch.filter((day) => !struck.some((each) => each === day || isOneGroup(each, day)));
    const outcomes = await this.#toDisk(kept);
    return batch.map((day) => outcomes[kept.indexOf(day)] ?? 'conflict');
  }

  async #toDisk(batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
    const outcomes = await this.inner.commit(batch);
    batch.forEach(({ key, entries }, index) => {
      if (outcomes[index] === 'committed') this.#durable.set(nameOf(key), entries.at(-1)?.revision as number);
    });
    return outcomes;
  }

  createDoctor(doctor: Doctor, request?: RequestMark) {
    return this.#atInner('createDoctor', () => this.inner.createDoctor(doctor, request));
  }

  /** Updates are never held: what stops them is what is under way of the doctor's days. */
  updateDoctor(...asked: Parameters<Store['updateDoctor']>) {
    return this.#atInner('updateDoctor', () => this.inner.updateDoctor(...asked));
  }

  findDoctor(id: DoctorId): Promise<Doctor | undefined> {
    return this.#read('findDoctor', () => this.inner.findDoctor(id));
  }

  findSlotToCome(id: DoctorId, at: Instant): Promise<SlotId | undefined> {
    return this.#read('findSlotToCome', () => this.inner.findSlotToCome(id, at));
  }

  listDoctors(after: DoctorId | undefined, limit: number): Promise<Doctor[]> {
    return this.#read('listDoctors', () => this.inner.listDoctors(after, limit));
  }

  locateSlot(id: SlotId): Promise<DayKey | undefined> {
    return this.#read('locateSlot', () => this.inner.locateSlot(id));
  }

  locateToken(id: TokenId): Promise<DayKey | undefined> {
    return this.#read('locateToken', () => this.inner.locateToken(id));
  }

  listTokensOf(
    patientRef: string,
    statuses: readonly TokenStatus[],
    after: TokenId | undefined,
    limit: number,
  ): Promise<KeptToken[]> {
    return this.#read('listTokensOf', () => this.inner.listTokensOf(patientRef, statuses, after, limit));
  }

  findRequest(doctorId: DoctorId, requestId: string): ReturnType<Store['findRequest']> {
    return this.#read('findRequest', () => this.inner.findRequest(doctorId, requestId));
  }

  get epoch() {
    return this.inner.epoch;
  }

  endEpoch(): Promise<void> {
    return this.inner.endEpoch();
  }

  readJournal(key: DayKey, afterRevision: number, limit: number): Promise<JournalEntry[]> {
    return this.#read('readJournal', () => this.inner.readJournal(key, afterRevision, limit));
  }

  dueDays(until: Instant, after: DueDay | undefined, limit: number): Promise<DueDay[]> {
    return this.#read('dueDays', () => this.inner.dueDays(until, after, limit));
  }

  slotsFrom(...asked: Parameters<Store['slotsFrom']>): ReturnType<Store['slotsFrom']> {
    return this.#read('slotsFrom', () => this.inner.slotsFrom(...asked));
  }

  noteZoneData(...noted: Parameters<Store['noteZoneData']>): ReturnType<Store['noteZoneData']> {
    return this.#read('noteZoneData', () => this.inner.noteZoneData(...noted));
  }

  noteDue(...said: Parameters<Store['noteDue']>): Promise<void> {
    return this.#atInner('noteDue', () => this.inner.noteDue(...said));
  }

  readClockMark(): ReturnType<Store['readClockMark']> {
    return this.#atInner('readClockMark', () => this.inner.readClockMark());
  }

  keepClockMark(mark: ClockMark): Promise<void> {
    return this.#atInner('keepClockMark', () => this.inner.keepClockMark(mark));
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async #read<T>(name: keyof Store, read: () => Promise<T>): Promise<T> {
    await this.#stall;
    if (this.#readsFail) throw new StoreUnavailable('the disk cannot be read');
    return this.#atInner(name, read);
  }

  #atInner<T>(name: keyof Store, call: () => Promise<T>): Promise<T> {
    this.#calls.push(name);
    const work = call().finally(() => this.#atWork.delete(work));
    this.#atWork.add(work);
    return work;
  }
}
