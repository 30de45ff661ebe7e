/** Looks at a database file before anything is written to it, and refuses those that are not for this program. */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreDamaged, StoreRefused } from '../store.js';
import { Database } from './binding.js';
import { inspectLog } from './log-inspection.js';
import { APPLICATION_ID, NEWEST_MIGRATION } from './migrations.js';

/**
 * Files up to this size are read through for damage at every start: less than a second, even where none of it is in memory
 * (measured at 80 MB/s then, and at 1 GB/s otherwise). Larger ones are `opd verify`'s to read.
 */
const READ_THROUGH_BYTES_MAX = 64 * 1024 * 1024;

/** Looks at a file that is to be served. @throws StoreRefused with the file as it was */
export function inspectFile(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  refuseOutOfReach(path, file);
  inspectLog(path);
  if (!file || file.size === 0) return;
  // A read-only connection recovers nothing, checkpoints nothing, and so leaves even a damaged file's pages alone.
  const database = openToRead(path);
  try {
    refuseForeign(database, path);
    if (file.size <= READ_THROUGH_BYTES_MAX) refuseDamaged(database, path);
  } catch (error) {
    throw refusalOf(path, error);
  } finally {
    database.close();
  }
}

/** A read-only connection. @throws StoreRefused */
export function openToRead(path: string): Database {
  try {
    return new Database(path, { readonly: true });
  } catch (error) {
    throw new StoreRefused(`cannot read ${path}: ${reason(error)}. Check the path and its permissions.`, {
      cause: error,
    });
  }
}

/** @throws StoreRefused where the database is another program's or a newer one's */
export function refuseForeign(database: Database, path: string): void {
  const reached = database.pragma('user_version', { simple: true }) as number;
  const tables = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0;
  const isOurs = database.pragma('application_id', { simple: true }) === APPLICATION_ID;
  if (!isOurs && (tables > 0 || reached > 0)) {
    throw new StoreRefused(`${path} is a database of another program; it was left as it is. Give another path.`);
  }
  if (reached <= NEWEST_MIGRATION) return;
  throw new StoreRefused(
    `${path} was written by a newer version of this program (its tables are at ${reached}, this version knows ${NEWEST_MIGRATION}); ` +
      'it was left as it is. Start the newer version, or give another path.',
  );
}

/** What is told of a file with which SQLite failed, by how it failed. */
export function refusalOf(path: string, error: unknown): StoreRefused {
  if (error instanceof StoreRefused) return error;
  const code = (error as { code?: string }).code ?? '';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(path, error);
  // SQLite calls it an I/O error, too, where no room is left for the index of its log.
  const advice = /^SQLITE_(FULL|IOERR)/.test(code)
    ? 'The disk is full, or fails: make room on it, or give another path.'
    : 'Check the path and its permissions.';
  return new StoreRefused(`cannot use ${path}: ${reason(error)}. ${advice}`, { cause: error });
}

// Where a file may not be written SQLite opens it all the same, to read; the first command would find out.
function refuseOutOfReach(path: string, file: Stats | undefined): void {
  if (file && !file.isFile()) {
    throw new StoreRefused(`${path} is ${file.isDirectory() ? 'a directory' : 'no regular file'}. Give a file's path.`);
  }
  const places = file ? [path, dirname(path)] : [dirname(path)];
  for (const place of places) {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = place === path ? '' : ', where the log is kept beside the file';
      throw new StoreRefused(
        `cannot read and write ${place}${why}: ${code}. Give this user the right to, or give another path.`,
        { cause: error },
      );
    }
  }
}

function refuseDamaged(database: Database, path: string): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw damaged(path, found);
}

function damaged(path: string, cause: unknown): StoreDamaged {
  return new StoreDamaged(
    `${path} is damaged, or is no SQLite database (${reason(cause)}); it was left as it is. ` +
      'Put a backup in its place and take any -wal file away, or give another path.',
    { cause },
  );
}

function reason(cause: unknown): string {
  // quick_check speaks in several lines; a refusal is one.
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ');
}
