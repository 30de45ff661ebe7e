/** What a failure of PostgreSQL or of the way to it means. */
import pg from 'pg';
import { StoreUnavailable } from '../store.js';

export const UNIQUE_VIOLATION = '23505';
export const DIVISION_BY_ZERO = '22012';

/** Another transaction stood in the way, and the database gave this one up: nothing of it is left, and it may be tried again. */
const OVERTAKEN = new Set(['40001', '40P01']);

/**
 * Classes of SQLSTATE that are this program's own fault: features, data, constraints, statements. All others tell of a database that
 * cannot do it now: connections, resources, operators, timeouts, a standby that may not be written.
 */
const BUG = /^(0A|21|22|23|2F|42)/;

/** Failures after which a connection is as good as before. */
const SOUND_CONNECTION = /^(21|22|23|40|42|55P03|57014)/;

/** Something was committed, and is visible, but may be on the primary's disk alone. */
export class WaitCutShort extends StoreUnavailable {
  constructor() {
    super('no standby has confirmed what the database has committed');
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export function isOvertaken(error: unknown): boolean {
  return OVERTAKEN.has(codeOf(error) ?? '');
}

export function leavesConnectionSound(error: unknown): boolean {
  return error instanceof WaitCutShort || SOUND_CONNECTION.test(codeOf(error) ?? '');
}

/** The error that the store's callers are to see. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || BUG.test(codeOf(error) ?? '')) return error;
  return new StoreUnavailable(`the database could not do it: ${(error as Error).message}`, { cause: error });
}
