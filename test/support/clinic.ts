/** A doctor, slots and tokens, in few words. */
import {
  type AllocationPolicy,
  type Doctor,
  type QueueSnapshot,
  RebalancePolicy,
  type Slot,
  type Token,
  TokenSource,
} from '../../gen/opd/v1/resources.js';
import type { Client } from './client.js';
import { TODAY } from './service.js';

export type Policy = 'ON_EMERGENCY' | 'ALWAYS' | 'NEVER';
export type Source = Exclude<keyof typeof TokenSource, 'UNRECOGNIZED' | 'UNSPECIFIED' | 'EMERGENCY'>;

/** A policy on the wire; what is left out is as the wire's defaults have it. */
export function policyOf(terms: Partial<AllocationPolicy>): AllocationPolicy {
  return { ...UNSAID, ...terms };
}

const UNSAID: AllocationPolicy = {
  rebalance: RebalancePolicy.UNSPECIFIED,
  noShowGrace: undefined,
  agingPointsPerHour: 0,
  protectCheckedIn: false,
  maxDisplacements: 0,
};

let requestIdsUsed = 0;
/** A request id that no test of this file has had before. */
export function newRequestId(): string {
  requestIdsUsed += 1;
  return `01890000-0000-7000-8000-00000abc${String(requestIdsUsed).padStart(4, '0')}`;
}

/** An id that names nothing. */
export const NOBODY = '01890000-0000-7000-8000-000000000000';

export async function aDoctor(client: Client, policy: Policy = 'ON_EMERGENCY', timeZone = ''): Promise<Doctor> {
  const answer = await client.createDoctor({
    name: 'Dr Rao',
    timeZone,
    policy: policyOf({ rebalance: RebalancePolicy[policy] }),
  });
  return there(answer.doctor);
}

/** A slot of an hour. */
export async function aSlot(client: Client, doctor: Doctor, hour = 10, capacity = 1, date = TODAY): Promise<Slot> {
  const [start, end] = [hour, hour + 1].map((each) => `${String(each).padStart(2, '0')}:00`) as [string, string];
  const answer = await client.createSlot({ doctorId: doctor.id, date, start, end, capacity });
  return there(answer.slot);
}

export async function aToken(client: Client, slot: Slot, source: Source = 'WALK_IN', patientRef = ''): Promise<Token> {
  const answer = await client.allocateToken({ slotId: slot.id, source: TokenSource[source], patientRef });
  return there(answer.token);
}

/** As many tokens of a slot, asked for all at once. */
export async function tokens(client: Client, slot: Slot, count: number, patientRef = ''): Promise<Token[]> {
  return Promise.all(
    Array.from({ length: count }, (_, n) => aToken(client, slot, 'WALK_IN', patientRef && `${patientRef}${n}`)),
  );
}

export async function anEmergency(client: Client, slot: Slot, patientRef = ''): Promise<Token> {
  const answer = await client.insertEmergency({ target: { $case: 'slotId', value: slot.id }, patientRef });
  return there(answer.token);
}

/** What a message cannot say must be there. */
/** A queue without its estimates, which only reads have (R25). */
export function unestimated(queue: QueueSnapshot): QueueSnapshot {
  const bare = (tokens: readonly Token[]) => tokens.map((token) => ({ ...token, estimate: undefined }));
  const slots = queue.slots.map((each) => ({ ...each, seated: bare(each.seated), waiting: bare(each.waiting) }));
  return { ...queue, slots };
}

export function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a field is missing');
  return value;
}
