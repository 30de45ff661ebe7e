/** Which database `--data` means: a PostgreSQL by its address, anything else is a SQLite file. */
import { resolve } from 'node:path';
import { placeOf } from '../store/postgres/connections.js';
import { openPostgresReader } from '../store/postgres/postgres-reader.js';
import { openPostgresStore } from '../store/postgres/postgres-store.js';
import { warningOfAccess } from '../store/sqlite/file-access.js';
import { openSqliteReader } from '../store/sqlite/sqlite-reader.js';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import type { Store } from '../store/store.js';
import type { StoreReader } from '../store/store-reader.js';

export function isPostgres(data: string): boolean {
  return /^postgres(ql)?:\/\//.test(data);
}

/** @throws StoreRefused */
export async function openStore(data: string): Promise<Store> {
  return isPostgres(data) ? openPostgresStore(data) : openSqliteStore(data);
}

/** @throws StoreRefused */
export async function openReader(data: string): Promise<StoreReader> {
  return isPostgres(data) ? openPostgresReader(data) : openSqliteReader(data);
}

/** How a database is named to people: a file by its whole path, an address without its password. */
export function nameOfData(data: string): string {
  if (isPostgres(data)) return placeOf(data);
  return data === ':memory:' ? data : resolve(data);
}

/**
 * What to do about the files of a served database, if every user of the machine can read or write
 * them.
 */
export function warningOfData(data: string): string | undefined {
  return isPostgres(data) || data === ':memory:' ? undefined : warningOfAccess(resolve(data));
}
