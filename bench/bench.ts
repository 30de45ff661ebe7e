/** `npm run bench`: every workload or those named, as a table or as JSON. */
import { cpus } from 'node:os';
import { Argument, Command, Option } from 'commander';
import { report } from './report.js';
import { type Outcome, SIZES, type Size } from './workload.js';
import { WORKLOADS } from './workloads/index.js';

interface BenchOptions {
  json: boolean;
  size: Size['name'];
  rounds?: number;
}

new Command('bench')
  .description('measures the engine against the limit of its platform, in the same run')
  .addArgument(
    new Argument('[workloads...]', 'those to run; all where none is named').choices(WORKLOADS.map(({ name }) => name)),
  )
  .option('--json', 'one JSON document instead of tables', false)
  .addOption(
    new Option('--size <size>', 'tiny only shows that each still works').choices(Object.keys(SIZES)).default('full'),
  )
  .addOption(new Option('--rounds <count>', 'how often the compared sides take turns').argParser(Number))
  .action(run)
  .parseAsync();

async function run(names: string[], options: BenchOptions): Promise<void> {
  const size = { ...SIZES[options.size], ...(options.rounds && { rounds: options.rounds }) };
  const results: { name: string; title: string; outcomes: Outcome[] }[] = [];
  for (const workload of WORKLOADS) {
    if (names.length > 0 && !names.includes(workload.name)) continue;
    const lacking = workload.lacks?.();
    if (lacking) {
      process.stderr.write(`left out: ${workload.name}, for lack of ${lacking}\n`);
      continue;
    }
    const outcomes = await workload.run(size);
    results.push({ name: workload.name, title: workload.title, outcomes });
    if (!options.json) process.stdout.write(`${report(`${workload.name}: ${workload.title}`, outcomes)}\n`);
  }
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, size, results }, null, 2)}\n`);
}
