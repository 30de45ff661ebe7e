/** Database files for one test file, gone with it, and a second way to look into them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../../src/store/sqlite/binding.js';

const directory = mkdtempSync(join(tmpdir(), 'opd-store-'));
let files = 0;

afterAll(() => rmSync(directory, { recursive: true }));

/** A path where nothing is yet. */
export function freshPath(): string {
  files += 1;
  return join(directory, `${files}.db`);
}

/** Runs a question or a statement over a connection of its own, as a hospital's own program would. */
export function ask(path: string, sql: string): unknown[] {
  const database = new Database(path);
  try {
    const statement = database.prepare(sql);
    return statement.reader ? statement.all() : [statement.run()];
  } finally {
    database.close();
  }
}
