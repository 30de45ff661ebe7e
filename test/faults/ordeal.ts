/** A crowd at a server whose store is in trouble for a while, and what is to be true of it afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { refusalOf } from '../support/client.js';
import { HealthProbe } from '../support/health-probe.js';
import { Crowd, type CrowdReport } from '../torture/crowd.js';
import type { History } from '../torture/history.js';

/** The callers of the crowd wait for ten. */
const ANSWER_SECONDS_MAX = 5;
const RECOVERY_SECONDS_MAX = 10;
/** Watchers ask for a heartbeat a second. */
const SILENCE_SECONDS_MAX = 3;
const CROWD = { callers: 4, watchers: 1 };

export interface Ordeal {
  readonly report: CrowdReport;
  readonly history: History;
  readonly health: HealthProbe;
}

/** Runs a crowd, then the trouble, which must be over when it resolves; then lets the crowd go on until it is served again. */
export async function ordeal(address: string, trouble: (history: History) => Promise<void>): Promise<Ordeal> {
  const crowd = await Crowd.gather([address], CROWD);
  const health = new HealthProbe(address);
  const { history } = crowd;
  try {
    await crowd.during(sleep(300));
    await crowd.during(trouble(history));
    await crowd.during(untilServed(history));
    return { report: await crowd.judge(), history, health };
  } finally {
    // Callers ask again for ever: where the trouble does not pass, they would outlive the test.
    await Promise.all([health.stop(), crowd.disperse()]);
  }
}

/** Resolves once so many calls have been lost: the trouble has been felt. */
export async function untilLost(history: History, calls = 20): Promise<void> {
  await until(() => history.lost.length >= calls, 'the trouble was not felt');
}

async function untilServed(history: History): Promise<void> {
  const served = history.commands.length + 50;
  await until(() => history.commands.length >= served, 'the server did not go on');
}

async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const latest = Date.now() + RECOVERY_SECONDS_MAX * 1_000;
  while (!holds()) {
    if (Date.now() > latest) throw new Error(otherwise);
    await sleep(20);
  }
}

/** Nothing lost, nothing twice, nothing shown too early; callers told what is wrong and in time; watches open; health at hand. */
export function expectNothingLost({ report, history, health }: Ordeal): void {
  expect(report.breaches).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(50);
  const told = new Set(history.lost.map(({ error }) => JSON.stringify(outline(error))));
  expect([...told]).toEqual(history.lost.length > 0 ? ['[14,"STORE_UNAVAILABLE",1]'] : []);
  const slowest = Math.max(0, ...history.lost.map(({ milliseconds }) => milliseconds));
  expect(slowest).toBeLessThan(ANSWER_SECONDS_MAX * 1_000);
  for (const { breaks, silenceMillisecondsMax } of history.streams) {
    expect(breaks.map(String)).toEqual([]);
    expect(silenceMillisecondsMax).toBeLessThan(SILENCE_SECONDS_MAX * 1_000);
  }
  expect(health.complaints).toEqual([]);
  // A second is for a machine of its own (test/overload); here the other tests have their share of it.
  expect(health.slowestMilliseconds).toBeLessThan(3_000);
}

function outline(error: unknown) {
  const { code, reason, retryDelay } = refusalOf(error);
  return [code, reason, retryDelay];
}
