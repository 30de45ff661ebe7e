/** `opd migrate`: makes the tables of a PostgreSQL, or brings them up to date, for servers whose own role may not. */
import type { Command } from 'commander';
import { StoreRefused } from '../store/store.js';
import { dataOption } from './data-option.js';
import { isPostgres, nameOfData, openStore } from './open-store.js';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      "make a PostgreSQL database's tables, or bring them up to date; a server does so itself where its role may",
    )
    .addOption(dataOption('address of the database, with the role that owns the tables'))
    .action(migrate);
}

async function migrate({ data }: { data: string }): Promise<void> {
  if (!isPostgres(data))
    throw new StoreRefused('a file is brought up to date by its server. Give a postgres:// address.');
  const store = await openStore(data);
  await store.close();
  process.stdout.write(`${nameOfData(data)}: up to date\n`);
}
