/**
 * Several real servers over one PostgreSQL and its standby, under load, and what may befall them. Any client calls any server. What is
 * to be true of it is what is to be true of one server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Island } from '../support/island.js';
import { PostgresPair } from '../support/postgres-pair.js';
import { befall, type Fault, type Scene } from './befall.js';
import { Crowd, type CrowdReport, type CrowdSize } from './crowd.js';
import { Places } from './places.js';

export interface ManyServersTerms extends CrowdSize {
  readonly servers: number;
  readonly faults: readonly Fault[];
  /** How long a server is stopped, or its line to the database is of no use. */
  readonly troubleMilliseconds: number;
  readonly onFault?: (faults: number) => void;
}

export interface ManyServersReport extends CrowdReport {
  /** How often each fault came about. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** Faults that did not, since the machine does not permit them, and why. */
  readonly leftOut: Readonly<Partial<Record<Fault, string>>>;
}

const [LULL_MIN, LULL_MAX] = [300, 900];

export async function tortureMany(terms: ManyServersTerms): Promise<ManyServersReport> {
  const island = await Island.make().catch((error: Error) => error.message.trim());
  if (typeof island === 'string') return { ...(await torture(terms, undefined)), leftOut: { unplug: island } };
  try {
    return { ...(await torture(terms, island)), leftOut: {} };
  } finally {
    await island.remove();
  }
}

async function torture(
  terms: ManyServersTerms,
  island: Island | undefined,
): Promise<Omit<ManyServersReport, 'leftOut'>> {
  const faults = terms.faults.filter((fault) => island || fault !== 'unplug');
  const pair = await PostgresPair.start();
  try {
    const database = await pair.database();
    const places = await Places.open(terms.servers, database, island);
    try {
      const report = await run({ ...terms, faults }, { pair, places, troubleMilliseconds: terms.troubleMilliseconds });
      return { ...report, breaches: [...report.breaches, ...(await unlike(pair, database))] };
    } finally {
      await places.close();
    }
  } finally {
    await pair.stop();
  }
}

async function run(terms: ManyServersTerms, scene: Scene): Promise<Omit<ManyServersReport, 'leftOut'>> {
  const { places } = scene;
  const crowd = await Crowd.gather(places.addresses, terms);
  const faults: Partial<Record<Fault, number>> = {};
  try {
    for (const [index, fault] of terms.faults.entries()) {
      await crowd.during(sleep(LULL_MIN + Math.random() * (LULL_MAX - LULL_MIN)));
      await crowd.during(befall(fault, scene));
      faults[fault] = (faults[fault] ?? 0) + 1;
      terms.onFault?.(index + 1);
    }
    await crowd.during(places.untilWell());
    await crowd.during(sleep(LULL_MAX));
    return { faults, ...(await crowd.judge()) };
  } finally {
    await crowd.disperse();
  }
}

/** What the tables say against what the journal says, by the database's own count: no revision missing or twice. */
async function unlike(pair: PostgresPair, database: string): Promise<string[]> {
  const gaps = await pair.ask(
    new URL(database).pathname.slice(1),
    'SELECT doctor_id, date FROM opd.journal GROUP BY 1, 2 HAVING count(*) <> max(revision) OR min(revision) <> 1',
  );
  return gaps.map((gap) => `the journal has a gap: ${JSON.stringify(gap)}`);
}
