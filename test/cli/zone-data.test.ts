/** The version of the time zone data, where an operator looks for it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { Database } from '../../src/store/sqlite/binding.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { Client } from '../support/client.js';
import { TemporaryFile } from '../support/service.js';
import { type ZoneDataVersion, zoneDataEnvironment } from '../support/zone-data.js';
import { OPD, runOpd } from './run-opd.js';

const env = zoneDataEnvironment('2026b');

test('`opd --version` names the version of the time zone data', async () => {
  const { out } = await runOpd(['--version'], { env });
  expect(out).toMatch(/^\d+\.\d+\.\d+\S* \(Node\.js \d+\.\d+\.\d+, time zone data 2026b\)\n$/);
});

test('without data of its own, it is that of Node.js', async () => {
  expect((await runOpd(['--version'])).out).toContain(`time zone data ${process.versions.tz}`);
});

test.each([
  ['2025b', '2027-01-04T17:00:00.000Z'],
  ['2026b', '2027-01-04T16:00:00.000Z'],
] as const)('by %s, 09:00 in Vancouver on 2027-01-04 is %s', async (version, instant) => {
  const time = new URL('../../src/domain/time.js', import.meta.url).href;
  const script = `const { formatInstant, instantOf } = await import('${time}');
    process.stdout.write(formatInstant(instantOf('2027-01-04', 540, 'America/Vancouver')));`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, ...zoneDataEnvironment(version) },
  });
  expect((await run).stdout).toBe(instant);
});

class Server {
  out = '';
  log = '';
  readonly #child: ChildProcess;
  #client: Client | undefined;

  constructor(version: ZoneDataVersion, data: string) {
    const args = [OPD, 'serve', '--listen', '127.0.0.1:0', '--data', data];
    const env = { PATH: process.env.PATH, TZ: 'UTC', ...zoneDataEnvironment(version) };
    this.#child = spawn(process.execPath, args, { env });
    this.#child.stdout?.on('data', (text) => {
      this.out += text;
    });
    this.#child.stderr?.on('data', (text) => {
      this.log += text;
    });
  }

  /** Resolves once the greeting is whole and a text is in the log. */
  async logs(text: string): Promise<this> {
    while (!this.out.includes('  try ') || !this.log.includes(text)) {
      await Promise.race([this.#child.stdout, this.#child.stderr].map((stream) => once(stream as never, 'data')));
    }
    return this;
  }

  get client(): Client {
    this.#client ??= new Client(/listening on +(\S+)/.exec(this.out)?.[1] ?? '');
    return this.#client;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#client?.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    await closed;
  }
}

const servers: Server[] = [];
function serve(version: ZoneDataVersion, data = ':memory:'): Server {
  const server = new Server(version, data);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
});

describe('`opd serve`', () => {
  test('tells of the time zone data in its greeting and its log', async () => {
    const { out, log } = await serve('2026b').logs('serving');
    expect(out).toMatch(/^ {2}zone data {5}2026b \(Node\.js \d/m);
    expect(log).toContain('"zoneData":"2026b"');
  });

  test('warns of time zone data that are more than a year old', async () => {
    const { log } = await serve('2025b').logs('more than a year old');
    const warning = log.split('\n').find((line) => line.includes('more than a year old'));
    expect(JSON.parse(warning ?? '{}')).toMatchObject({ level: 40, zoneData: '2025b' });
  });
});

describe('R17 · newer time zone data', () => {
  const date = '2097-01-04';
  let file: TemporaryFile;
  beforeEach(() => {
    file = new TemporaryFile();
  });
  afterEach(() => file.remove());

  /** When the slots start, as a hospital's own SQL finds them. */
  function startsInFile(): string[] {
    const database = new Database(file.path, { readonly: true });
    const starts = database.prepare<[], number>('SELECT starts_at FROM slot ORDER BY start_minute').pluck().all();
    database.close();
    return starts.map((instant) => new Date(instant).toISOString());
  }

  const verify = async () => (await runOpd(['verify', '--data', file.path], { env })).out;

  test('put a slot that has not begun at its local time, and tell everybody why', async () => {
    const old = await serve('2025b', file.path).logs('serving');
    const { doctor } = await old.client.createDoctor({ name: 'Dr Rao', timeZone: 'America/Vancouver' });
    const doctorId = doctor?.id ?? '';
    const nine = await old.client.createSlot({ doctorId, date, start: '09:00', end: '10:00', capacity: 1 });
    const slotId = nine.slot?.id ?? '';
    expect(startsInFile()).toEqual([`${date}T17:00:00.000Z`]);
    const { token } = await old.client.allocateToken({ slotId, source: TokenSource.ONLINE, patientRef: 'P-1' });
    await old.stop();
    expect(await verify()).toMatch(
      /^sound: .*\ntime zone data of this program: 2026b; of the newest server: 2025b\nnotice: 1 slot to come has other instants than by these data; the first:\n {2}doc_\S+ 2097-01-04 09:00-10:00 \(slot_\S+\): starts at 2097-01-04T17:00:00\.000Z, by its local time at 2097-01-04T16:00:00\.000Z\n$/,
    );

    const { client } = await serve('2026b', file.path).logs('follow the new rules');
    await client.createSlot({ doctorId, date, start: '10:00', end: '11:00', capacity: 1 });
    expect(startsInFile()).toEqual([`${date}T16:00:00.000Z`, `${date}T17:00:00.000Z`]);
    const watch = client.watch({ doctorId, date, afterRevision: 2 });
    expect(await watch.change()).toMatchObject({ revision: 3, cause: 'CLOCK', slots: [{ id: slotId }] });
    watch.cancel();
    const { steps } = await client.call('explainToken', { tokenId: token?.id ?? '' });
    expect(steps[1]).toMatchObject({ revision: 3, rule: 'R17', change: undefined });
    expect(steps[1]?.sentence).toMatch(/^The rules of the time zone changed \(time zone data 2026b\)/);
    await servers.at(-1)?.stop();
    expect(await verify()).toMatch(/^sound: .*\ntime zone data of this program: 2026b\n$/);

    await serve('2025b', file.path).logs('has been served with newer time zone data');
    expect(startsInFile()).toEqual([`${date}T16:00:00.000Z`, `${date}T17:00:00.000Z`]);
  });
});

test('`opd verify` names the time zone data that it judged by', async () => {
  const file = new TemporaryFile();
  try {
    await (await openSqliteStore(file.path)).close();
    expect((await runOpd(['verify', '--data', file.path], { env })).out).toContain(
      'time zone data of this program: 2026b\n',
    );
  } finally {
    file.remove();
  }
});
