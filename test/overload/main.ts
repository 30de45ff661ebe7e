/** `npm run overload`: a minute of ten times what the server can do, or as it is told. */
import { Command } from 'commander';
import { failings, NUISANCES, overload, RESIDENT_MEBIBYTES_MAX } from './overload.js';

new Command('overload')
  .description('asks far more of a server than it can bear, and looks whether it stays responsive and bounded')
  .option('--seconds <count>', 'how long', Number, 60)
  .option('--times <factor>', 'how many times what it can do is asked of it', Number, 10)
  .option('--connections <count>', 'of those who ask', Number, 16)
  .option('--memory <MiB>', 'the most resident memory that it may take', Number, RESIDENT_MEBIBYTES_MAX)
  .action(async ({ memory, ...terms }: { seconds: number; times: number; connections: number; memory: number }) => {
    const report = await overload({ ...terms, nuisances: NUISANCES });
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    const found = failings(report, memory);
    for (const failing of found) process.stdout.write(`  ${failing}\n`);
    process.exitCode = found.length === 0 ? 0 : 1;
  })
  .parseAsync();
