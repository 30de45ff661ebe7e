/** Each command on a day that can also be asked for what it would do, ready to be sent, where it does something. */
import { type QueueChange, TokenSource } from '../../gen/opd/v1/resources.js';
import type { UnaryName } from '../../src/client/call.js';
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

/** What is asked for, and something else that could be asked for by the same command. */
type Prepared = readonly [fields: object, others: object];

/** One that names nothing but a token: of another one, something else. */
const aboutSeated = ({ seated, waiting }: Awaited<ReturnType<typeof fullSlot>>): Prepared => {
  return [{ tokenId: seated.id }, { tokenId: waiting.id }];
};

const COMMANDS_ON_A_DAY: readonly (readonly [UnaryName, (client: Client) => Promise<Prepared>])[] = [
  [
    'allocateToken',
    async (client) => {
      const { id: slotId } = (await fullSlot(client)).slot;
      return [{ slotId, source: TokenSource.PAID, patientRef: 'MRN 1' }, { patientRef: 'MRN 2' }];
    },
  ],
  [
    'insertEmergency',
    async (client) => {
      const { doctorId } = await fullSlot(client);
      return [{ target: onDoctor(doctorId), patientRef: 'MRN 1' }, { patientRef: '' }];
    },
  ],
  ['cancelToken', async (client) => [{ tokenId: (await fullSlot(client)).seated.id, reason: 'ill' }, { reason: '' }]],
  [
    'updateToken',
    async (client) => {
      const { waiting } = await fullSlot(client);
      const updateMask = ['source', 'patient_ref'];
      return [{ tokenId: waiting.id, source: TokenSource.PAID, patientRef: 'MRN 1', updateMask }, { patientRef: '' }];
    },
  ],
  ['updateSlot', async (client) => [{ slotId: (await fullSlot(client)).slot.id, capacity: 2 }, { capacity: 3 }]],
  ['closeSlot', async (client) => [{ slotId: (await fullSlot(client)).slot.id, reason: 'away' }, { reason: 'ill' }]],
  [
    'reopenSlot',
    async (client) => {
      const { slot, next } = await fullSlot(client);
      for (const { id: slotId } of [slot, next]) await client.call('closeSlot', { slotId });
      return [{ slotId: slot.id }, { slotId: next.id }];
    },
  ],
  [
    'deleteSlot',
    async (client) => {
      const doctor = await aDoctor(client);
      const [one, other] = [await aSlot(client, doctor, 9), await aSlot(client, doctor, 10)];
      return [{ slotId: one.id }, { slotId: other.id }];
    },
  ],
  [
    'checkInToken',
    async (client) => {
      const { seated, waiting } = await fullSlot(client);
      return [{ tokenId: waiting.id }, { tokenId: seated.id }];
    },
  ],
  [
    'callNextToken',
    async (client) => {
      const { doctorId } = await fullSlot(client);
      return [{ target: onDoctor(doctorId), completeCurrent: true }, { completeCurrent: false }];
    },
  ],
  ['callToken', async (client) => [{ tokenId: (await fullSlot(client)).seated.id }, { completeCurrent: true }]],
  ['returnToken', async (client) => aboutSeated(await busyDoctor(client))],
  ['completeToken', async (client) => aboutSeated(await busyDoctor(client))],
];

interface More {
  readonly requestId?: string;
  readonly validateOnly?: boolean;
}

type Changed = { readonly change?: QueueChange | undefined };

/** The same, each as what sends it with fields of its own added; `other` sends something else by the same command. */
export const SENDERS = COMMANDS_ON_A_DAY.map(([name, prepare]) => {
  const ready = async (client: Client) => {
    const [fields, others] = await prepare(client);
    const send = (more: More, by = client) => by.call(name, { ...fields, ...more }) as Promise<Changed>;
    const other = (more: More, by = client) => by.call(name, { ...fields, ...others, ...more });
    return { send, other };
  };
  return [name, ready] as const;
});

function onDoctor(value: string) {
  return { $case: 'doctorId' as const, value };
}
