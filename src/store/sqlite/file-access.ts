/** Who may read the files of a database, and in which directories it may be. */
import { closeSync, fchmodSync, lstatSync, mkdirSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StoreRefused } from '../store.js';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const WRITABLE_BY_OTHERS = 0o002;
const ANY_ACCESS_OF_OTHERS = 0o007;
/** On Windows, Node.js makes modes up: every directory seems to be writable by all. */
const HAS_MODES = process.platform !== 'win32';

/**
 * Creates an empty file that only its owner can read, whatever the umask. @throws where there is
 * one
 */
export function createPrivateFile(path: string): void {
  const file = openSync(path, 'wx', OWNER_ONLY);
  try {
    fchmodSync(file, OWNER_ONLY);
  } finally {
    closeSync(file);
  }
}

/**
 * Creates the file if it is missing. SQLite gives `-wal` and `-shm` the mode of the file that they
 * belong to.
 */
export function ensurePrivateFile(path: string): void {
  try {
    createPrivateFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * The file's one name, by which its lock is named too; makes the directories above it.
 *
 * @throws StoreRefused if the file or a link to it is in a directory where every user could put
 * another file in its place
 */
export function placeToWrite(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    refuseSharedDirectory(path);
    const place = realPlace(path);
    refuseSharedDirectory(place);
    return place;
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(`cannot reach ${path}: ${(error as Error).message}. Check the path and its permissions.`, {
      cause: error,
    });
  }
}

/** @throws StoreRefused if every user of the machine can write to the directory of the path */
export function refuseSharedDirectory(path: string): void {
  const directory = realpathSync(dirname(path));
  if (!HAS_MODES || !(statSync(directory).mode & WRITABLE_BY_OTHERS)) return;
  throw new StoreRefused(
    `${directory} is a directory that every user of this machine can write to: another user could put a file of theirs in the place of this one. ` +
      `Give a path in a directory of your own, such as ${join(directory, 'opd', basename(path))}.`,
  );
}

/**
 * What to do about files of a served database that every user of the machine can read or write;
 * undefined if there are none.
 */
export function warningOfAccess(path: string): string | undefined {
  if (!HAS_MODES) return undefined;
  const files = ['', '-wal', '-shm', '.lock', '.epoch'].map((suffix) => `${path}${suffix}`).filter(isOpenToOthers);
  if (files.length === 0) return undefined;
  return `Files of the database can be read or written by every user of this machine. Take that right away: chmod o-rwx ${files.join(' ')}`;
}

function isOpenToOthers(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  return file !== undefined && (file.mode & ANY_ACCESS_OF_OTHERS) !== 0;
}

function realPlace(path: string): string {
  const place = join(realpathSync(dirname(path)), basename(path));
  const found: Stats | undefined = lstatSync(place, { throwIfNoEntry: false });
  if (!found) return place;
  if (found.isSymbolicLink() && !statSync(place, { throwIfNoEntry: false })) {
    throw new StoreRefused(
      `${path} is a symbolic link to a file that does not exist. Give the file's own path, or remove the link.`,
    );
  }
  return realpathSync(place);
}
