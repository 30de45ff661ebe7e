/**
 * Runs the real server under load, kills it with SIGKILL at random moments, starts it again, and judges from outside whether
 * it kept its promises. `npm run torture` does it a hundred times; the test suite five.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd, type CrowdReport, type CrowdSize } from './crowd.js';
import { ServerProcess } from './server-process.js';

export interface TortureTerms extends CrowdSize {
  readonly kills: number;
  readonly onKill?: (kills: number) => void;
}

export interface TortureReport extends CrowdReport {
  readonly kills: number;
}

const [LIFE_MIN, LIFE_MAX] = [50, 600];

/** Runs it in a folder of its own, below the working directory: on a disk, not in memory. */
export async function torture(terms: TortureTerms): Promise<TortureReport> {
  const folder = mkdtempSync(join(process.cwd(), '.torture-'));
  const server = new ServerProcess(join(folder, 'opd.sqlite'));
  try {
    await server.start();
    const report = await run(terms, server);
    rmSync(folder, { recursive: true });
    return report;
  } finally {
    // A folder that is still there is what a failed run left, for whoever looks into it.
    await server.kill();
  }
}

async function run({ kills, onKill, ...size }: TortureTerms, server: ServerProcess): Promise<TortureReport> {
  const crowd = await Crowd.gather([server.address], size);
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await crowd.during(sleep(LIFE_MIN + Math.random() * (LIFE_MAX - LIFE_MIN)));
      await server.kill();
      await server.start();
      onKill?.(kill);
    }
    return { kills, ...(await crowd.judge()) };
  } finally {
    await crowd.disperse();
  }
}
