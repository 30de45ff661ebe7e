/** `npm run soak -- --minutes 30`: a table of what the service takes up, and exit code 1 where it takes more and more. */
import { Command } from 'commander';
import { growths, leaks, type Sample, soak } from './soak.js';

const COLUMNS = [
  'seconds',
  'calls',
  'residentMebibytes',
  'heapMebibytes',
  'openFiles',
  'handles',
  'loopDelayMilliseconds',
] as const;

const row = (cells: readonly (string | number)[]) =>
  `${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell).padStart(22)).join('')}\n`;
const write = (cells: readonly (string | number)[]) => process.stdout.write(row(cells));

new Command('soak')
  .description('works a service for a long time, and looks whether it takes up more and more')
  .option('--minutes <count>', 'how long', Number, 30)
  .action(async ({ minutes }: { minutes: number }) => {
    write(COLUMNS);
    const report = await soak({
      minutes,
      onSample: (sample: Sample) => write(COLUMNS.map((column) => sample[column])),
    });
    process.stdout.write('\nafter the warm-up\n');
    write(['figure', 'mean', 'growth', 'allowed']);
    for (const { figure, mean, growth, allowed } of growths(report)) write([figure, mean, growth, allowed]);
    const found = leaks(report);
    process.stdout.write(`${report.updates} updates watched\n${found.length === 0 ? 'flat' : found.join('\n')}\n`);
    process.exitCode = found.length === 0 ? 0 : 1;
  })
  .parseAsync();
