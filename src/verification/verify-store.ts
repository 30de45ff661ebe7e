/** Goes through a whole store, a day at a time. */
import { isOutOfTime } from '../domain/retiming.js';
import type { SlotSummary } from '../domain/slot.js';
import { type Instant, instantOf } from '../domain/time.js';
import type { ZoneDataVersion } from '../domain/zone-data.js';
import type { DayKey } from '../store/store.js';
import type { DayRecord, StoreReader } from '../store/store-reader.js';
import { type Difference, verifyDay } from './verify-day.js';
import { verifyDoctor } from './verify-doctor.js';
import { WideCommands } from './wide-commands.js';

/** What a store was found to hold. */
export interface Verdict {
  readonly days: number;
  readonly revisions: number;
  readonly tokens: number;
  /** What is wrong with the file or with a doctor's row; days have been left alone then. */
  readonly damage?: string;
  /** How many days are not sound, and the first of them. */
  readonly unsound: number;
  readonly first?: Difference;
  /**
   * How many slots that have not begun are not at their local times, and the first of them. That is
   * no damage.
   */
  readonly outOfTime: number;
  readonly firstOutOfTime?: SlotOutOfTime;
  /** The newest time zone data by which the store was served. */
  readonly servedBy?: ZoneDataVersion | undefined;
}

/**
 * A slot that has not begun and has another instant than that of its local time, by the time zone
 * data of this program.
 */
export interface SlotOutOfTime {
  readonly key: DayKey;
  readonly slot: SlotSummary;
  /** What its start would be. */
  readonly startsAt: Instant;
}

/** How many revisions are replayed between two reports of progress, when other things of the process get their turn too. */
const REVISIONS_A_REPORT = 2_000;

/** @param onProgress told how many revisions have been replayed, and of how many */
export async function verifyStore(
  reader: StoreReader,
  onProgress: (done: number, total: number) => void = () => {},
  now = Date.now() as Instant,
): Promise<Verdict> {
  const damage = (await reader.findDamage()) ?? (await firstBrokenDoctor(reader));
  if (damage !== undefined) return { days: 0, revisions: 0, tokens: 0, unsound: 0, outOfTime: 0, damage };
  return { ...(await verifyDays(reader, onProgress, now)), servedBy: await reader.zoneData() };
}

async function firstBrokenDoctor(reader: StoreReader): Promise<string | undefined> {
  for await (const record of reader.doctors()) {
    const broken = verifyDoctor(record);
    if (broken !== undefined) return `doctor ${record.doctor.id}: ${broken}`;
  }
  return undefined;
}

async function verifyDays(
  reader: StoreReader,
  onProgress: (done: number, total: number) => void,
  now: Instant,
): Promise<Verdict> {
  const total = await reader.countRevisions();
  let [days, revisions, tokens, unsound, outOfTime, reported] = [0, 0, 0, 0, 0, 0];
  let first: Difference | undefined;
  let firstOutOfTime: SlotOutOfTime | undefined;
  const wide = new WideCommands();
  for await (const record of reader.days()) {
    const difference = verifyDay(record, wide, now);
    first ??= difference;
    const found = difference ? [] : outOfTimeIn(record, now);
    firstOutOfTime ??= found[0];
    outOfTime += found.length;
    days += 1;
    revisions += record.journal.length;
    tokens += record.tokens.length;
    if (difference) unsound += 1;
    if (revisions - reported < REVISIONS_A_REPORT) continue;
    reported = revisions;
    onProgress(revisions, total);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const found = { days, revisions, tokens, outOfTime, ...(firstOutOfTime && { firstOutOfTime }) };
  // A day that is unsound says nothing of others beyond that; so this is about sound ones.
  const broken = first ? undefined : wide.firstBroken();
  if (broken) return { ...found, unsound: 1, first: broken };
  return { ...found, unsound, ...(first && { first }) };
}

function outOfTimeIn({ key, doctor, slots }: DayRecord, now: Instant): SlotOutOfTime[] {
  if (!doctor) return [];
  return slots
    .filter((slot) => isOutOfTime(slot, key.date, doctor.timeZone, now))
    .map((slot) => ({ key, slot, startsAt: instantOf(key.date, slot.start, doctor.timeZone) }));
}
