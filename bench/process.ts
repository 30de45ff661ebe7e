/** A server under measurement, in its own process, and what the operating system says of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** CPU time is told in ticks of a hundredth of a second on every Linux that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;

export interface CpuTime {
  /** Microseconds of the main thread. */
  readonly main: number;
  /** Microseconds of all threads. */
  readonly all: number;
}

export class ServerProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly address: string,
    /** From the start of the process until it listened. */
    readonly readyMilliseconds: number,
  ) {}

  /** Starts a compiled program, which is to print a line with `listening on  HOST:PORT`. */
  static async start(
    program: string,
    args: readonly string[] = [],
    nodeArgs: readonly string[] = [],
  ): Promise<ServerProcess> {
    const startedAt = performance.now();
    const path = new URL(program, import.meta.url).pathname;
    const child = spawn(process.execPath, [...nodeArgs, path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on {2}(\S+)/.exec(line)?.[1];
      if (!address) continue;
      child.stdout.resume();
      return new ServerProcess(child, address, performance.now() - startedAt);
    }
    throw new Error(`${program} ended before it listened`);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  cpuTime(): CpuTime {
    return { main: cpuTimeOf(`/proc/${this.pid}/task/${this.pid}/stat`), all: cpuTimeOf(`/proc/${this.pid}/stat`) };
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }
}

function cpuTimeOf(path: string): number {
  // The name may hold anything but a closing parenthesis followed by a space; user and system time are fields 14 and 15.
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}
