/** The doctors, slots and tokens that a workload needs. */
import { randomUUID } from 'node:crypto';
import { TokenSource } from '../gen/opd/v1/resources.js';
import type { ResponseOf } from '../src/client/call.js';
import type { LeanClient } from './lean-client.js';

export const DATE = '2099-01-31';
const SOURCES = [TokenSource.PAID, TokenSource.FOLLOW_UP, TokenSource.ONLINE, TokenSource.WALK_IN] as const;
const SETUP_IN_FLIGHT = 64;

export interface Day {
  readonly doctorId: string;
  readonly slotIds: readonly string[];
}

/** Each index another patient, the sources taking turns. */
export function allocate(
  client: LeanClient,
  slotId: string,
  index: number,
  withRequestId = false,
): Promise<ResponseOf<'allocateToken'>> {
  const source = SOURCES[index % SOURCES.length] as TokenSource;
  const requestId = withRequestId ? randomUUID() : '';
  return client.call('allocateToken', { slotId, source, patientRef: `P-${index}`, requestId });
}

/** So many doctors with one day each, of so many slots of an hour. */
export async function createDays(client: LeanClient, days: number, slots: number, capacity: number): Promise<Day[]> {
  const created: Day[] = [];
  for (let first = 0; first < days; first += SETUP_IN_FLIGHT) {
    const some = Array.from({ length: Math.min(SETUP_IN_FLIGHT, days - first) }, (_, i) =>
      createDay(client, `Doctor ${first + i}`, slots, capacity),
    );
    created.push(...(await Promise.all(some)));
  }
  return created;
}

async function createDay(client: LeanClient, name: string, slots: number, capacity: number): Promise<Day> {
  const { doctor } = await client.call('createDoctor', { name, timeZone: 'UTC' });
  const doctorId = doctor?.id ?? '';
  const slotIds: string[] = [];
  for (let hour = 0; hour < slots; hour++) slotIds.push(await createSlot(client, doctorId, DATE, hour, capacity));
  return { doctorId, slotIds };
}

export async function createSlot(
  client: LeanClient,
  doctorId: string,
  date: string,
  hour: number,
  capacity: number,
): Promise<string> {
  const [start, end] = [hour, hour + 1].map((each) => `${String(each).padStart(2, '0')}:00`) as [string, string];
  const { slot } = await client.call('createSlot', { doctorId, date, start, end, capacity });
  return slot?.id ?? '';
}
