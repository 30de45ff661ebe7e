/** The servers of a run, each with its own way to the one database; one of them on an island, where the machine permits that. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { ISLAND_LISTEN, type Island } from '../support/island.js';
import { Wire } from '../support/wire.js';
import { ServerProcess } from './server-process.js';

const RECOVERY_SECONDS_MAX = 20;

/** A server, and its own way to the database. */
export interface Place {
  readonly wire: Wire;
  readonly server: ServerProcess;
  readonly island?: Island;
}

export class Places {
  readonly all: Place[] = [];

  /** @param island where the first server is to live */
  static async open(count: number, database: string, island?: Island): Promise<Places> {
    const places = new Places();
    try {
      for (let index = 0; index < count; index += 1) {
        const place = await settle(database, index === 0 ? island : undefined);
        places.all.push(place);
        await place.server.start();
      }
      return places;
    } catch (error) {
      await places.close();
      throw error;
    }
  }

  get addresses(): string[] {
    return this.all.map(({ server }) => server.address);
  }

  get any(): Place {
    return this.all[Math.floor(Math.random() * this.all.length)] as Place;
  }

  /** All find another database where they found theirs. */
  leadTo(port: number): void {
    for (const { wire } of this.all) wire.leadTo(port);
  }

  /** All servers answer again, each by itself. */
  async untilWell(): Promise<void> {
    const latest = Date.now() + RECOVERY_SECONDS_MAX * 1_000;
    for (const address of this.addresses) {
      const client = new Client(address);
      while (!(await client.listDoctors({ pageSize: 1 }).catch(() => undefined))) {
        if (Date.now() > latest) throw new Error(`${address} did not go on`);
        await sleep(50);
      }
      client.close();
    }
  }

  async close(): Promise<void> {
    for (const { server, wire } of this.all) {
      await server.kill();
      await wire.close();
    }
  }
}

async function settle(database: string, island: Island | undefined): Promise<Place> {
  const port = Number(new URL(database).port);
  if (!island) {
    const wire = await Wire.to(port);
    return { wire, server: new ServerProcess(wire.through(database)) };
  }
  const wire = await Wire.to(port, island.wayOnPath);
  await island.open();
  const { inside, address } = island;
  const server = new ServerProcess(island.across(database), { dwelling: { inside, address, listen: ISLAND_LISTEN } });
  return { wire, server, island };
}
