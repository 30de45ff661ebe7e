/**
 * The note beside a file of what the last server left in it: `<path>.epoch`. How many revisions
 * there are is written after each commit and before its answer, in place and without waiting for
 * the disk. So it outlives the process, however that ends; after a power cut it may say fewer than
 * there are, and never more.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPrivateFile } from './file-access.js';

export interface Noted {
  readonly epoch: string;
  readonly revisions: number;
  readonly file: string;
  readonly boot: string;
}

const COUNT_DIGITS = 16;
const NOTE = /^epoch (\S+)\nfile (\S+ \S+)\nboot (\S*)\nrevisions (\d{16})\n$/;

export class EpochNote {
  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
    readonly noted: Noted,
  ) {}

  /** The note that is there; undefined where there is none, or none that can be read and written. */
  static open(database: string): EpochNote | undefined {
    const path = pathOf(database);
    const noted = read(path);
    return noted && EpochNote.#at(path, noted);
  }

  /** Puts a note in the place of the one before. Where that fails there is none. */
  static create(database: string, noted: Noted): EpochNote | undefined {
    const path = pathOf(database);
    const part = `${path}.part`;
    try {
      rmSync(part, { force: true });
      createPrivateFile(part);
      const file = openSync(part, 'r+');
      writeSync(file, textOf(noted));
      fsyncSync(file);
      closeSync(file);
      renameSync(part, path);
      syncDirectory(dirname(path));
    } catch {
      rmSync(part, { force: true });
      return undefined;
    }
    return EpochNote.#at(path, noted);
  }

  static #at(path: string, noted: Noted): EpochNote | undefined {
    try {
      return new EpochNote(path, openSync(path, 'r+'), noted);
    } catch {
      return undefined;
    }
  }

  /**
   * Notes how many revisions there are. One that cannot be written is taken away: the next start
   * then gives another epoch.
   */
  write(revisions: number): void {
    const at = textOf(this.noted).length - COUNT_DIGITS - 1;
    try {
      writeSync(this.descriptor, digitsOf(revisions), at);
    } catch {
      rmSync(this.path, { force: true });
    }
  }

  close(): void {
    try {
      fsyncSync(this.descriptor);
    } catch {
      // What is not on disk says fewer than there are.
    }
    closeSync(this.descriptor);
  }
}

function pathOf(database: string): string {
  return `${database}.epoch`;
}

function read(path: string): Noted | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
  const [, epoch, file, boot, revisions] = NOTE.exec(text) ?? [];
  if (epoch === undefined || file === undefined || boot === undefined) return undefined;
  return { epoch, file, boot, revisions: Number(revisions) };
}

function textOf({ epoch, file, boot, revisions }: Noted): string {
  return `epoch ${epoch}\nfile ${file}\nboot ${boot}\nrevisions ${digitsOf(revisions)}\n`;
}

function digitsOf(revisions: number): string {
  return `${revisions}`.padStart(COUNT_DIGITS, '0');
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
