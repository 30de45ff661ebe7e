/** `opd serve`: runs the service until it is told to stop. */
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { destination, type Logger, pino } from 'pino';
import { type Instant, parseTimeZone, type TimeZone } from '../domain/time.js';
import { dataOption } from './data-option.js';
import { isLoopback, parseListenAddress } from './listen-address.js';
import { whenNpxEnds } from './npx.js';
import { nameOfData, warningOfData } from './open-store.js';
import { pretty } from './pretty-log.js';
import { type Service, startService } from './service.js';
import { VERSION } from './version.js';
import { nameOfZoneData, warningOfStaleness, ZONE_DATA } from './zone-data.js';

interface ServeOptions {
  listen: string;
  data: string;
  timeZone: TimeZone;
  insecure: boolean;
  trustClock: boolean;
  logLevel: string;
}

/**
 * A signal that comes again within this time is the same one. Ctrl-C under `npm start` reaches the
 * server twice: the terminal sends it to npm and to the server, and npm forwards it.
 */
const SAME_SIGNAL_MILLISECONDS = 500;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the token allocation service (gRPC)')
    .addOption(
      new Option('--listen <host:port>', 'address to listen on')
        .env('OPD_LISTEN')
        .default('127.0.0.1:50051')
        .argParser(parseListenAddress),
    )
    .addOption(
      dataOption(
        'database file, made if missing; ":memory:" keeps nothing; postgres://ROLE@HOST/DATABASE is one that servers share',
      ),
    )
    .addOption(
      new Option('--time-zone <name>', 'IANA time zone of doctors for whom none is named')
        .env('OPD_TIME_ZONE')
        .default(Intl.DateTimeFormat().resolvedOptions().timeZone as TimeZone)
        .argParser(timeZone),
    )
    .addOption(
      flag(
        '--insecure',
        'listen on an address that other machines can reach, though calls are neither encrypted nor authenticated',
        'OPD_INSECURE',
      ),
    )
    .addOption(
      new Option('--log-level <level>', 'how much to log, to standard error; debug has a line for each call')
        .env('OPD_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addOption(
      flag(
        '--trust-clock',
        'take the system clock for right at the start, however far it is from when a server last ran',
        'OPD_TRUST_CLOCK',
      ),
    )
    .addHelpText(
      'after',
      '\nSIGTERM or SIGINT drains and stops; a second one, half a second later or more, stops at once.',
    )
    .action(serve);
}

/** An option without a value, which the environment can set, too. */
function flag(name: string, description: string, variable: string): Option {
  return new Option(name, `${description} (env: ${variable}=true)`).default(saysYes(process.env[variable]), 'false');
}

async function serve(options: ServeOptions, command: Command): Promise<void> {
  if (!options.insecure && !isLoopback(options.listen)) {
    command.error(
      `error: will not listen on ${options.listen}: there is no authentication or encryption yet, so whoever reaches that address ` +
        'can read and change every queue. Listen on 127.0.0.1, or say --insecure where the network itself is trusted.',
    );
  }
  const log = pino({ level: options.logLevel }, process.stderr.isTTY ? pretty() : destination(2));
  // What goes wrong is in our own log, or in the sentence that the command ends with.
  if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);
  let onSuperseded = (): void => {};
  const superseded = new Promise<void>((resolve) => {
    onSuperseded = resolve;
  });
  const service = await startService({ ...options, log, onSuperseded });
  // Before the greeting: whoever has read it may send a signal at once.
  stopInTime(service, superseded, log);
  process.stdout.write(greeting(options, service));
  const about = { version: VERSION, node: process.versions.node, zoneData: ZONE_DATA };
  log.info({ address: service.address, data: nameOfData(options.data), ...about }, 'serving');
  const stale = warningOfStaleness(ZONE_DATA, Date.now() as Instant);
  if (stale) log.warn({ zoneData: ZONE_DATA }, stale);
  const open = warningOfData(options.data);
  if (open) log.warn(open);
}

function greeting(options: ServeOptions, { address }: Service): string {
  const data = options.data === ':memory:' ? 'memory only: gone when the server stops' : nameOfData(options.data);
  return [
    `OPD token engine ${VERSION}`,
    `  listening on  ${address} (gRPC, plaintext)`,
    `  data in       ${data}`,
    `  time zone     ${options.timeZone}, where a doctor has none`,
    `  zone data     ${nameOfZoneData(ZONE_DATA)} (Node.js ${process.versions.node})`,
    `  try           grpcurl -plaintext -d '{"name":"Dr Rao"}' ${address} opd.v1.OpdService/CreateDoctor`,
    '',
  ].join('\n');
}

/** @param superseded resolves when a newer version has taken the database over: a failure, so that nobody takes it for an end as asked for */
function stopInTime(service: Service, superseded: Promise<void>, log: Logger): void {
  let stoppingSince: number | undefined;
  const stop = async (why: { signal: NodeJS.Signals } | { npxEnded: true } | { superseded: true }) => {
    if (stoppingSince !== undefined) {
      if ('signal' in why && performance.now() - stoppingSince > SAME_SIGNAL_MILLISECONDS) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    log.info(why, 'draining; a second signal stops at once');
    try {
      await service.stop();
    } catch (error) {
      // What was acknowledged is on disk all the same; the next start reads it from the log beside the database.
      log.error({ err: error }, 'stopped, but the store did not close');
      process.exit(1);
    }
    log.info('stopped');
    process.exit('superseded' in why ? 1 : 0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, (received) => void stop({ signal: received }));
  whenNpxEnds(() => void stop({ npxEnded: true }));
  void superseded.then(() => stop({ superseded: true }));
}

/** By itself, commander takes a switch's variable for a yes whatever it says, be it "false". */
function saysYes(variable: string | undefined): boolean {
  return variable === '1' || variable?.toLowerCase() === 'true';
}

function timeZone(text: string): TimeZone {
  const zone = parseTimeZone(text);
  if (!zone) throw new InvalidArgumentError('It must be an IANA time zone name such as Asia/Kolkata.');
  return zone;
}
