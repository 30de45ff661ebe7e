/** `opd simulate`: a day in the outpatient department, played against a server of its own. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { destination, pino } from 'pino';
import type { TimeZone } from '../domain/time.js';
import { BrokenInvariant } from '../sim/broken-invariant.js';
import { DOCTORS_MAX } from '../sim/doctors.js';
import { type OpdDayReport, type OpdDayTerms, runOpdDay } from '../sim/opd-day.js';
import { colourful, type Paint, plain } from '../sim/paint.js';
import { SEED_MAX } from '../sim/random.js';
import { Reception } from '../sim/reception.js';
import { DAWN } from '../sim/scene.js';
import { tellEntry } from '../sim/story.js';
import { tellSummary } from '../sim/summary-table.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { startService } from './service.js';

interface SimulateOptions {
  seed: number;
  doctors: number;
  json: boolean;
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('play a day in the outpatient department against a server of its own, and check every step of it')
    .addOption(
      new Option('--seed <number>', `what happens; the same seed tells the same day (0 to ${SEED_MAX})`)
        .default(1)
        .argParser(wholeNumber(0, SEED_MAX)),
    )
    .addOption(
      new Option('--doctors <number>', `how many doctors see patients (1 to ${DOCTORS_MAX})`)
        .default(3)
        .argParser(wholeNumber(1, DOCTORS_MAX)),
    )
    .addOption(new Option('--json', 'one JSON document in place of the story and its tables').default(false))
    .addHelpText('after', '\nExits with 1 where an invariant is broken, and says which, when and for whom.')
    .action(simulate);
}

async function simulate({ seed, doctors, json }: SimulateOptions): Promise<void> {
  stopQuietlyWhenNobodyReads();
  const paint = process.stdout.isTTY && !process.env.NO_COLOR ? colourful : plain;
  try {
    const report = await playDay({ seed, doctors, ...(!json && { tell: (entry) => print(tellEntry(entry, paint)) }) });
    print(json ? JSON.stringify(report, null, 2) : summaryOf(report, paint));
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    process.stderr.write(`${error.message}\nto see it again: opd simulate --seed ${seed} --doctors ${doctors}\n`);
    process.exitCode = 1;
  }
}

/** Plays the day over a real connection to a server in this process, whose clock is the day's. */
async function playDay(terms: Pick<OpdDayTerms, 'seed' | 'doctors' | 'tell'>): Promise<OpdDayReport> {
  const clock = new VirtualClock(DAWN);
  const service = await startService({
    data: ':memory:',
    listen: '127.0.0.1:0',
    timeZone: 'UTC' as TimeZone,
    log: pino({ level: 'warn' }, destination(2)),
    now: () => clock.now,
    clockTicks: false,
  });
  const reception = new Reception(service.address);
  try {
    return await runOpdDay({ ...terms, clock, reception });
  } finally {
    reception.close();
    await service.stop();
  }
}

function summaryOf(report: OpdDayReport, paint: Paint): string {
  return `\n${tellSummary(report, paint)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** `opd simulate | head` is no error. */
function stopQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}
