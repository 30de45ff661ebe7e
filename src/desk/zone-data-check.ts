/**
 * Keeps slots that have not begun at their local times when the rules of their time zones change
 * (R17). The server looks through all of them when it starts. Over a store that servers share it
 * does so again every hour, because a server with older data may have made more of them meanwhile.
 * Each day is a revision of its own, decided like any command. So a crash leaves no day half
 * changed, and the next look finds the days that are left.
 *
 * The store keeps the newest version of the time zone data that any server has had. A server with
 * an older version retimes nothing: two servers with different data do not undo each other's work.
 */
import { LRUCache } from 'lru-cache';
import type { Doctor, DoctorId } from '../domain/doctor.js';
import type { Answer } from '../domain/refusal.js';
import { isOutOfTime } from '../domain/retiming.js';
import { dateAt, type Instant, instantOf, type TimeZone } from '../domain/time.js';
import { isOlder, type ZoneDataVersion } from '../domain/zone-data.js';
import type { DayKey, DueDay, KeptSlot, Store } from '../store/store.js';
import { nameOf } from './loaded-day.js';
import type { Retimed } from './one-day.js';

const LOOK_MILLISECONDS = 3_600_000;
/** After a failure; the store may be out of reach. */
const LOOK_AFTER_FAULT_MILLISECONDS = 60_000;
/** The main thread judges a page in a few milliseconds. */
const SLOTS_A_PAGE = 200;
const DAYS_A_PAGE = 8;
/** A year of dates with some 25 starts and ends each. */
const LOCAL_TIMES_MAX = 10_000;
const DAY_MILLISECONDS = 24 * 3_600_000;

/** What one look found and did. */
export interface ZoneDataReport {
  /** The version of this server. */
  readonly zoneData: ZoneDataVersion;
  /**
   * The newest version that any server of the store has had. If that is newer, nothing was retimed.
   */
  readonly newest: ZoneDataVersion;
  /** Days and slots that were retimed. */
  readonly days: number;
  readonly slots: number;
  /** Slots that have not begun and keep other instants than those of their local times. */
  readonly kept: number;
}

export interface ZoneDataSurroundings {
  readonly now: () => Instant;
  readonly zoneData: ZoneDataVersion;
  readonly onReport: (report: ZoneDataReport) => void;
  /** Called for each failure. */
  readonly onFault: (error: unknown) => void;
}

/** What the check does at the desk. */
export interface RetimingDesk {
  findDoctor(id: DoctorId): Promise<Answer<Doctor>>;
  retimeSlots(key: DayKey, zoneData: ZoneDataVersion): Promise<Answer<Retimed>>;
  letTimePass(key: DayKey): Promise<Answer<undefined>>;
}

export class ZoneDataCheck {
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<boolean> = Promise.resolve(true);
  #isStopped = false;

  constructor(
    private readonly store: Pick<Store, 'noteZoneData' | 'slotsFrom' | 'dueDays' | 'neighbours'>,
    private readonly desk: RetimingDesk,
    private readonly surroundings: ZoneDataSurroundings,
  ) {}

  /** Looks now. If servers share the store, looks again every hour until stopped. */
  async start(): Promise<void> {
    const isDone = await this.look();
    if (this.#isStopped || (isDone && !this.store.neighbours)) return;
    this.#timer = setTimeout(() => this.start(), isDone ? LOOK_MILLISECONDS : LOOK_AFTER_FAULT_MILLISECONDS);
    this.#timer.unref();
  }

  /** Resolves when the look under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#look;
  }

  /**
   * Retimes the slots that are out of time. Resolves with whether all of that is on disk; never
   * rejects.
   */
  look(): Promise<boolean> {
    this.#look = this.#look.then(() => this.#lookThrough());
    return this.#look;
  }

  async #lookThrough(): Promise<boolean> {
    const { zoneData, onReport, onFault } = this.surroundings;
    const report = { zoneData, newest: zoneData, days: 0, slots: 0, kept: 0 };
    try {
      const { before, newest } = await this.store.noteZoneData(zoneData);
      const isOutdated = isOlder(zoneData, newest);
      const isDone = isOutdated || (await this.#retimeAll(report));
      if (!isOutdated && before !== undefined && before !== zoneData) await this.#reckonDayEnds();
      if (isDone) onReport({ ...report, newest });
      return isDone;
    } catch (error) {
      onFault(error);
      return false;
    }
  }

  /** @param report counts what was done */
  async #retimeAll(report: { days: number; slots: number; kept: number }): Promise<boolean> {
    // A date that has begun somewhere may be yesterday's in UTC.
    const from = dateAt((this.surroundings.now() - DAY_MILLISECONDS) as Instant, 'UTC' as TimeZone);
    const resolve = resolver();
    const seen = new Set<string>();
    let last: KeptSlot | undefined;
    while (!this.#isStopped) {
      const page = await this.store.slotsFrom(from, last, SLOTS_A_PAGE);
      for (const key of await this.#daysOutOfTime(page, resolve)) {
        if (seen.has(nameOf(key))) continue;
        seen.add(nameOf(key));
        const answer = await this.desk.retimeSlots(key, this.surroundings.zoneData);
        if (!answer.ok) return false;
        report.slots += answer.value.retimed;
        report.kept += answer.value.kept;
        if (answer.value.retimed > 0) report.days += 1;
      }
      last = page.at(-1);
      if (page.length < SLOTS_A_PAGE) return true;
    }
    return false;
  }

  /** The days of a page on which a slot that has not begun is not at its local times. */
  async #daysOutOfTime(page: readonly KeptSlot[], resolve: Resolve): Promise<DayKey[]> {
    const now = this.surroundings.now();
    const days: DayKey[] = [];
    for (const { key, slot } of page) {
      const doctor = slot.startsAt > now ? await this.desk.findDoctor(key.doctorId) : undefined;
      if (doctor?.ok && isOutOfTime(slot, key.date, doctor.value.timeZone, now, resolve)) days.push(key);
    }
    return days;
  }

  /** Computes the ends of days (R21) anew: the store has kept them by the older rules. */
  async #reckonDayEnds(): Promise<void> {
    const until = (this.surroundings.now() + 2 * DAY_MILLISECONDS) as Instant;
    let last: DueDay | undefined;
    while (!this.#isStopped) {
      const days: DueDay[] = await this.store.dueDays(until, last, DAYS_A_PAGE);
      for (const { key } of days) await this.desk.letTimePass(key);
      last = days.at(-1);
      if (days.length < DAYS_A_PAGE) return;
    }
  }
}

type Resolve = typeof instantOf;

/** Resolves local times and remembers them: the slots of many doctors start at the same ones. */
function resolver(): Resolve {
  const known = new LRUCache<string, Instant>({ max: LOCAL_TIMES_MAX });
  return (date, time, zone) => {
    const name = `${zone} ${date} ${time}`;
    const instant = known.get(name) ?? instantOf(date, time, zone);
    known.set(name, instant);
    return instant;
  };
}
