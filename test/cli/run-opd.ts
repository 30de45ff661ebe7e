/** The `opd` command as a process of its own. */
import { type ExecFileOptions, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const OPD = fileURLToPath(new URL('../../src/cli/opd.js', import.meta.url));

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export function runOpd(args: readonly string[], options: ExecFileOptions = {}): Promise<Ended> {
  return run(process.execPath, [OPD, ...args], options);
}

/**
 * Where no file can grow beyond so many blocks of 512 bytes, which is as near to a full disk as any machine comes on demand.
 * What SQLite needs beside a file takes 64.
 */
export function runOpdOnFullDisk(blocks: number, args: readonly string[]): Promise<Ended> {
  return run('sh', ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath, OPD, ...args]);
}

function run(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Ended> {
  const env = { PATH: process.env.PATH, TZ: 'UTC', ...options.env };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...options, env, encoding: 'utf8' }, (error, out, err) => {
      // A program that could not be started, or took longer than it may, has not ended by itself, and says nothing of use.
      if (error?.killed || typeof error?.code === 'string') reject(new Error(`${error.message}: ${out}${err}`));
      else resolve({ code: child.exitCode ?? child.signalCode, out, err });
    });
  });
}
