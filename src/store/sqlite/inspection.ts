/** Looks at a database file before anything is written to it, and refuses those that are not for this program. */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreRefused } from '../store.js';
import { APPLICATION_ID, NEWEST_MIGRATION } from './migrations.js';

/** Files up to this size are read through for damage at every start, which takes about a second for the largest of them. */
const READ_THROUGH_BYTES_MAX = 256 * 1024 * 1024;

/** @throws StoreRefused with the file as it was */
export function inspectFile(path: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0) return;
  // A read-only connection recovers nothing, checkpoints nothing, and so leaves even a damaged file's pages alone.
  const database = open(path);
  try {
    inspect(database, path, bytes);
  } catch (error) {
    throw error instanceof StoreRefused ? error : damaged(path, error);
  } finally {
    database.close();
  }
}

function open(path: string): Database.Database {
  try {
    return new Database(path, { readonly: true });
  } catch (error) {
    throw new StoreRefused(`cannot read ${path}: ${reason(error)}. Check the path and its permissions.`, {
      cause: error,
    });
  }
}

function inspect(database: Database.Database, path: string, bytes: number): void {
  const reached = database.pragma('user_version', { simple: true }) as number;
  const tables = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0;
  const isOurs = database.pragma('application_id', { simple: true }) === APPLICATION_ID;
  if (!isOurs && (tables > 0 || reached > 0)) {
    throw new StoreRefused(`${path} is a database of another program; it was left as it is. Give another path.`);
  }
  if (reached > NEWEST_MIGRATION) {
    throw new StoreRefused(
      `${path} was written by a newer version of this program (its tables are at ${reached}, this version knows ${NEWEST_MIGRATION}); ` +
        'it was left as it is. Start the newer version, or give another path.',
    );
  }
  if (bytes > READ_THROUGH_BYTES_MAX) return;
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw damaged(path, found);
}

function damaged(path: string, cause: unknown): StoreRefused {
  return new StoreRefused(
    `${path} is damaged, or is no SQLite database (${reason(cause)}); it was left as it is. ` +
      'Put a backup in its place together with any -wal file of that backup, or give another path.',
    { cause },
  );
}

function reason(cause: unknown): string {
  // quick_check speaks in several lines; a refusal is one.
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ');
}
