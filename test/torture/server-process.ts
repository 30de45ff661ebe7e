/** The real server in a process of its own, which can be killed at any moment and started again at the same address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PROGRAM = new URL('../../src/cli/opd.js', import.meta.url).pathname;

/** Where a server lives that is not to be found by the address at which it listens. */
export interface Dwelling {
  /** The words before a command that is to be run there. */
  readonly inside: readonly string[];
  readonly listen: string;
  /** The server, to its callers. */
  readonly address: string;
}

export interface ServerTerms {
  readonly dwelling?: Dwelling;
  /** What its heap may grow to; V8's own choice where it is not said. */
  readonly heapMebibytesMax?: number;
}

export class ServerProcess {
  #child: ChildProcess | undefined;
  #listen: string;

  constructor(
    private readonly data: string,
    private readonly terms: ServerTerms = {},
  ) {
    this.#listen = terms.dwelling?.listen ?? '127.0.0.1:0';
  }

  /** The same through all its lives. */
  get address(): string {
    return this.terms.dwelling?.address ?? this.#listen;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { dwelling, heapMebibytesMax } = this.terms;
    const heap = heapMebibytesMax ? [`--max-old-space-size=${heapMebibytesMax}`] : [];
    const serve = [PROGRAM, 'serve', '--listen', this.#listen, '--data', this.data, '--log-level', 'error'];
    const [command = '', ...args] = [...(dwelling?.inside ?? []), process.execPath, ...heap, ...serve];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    // A program that exits at once, as on a signal, leaves no server behind.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on {2}(\S+)/.exec(line)?.[1];
      if (!address) continue;
      this.#listen = address;
      child.stdout.resume();
      return;
    }
    throw new Error('the server ended before it listened');
  }

  /** SIGKILL: whatever it was doing, it does no more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGSTOP: it holds what it holds, and does nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
