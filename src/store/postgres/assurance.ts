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
import { StoreUnavailable } from '../store.js';

/**
 * Ends within `statement_timeout`, unlike a commit of its own accord, for which that has ceased to count. Nothing is written where no
 * standby is waited for. The warning is to be seen whatever the role is set to.
 */
const WRITE_MARK = `DO $$ BEGIN
  PERFORM set_config('client_min_messages', 'warning', false);
  IF pg_is_in_recovery() THEN
    RAISE read_only_sql_transaction USING MESSAGE = 'it is a standby';
  ELSIF current_setting('synchronous_standby_names') <> '' THEN
    PERFORM pg_logical_emit_message(true, 'opd', '');
    COMMIT;
  END IF;
END $$`;

/** PostgreSQL's function that waits: the only word in the warning that is in no language. */
const WAITING_FUNCTION = 'SyncRepWaitForLSN';

/** Something was committed, and is visible, but may be on the primary's disk alone. */
export class WaitCutShort extends StoreUnavailable {
  constructor() {
    super('no standby has confirmed what the database has committed');
  }
}

/** Resolves when all that the connection can see is on the standby's disk, too. @throws WaitCutShort */
export async function assure(client: pg.ClientBase): Promise<void> {
  await withStandby(client, () => client.query(WRITE_MARK));
}

/** Asks for something that is a transaction of its own. @throws WaitCutShort where it was committed without the standby */
export async function withStandby<T>(client: pg.ClientBase, ask: () => Promise<T>): Promise<T> {
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
