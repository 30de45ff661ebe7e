/** Each command on a day that can also be asked for what it would do, ready to be sent, where it does something. */
import { TokenSource } from '../../gen/opd/v1/resources.js';
import type { RequestOf, UnaryName } from '../../src/client/call.js';
import type { Client } from '../support/client.js';
import { aDoctor, aSlot, aToken } from '../support/clinic.js';

/** A running slot with one seat, taken by somebody who has checked in, and somebody who waits; a seat is free in the next slot. */
export async function fullSlot(client: Client) {
  const doctor = await aDoctor(client);
  const slot = await aSlot(client, doctor, 9);
  const next = await aSlot(client, doctor, 10);
  const seated = await aToken(client, slot);
  const waiting = await aToken(client, slot);
  await client.call('checkInToken', { tokenId: seated.id });
  return { slot, next, seated, waiting, doctorId: doctor.id };
}

async function busyDoctor(client: Client) {
  const full = await fullSlot(client);
  await client.call('callToken', { tokenId: full.seated.id });
  return full;
}

type Prepared = (client: Client) => Promise<Partial<RequestOf<CommandName>>>;

export const COMMANDS_ON_A_DAY = [
  [
    'allocateToken',
    async (client) => ({ slotId: (await fullSlot(client)).slot.id, source: TokenSource.PAID, patientRef: 'MRN 1' }),
  ],
  ['insertEmergency', async (client) => ({ target: onDoctor((await fullSlot(client)).doctorId), patientRef: 'MRN 1' })],
  ['cancelToken', async (client) => ({ tokenId: (await fullSlot(client)).seated.id, reason: 'ill' })],
  ['updateSlot', async (client) => ({ slotId: (await fullSlot(client)).slot.id, capacity: 2 })],
  ['closeSlot', async (client) => ({ slotId: (await fullSlot(client)).slot.id, reason: 'called away' })],
  ['checkInToken', async (client) => ({ tokenId: (await fullSlot(client)).waiting.id })],
  ['callNextToken', async (client) => ({ target: onDoctor((await fullSlot(client)).doctorId), completeCurrent: true })],
  ['callToken', async (client) => ({ tokenId: (await fullSlot(client)).seated.id, completeCurrent: true })],
  ['returnToken', async (client) => ({ tokenId: (await busyDoctor(client)).seated.id })],
  ['completeToken', async (client) => ({ tokenId: (await busyDoctor(client)).seated.id })],
] as const satisfies readonly (readonly [UnaryName, (client: Client) => Promise<object>])[];

export type CommandName = (typeof COMMANDS_ON_A_DAY)[number][0];

/** The same, each as what sends it with fields of its own added. */
export const SENDERS = COMMANDS_ON_A_DAY.map(([name, prepare]) => {
  const ready = async (client: Client) => {
    const fields = await (prepare as Prepared)(client);
    return (more: { requestId?: string; validateOnly?: boolean }, by = client) => by.call(name, { ...fields, ...more });
  };
  return [name, ready] as const;
});

function onDoctor(value: string) {
  return { $case: 'doctorId' as const, value };
}
