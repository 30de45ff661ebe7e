/** Who may read the files that `opd` makes, and where it makes none. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { TemporaryFile } from '../support/service.js';
import { DOCTOR, sampleCommit } from '../verification/sample-day.js';
import { OPD, runOpd } from './run-opd.js';

const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;
const asNobody = { uid: NOBODY, gid: NOBODY };
const canBeNobody = IS_ROOT && spawnSync(process.execPath, [OPD, '--version'], asNobody).status === 0;
/** The user of the tests, and under root also one without its rights. */
const USERS = [{ user: 'this user', as: {} }, ...(canBeNobody ? [{ user: 'nobody', as: asNobody }] : [])];

let file: TemporaryFile;
let running: ChildProcess | undefined;
beforeEach(() => {
  file = new TemporaryFile();
  if (canBeNobody) chownSync(file.directory, NOBODY, NOBODY);
});
afterEach(async () => {
  if (running) await stop(running);
  running = undefined;
  file.remove();
});

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const modes = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, modeOf(`${directory}/${name}`)]));

/** Starts a server, and resolves with what it has logged until it serves and a moment later. */
async function serve(path: string, umask = '022', as = {}): Promise<string> {
  const script = `umask ${umask}; exec "$@"`;
  const command = [process.execPath, OPD, 'serve', '--listen', '127.0.0.1:0', '--data', path];
  running = spawn('sh', ['-c', script, 'sh', ...command], { ...as, env: { PATH: process.env.PATH, TZ: 'UTC' } });
  let log = '';
  running.stderr?.on('data', (text) => {
    log += text;
  });
  const ended = once(running, 'exit').then(() => 'ended');
  while (!log.includes('"serving"')) {
    if ((await Promise.race([once(running.stderr as never, 'data'), ended])) === 'ended') throw new Error(log);
  }
  return log;
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}

/** Everything that was logged up to the end. */
async function logOf(path: string): Promise<string> {
  let log = await serve(path);
  running?.stderr?.on('data', (text) => {
    log += text;
  });
  await stop(running as ChildProcess);
  return log;
}

async function keepSample(path = file.path): Promise<void> {
  const store = await openSqliteStore(path);
  await store.createDoctor(DOCTOR);
  await store.commit([sampleCommit()]);
  await store.close();
}

describe.each(USERS)('files made as $user', ({ as }) => {
  test.each(['000', '077'])('only their owner can read them, under umask %s', async (umask) => {
    const data = `${file.directory}/data`;
    await serve(`${data}/opd.sqlite`, umask, as);
    const opd = (...args: string[]) =>
      spawnSync('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, OPD, ...args], as);
    mkdirSync(`${file.directory}/copies`, { mode: 0o700 });
    if (canBeNobody) chownSync(`${file.directory}/copies`, NOBODY, NOBODY);
    expect(opd('backup', `${file.directory}/copies/backup`, '--data', `${data}/opd.sqlite`).status).toBe(0);
    expect(opd('copy', `${data}/opd.sqlite`, `${file.directory}/copies/copy`).status).toBe(0);
    expect(modeOf(data)).toBe('700');
    expect(modes(data)).toEqual({
      'opd.sqlite': '600',
      'opd.sqlite-shm': '600',
      'opd.sqlite-wal': '600',
      'opd.sqlite.epoch': '600',
      'opd.sqlite.lock': '600',
    });
    const copies = modes(`${file.directory}/copies`);
    expect(Object.keys(copies)).toEqual(expect.arrayContaining(['backup', 'copy', 'copy.lock']));
    expect(new Set(Object.values(copies))).toEqual(new Set(['600']));
  });
});

test('a backup is for its owner only, whoever may read the original', async () => {
  await keepSample();
  chmodSync(file.path, 0o644);
  expect(await runOpd(['backup', `${file.directory}/copy`, '--data', file.path])).toMatchObject({ code: 0 });
  expect(modeOf(`${file.directory}/copy`)).toBe('600');
});

describe.each([
  { directory: 'that everyone may write', mode: 0o777 },
  { directory: 'that everyone may write, with the sticky bit, as /tmp', mode: 0o1777 },
])('in a directory $directory', ({ mode }) => {
  let shared: string;
  beforeEach(async () => {
    await keepSample();
    shared = `${file.directory}/shared`;
    mkdirSync(shared);
    chmodSync(shared, mode);
  });
  const refused = {
    code: 1,
    out: '',
    err: expect.stringMatching(
      /^error: \S+shared is a directory that every user of this machine can write to: .* Give a path in a directory of your own, such as \S+shared\/opd\/\S+\.\n$/,
    ),
  };
  const nothingMade = () => expect(readdirSync(shared)).toEqual([]);

  test('serve makes no database', async () => {
    expect(await runOpd(['serve', '--listen', '127.0.0.1:0', '--data', `${shared}/x`], { timeout: 20_000 })).toEqual(
      refused,
    );
    nothingMade();
  });

  test('serve makes none through a link to it', async () => {
    symlinkSync(shared, `${file.directory}/link`);
    const path = `${file.directory}/link/x`;
    expect(await runOpd(['serve', '--listen', '127.0.0.1:0', '--data', path], { timeout: 20_000 })).toEqual(refused);
    nothingMade();
  });

  test('serve follows no link that lies in it', async () => {
    symlinkSync(file.path, `${shared}/x`);
    expect(await runOpd(['serve', '--listen', '127.0.0.1:0', '--data', `${shared}/x`], { timeout: 20_000 })).toEqual(
      refused,
    );
  });

  test('backup writes no copy', async () => {
    expect(await runOpd(['backup', `${shared}/x`, '--data', file.path])).toEqual(refused);
    nothingMade();
  });

  test('copy writes no copy', async () => {
    expect(await runOpd(['copy', file.path, `${shared}/x`])).toEqual(refused);
    nothingMade();
  });

  test('a directory below it serves', async () => {
    await serve(`${shared}/opd/x`);
    expect(modeOf(`${shared}/opd`)).toBe('700');
  });
});

test('a link that leads to no file is refused', async () => {
  symlinkSync(`${file.directory}/none`, file.path);
  expect(await runOpd(['serve', '--listen', '127.0.0.1:0', '--data', file.path], { timeout: 20_000 })).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(
      /^error: \S+ is a symbolic link to a file that does not exist\. Give the file's own path/,
    ),
  });
  expect(existsSync(`${file.directory}/none`)).toBe(false);
});

test.each([
  { mode: 0o644, isWarned: true },
  { mode: 0o640, isWarned: false },
  { mode: 0o600, isWarned: false },
])('an existing file of mode $mode keeps it, and whether the log warns is $isWarned', async ({ mode, isWarned }) => {
  await keepSample();
  chmodSync(file.path, mode);
  const log = await logOf(file.path);
  expect(log.includes('can be read or written by every user of this machine')).toBe(isWarned);
  expect(log.includes(`chmod o-rwx ${file.path} ${file.path}-wal ${file.path}-shm"`)).toBe(isWarned);
  expect(statSync(file.path).mode & 0o777).toBe(mode);
});
