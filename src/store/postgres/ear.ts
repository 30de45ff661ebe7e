/**
 * The connection that listens. It is made again whenever it is lost, and asked now and then whether the tables are still this
 * version's; so it is also what knows whether the database can be reached.
 */
import pg from 'pg';
import type { Epoch } from '../../domain/epoch.js';
import type { NeighbourListener } from '../store.js';
import { Backoff } from './backoff.js';
import { CHANNEL, readWord } from './bell.js';
import { settingsOf } from './connections.js';
import { currentEpoch } from './epoch.js';
import { isSuperseded } from './migrations.js';
import { setUpSession } from './session.js';

/** How often it is asked, and all that is watched is looked at: so late comes at the most what a lost word told. */
const LOOK_MILLISECONDS = 2_000;
const ANSWER_MILLISECONDS_MAX = 3_000;

export class Ear {
  readonly #backoff = new Backoff();
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isReachable: boolean | undefined;
  #isSuperseded = false;
  #closed = false;
  #busy: Promise<void> = Promise.resolve();

  constructor(
    private readonly data: string,
    private readonly server: string,
    private readonly listener: NeighbourListener,
    /** Told which epoch holds in the database, at every look. */
    private readonly onEpoch: (epoch: Epoch) => void,
  ) {
    this.#begin(0);
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#busy;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  #begin(wait: number): void {
    this.#timer = setTimeout(() => {
      this.#busy = this.#connect();
    }, wait);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ ...settingsOf(this.data), query_timeout: ANSWER_MILLISECONDS_MAX });
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    this.#client = client;
    try {
      await client.connect();
      await setUpSession(client, { statement: ANSWER_MILLISECONDS_MAX, lock: ANSWER_MILLISECONDS_MAX });
      await client.query(`LISTEN ${CHANNEL}`);
      await this.#compareVersions(client);
    } catch {
      this.#lose(client);
      this.#say(false);
      return;
    }
    if (this.#client !== client) return;
    this.#backoff.succeeded();
    this.#say(true);
    this.#look(client);
  }

  /** All that came while nobody listened is looked for, and again at every look. */
  #look(client: pg.Client): void {
    if (this.#closed) return;
    this.listener.unsure();
    this.#timer = setTimeout(() => {
      this.#busy = this.#compareVersions(client).then(
        () => this.#look(client),
        () => this.#lose(client),
      );
    }, LOOK_MILLISECONDS);
  }

  async #compareVersions(client: pg.Client): Promise<void> {
    this.onEpoch(await currentEpoch(client));
    if (!(await isSuperseded(client)) || this.#isSuperseded) return;
    this.#isSuperseded = true;
    this.listener.superseded();
  }

  #hear(payload: string): void {
    const { server, days } = readWord(payload);
    if (server === this.server) return;
    if (days === 'many') this.listener.unsure();
    else this.listener.moved(days, server);
  }

  /** Makes the connection again, at once at first: one that was merely dropped says nothing of the database. */
  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    clearTimeout(this.#timer);
    void client.end().catch(() => {});
    if (!this.#closed) this.#begin(this.#backoff.failed());
  }

  #say(isReachable: boolean): void {
    if (this.#isReachable === isReachable) return;
    this.#isReachable = isReachable;
    this.listener.reachable(isReachable);
  }
}
