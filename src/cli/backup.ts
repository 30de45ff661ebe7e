/** `opd backup`: a copy of a database, also while a server serves it. */
import type { Command } from 'commander';
import { backUp } from '../store/sqlite/backup.js';
import { dataOption } from './data-option.js';
import { Progress } from './progress.js';

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('copy a database to a new file, with all that has been acknowledged by now')
    .argument('<file>', 'the copy; must not be there yet')
    .addOption(dataOption('database file, also while a server serves it'))
    .action(backup);
}

async function backup(file: string, { data }: { data: string }): Promise<void> {
  const progress = new Progress('copying');
  const copy = await backUp(data, file, (done, total) => progress.report('copying', done, total)).finally(() =>
    progress.end(),
  );
  const days = `${copy.doctorDays.toLocaleString('en')} doctor-day${copy.doctorDays === 1 ? '' : 's'}`;
  process.stdout.write(
    `${file}: ${copy.bytes.toLocaleString('en')} bytes, ${days}\nto check it: opd verify --data ${quoted(file)}\n`,
  );
}

/** So that it can be pasted into a shell. */
function quoted(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
