/** `npm run torture`: kills the server a hundred times, or as often as it is told. */
import { Command } from 'commander';
import { torture } from './torture.js';

new Command('torture')
  .description('kills a server under load again and again, and checks that nothing it acknowledged is lost')
  .option('--kills <count>', 'how often', Number, 100)
  .option('--callers <count>', 'clients that send commands', Number, 16)
  .option('--watchers <count>', 'watchers of each doctor-day', Number, 2)
  .action(async (terms: { kills: number; callers: number; watchers: number }) => {
    const onKill = (kills: number) => process.stderr.write(`\r${kills} of ${terms.kills} kills`);
    const { breaches, ...counts } = await torture({ ...terms, onKill });
    process.stderr.write('\n');
    process.stdout.write(`${JSON.stringify(counts)}\n${breaches.length} broken promises\n`);
    for (const breach of breaches.slice(0, 20)) process.stdout.write(`  ${breach}\n`);
    process.exitCode = breaches.length === 0 ? 0 : 1;
  })
  .parseAsync();
