/**
 * Whether what a database shows may be told to anybody, where commits wait for a standby (`synchronous_standby_names`). A
 * commit is visible to nobody until the standby has it, with three exceptions:
 *
 *   the database crashed, or was stopped, while the commit waited    it is there after the start, visible, and on one disk
 *   somebody cancelled the wait                                      the same at once; PostgreSQL answers as after any commit, with a
 *                                                                    warning
 *   it is itself a standby that has not been promoted                what it shows may be older than what was acknowledged
 *
 * So on each connection, before it is used, a mark is written that means nothing, and waits for the standby: when that has the mark,
 * it has all that was visible before it.
 */
import type pg from 'pg';
import { leavesConnectionSound, WaitCutShort } from './unavailable.js';

/**
 * Ends within `statement_timeout`, unlike a commit of its own accord, for which that has ceased to
 * count. Nothing is written where no standby is waited for.
 */
const WRITE_MARK = `DO $$ BEGIN
  IF pg_is_in_recovery() THEN
    RAISE read_only_sql_transaction USING MESSAGE = 'it is a standby';
  ELSIF current_setting('synchronous_standby_names') <> '' THEN
    PERFORM pg_logical_emit_message(true, 'opd', '');
    COMMIT;
  END IF;
END $$`;

/** PostgreSQL's function that waits: the only word in the warning that is in no language. */
const WAITING_FUNCTION = 'SyncRepWaitForLSN';

export class Assurance {
  /** Connections that may be believed, and the `#doubts` up to which. */
  readonly #given = new WeakMap<pg.ClientBase, number>();
  /** How often a write was found to be visible without the standby's having it. */
  #doubts = 0;
  /** A write had no answer, as when there is no standby: the next would have none either, and wait at the database for good. */
  #isWriteOpen = false;
  #isAway = false;
  #isAsking = false;

  /** No standby has answered of late, and one call finds out whether one is back. All others need not wait for that. */
  get isInQuestion(): boolean {
    return this.#isAway && this.#isAsking;
  }

  covers(client: pg.ClientBase): boolean {
    return this.#given.get(client) === this.#doubts;
  }

  /** Resolves when all that the connection can see is on the standby's disk, too. @throws WaitCutShort */
  async give(client: pg.ClientBase): Promise<void> {
    if (this.isInQuestion) throw new WaitCutShort();
    const doubts = this.#doubts;
    this.#isAsking = true;
    try {
      await withStandby(client, () => client.query(WRITE_MARK));
      this.#isAway = false;
      this.#isWriteOpen = false;
      this.#given.set(client, doubts);
    } catch (error) {
      if (error instanceof WaitCutShort) this.#isAway = true;
      throw error;
    } finally {
      this.#isAsking = false;
    }
  }

  /** Asks for something that is a transaction of its own, and is to last. @throws WaitCutShort where it might not */
  async write<T>(client: pg.ClientBase, ask: () => Promise<T>): Promise<T> {
    if (this.#isWriteOpen) await this.give(client);
    try {
      return await withStandby(client, ask);
    } catch (error) {
      if (error instanceof WaitCutShort) this.#doubts += 1;
      else if (!leavesConnectionSound(error)) this.#isWriteOpen = true;
      throw error;
    }
  }
}

async function withStandby<T>(client: pg.ClientBase, ask: () => Promise<T>): Promise<T> {
  let isCutShort = false;
  const heed = ({ routine }: { routine: string | undefined }) => {
    if (routine === WAITING_FUNCTION) isCutShort = true;
  };
  client.on('notice', heed);
  try {
    const answer = await ask();
    if (isCutShort) throw new WaitCutShort();
    return answer;
  } finally {
    client.off('notice', heed);
  }
}
