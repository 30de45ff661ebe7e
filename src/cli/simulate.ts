/**
 * `opd simulate`: a day in the outpatient department, played against a server of its own; with `--days`, many days on the engine
 * itself, under one policy and another.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { destination, pino } from 'pino';
import type { TimeZone } from '../domain/time.js';
import { BrokenInvariant } from '../sim/broken-invariant.js';
import { runClinicDays } from '../sim/clinic-days.js';
import { tellDays } from '../sim/days-table.js';
import { DOCTORS_MAX } from '../sim/doctors.js';
import { type OpdDayReport, type OpdDayTerms, runOpdDay } from '../sim/opd-day.js';
import { colourful, type Paint, plain } from '../sim/paint.js';
import { POLICY_NAMES, type PolicyName } from '../sim/policies.js';
import { SEED_MAX } from '../sim/random.js';
import { Reception } from '../sim/reception.js';
import { DAWN } from '../sim/scene.js';
import { tellEntry } from '../sim/story.js';
import { tellSummary } from '../sim/summary-table.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { Progress } from './progress.js';
import { startService } from './service.js';

interface SimulateOptions {
  seed: number;
  doctors: number;
  json: boolean;
  days?: number;
  policy?: PolicyName[];
}

const DAYS_MAX = 100_000;

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
    .addOption(
      new Option(
        '--days <number>',
        `so many days instead, without a server: what policies make of them (1 to ${DAYS_MAX})`,
      ).argParser(wholeNumber(1, DAYS_MAX)),
    )
    .addOption(
      new Option('--policy <name...>', 'with --days: the policies to compare; all where none is named').choices(
        POLICY_NAMES,
      ),
    )
    .addOption(new Option('--json', 'one JSON document in place of the story and its tables').default(false))
    .addHelpText('after', '\nExits with 1 where an invariant is broken, and says which, when and for whom.')
    .action(simulate);
}

async function simulate(options: SimulateOptions, command: Command): Promise<void> {
  const { seed, doctors, days } = options;
  if (options.policy && days === undefined) command.error("error: option '--policy' needs '--days'");
  stopQuietlyWhenNobodyReads();
  const paint = process.stdout.isTTY && !process.env.NO_COLOR ? colourful : plain;
  try {
    await (days === undefined ? tellDay(options, paint) : compare({ ...options, days }, paint));
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    const many = days === undefined ? '' : ` --days ${days}`;
    process.stderr.write(
      `${error.message}\nto see it again: opd simulate --seed ${seed} --doctors ${doctors}${many}\n`,
    );
    process.exitCode = 1;
  }
}

async function tellDay({ seed, doctors, json }: SimulateOptions, paint: Paint): Promise<void> {
  const report = await playDay({ seed, doctors, ...(!json && { tell: (entry) => print(tellEntry(entry, paint)) }) });
  print(json ? JSON.stringify(report, null, 2) : `\n${tellSummary(report, paint)}`);
}

async function compare(options: SimulateOptions & { days: number }, paint: Paint): Promise<void> {
  const { seed, doctors, days, json, policy: policies = POLICY_NAMES } = options;
  const progress = new Progress('simulating');
  const onDay = async (done: number) => {
    progress.report('simulating', done, days);
    await turnOfTheLoop(); // So that a signal is heard.
  };
  const report = await runClinicDays({ seed, doctors, days, policies, onDay }).finally(() => progress.end());
  print(json ? JSON.stringify(report, null, 2) : tellDays(report, paint));
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
    return await runOpdDay({ ...terms, clock, reception, letTimePass: () => service.letTimePass() });
  } finally {
    reception.close();
    await service.stop();
  }
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
