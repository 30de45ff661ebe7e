/** A copy of a SQLite file, made while a server serves it. */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StoreRefused } from '../store.js';
import { Database } from './binding.js';
import { END_EPOCH } from './epoch.js';
import { createPrivateFile, refuseSharedDirectory } from './file-access.js';
import { refusalOf } from './inspection.js';
import { openSnapshot } from './sqlite-reader.js';

export interface Backup {
  readonly bytes: number;
  readonly doctorDays: number;
}

/** How many pages are copied between two reports of progress: a few milliseconds' worth. */
const PAGES_A_STEP = 1_000;
const COUNT_DAYS = 'SELECT count(*) FROM (SELECT DISTINCT doctor_id, date FROM journal)';

/**
 * Copies all that has been acknowledged by now to a new file, which is whole and on disk when this resolves, and is not there
 * otherwise. The copy is one file, without a log beside it, which may be read where nothing may be written.
 *
 * @param onProgress told how many pages have been copied, and of how many
 * @throws StoreRefused where the database cannot be read, or the copy not be written
 */
export async function backUp(
  from: string,
  to: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Backup> {
  refuseExisting(to);
  // In one read transaction, or the copying would begin anew whenever the server writes.
  const database = openSnapshot(from);
  const part = `${to}.${process.pid}.part`;
  try {
    refuseSharedDirectory(to);
    removeLeftovers(to);
    createPrivateFile(part);
    await database.backup(part, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages - remainingPages, totalPages);
        return PAGES_A_STEP;
      },
    });
    const doctorDays = finish(part, from);
    sync(part);
    refuseExisting(to);
    renameSync(part, to);
    sync(dirname(to));
    return { bytes: statSync(to).size, doctorDays };
  } catch (error) {
    rmSync(part, { force: true });
    throw refusalOf(to, error);
  } finally {
    database.close();
  }
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new StoreRefused(`${path} is there already, and was left as it is. Give another name.`);
}

/** Parts of this copy whose process was killed. One with the number of this process, which has not begun, is no more alive. */
function removeLeftovers(to: string): void {
  const prefix = `${basename(to)}.`;
  for (const name of readdirSync(dirname(to))) {
    const pid = name.startsWith(prefix) && /^(\d+)\.part(-journal|-wal|-shm)?$/.exec(name.slice(prefix.length))?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(dirname(to), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Makes a copy of a database in use one that is at rest; answers with how many doctor-days are in it. */
function finish(path: string, from: string): number {
  const copy = new Database(path);
  try {
    copy.pragma('journal_mode = DELETE');
    copy.exec(END_EPOCH);
    return copy.prepare<[], number>(COUNT_DAYS).pluck().get() ?? 0;
  } catch (error) {
    // Pages are copied unread, so that damage shows here first.
    throw refusalOf(from, error);
  } finally {
    copy.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
