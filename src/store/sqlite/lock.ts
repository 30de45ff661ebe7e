/**
 * One server a database file. The lock is an exclusive transaction on an empty sibling file, `<path>.lock`: the operating
 * system drops it with the process, however that ends, so none is ever stale; and the database itself stays open to readers.
 * The empty file remains, since deleting it would let two servers hold two files of one name.
 */

import { StoreRefused } from '../store.js';
import { Database } from './binding.js';
import { ensurePrivateFile } from './file-access.js';

export interface Lock {
  release(): void;
}

/** Takes the lock at once or not at all. @throws StoreRefused */
export function takeLock(path: string): Lock {
  const lockPath = `${path}.lock`;
  let database: Database | undefined;
  try {
    ensurePrivateFile(lockPath);
    database = new Database(lockPath, { timeout: 0 });
    // In memory: the transaction never writes, and a journal file would ask for room on a full disk.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw refusal(path, lockPath, error);
  }
  return { release: () => database.close() };
}

function refusal(path: string, lockPath: string, error: unknown): StoreRefused {
  const { code, message } = error as { code?: string; message: string };
  if (code?.startsWith('SQLITE_BUSY')) {
    return new StoreRefused(`${path} is in use by another server. Stop that one first, or give another path.`, {
      cause: error,
    });
  }
  return new StoreRefused(`cannot lock ${path} by ${lockPath}: ${message}. Check the path and its permissions.`, {
    cause: error,
  });
}
