/** The version of the time zone data, where an operator looks for it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
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

describe('`opd serve`', () => {
  let child: ChildProcess;
  afterEach(() => child.kill('SIGKILL'));

  /** What it prints and logs until it has printed the line that ends its greeting, and logged what it does when it serves. */
  async function serve(version: ZoneDataVersion): Promise<{ out: string; log: string }> {
    const args = [OPD, 'serve', '--listen', '127.0.0.1:0', '--data', ':memory:'];
    child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, TZ: 'UTC', ...zoneDataEnvironment(version) },
    });
    const said = { out: '', log: '' };
    child.stdout?.on('data', (text) => (said.out += text));
    child.stderr?.on('data', (text) => (said.log += text));
    while (!said.out.includes('  try ') || !said.log.includes('serving')) {
      await Promise.race([once(child.stdout as never, 'data'), once(child.stderr as never, 'data')]);
    }
    child.kill('SIGTERM');
    await once(child, 'close');
    return said;
  }

  test('tells of the time zone data in its greeting and its log', async () => {
    const { out, log } = await serve('2026b');
    expect(out).toMatch(/^ {2}zone data {5}2026b \(Node\.js \d/m);
    expect(log).toContain('"zoneData":"2026b"');
  });

  test('warns of time zone data that are more than a year old', async () => {
    const { log } = await serve('2025b');
    const warning = log.split('\n').find((line) => line.includes('more than a year old'));
    expect(JSON.parse(warning ?? '{}')).toMatchObject({ level: 40, zoneData: '2025b' });
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
