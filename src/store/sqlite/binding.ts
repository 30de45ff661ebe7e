/**
 * The SQLite binding, in the version that this Node.js can load; both versions have the same
 * interface. Version 13 of better-sqlite3 needs Node-API 10 and crashes without it. Version 12
 * aborts under Node.js 24.19 and later (docs/decisions/0016-two-versions-of-one-binding.md).
 */
import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

export type Database = BetterSqlite3.Database;
export type Statement<Given extends unknown[], Row = unknown> = BetterSqlite3.Statement<Given, Row>;

const NODE_API_OF_13 = 10;

/** The name under which package.json has the version for a Node.js with this Node-API. */
export function bindingFor(nodeApi: number): 'better-sqlite3-13' | 'better-sqlite3' {
  return nodeApi >= NODE_API_OF_13 ? 'better-sqlite3-13' : 'better-sqlite3';
}

/** Opens a database: `new Database(path, options)`. */
export const Database: typeof BetterSqlite3 = load(bindingFor(Number(process.versions.napi)));
export const SqliteError: BetterSqlite3.SqliteError = Database.SqliteError;

function load(name: string): typeof BetterSqlite3 {
  try {
    return createRequire(import.meta.url)(name) as typeof BetterSqlite3;
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(
      `Cannot load the SQLite binding ${name} under Node.js ${process.versions.node}: ${message}. ` +
        'Install the packages again under this version of Node.js (npm ci); see README.md for the versions that it supports.',
      { cause },
    );
  }
}
