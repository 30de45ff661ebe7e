/** The worker's connection to the database file: opened, brought up to date, and after a doubtful failure opened anew. */
import { Database, SqliteError } from './binding.js';
import { beginEpoch, establishEpoch, insistOnEpoch } from './epoch.js';
import type { EpochNote } from './epoch-note.js';
import { ensurePrivateFile } from './file-access.js';
import { inspectFile } from './inspection.js';
import { migrate, NEWEST_MIGRATION } from './migrations.js';
import { Tables } from './tables.js';

export interface ConnectionOptions {
  /** The most pages of 4,096 bytes that the file may grow to; as many as the disk holds where it is left out. */
  readonly pagesMax?: number;
  /** Names the run of the machine; the machine's own where it is left out. */
  readonly boot?: string;
}

export const MEMORY = ':memory:';

/** How long a write waits for another process that holds the database. Readers never hold it. */
const BUSY_WAIT_MILLISECONDS = 2_000;
/**
 * Enough for the pages that are written again and again; the others are in the system's cache. More is not better: after a
 * commit that has split a page, SQLite looks through its whole cache.
 */
const CACHE_KIBIBYTES = 16 * 1024;
/**
 * About 16 MiB of log. A page is written to the file once a checkpoint, however often it changed, so rarer checkpoints write
 * less; but the commit that meets one waits for it, longer the rarer they are.
 */
const PAGES_PER_CHECKPOINT = 4_000;
const LEFTOVER_LOG_BYTES_MAX = 64 * 1024 * 1024;

/** Failures after which SQLite is known to be as it was before the call, once it has been rolled back. */
const CLEAN_FAILURE = /^SQLITE_(BUSY|FULL|CONSTRAINT)/;

/** Opens the file and makes it new or up to date where it is not. */
export function openDatabase(path: string, options: ConnectionOptions = {}): Database {
  if (path !== MEMORY) {
    inspectFile(path);
    ensurePrivateFile(path);
  }
  const database = configure(new Database(path, { timeout: BUSY_WAIT_MILLISECONDS }), options);
  migrate(database);
  return database;
}

/** Opens a file that this program has served before: one that has gone in the meantime is not made anew, empty. */
function reopenDatabase(path: string, options: ConnectionOptions): Database {
  const database = new Database(path, { timeout: BUSY_WAIT_MILLISECONDS, fileMustExist: true });
  try {
    if (database.pragma('user_version', { simple: true }) !== NEWEST_MIGRATION) throw new Error(`${path} was replaced`);
    return configure(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

function firstConnection(path: string, options: ConnectionOptions): OpenConnection {
  const database = openDatabase(path, options);
  try {
    if (path === MEMORY) beginEpoch(database);
    return connected(database, path === MEMORY ? undefined : establishEpoch(database, path, options.boot));
  } catch (error) {
    database.close();
    throw error;
  }
}

function nextConnection(path: string, options: ConnectionOptions): OpenConnection {
  const database = reopenDatabase(path, options);
  try {
    return connected(database, insistOnEpoch(database, path));
  } catch (error) {
    database.close();
    throw error;
  }
}

function connected(database: Database, note: EpochNote | undefined): OpenConnection {
  return { database, note, tables: new Tables(database, note) };
}

function configure(database: Database, { pagesMax }: ConnectionOptions): Database {
  database.pragma('journal_mode = WAL');
  // After journal_mode: with NORMAL, this build's default for WAL, a power cut could take back what was answered.
  database.pragma('synchronous = FULL');
  database.pragma(`cache_size = -${CACHE_KIBIBYTES}`);
  database.pragma(`wal_autocheckpoint = ${PAGES_PER_CHECKPOINT}`);
  database.pragma(`journal_size_limit = ${LEFTOVER_LOG_BYTES_MAX}`);
  if (pagesMax !== undefined) database.pragma(`max_page_count = ${pagesMax}`);
  return database;
}

/** The database cannot be opened again yet. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

interface OpenConnection {
  readonly database: Database;
  readonly tables: Tables;
  /** Where revisions are noted outside the file. */
  readonly note: EpochNote | undefined;
}

export class Connection {
  #open: OpenConnection | undefined;

  private constructor(
    private readonly path: string,
    private readonly options: ConnectionOptions,
    open: OpenConnection,
  ) {
    this.#open = open;
  }

  static first(path: string, options: ConnectionOptions): Connection {
    return new Connection(path, options, firstConnection(path, options));
  }

  static again(path: string, options: ConnectionOptions): Connection {
    return new Connection(path, options, nextConnection(path, options));
  }

  /** Runs one operation; after a failure nothing of it is left, and the next one finds a clean connection or makes one. */
  run<Result>(operation: (tables: Tables) => Result): Result {
    const open = this.#opened();
    try {
      return operation(open.tables);
    } catch (error) {
      if (!this.#isClean(open.database, error)) this.#drop(open);
      throw error;
    }
  }

  /**
   * Moves the write-ahead log into the file, so that the file alone is the whole database. Where a full disk or a reader
   * stands in the way the log stays beside it, and is read at the next start: nothing is lost.
   */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) closeWithLog(open.database);
    open?.note?.close();
  }

  #opened(): OpenConnection {
    if (this.#open) return this.#open;
    try {
      this.#open = nextConnection(this.path, this.options);
      return this.#open;
    } catch (error) {
      throw new ConnectionLost(`cannot open ${this.path} again: ${(error as Error).message}`, { cause: error });
    }
  }

  /** A database in memory is never given up: it would be gone. */
  #isClean(database: Database, error: unknown): boolean {
    if (this.path === MEMORY) return true;
    if (database.inTransaction) return false;
    return !(error instanceof SqliteError) || CLEAN_FAILURE.test(error.code);
  }

  #drop({ database, note }: OpenConnection): void {
    this.#open = undefined;
    note?.close();
    try {
      database.close();
    } catch {
      // Its disk fails; what is on it is looked at again when it is opened.
    }
  }
}

function closeWithLog(database: Database): void {
  try {
    // PASSIVE waits for no reader; the log itself goes with the last connection.
    database.pragma('wal_checkpoint(PASSIVE)');
  } catch {
    // It is tried again when the last connection closes, and at the next start.
  }
  database.close();
}
