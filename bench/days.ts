/** The doctors, slots and tokens that a workload needs. */
import { randomUUID } from 'node:crypto';
import type { OpdServiceClient } from '../gen/opd/v1/opd_service.js';
import { TokenSource } from '../gen/opd/v1/resources.js';
import { call, type ResponseOf } from '../src/client/call.js';

export const DATE = '2099-01-31';
const SOURCES = [TokenSource.PAID, TokenSource.FOLLOW_UP, TokenSource.ONLINE, TokenSource.WALK_IN] as const;
const SETUP_IN_FLIGHT = 64;

export interface Day {
  readonly doctorId: string;
  readonly slotIds: readonly string[];
}

/** Each index another patient, the sources taking turns. */
export function allocate(
  client: OpdServiceClient,
  slotId: string,
  index: number,
  withRequestId = false,
): Promise<ResponseOf<'allocateToken'>> {
  const source = SOURCES[index % SOURCES.length] as TokenSource;
  const requestId = withRequestId ? randomUUID() : '';
  return call(client, 'allocateToken', { slotId, source, patientRef: `P-${index}`, requestId });
}

/** So many doctors with one day each, of so many slots of an hour. */
export async function createDays(
  client: OpdServiceClient,
  days: number,
  slots: number,
  capacity: number,
): Promise<Day[]> {
  const created: Day[] = [];
  for (let first = 0; first < days; first += SETUP_IN_FLIGHT) {
    const some = Array.from({ length: Math.min(SETUP_IN_FLIGHT, days - first) }, (_, i) =>
      createDay(client, `Doctor ${first + i}`, slots, capacity),
    );
    created.push(...(await Promise.all(some)));
  }
  return created;
}

async function createDay(client: OpdServiceClient, name: string, slots: number, capacity: number): Promise<Day> {
  const { doctor } = await call(client, 'createDoctor', { name, timeZone: 'UTC' });
  const doctorId = doctor?.id ?? '';
  const slotIds: string[] = [];
  for (let hour = 0; hour < slots; hour++) slotIds.push(await createSlot(client, doctorId, DATE, hour, capacity));
  return { doctorId, slotIds };
}

export async function createSlot(
  client: OpdServiceClient,
  doctorId: string,
  date: string,
  hour: number,
  capacity: number,
): Promise<string> {
  const [start, end] = [hour, hour + 1].map((each) => `${String(each).padStart(2, '0')}:00`) as [string, string];
  const { slot } = await call(client, 'createSlot', { doctorId, date, start, end, capacity });
  return slot?.id ?? '';
}
