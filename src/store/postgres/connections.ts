/** The connections to one PostgreSQL: how they are made, how many there are, and how long anything may take on them. */
import pg from 'pg';
import { StoreRefused, StoreUnavailable } from '../store.js';
import { Assurance } from './assurance.js';
import { Backoff } from './backoff.js';
import { NO_LIMITS, setUpSession } from './session.js';
import { asStoreError, leavesConnectionSound, WaitCutShort } from './unavailable.js';

/** A statement of the service: prepared once on each connection, by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether it is to last once it has been answered. */
  readonly isWrite: boolean;
}

/** One server's: a commit at a time, and reads beside it. With the one that listens, ten servers stay below PostgreSQL's default of 100. */
const CONNECTIONS_MAX = 8;
/**
 * All of them shorter than the 5 s that callers wait for a store, so that the database itself gives up what nobody waits for any
 * longer. A lock is held for as long as another server's statement takes: milliseconds.
 */
const STATEMENT_MILLISECONDS_MAX = 4_000;
const LOCK_MILLISECONDS_MAX = 3_000;
const LIMITS = { statement: STATEMENT_MILLISECONDS_MAX, lock: LOCK_MILLISECONDS_MAX };
const CONNECT_MILLISECONDS_MAX = 3_000;
/** A little longer than the database's own: it is for a database, or a network, that has fallen silent. */
const ANSWER_MILLISECONDS_MAX = 4_500;
const IDLE_MILLISECONDS_MAX = 60_000;

const INT8 = 20;
const DATE = 1082;

const ISO_DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * A date as its text. Throws if the text is not ISO: only the text of dates depends on a session
 * setting.
 */
function dateOf(text: string): string {
  if (!ISO_DATE.test(text)) throw new Error(`the database has written a date as ${text}: DateStyle is not ISO there`);
  return text;
}

/** Numbers as numbers: all of ours are whole and below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser(type: number, format?: 'text' | 'binary') {
    if (type === INT8) return Number as never;
    if (type === DATE) return dateOf as never;
    return pg.types.getTypeParser(type, format as 'text');
  },
};

/** @param data a `postgres://` address, with libpq's options for TLS */
export function settingsOf(data: string): pg.ClientConfig {
  return {
    connectionString: withLibpqTls(data),
    application_name: 'opd',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MILLISECONDS_MAX,
    // Until the session has been set up; the role's own could be too short for that.
    statement_timeout: CONNECT_MILLISECONDS_MAX,
    types,
  };
}

/** pg's own reading of `sslmode` differs from libpq's, which is the one that people know. */
function withLibpqTls(data: string): string {
  const url = urlOf(data);
  if (!url.searchParams.has('uselibpqcompat')) url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}

/** @throws StoreRefused */
function urlOf(data: string): URL {
  try {
    return new URL(data);
  } catch {
    // Not quoted: it may hold a password.
    throw new StoreRefused(
      'the database address cannot be read. It must be like postgres://ROLE@HOST:5432/DATABASE?sslmode=verify-full, signs such as @ and / in a password written as %40 and %2F.',
    );
  }
}

/** How an address is named to people: never with its password. */
export function placeOf(data: string): string {
  const { protocol, username, host, pathname } = urlOf(data);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}

/** One connection on its own, for as long as it is needed. @throws StoreRefused */
export async function connectOnce(data: string, config: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...settingsOf(data), ...config });
  // What happens to it is told by the calls on it.
  client.on('error', () => {});
  try {
    await client.connect();
    await setUpSession(client, NO_LIMITS);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const why = (error as Error).message || (error as { code?: string }).code;
    throw new StoreRefused(`cannot reach ${placeOf(data)}: ${why}. Check the address, the role and whether it runs.`, {
      cause: error,
    });
  }
}

export class Connections {
  readonly #pool: pg.Pool;
  readonly #backoff = new Backoff();
  readonly #assurance = new Assurance();

  /** @param onConnect is to ask what is to be known of a connection before it is used */
  constructor(data: string, onConnect: (client: pg.ClientBase) => Promise<void>) {
    this.#pool = new pg.Pool({
      ...settingsOf(data),
      max: CONNECTIONS_MAX,
      idleTimeoutMillis: IDLE_MILLISECONDS_MAX,
      query_timeout: ANSWER_MILLISECONDS_MAX,
      onConnect: async (client) => {
        await setUpSession(client, LIMITS);
        await onConnect(client);
      },
    });
    // A connection was lost: a call that was under way on it says so, and the next one makes another.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#pool.on('error', () => {});
  }

  /** @throws StoreUnavailable where the database cannot do it now, or cannot say that it has done it for good */
  ask<Row extends unknown[]>(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.#use((client) => {
      const ask = () => rowsOf<Row>(client, statement, values);
      return statement.isWrite ? this.#assurance.write(client, ask) : ask();
    });
  }

  /** Over one connection. @throws StoreUnavailable */
  use<T>(act: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#use(act);
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async #use<T>(act: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      const answer = await act(client);
      client.release();
      return answer;
    } catch (error) {
      client.release(!leavesConnectionSound(error));
      throw asStoreError(error);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#backoff.isOn) throw new StoreUnavailable('the database was out of reach a moment ago');
    if (this.#assurance.isInQuestion && this.#pool.idleCount === 0) throw new WaitCutShort();
    try {
      const client = await this.#pool.connect();
      if (!this.#assurance.covers(client)) {
        await this.#assurance.give(client).catch((error) => {
          client.release(true);
          throw error;
        });
      }
      this.#backoff.succeeded();
      return client;
    } catch (error) {
      // It was reached; and what can be asked over other connections is to be.
      if (!(error instanceof WaitCutShort)) this.#backoff.failed();
      throw asStoreError(error);
    }
  }
}

async function rowsOf<Row extends unknown[]>(
  client: pg.PoolClient,
  { name, text }: Statement,
  values: unknown[],
): Promise<Row[]> {
  return (await client.query<Row>({ name, text, values, rowMode: 'array' })).rows;
}
