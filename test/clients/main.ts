/**
 * `npm run test:clients`: runs client programs of every language against real servers, one after another, each against a server of its own.
 * Those whose toolchain is missing are named as not run; where CI=true that is a failure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../torture/server-process.js';
import { PROGRAMS, type Program } from './programs.js';
import { RestartDesk } from './restart-desk.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** The first run on a machine downloads and compiles what each needs. */
const MINUTES_MAX = 15;

type Outcome = 'passed' | 'failed' | 'skipped';

function missing({ needs }: Program): string[] {
  const isThere = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
  return needs.filter((tools) => !tools.split('|').some(isThere));
}

async function attempt(program: Program): Promise<Outcome> {
  const lacking = missing(program);
  if (lacking.length > 0) {
    console.log(`── ${program.name}: not run, since there is no ${lacking.join(', ')}`);
    return process.env.CI === 'true' ? 'failed' : 'skipped';
  }
  console.log(`── ${program.name}`);
  const begun = performance.now();
  const isSound = await againstServer(program);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`── ${program.name}: ${isSound ? 'passed' : 'FAILED'} in ${seconds} s`);
  return isSound ? 'passed' : 'failed';
}

async function againstServer(program: Program): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'opd-clients-'));
  const server = new ServerProcess(join(folder, 'opd.sqlite'));
  await server.start();
  const desk = await RestartDesk.open(server);
  try {
    return await run(program.command, { OPD_ADDRESS: server.address, OPD_RESTART: desk.command });
  } finally {
    desk.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, variables: Record<string, string>): Promise<boolean> {
  // In a process group of its own, so that all that it has started can be ended with it.
  const child = spawn('sh', ['-c', command], {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const end = () => child.pid && process.kill(-child.pid, 'SIGKILL');
  const timer = setTimeout(end, MINUTES_MAX * 60_000);
  // The terminal's signals do not reach another group.
  const stop = () => {
    end();
    process.exit(1);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code === 0);
    });
  });
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROGRAMS.some((program) => program.name === name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; there are: ${PROGRAMS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const counts: Record<Outcome, number> = { passed: 0, failed: 0, skipped: 0 };
for (const program of PROGRAMS) {
  if (wanted.length === 0 || wanted.includes(program.name)) counts[await attempt(program)] += 1;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
