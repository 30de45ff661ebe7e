/** The real server in a process of its own, which can be killed at any moment and started again at the same address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PROGRAM = new URL('../../src/cli/opd.js', import.meta.url).pathname;

export class ServerProcess {
  #child: ChildProcess | undefined;
  #address = '127.0.0.1:0';

  constructor(private readonly data: string) {}

  /** The same through all its lives. */
  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const args = [PROGRAM, 'serve', '--listen', this.#address, '--data', this.data, '--log-level', 'error'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on {2}(\S+)/.exec(line)?.[1];
      if (!address) continue;
      this.#address = address;
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
