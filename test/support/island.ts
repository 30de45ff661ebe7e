/**
 * A network of a server's own: the server lives in one namespace, its database is found in another, and a line leads from one to
 * the other. Whoever calls the server, and the way on to the database, go by Unix sockets, which know no networks. So the line
 * can be unplugged, and neither end is told: no packet arrives, none is refused. The machine's own network is left alone.
 *
 * It wants Linux, `ip`, and the right to make namespaces.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const RELAY = new URL('./relay.js', import.meta.url).pathname;
const [SERVER_HOST, DATABASE_HOST, DATABASE_PORT] = ['10.255.255.1', '10.255.255.2', 5432];
const LINE = 'line';

/** Where the server listens, within. */
export const ISLAND_LISTEN = '127.0.0.1:50051';

const run = promisify(execFile);
const ip = (...words: string[]) => run('ip', words);

export class Island {
  readonly #relays: ChildProcess[] = [];
  readonly #name = `opd-${randomBytes(4).toString('hex')}`;
  readonly #near = `${this.#name}-server`;
  readonly #far = `${this.#name}-database`;

  private constructor(private readonly folder: string) {}

  /** @throws where the machine does not permit it */
  static async make(): Promise<Island> {
    const island = new Island(await mkdtemp(join(tmpdir(), 'opd-island-')));
    try {
      await island.#layLine();
    } catch (error) {
      await island.remove();
      throw error;
    }
    return island;
  }

  /** The words before a command that is to be run where the server lives. */
  get inside(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#near];
  }

  /** The server, to its callers. */
  get address(): string {
    return `unix:${this.#callsPath}`;
  }

  /** Where the way on to the database begins. */
  get wayOnPath(): string {
    return join(this.folder, 'database');
  }

  /** The database's address, to the server. */
  across(address: string): string {
    const url = new URL(address);
    [url.hostname, url.port] = [DATABASE_HOST, String(DATABASE_PORT)];
    return url.href;
  }

  /** Lets callers and the database be reached; to be called when something listens at the way on. */
  async open(): Promise<void> {
    await this.#relay(this.#near, this.#callsPath, ISLAND_LISTEN);
    await this.#relay(this.#far, `${DATABASE_HOST}:${DATABASE_PORT}`, this.wayOnPath);
  }

  async unplug(): Promise<void> {
    await ip('-n', this.#far, 'link', 'set', LINE, 'down');
  }

  async plugIn(): Promise<void> {
    await ip('-n', this.#far, 'link', 'set', LINE, 'up');
  }

  async remove(): Promise<void> {
    for (const relay of this.#relays) relay.kill();
    for (const name of [this.#near, this.#far]) await ip('netns', 'delete', name).catch(() => {});
    await rm(this.folder, { recursive: true, force: true });
  }

  get #callsPath(): string {
    return join(this.folder, 'calls');
  }

  async #layLine(): Promise<void> {
    for (const name of [this.#near, this.#far]) await ip('netns', 'add', name);
    await ip('-n', this.#near, 'link', 'add', LINE, 'type', 'veth', 'peer', 'name', LINE, 'netns', this.#far);
    for (const [name, host] of [
      [this.#near, SERVER_HOST],
      [this.#far, DATABASE_HOST],
    ] as const) {
      await ip('-n', name, 'address', 'add', `${host}/30`, 'dev', LINE);
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      await ip('-n', name, 'link', 'set', LINE, 'up');
    }
  }

  async #relay(namespace: string, from: string, to: string): Promise<void> {
    const args = ['netns', 'exec', namespace, process.execPath, RELAY, from, to];
    const relay = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#relays.push(relay);
    await Promise.race([
      once(relay.stdout, 'data'),
      once(relay, 'exit').then(() => Promise.reject(new Error(`no relay from ${from} to ${to}`))),
    ]);
  }
}
