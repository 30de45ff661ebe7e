/** `opd serve` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { Client } from '../support/client.js';
import { there } from '../support/clinic.js';
import { TemporaryFile } from '../support/service.js';

const OPD = fileURLToPath(new URL('../../src/cli/opd.js', import.meta.url));

class Server {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<[number | null, NodeJS.Signals | null]>;
  #client: Client | undefined;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [OPD, 'serve', ...args], {
      env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
    });
    this.#child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.#exited = once(this.#child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /** Resolves when the whole greeting has been printed; rejects where the process ends before. */
  async greeting(): Promise<string> {
    while (!/try .*\n/.test(this.stdout)) {
      const ended = await Promise.race([once(this.#child.stdout as never, 'data'), this.#exited.then(() => 'ended')]);
      if (ended === 'ended') throw new Error(`it ended: ${this.stderr}`);
    }
    return this.stdout;
  }

  async address(): Promise<string> {
    return there(/listening on +(\S+)/.exec(await this.greeting())?.[1]);
  }

  async client(): Promise<Client> {
    this.#client ??= new Client(await this.address());
    return this.#client;
  }

  /** Resolves once a text is in the log. */
  async logs(text: string): Promise<void> {
    while (!this.stderr.includes(text)) await once(this.#child.stderr as never, 'data');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    const [code, signal] = await this.#exited;
    this.#client?.close();
    return code ?? signal;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

const servers: Server[] = [];
function serve(args: string[], env?: Record<string, string>): Server {
  const server = new Server(args, env);
  servers.push(server);
  return server;
}
/** On a free port, in memory. */
const HERE = ['--listen', '127.0.0.1:0', '--data', ':memory:'];

let file: TemporaryFile;
beforeEach(() => {
  file = new TemporaryFile();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if (server.running) server.signal('SIGKILL');
    await server.exit();
  }
  file.remove();
});

describe('the greeting', () => {
  test('says where it listens, where the data is, and what to try', async () => {
    const server = serve(['--listen', '127.0.0.1:0', '--data', file.path, '--time-zone', 'Asia/Kolkata']);
    const greeting = await server.greeting();
    const address = await server.address();
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(greeting).toContain(`data in       ${file.path}\n`);
    expect(greeting).toContain('time zone     Asia/Kolkata');
    expect(greeting).toContain(`grpcurl -plaintext -d '{"name":"Dr Rao"}' ${address} opd.v1.OpdService/CreateDoctor`);
    const { doctor } = await (await server.client()).createDoctor({ name: 'Dr Rao' });
    expect(doctor?.timeZone).toBe('Asia/Kolkata');
  });

  test('says that memory keeps nothing', async () => {
    expect(await serve(HERE).greeting()).toContain('memory only: gone when the server stops');
  });

  test('options may come as OPD_ variables, and arguments come before them', async () => {
    const env = {
      OPD_LISTEN: '127.0.0.1:0',
      OPD_DATA: ':memory:',
      OPD_TIME_ZONE: 'Asia/Tokyo',
      OPD_LOG_LEVEL: 'silent',
    };
    const server = serve(['--time-zone', 'Asia/Kolkata'], env);
    expect(await server.greeting()).toContain('memory only');
    expect(server.stdout).toContain('Asia/Kolkata');
    server.signal('SIGTERM');
    expect([await server.exit(), server.stderr]).toEqual([0, '']);
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s drains: watches end with DRAINING, and the exit code is 0',
    async (signal) => {
      const server = serve(HERE);
      const client = await server.client();
      const { doctor } = await client.createDoctor({ name: 'x' });
      const watch = client.watch({ doctorId: there(doctor).id });
      await watch.snapshot();
      server.signal(signal);
      expect((await watch.ended).message).toContain('the server is going away');
      expect(await server.exit()).toBe(0);
    },
  );

  test('a second signal stops at once, with exit code 1', async () => {
    const server = serve(HERE);
    // A watch of the health holds the drain up.
    const HealthClient = makeClientConstructor(healthDefinition as never, 'Health');
    // biome-ignore lint/suspicious/noExplicitAny: a stub of a definition without types
    const health: any = new HealthClient(await server.address(), credentials.createInsecure());
    const stream = health.watch({ service: '' }).on('error', () => {});
    await once(stream, 'data');
    server.signal('SIGTERM');
    await server.logs('draining');
    expect(server.running).toBe(true);
    // Sooner, it is the same signal: under npm, Ctrl-C comes twice.
    server.signal('SIGTERM');
    await setTimeout(600);
    expect(server.running).toBe(true);
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(1);
    health.close();
  });

  test('kill -9 takes nothing back that was answered', async () => {
    const args = ['--listen', '127.0.0.1:0', '--data', file.path];
    const server = serve(args);
    const client = await server.client();
    const { doctor } = await client.createDoctor({ name: 'x', timeZone: 'UTC' });
    const day = { doctorId: there(doctor).id, date: '9999-01-01' };
    const { slot } = await client.createSlot({ ...day, start: '00:00', end: '24:00', capacity: 20 });
    const allocate = { slotId: there(slot).id, source: TokenSource.PAID };
    await Promise.all(Array.from({ length: 30 }, () => client.allocateToken(allocate)));
    const before = await client.getQueue(day);
    server.signal('SIGKILL');
    expect(await server.exit()).toBe('SIGKILL');
    const again = serve(args);
    expect(await (await again.client()).getQueue(day)).toEqual(before);
  });
});

describe('what it will not do', () => {
  test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.org:0'])(
    'listen on %s without --insecure',
    async (address) => {
      const server = serve(['--data', ':memory:', '--listen', address]);
      expect(await server.exit()).not.toBe(0);
      expect(server.stderr).toContain(
        `error: will not listen on ${address}: there is no authentication or encryption yet`,
      );
      expect(server.stdout).toBe('');
    },
  );

  test.each([
    [['--insecure'], {}],
    [[], { OPD_INSECURE: 'true' }],
    [[], { OPD_INSECURE: '1' }],
  ])('unless it is told: %j %j', async (args, env) => {
    const server = serve(['--data', ':memory:', '--listen', '0.0.0.0:0', ...args], env as Record<string, string>);
    expect(await server.address()).toMatch(/^0\.0\.0\.0:/);
  });

  test.each(['0', 'false', ''])('OPD_INSECURE=%s does not tell it', async (OPD_INSECURE) => {
    const server = serve(['--data', ':memory:', '--listen', '0.0.0.0:0'], { OPD_INSECURE });
    expect(await server.exit()).toBe(1);
    expect(server.stderr).toContain('will not listen');
  });

  test.each([
    [['--listen', '127.0.0.1'], 'It must be HOST:PORT'],
    [['--listen', '127.0.0.1:65536'], 'It must be HOST:PORT'],
    [['--time-zone', '+05:30'], 'It must be an IANA time zone name'],
    [['--log-level', 'loud'], 'Allowed choices are'],
    [['--no-such-option'], "unknown option '--no-such-option'"],
    [['extra'], 'too many arguments'],
  ])('start with %j', async (args, sentence) => {
    const server = serve([...HERE, ...args]);
    expect(await server.exit()).toBe(1);
    expect(server.stderr).toContain(sentence);
    expect(server.stderr).not.toContain('    at ');
  });

  test('listen on a port that is in use', async () => {
    const address = await serve(HERE).address();
    await expectSentence(serve(['--listen', address, '--data', ':memory:']), `cannot listen on ${address}: `);
  });

  test('serve a file that another server serves', async () => {
    const args = ['--listen', '127.0.0.1:0', '--data', file.path];
    await serve(args).greeting();
    await expectSentence(serve(args), `${file.path} is in use by another server. Stop that one first`);
  });

  test('serve a file that cannot be made', async () => {
    await serve(['--listen', '127.0.0.1:0', '--data', file.path]).greeting();
    const below = `${file.path}/opd.sqlite`;
    await expectSentence(serve(['--listen', '127.0.0.1:0', '--data', below]), `cannot reach ${below}`);
  });

  async function expectSentence(server: Server, sentence: string): Promise<void> {
    expect(await server.exit()).toBe(1);
    expect(server.stderr).toContain(`error: ${sentence}`);
    expect(server.stderr.trim().split('\n')).toHaveLength(1);
    expect(server.stdout).toBe('');
  }
});
