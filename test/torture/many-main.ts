/** `npm run torture:servers`: fifty faults over three servers and their database, or as many as it is told. */
import { Command } from 'commander';
import { FAULTS, type Fault, tortureMany } from './many-servers.js';

interface Terms {
  faults: number;
  servers: number;
  callers: number;
  watchers: number;
  seconds: number;
}

new Command('torture:servers')
  .description('lets all kinds of faults befall servers over one PostgreSQL, and checks that no promise is broken')
  .option('--faults <count>', 'how many', Number, 50)
  .option('--servers <count>', 'how many', Number, 3)
  .option('--callers <count>', 'clients that send commands', Number, 16)
  .option('--watchers <count>', 'watchers of each doctor-day', Number, 2)
  .option('--seconds <count>', 'how long a server is stopped, or its line is of no use', Number, 10)
  .action(async ({ faults, seconds, ...terms }: Terms) => {
    const kinds = Array.from({ length: faults }, (_, index) => FAULTS[index % FAULTS.length] as Fault);
    const onFault = (done: number) => process.stderr.write(`\r${done} of ${faults} faults`);
    const report = await tortureMany({ ...terms, faults: kinds, troubleMilliseconds: seconds * 1_000, onFault });
    const { breaches, ...counts } = report;
    process.stderr.write('\n');
    process.stdout.write(`${JSON.stringify(counts)}\n${breaches.length} broken promises\n`);
    for (const breach of breaches.slice(0, 20)) process.stdout.write(`  ${breach}\n`);
    process.exitCode = breaches.length === 0 ? 0 : 1;
  })
  .parseAsync();
