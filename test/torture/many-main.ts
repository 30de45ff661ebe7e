/** `npm run torture:servers`: faults over three servers and their database, as many as it is told; then one day that all want. */
import { Command, Option } from 'commander';
import { FAULTS, type Fault } from './befall.js';
import { heatOneDay } from './hot-day.js';
import { type ManyServersTerms, tortureMany } from './many-servers.js';

interface Terms {
  faults: number;
  kinds: readonly Fault[];
  servers: number;
  callers: number;
  watchers: number;
  seconds: number;
  hotClients: number;
  hotSeconds: number;
}

new Command('torture:servers')
  .description('lets all kinds of faults befall servers over one PostgreSQL, and checks that no promise is broken')
  .option('--faults <count>', 'how many', Number, 56)
  .addOption(new Option('--kinds <kind...>', 'which, in turn').choices(FAULTS).default(FAULTS))
  .option('--servers <count>', 'how many', Number, 3)
  .option('--callers <count>', 'clients that send commands', Number, 16)
  .option('--watchers <count>', 'watchers of each doctor-day', Number, 2)
  .option('--seconds <count>', 'how long a server is stopped, or its line is of no use', Number, 10)
  .option('--hot-clients <count>', 'clients of each server that want one day at once, after the faults', Number, 32)
  .option('--hot-seconds <count>', 'how long they do; 0 leaves it out', Number, 5)
  .action(async (terms: Terms) => {
    const isSound = [await proveFaults(terms), terms.hotSeconds === 0 || (await proveHotDay(terms))];
    process.exitCode = isSound.every(Boolean) ? 0 : 1;
  })
  .parseAsync();

async function proveFaults({ faults, kinds, seconds, ...size }: Terms): Promise<boolean> {
  const terms: ManyServersTerms = {
    ...size,
    faults: Array.from({ length: faults }, (_, index) => kinds[index % kinds.length] as Fault),
    troubleMilliseconds: seconds * 1_000,
    onFault: (done) => process.stderr.write(`\r${done} of ${faults} faults`),
  };
  const { breaches, leftOut, ...counts } = await tortureMany(terms);
  process.stderr.write('\n');
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  for (const [fault, why] of Object.entries(leftOut)) process.stdout.write(`left out: ${fault}: ${why}\n`);
  process.stdout.write(`${breaches.length} broken promises\n`);
  for (const breach of breaches.slice(0, 20)) process.stdout.write(`  ${breach}\n`);
  return breaches.length === 0;
}

async function proveHotDay({ servers, hotClients: clients, hotSeconds: seconds }: Terms): Promise<boolean> {
  const report = await heatOneDay({ servers, clients, seconds });
  process.stdout.write(`one day for all: ${JSON.stringify(report)}\n`);
  return report.lostUpdates === 0 && report.slowestShare >= 0.5;
}
