/** Goes through a whole store, a day at a time. */
import type { StoreReader } from '../store/store-reader.js';
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
}

/** How many revisions are replayed between two reports of progress, when other things of the process get their turn too. */
const REVISIONS_A_REPORT = 2_000;

/** @param onProgress told how many revisions have been replayed, and of how many */
export async function verifyStore(
  reader: StoreReader,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Verdict> {
  const damage = (await reader.findDamage()) ?? (await firstBrokenDoctor(reader));
  if (damage !== undefined) return { days: 0, revisions: 0, tokens: 0, unsound: 0, damage };
  return verifyDays(reader, onProgress);
}

async function firstBrokenDoctor(reader: StoreReader): Promise<string | undefined> {
  for await (const record of reader.doctors()) {
    const broken = verifyDoctor(record);
    if (broken !== undefined) return `doctor ${record.doctor.id}: ${broken}`;
  }
  return undefined;
}

async function verifyDays(reader: StoreReader, onProgress: (done: number, total: number) => void): Promise<Verdict> {
  const total = await reader.countRevisions();
  let [days, revisions, tokens, unsound, reported] = [0, 0, 0, 0, 0];
  let first: Difference | undefined;
  const wide = new WideCommands();
  for await (const record of reader.days()) {
    const difference = verifyDay(record, wide);
    first ??= difference;
    days += 1;
    revisions += record.journal.length;
    tokens += record.tokens.length;
    if (difference) unsound += 1;
    if (revisions - reported < REVISIONS_A_REPORT) continue;
    reported = revisions;
    onProgress(revisions, total);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A day that is unsound says nothing of others beyond that; so this is about sound ones.
  const broken = first ? undefined : wide.firstBroken();
  if (broken) return { days, revisions, tokens, unsound: 1, first: broken };
  return { days, revisions, tokens, unsound, ...(first && { first }) };
}
