import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { storeContract } from '../contract.js';

const directory = mkdtempSync(join(tmpdir(), 'opd-store-'));
let files = 0;

afterAll(() => rmSync(directory, { recursive: true }));

storeContract('a SQLite file', () => {
  files += 1;
  return openSqliteStore(join(directory, `contract-${files}.db`));
});

storeContract('SQLite in memory', () => openSqliteStore(':memory:'));
