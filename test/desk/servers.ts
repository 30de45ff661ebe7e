/** Desks over one PostgreSQL, as several servers have them, and the shortest way to ask each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FrontDesk } from '../../src/desk/front-desk.js';
import type { Command } from '../../src/domain/command.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import type { TokenId, TokenSource } from '../../src/domain/token.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { PromptStore } from '../../src/store/prompt-store.js';
import type { DayKey, Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { accepted, askingOf, NOW, newId, seenOf, standingOf, TOMORROW, Watcher } from './clinic.js';

export class Server {
  readonly faults: unknown[] = [];
  readonly reachable: boolean[] = [];
  readonly desk: FrontDesk;
  now = NOW;

  constructor(readonly store: Store) {
    this.desk = new FrontDesk(store, {
      now: () => this.now,
      newId,
      timeZone: 'UTC' as TimeZone,
      onFault: (error) => this.faults.push(error),
      onReachable: (isReachable) => this.reachable.push(isReachable),
    });
  }

  allocate(slotId: SlotId, patientRef: string, requestId?: string, source: TokenSource = 'ONLINE') {
    const command: Command = { kind: 'AllocateToken', slotId, source: source as 'ONLINE', patientRef };
    return this.desk.perform({ slotId }, command, askingOf(requestId, command));
  }

  cancel(tokenId: TokenId) {
    return this.desk.perform({ tokenId }, { kind: 'CancelToken', tokenId, reason: '' });
  }

  /** Creates a slot of an hour; answers with its id. */
  async slot(key: DayKey, hour: number, capacity: number): Promise<SlotId> {
    const [start, end] = [hour * 60, hour * 60 + 60] as TimeOfDay[] as [TimeOfDay, TimeOfDay];
    const created = await this.desk.perform(key, { kind: 'CreateSlot', start, end, capacity });
    return accepted(created).change.createdSlotIds?.[0] as SlotId;
  }

  async standing(key: DayKey) {
    return accepted(await this.desk.read(key, (day) => answered(standingOf(day))));
  }

  async watch(key: DayKey, afterRevision = 0): Promise<Watcher> {
    const watcher = new Watcher();
    watcher.subscription = accepted(
      await this.desk.subscribe(key, seenOf(this.store, afterRevision), () => watcher.look()),
    );
    watcher.look();
    return watcher;
  }
}

/** A store whose answers may come late: they say what was so when they were asked for, whatever has happened since. */
export class SlowStore extends PromptStore {
  #gates = new Map<keyof Store, Promise<void>>();
  /** How many answers wait to come. */
  late = 0;

  /** From now on the answers of one kind wait, until what this answers with is called. */
  delay(name: 'readJournal' | 'findDoctor'): () => void {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gates.set(name, gate);
    return () => {
      this.#gates.delete(name);
      open();
    };
  }

  override readJournal(...asked: Parameters<Store['readJournal']>) {
    return this.#late('readJournal', super.readJournal(...asked));
  }

  override findDoctor(...asked: Parameters<Store['findDoctor']>) {
    return this.#late('findDoctor', super.findDoctor(...asked));
  }

  async #late<T>(name: keyof Store, answer: Promise<T>): Promise<T> {
    const gate = this.#gates.get(name);
    const told = await answer;
    if (!gate) return told;
    this.late += 1;
    await gate;
    this.late -= 1;
    return told;
  }
}

/** A day with one slot of many seats, which all of the servers have in memory. */
export interface SharedDay {
  readonly address: string;
  readonly servers: [Server, Server, Server, ...Server[]];
  readonly key: DayKey;
  readonly slotId: SlotId;
}

/**
 * Gives each test of a file three servers over a database of its own, and a day; sees to it afterwards that none had a fault.
 *
 * @param enter is given them before each test; it may add servers, which are closed with the others
 */
export function overOnePostgres(enter: (postgres: TestPostgres, shared: SharedDay) => void): void {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
  });
  afterAll(() => postgres.stop());
  let shared: SharedDay;
  beforeEach(async () => {
    shared = await share(await postgres.database());
    enter(postgres, shared);
  });
  afterEach(async () => {
    for (const server of shared.servers) {
      await server.store.close();
      expect(server.faults).toEqual([]);
    }
  });
}

async function share(address: string): Promise<SharedDay> {
  const open = async () => new Server(new SlowStore(await openPostgresStore(address)));
  const servers: SharedDay['servers'] = [await open(), await open(), await open()];
  const wanted = { name: 'Dr Rao', department: '', timeZone: undefined, policy: {} };
  const key = { doctorId: accepted(await servers[0].desk.createDoctor(wanted)).id, date: TOMORROW };
  const slotId = await servers[0].slot(key, 9, 500);
  for (const server of servers) await server.standing(key);
  return { address, servers, key, slotId };
}

export async function until(holds: () => boolean, secondsMax = 5): Promise<void> {
  const latest = Date.now() + secondsMax * 1_000;
  while (!holds()) {
    if (Date.now() > latest) throw new Error('it did not come about in time');
    await sleep(5);
  }
}

/** The instant of a time of day on the shared day. */
export function tomorrowAt(time: string): Instant {
  return Date.parse(`${TOMORROW}T${time}:00Z`) as Instant;
}
