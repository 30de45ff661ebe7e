/**
 * The settings of a session. Every new connection sets all that this program relies on, whatever
 * the address, the role, the database and postgresql.conf say. The outcome of a statement must
 * never depend on those.
 *
 * Why a statement, and not parameters of the connection: docs/decisions/0015-a-commit-is-proved.md.
 */
import type { ClientBase } from 'pg';

/** Timeouts of a session, in milliseconds; 0: none. */
export interface SessionLimits {
  readonly statement: number;
  readonly lock: number;
}

export const NO_LIMITS: SessionLimits = { statement: 0, lock: 0 };

/**
 * {@link SET_ALL} leaves out a setting that a server does not know, because some came with
 * PostgreSQL 14 and 17.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  // How values are written as text, in either direction. Dates are the ones that matter; the others
  // are not used today.
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',

  // How statements are read. All tables are named with their schema, `opd`; so nobody else's
  // function or operator is ever found.
  search_path: 'pg_catalog, pg_temp',
  standard_conforming_strings: 'on',
  // Off, a null in a list of parameters would become the text "NULL".
  array_nulls: 'on',
  transform_null_equals: 'off',

  // What a commit sees. A stricter level would fail a commit that must answer that another server
  // was first.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // On: a row policy hides rows. Off: it would fail statements, even those whose rows it does not
  // hide.
  row_security: 'on',

  // What is acknowledged is on disk, even if a role was set to `off` after the server had started.
  synchronous_commit: 'on',

  // So that the warning that a wait for the standby was cut short arrives.
  client_min_messages: 'warning',

  // The pool keeps connections for a minute, and the one that listens for good; `opd verify` reads
  // in one long transaction.
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/*
 * Not set:
 *
 *   default_transaction_read_only   an operator's way to stop all writes, as providers do when a disk is nearly full: each is refused
 *   role                            who the statements run as: a matter of rights
 *   lc_messages                     only a superuser may set it; no code reads a message, but SQLSTATEs and routines' names
 *   session_replication_role        only a superuser may set it; there are no triggers and no foreign keys
 *   default_tablespace, default_table_access_method    where and how the tables are kept, which is the operator's choice
 *   plan_cache_mode, jit, work_mem, enable_…    change how long a statement takes, and not what it answers
 */

/**
 * Sets all settings in one round trip. Must be the first query of a connection. Rejects with the
 * driver's error.
 */
export async function setUpSession(client: ClientBase, { statement, lock }: SessionLimits): Promise<void> {
  const wanted = { ...SETTINGS, statement_timeout: `${statement}`, lock_timeout: `${lock}` };
  await client.query(SET_ALL, [Object.keys(wanted), Object.values(wanted)]);
}

/**
 * Every name has its schema, because until this has run, the search path may find anybody's
 * functions and operators. `remote_write` and `remote_apply` are left as they are: how to wait for
 * a standby is the operator's choice.
 */
const SET_ALL = `
  SELECT pg_catalog.set_config(known.name, CASE
    WHEN known.name OPERATOR(pg_catalog.=) 'synchronous_commit'
    AND known.setting OPERATOR(pg_catalog.=) ANY (ARRAY['remote_write', 'remote_apply']) THEN known.setting
    ELSE wanted.setting END, false)
  FROM pg_catalog.pg_settings AS known,
    ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS wanted (name, setting)
  WHERE known.name OPERATOR(pg_catalog.=) wanted.name AND known.context OPERATOR(pg_catalog.=) 'user'`;
