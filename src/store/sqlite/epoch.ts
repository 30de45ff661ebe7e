/**
 * The epoch of a file. A file that was copied by hand, or put back as it was earlier, has the epoch
 * inside it that it had then. So what the last server left is also noted outside it, in
 * `<path>.epoch`; where the two do not agree, the file gets another epoch. What is found that way
 * and what is not: docs/decisions/0017-epochs.md.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Epoch } from '../../domain/epoch.js';
import type { Database } from './binding.js';
import { EpochNote, type Noted } from './epoch-note.js';

/** Epoch, and 1 where it is the only one. */
export type EpochRow = [id: string, isOnly: number];

/** What there is when a server starts. */
export interface Found {
  /** What the file says. */
  readonly epoch: Epoch | undefined;
  /** Nobody has seen anything of a file without doctors, whose ids are in no other. */
  readonly isEmpty: boolean;
  /** How many revisions are in the journal. */
  readonly revisions: number;
  /** Tells the file apart from a copy of it. */
  readonly file: string;
  /** Names the run of the machine; empty where it is not known. */
  readonly boot: string;
}

export const READ_EPOCH = 'SELECT id, is_only FROM epoch';
/** Leaves a file that whoever serves it next takes for a copy. */
export const END_EPOCH = 'DELETE FROM epoch';
const KEEP_EPOCH = `INSERT INTO epoch (number, id, is_only) VALUES (1, ?, ?)
  ON CONFLICT (number) DO UPDATE SET id = excluded.id, is_only = excluded.is_only`;

/**
 * Finds out whether the file is what the last server left, and gives it another epoch where it is
 * not.
 *
 * @returns where revisions are to be noted from now on; undefined where that cannot be written, so
 * that the next start gives another
 */
export function establishEpoch(database: Database, path: string, boot = bootOfMachine()): EpochNote | undefined {
  const found = look(database, path, boot);
  const note = EpochNote.open(path);
  const epoch = epochOf(found, note?.noted);
  if (note && epoch === found.epoch) return note;
  note?.close();
  database.prepare(KEEP_EPOCH).run(epoch.id, epoch.isOnly ? 1 : 0);
  const { revisions, file } = found;
  return EpochNote.create(path, { epoch: epoch.id, revisions, file, boot });
}

/** A database in memory is always new. */
export function beginEpoch(database: Database): void {
  database.prepare(KEEP_EPOCH).run(randomUUID(), 1);
}

/** @throws where the file is not the one that this server has served, or not as it left it */
export function insistOnEpoch(database: Database, path: string): EpochNote | undefined {
  const note = EpochNote.open(path);
  if (!note) return undefined;
  const { epoch, file, revisions } = look(database, path, '');
  const { noted } = note;
  if (epoch?.id === noted.epoch && isSameFile(file, noted.file) && revisions >= noted.revisions) return note;
  note.close();
  throw new Error(`${path} was replaced`);
}

/** The epoch that was found, where nothing speaks against it, or another. */
export function epochOf({ epoch, isEmpty, revisions, file, boot }: Found, noted: Noted | undefined): Epoch {
  const isAsLeft =
    epoch !== undefined &&
    noted?.epoch === epoch.id &&
    isSameFile(file, noted.file) &&
    // Fewer where the power went before the note was on disk, though the revisions were.
    revisions >= noted.revisions;
  if (!isAsLeft) return { id: randomUUID(), isOnly: isEmpty };
  // Where the machine was started anew, its whole disk may have been put back, file and note alike.
  // That is no reason to doubt those who cannot say which epoch they know.
  const isSameBoot = boot === '' || noted.boot === '' || boot === noted.boot;
  return isSameBoot ? epoch : { id: randomUUID(), isOnly: epoch.isOnly };
}

/** By inode, and by when it was created where the file system says. */
function isSameFile(one: string, other: string): boolean {
  const [[inode, birth], [otherInode, otherBirth]] = [one.split(' '), other.split(' ')];
  return inode === otherInode && (birth === otherBirth || birth === UNKNOWN || otherBirth === UNKNOWN);
}

const UNKNOWN = '-';

function look(database: Database, path: string, boot: string): Found {
  const row = database.prepare<[], EpochRow>(READ_EPOCH).raw().get();
  return {
    epoch: row && { id: row[0], isOnly: row[1] === 1 },
    isEmpty: database.prepare('SELECT 1 FROM doctor LIMIT 1').get() === undefined,
    revisions: countRevisions(database),
    file: nameOfFile(path),
    boot,
  };
}

/**
 * Rows of the journal are never deleted once they are committed, so that the last one's number is
 * their count.
 */
export const COUNT_REVISIONS = 'SELECT coalesce(max(rowid), 0) FROM journal';

function countRevisions(database: Database): number {
  return database.prepare<[], number>(COUNT_REVISIONS).pluck().get() ?? 0;
}

function nameOfFile(path: string): string {
  const { ino, birthtimeNs, ctimeNs } = statSync(path, { bigint: true });
  // Where the time of creation is not to be had, Node.js puts that of the last change in its place.
  const birth = birthtimeNs === 0n || birthtimeNs === ctimeNs ? UNKNOWN : birthtimeNs;
  return `${ino} ${birth}`;
}

function bootOfMachine(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return ''; // not Linux
  }
}
