/**
 * `npm start` and `npx opd serve`, as README.md has them: stopping npm or npx stops the server as
 * well.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '../support/client.js';
import { there } from '../support/clinic.js';
import { TemporaryFile } from '../support/service.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** npm and everything it starts, in a process group of their own. */
class Started {
  output = '';
  readonly pid: number;
  readonly #npm: ChildProcess;
  readonly #ended: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(command: readonly [string, ...string[]], data: string) {
    const [program, ...args] = command;
    const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
    this.#npm = spawn(program, args, {
      cwd: ROOT,
      detached: true,
      env: { PATH: path, HOME: process.env.HOME, TZ: 'UTC', OPD_LISTEN: '127.0.0.1:0', OPD_DATA: data },
    });
    this.pid = there(this.#npm.pid);
    for (const stream of [this.#npm.stdout, this.#npm.stderr]) {
      stream?.on('data', (text) => {
        this.output += text;
      });
    }
    this.#ended = once(this.#npm, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  async address(): Promise<string> {
    while (!/"serving"/.test(this.output)) {
      const ended = await Promise.race([once(this.#npm.stderr as never, 'data'), this.#ended.then(() => 'ended')]);
      if (ended === 'ended') throw new Error(`npm ended: ${this.output}`);
    }
    return there(/listening on +(\S+)/.exec(this.output)?.[1]);
  }

  /** npm's exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    const [code, signal] = await this.#ended;
    return code ?? signal;
  }

  get hasProcesses(): boolean {
    try {
      return process.kill(-this.pid, 0);
    } catch {
      return false;
    }
  }

  killAll(): void {
    if (this.hasProcesses) process.kill(-this.pid, 'SIGKILL');
  }
}

let file: TemporaryFile;
let started: Started[];

beforeEach(() => {
  file = new TemporaryFile();
  started = [];
});

afterEach(() => {
  for (const npm of started) npm.killAll();
  file.remove();
});

/** Without `prestart`, which would compile again what other tests are loading. */
const NPM_START = ['npm', 'start', '--ignore-scripts'] as const;

function start(command: readonly [string, ...string[]] = NPM_START): Started {
  const npm = new Started(command, file.path);
  started.push(npm);
  return npm;
}

test.each([
  { name: 'SIGTERM to npm', signal: 'SIGTERM', to: (npm: Started) => npm.pid },
  { name: 'SIGINT to npm', signal: 'SIGINT', to: (npm: Started) => npm.pid },
  { name: 'Ctrl-C, which is SIGINT to npm and to the server', signal: 'SIGINT', to: (npm: Started) => -npm.pid },
] as const)(
  'npm start · $name drains with a watch open, exits with 0 and leaves no process and no lock',
  async ({ signal, to }) => {
    const npm = start();
    const client = new Client(await npm.address());
    const { doctor } = await client.createDoctor({ name: 'Dr Rao' });
    await client.watch({ doctorId: there(doctor).id }).snapshot();
    process.kill(to(npm), signal);
    const exit = await npm.exit();
    client.close();
    expect({ exit, isLeft: npm.hasProcesses, output: npm.output }).toEqual({
      exit: 0,
      isLeft: false,
      output: expect.stringContaining('"stopped"'),
    });
    const next = start();
    await next.address();
    process.kill(next.pid, 'SIGTERM');
    expect(await next.exit()).toBe(0);
  },
  60_000,
);

test('npx opd serve · SIGTERM to npx drains, and leaves no process and no lock', async () => {
  const npx = start(['npx', 'opd', 'serve']);
  await npx.address();
  process.kill(npx.pid, 'SIGTERM');
  await npx.exit();
  while (npx.hasProcesses) await setTimeout(50);
  expect(npx.output).toContain('"stopped"');
  const next = start();
  await next.address();
}, 60_000);
