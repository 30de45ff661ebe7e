/** `opd copy`: a whole database into another, of either kind: from one machine's file to a PostgreSQL that servers share, and back. */
import { type Command, InvalidArgumentError } from 'commander';
import { JournalUnreadable } from '../store/journal-codec.js';
import { StoreRefused } from '../store/store.js';
import type { StoreReader } from '../store/store-reader.js';
import { type Copied, CopyFailed, type CopyProgress, compareStores, copyStore } from '../verification/copy-store.js';
import { nameOfData, openReader, openStore } from './open-store.js';
import { Progress } from './progress.js';

export function addCopy(program: Command): void {
  program
    .command('copy')
    .description('copy a whole database into another, SQLite or PostgreSQL, and compare the two in the end')
    .argument('<from>', 'file or address; what servers acknowledge meanwhile is not copied: stop them before', kept)
    .argument('<to>', 'file or address; must hold nothing yet', kept)
    .action(copy);
}

async function copy(from: string, to: string): Promise<void> {
  const progress = new Progress('copying');
  const report: CopyProgress = (stage, done, total) => progress.report(stage, done, total);
  try {
    const copied = await copyAll(from, to, report);
    progress.end();
    process.stdout.write(told(copied, from, to));
  } catch (error) {
    progress.end();
    if (!(error instanceof CopyFailed || error instanceof JournalUnreadable)) throw error;
    throw new StoreRefused(`${error.message}. ${nameOfData(to)} is not a whole copy: do not serve it.`, {
      cause: error,
    });
  }
}

async function copyAll(from: string, to: string, report: CopyProgress): Promise<Copied> {
  const source = await openReader(from);
  try {
    const target = await openStore(to);
    let copied: Copied;
    try {
      await refuseFull(to);
      copied = await copyStore(source, target, report);
    } finally {
      await target.close();
    }
    const copy = await openReader(to);
    await compareStores(source, copy, report).finally(() => copy.close());
    return copied;
  } finally {
    await source.close();
  }
}

async function refuseFull(to: string): Promise<void> {
  const reader = await openReader(to);
  const isEmpty = await empty(reader).finally(() => reader.close());
  if (!isEmpty)
    throw new StoreRefused(`${nameOfData(to)} holds something already; it was left as it is. Give an empty one.`);
}

async function empty(reader: StoreReader): Promise<boolean> {
  for await (const _ of reader.doctors()) return false;
  for await (const _ of reader.days()) return false;
  return true;
}

function told({ doctors, days, revisions }: Copied, from: string, to: string): string {
  const [d, n, r] = [doctors, days, revisions].map((count) => count.toLocaleString('en'));
  return `${nameOfData(from)} → ${nameOfData(to)}: ${d} doctors, ${n} doctor-days, ${r} revisions, and the same on both sides\n`;
}

/** What is in memory is gone with the command. */
function kept(data: string): string {
  if (data === ':memory:') throw new InvalidArgumentError('It must be a file or a postgres:// address.');
  return data;
}
