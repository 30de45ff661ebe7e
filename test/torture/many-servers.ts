/**
 * Several real servers over one PostgreSQL, under load, and what may befall them: killed, stopped and let go on, cut off from the
 * database or before a silent line, the database itself restarted as by a power cut. Any client calls any server. What is to be true
 * of it is what is to be true of one server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { ask, TestPostgres } from '../support/postgres.js';
import { Wire } from '../support/wire.js';
import { Crowd, type CrowdReport, type CrowdSize } from './crowd.js';
import { ServerProcess } from './server-process.js';

export const FAULTS = ['kill', 'stop', 'cut', 'hush', 'crash'] as const;
export type Fault = (typeof FAULTS)[number];

export interface ManyServersTerms extends CrowdSize {
  readonly servers: number;
  readonly faults: readonly Fault[];
  /** How long a server is stopped, or its line to the database is of no use. */
  readonly troubleMilliseconds: number;
  readonly onFault?: (faults: number) => void;
}

export interface ManyServersReport extends CrowdReport {
  /** How often each fault came about. */
  readonly faults: Readonly<Record<Fault, number>>;
}

const [LULL_MIN, LULL_MAX] = [300, 900];
const RECOVERY_SECONDS_MAX = 20;

/** A server, and its own way to the database. */
interface Place {
  readonly wire: Wire;
  readonly server: ServerProcess;
}

export async function tortureMany(terms: ManyServersTerms): Promise<ManyServersReport> {
  const postgres = await TestPostgres.start({ durable: true });
  const places: Place[] = [];
  try {
    const address = await postgres.database();
    for (let index = 0; index < terms.servers; index += 1) {
      const wire = await Wire.to(postgres.port);
      const place = { wire, server: new ServerProcess(wire.through(address)) };
      places.push(place);
      await place.server.start();
    }
    const report = await run(terms, postgres, places);
    return { ...report, breaches: [...report.breaches, ...(await unlike(address))] };
  } finally {
    for (const { server } of places) await server.kill();
    for (const { wire } of places) await wire.close();
    await postgres.stop();
  }
}

async function run(
  terms: ManyServersTerms,
  postgres: TestPostgres,
  places: readonly Place[],
): Promise<ManyServersReport> {
  const crowd = await Crowd.gather(
    places.map(({ server }) => server.address),
    terms,
  );
  const faults: Record<Fault, number> = { kill: 0, stop: 0, cut: 0, hush: 0, crash: 0 };
  try {
    for (const [index, fault] of terms.faults.entries()) {
      await crowd.during(sleep(LULL_MIN + Math.random() * (LULL_MAX - LULL_MIN)));
      const place = places[Math.floor(Math.random() * places.length)] as Place;
      await crowd.during(befall(fault, place, postgres, terms.troubleMilliseconds));
      faults[fault] += 1;
      terms.onFault?.(index + 1);
    }
    await crowd.during(untilWell(places));
    await crowd.during(sleep(LULL_MAX));
    return { faults, ...(await crowd.judge()) };
  } finally {
    await crowd.disperse();
  }
}

/** All servers answer again, each by itself. */
async function untilWell(places: readonly Place[]): Promise<void> {
  const latest = Date.now() + RECOVERY_SECONDS_MAX * 1_000;
  for (const { server } of places) {
    const client = new Client(server.address);
    while (!(await client.listDoctors({ pageSize: 1 }).catch(() => undefined))) {
      if (Date.now() > latest) throw new Error(`${server.address} did not go on`);
      await sleep(50);
    }
    client.close();
  }
}

async function befall(
  fault: Fault,
  { server, wire }: Place,
  postgres: TestPostgres,
  milliseconds: number,
): Promise<void> {
  switch (fault) {
    case 'kill':
      await server.kill();
      return server.start();
    case 'stop':
      server.pause();
      await sleep(milliseconds);
      return server.goOn();
    case 'cut':
      wire.cut();
      await sleep(milliseconds);
      return wire.mend();
    case 'hush':
      wire.hush();
      await sleep(milliseconds);
      return wire.mend();
    case 'crash':
      return postgres.crash();
  }
}

/** What the tables say against what the journal says, by the database's own count: no revision missing or twice. */
async function unlike(address: string): Promise<string[]> {
  const gaps = await ask(
    address,
    'SELECT doctor_id, date FROM opd.journal GROUP BY 1, 2 HAVING count(*) <> max(revision) OR min(revision) <> 1',
  );
  return gaps.map((gap) => `the journal has a gap: ${JSON.stringify(gap)}`);
}
