/** All servers want one doctor-day at once: nothing is lost, and each gets its share. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceError } from '@grpc/grpc-js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { Client } from '../support/client.js';
import { TestPostgres } from '../support/postgres.js';
import { ServerProcess } from './server-process.js';

export interface HotDayReport {
  /** Allocations acknowledged by each server, until the time was up or the day full. */
  readonly acknowledged: readonly number[];
  /** What was refused, by its words. */
  readonly refused: Readonly<Record<string, number>>;
  /** The day's revision in the end. */
  readonly revision: number;
  /** Acknowledged, and not among the day's revisions; below zero where there are revisions that nobody was told of. */
  readonly lostUpdates: number;
  /** What the slowest server acknowledged, as a share of the mean. */
  readonly slowestShare: number;
}

const DATE = '2099-01-31';

export async function heatOneDay(terms: { servers: number; clients: number; seconds: number }): Promise<HotDayReport> {
  const postgres = await TestPostgres.start({ durable: true });
  const servers: ServerProcess[] = [];
  try {
    const address = await postgres.database();
    for (let index = 0; index < terms.servers; index += 1) {
      const server = new ServerProcess(address);
      servers.push(server);
      await server.start();
    }
    return await run(servers, terms);
  } finally {
    for (const server of servers) await server.stop();
    await postgres.stop();
  }
}

async function run(
  servers: readonly ServerProcess[],
  { clients, seconds }: { clients: number; seconds: number },
): Promise<HotDayReport> {
  const desk = new Client((servers[0] as ServerProcess).address);
  const { doctor } = await desk.createDoctor({ name: 'Dr Rao', timeZone: 'UTC' });
  const day = { doctorId: doctor?.id as string, date: DATE };
  const { slot } = await desk.createSlot({ ...day, start: '09:00', end: '10:00', capacity: 1_000 });
  const acknowledged = servers.map(() => 0);
  const refused: Record<string, number> = {};
  let isOver = false;
  const call = async (index: number, client: Client) => {
    while (!isOver) {
      const asked = { slotId: slot?.id as string, source: TokenSource.ONLINE, requestId: randomUUID() };
      try {
        await client.allocateToken(asked);
        acknowledged[index] = (acknowledged[index] ?? 0) + 1;
      } catch (error) {
        const { details } = error as ServiceError;
        // R15: what a day holds was given out before the time was up.
        if (details.includes('has issued all tokens')) isOver = true;
        else refused[details] = (refused[details] ?? 0) + 1;
      }
    }
  };
  const lines = servers.map(({ address }) => new Client(address));
  const callers = lines.flatMap((client, index) => Array.from({ length: clients }, () => call(index, client)));
  await Promise.race([sleep(seconds * 1_000), Promise.all(callers)]);
  isOver = true;
  await Promise.all(callers);
  for (const line of lines) line.close();
  const { queue } = await desk.getQueue(day);
  desk.close();
  const revision = queue?.revision ?? 0;
  const sum = acknowledged.reduce((total, each) => total + each, 0);
  return {
    acknowledged,
    refused,
    revision,
    // The slot's creation is the first revision.
    lostUpdates: sum + 1 - revision,
    slowestShare: Math.min(...acknowledged) / (sum / acknowledged.length),
  };
}
