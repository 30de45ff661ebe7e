/**
 * A primary PostgreSQL and its standby. Nothing is acknowledged before the standby has it on its disk, so that the standby can take
 * over when the primary is lost, and then be given a standby of its own.
 */
import { TestPostgres, until } from './postgres.js';

const STANDBY = 'standby';
/** What a standby has not got yet is kept for it; and it looks for its primary soon after that has come back. */
const FLAGS = ['-c', 'wal_keep_size=512MB', '-c', 'wal_retrieve_retry_interval=200ms'];

export class PostgresPair {
  private constructor(
    private primary: TestPostgres,
    private standby: TestPostgres | undefined,
  ) {}

  static async start(): Promise<PostgresPair> {
    const primary = await TestPostgres.start({ durable: true, flags: FLAGS });
    const pair = new PostgresPair(primary, undefined);
    // In its files, so that a standby has it too, and is as strict from the moment in which it takes over.
    await primary.ask('postgres', `ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
    await pair.takeStandby();
    await primary.ask('postgres', 'SELECT pg_reload_conf()');
    await pair.untilFollowed();
    return pair;
  }

  /** Where the primary listens. */
  get port(): number {
    return this.primary.port;
  }

  /** Where the standby listens. */
  get standbyPort(): number {
    return this.#standby.port;
  }

  /** The address of a new database with our tables, empty. */
  database(): Promise<string> {
    return this.primary.database();
  }

  ask(database: string, sql: string): Promise<unknown[]> {
    return this.primary.ask(database, sql);
  }

  /** The primary crashes, and comes back. */
  crash(): Promise<void> {
    return this.primary.crash();
  }

  /** The primary is lost at once, and does not come back. */
  endPrimary(): Promise<void> {
    return this.primary.halt();
  }

  /** The standby is gone at once, until it comes back. */
  haltStandby(): Promise<void> {
    return this.#standby.halt();
  }

  /** The standby comes back, and catches up where the primary is there. */
  async resumeStandby(): Promise<void> {
    await this.#standby.follow();
  }

  /** The standby takes the place of the primary, which has been ended. Nobody follows it yet. */
  async promote(): Promise<void> {
    const [lost, heir] = [this.primary, this.#standby];
    await heir.promote();
    this.primary = heir;
    this.standby = undefined;
    await lost.stop();
  }

  /** Gives the primary a new standby; resolves when that follows. */
  async takeStandby(): Promise<void> {
    this.standby = await this.primary.standby(STANDBY, FLAGS);
    await this.untilFollowed();
  }

  /** Resolves when what the primary acknowledges is on the standby's disk again. */
  async untilFollowed(): Promise<void> {
    const follows = `SELECT 1 FROM pg_stat_replication WHERE application_name = '${STANDBY}' AND state = 'streaming'`;
    await until('standby that follows', async () => (await this.primary.ask('postgres', follows)).length > 0);
  }

  async stop(): Promise<void> {
    await this.standby?.stop();
    await this.primary.stop();
  }

  get #standby(): TestPostgres {
    if (!this.standby) throw new Error('there is no standby');
    return this.standby;
  }
}
