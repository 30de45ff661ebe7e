/**
 * The epoch of a database: one row, the same for all servers. The row says in which database it was
 * written, and while which run of PostgreSQL. If either is another one now, the database may have
 * been restored, copied or promoted: whoever notices first writes another epoch, and all others
 * find that one.
 *
 * Every new connection is asked, because no database is restored or promoted under a connection;
 * and so is the one that listens, every two seconds. Commits and reads compare the id alone. What
 * is found that way and what is not: docs/decisions/0017-epochs.md.
 */
import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Epoch } from '../../domain/epoch.js';
import { NEWEST_MIGRATION } from './migrations.js';
import { codeOf } from './unavailable.js';

/** For statements that are to tell of which epoch they are. */
export const EPOCH_ID = '(SELECT id FROM opd.epoch)';

const READ = 'SELECT id, is_only, place, started FROM opd.epoch';

/**
 * Asked without a table, so that it is this server that answers, and none to which a table has been
 * distributed.
 */
const WHERE_AND_WHEN = `SELECT
  (SELECT oid FROM pg_database WHERE datname = current_database()) || ' ' || 'opd.epoch'::regclass::oid,
  extract(epoch FROM pg_postmaster_start_time())::text`;

/**
 * The write-ahead log that the database goes on with: another after a promotion, and after a
 * recovery to a point in time.
 */
const LINE = `SELECT system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM pg_control_system()`;

/**
 * A run of PostgreSQL that goes on with the same log has lost nothing that was acknowledged:
 * `is_only` stays as it was. The row need not wait for a disk or a standby, because it is there as
 * soon as any later commit is.
 */
const WRITE = `INSERT INTO opd.epoch AS epoch (number, id, is_only, line, place, started)
  SELECT 1, $1::uuid, NOT EXISTS (SELECT FROM opd.doctor), $2, $3, $4
  FROM (SELECT set_config('synchronous_commit', 'off', true) AS name) AS setting
  WHERE name IS NOT NULL AND NOT EXISTS (SELECT FROM opd.migration WHERE number > ${NEWEST_MIGRATION})
  ON CONFLICT (number) DO UPDATE SET
    id = excluded.id,
    is_only = excluded.is_only OR (epoch.is_only AND epoch.line = excluded.line AND epoch.place = excluded.place),
    line = excluded.line, place = excluded.place, started = excluded.started
  WHERE (epoch.place, epoch.started) IS DISTINCT FROM (excluded.place, excluded.started)`;

/** Not allowed, not there, not supported. */
const CANNOT_SAY = /^(42|0A)/;
const READ_ONLY = '25006';

/** The epoch that holds now, the same for all who ask; it is written where there is none. */
export async function currentEpoch(client: ClientBase): Promise<Epoch> {
  const [place, started] = (await ask<[string, string]>(client, WHERE_AND_WHEN)) as [string, string];
  const found = await ask<[string, boolean, string, string]>(client, READ);
  if (found && found[2] === place && found[3] === started) return epochOf(found);
  try {
    await client.query(WRITE, [randomUUID(), await lineOf(client), place, started]);
  } catch (error) {
    // Where nothing can be written, no revision that was lost can be given to another change
    // either.
    if (found && codeOf(error) === READ_ONLY) return epochOf(found);
    throw error;
  }
  const written = await ask<[string, boolean]>(client, READ);
  if (!written) throw new Error('a newer version of this program has changed the tables');
  return epochOf(written);
}

/** One that is like none before where this role may not ask, or the server cannot say. */
async function lineOf(client: ClientBase): Promise<string> {
  try {
    return (await ask<[string]>(client, LINE))?.[0] ?? randomUUID();
  } catch (error) {
    if (CANNOT_SAY.test(codeOf(error) ?? '')) return randomUUID();
    throw error;
  }
}

async function ask<Row extends unknown[]>(client: ClientBase, text: string): Promise<Row | undefined> {
  return (await client.query<Row>({ text, rowMode: 'array' })).rows[0];
}

function epochOf([id, isOnly]: readonly [string, boolean, ...unknown[]]): Epoch {
  return { id, isOnly };
}
