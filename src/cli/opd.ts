#!/usr/bin/env node
/** The `opd` command. */
import { Command } from 'commander';
import { StoreRefused } from '../store/store.js';
import { addBackup } from './backup.js';
import { addCopy } from './copy.js';
import { addMigrate } from './migrate.js';
import { addServe } from './serve.js';
import { AddressRefused } from './service.js';
import { addSimulate } from './simulate.js';
import { addVerify } from './verify.js';
import { VERSION } from './version.js';
import { nameOfZoneData, ZONE_DATA } from './zone-data.js';

const program = new Command('opd')
  .description('Allocates outpatient tokens: who sits in which slot, who waits, who moves.')
  .version(`${VERSION} (Node.js ${process.versions.node}, time zone data ${nameOfZoneData(ZONE_DATA)})`)
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(see --help)');
addServe(program);
addSimulate(program);
addVerify(program);
addBackup(program);
addCopy(program);
addMigrate(program);

try {
  await program.parseAsync();
} catch (error) {
  // What a person can mend gets its sentence; anything else is a bug and gets its stack.
  if (!(error instanceof StoreRefused || error instanceof AddressRefused)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}
