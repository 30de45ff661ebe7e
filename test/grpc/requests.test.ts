/** R18: asking twice. */
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, newRequestId, policyOf, there, tokens } from '../support/clinic.js';
import { TemporaryFile, TestService, TODAY } from '../support/service.js';
import { SENDERS } from './commands.js';

const file = new TemporaryFile();
let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

/** Each command as one may send it, on a slot with one seat, taken, and somebody who waits. */
const COMMANDS = [
  ['CreateDoctor', async () => (requestId: string) => service.client.createDoctor({ name: 'Dr Rao', requestId })],
  [
    'UpdateDoctor',
    async () => {
      const { id: doctorId } = await aDoctor(service.client);
      const fields = { doctorId, name: 'Dr Sen', updateMask: ['name'] };
      return (requestId: string) => service.client.call('updateDoctor', { ...fields, requestId });
    },
  ],
  [
    'CreateSlot',
    async () => {
      const { id: doctorId } = await aDoctor(service.client);
      return (requestId: string) =>
        service.client.createSlot({ doctorId, date: TODAY, start: '10:00', end: '11:00', capacity: 1, requestId });
    },
  ],
  [
    'MarkNoShow',
    async () => {
      const { seated } = await fullSlot();
      return (requestId: string) => service.client.markNoShow({ tokenId: seated.id, requestId });
    },
  ],
  ...SENDERS.map(([name, ready]) => {
    const prepare = async () => {
      const { send } = await ready(service.client);
      return (requestId: string): Promise<object> => send({ requestId }, service.client);
    };
    return [name, prepare] as const;
  }),
] as const;

async function fullSlot() {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const seated = await aToken(service.client, slot);
  return { slot, seated, waiting: await aToken(service.client, slot) };
}

describe.each(COMMANDS)('R18 · %s', (_, prepare) => {
  test('sent again gives the same answer and changes nothing, also in another case and after a restart', async () => {
    const send = await prepare();
    const requestId = newRequestId();
    const first = await send(requestId);
    expect(await send(requestId)).toEqual(first);
    expect(await send(requestId.toUpperCase())).toEqual(first);
    await service.restart();
    expect(await send(requestId)).toEqual(first);
    expect(await revisionAfter(first)).toBe(revisionOf(first));
  });

  test('sent 20 times at once has one effect', async () => {
    const send = await prepare();
    const requestId = newRequestId();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(requestId)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await revisionAfter(there(answers[0]))).toBe(revisionOf(there(answers[0])));
  });
});

test('R18 · without a request id, each is a command of its own', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 2);
  expect([(await aToken(service.client, slot)).number, (await aToken(service.client, slot)).number]).toEqual([1, 2]);
});

describe('R18 · REQUEST_ID_REUSED', () => {
  const requestId = newRequestId();
  const first = { name: 'Dr Rao', department: 'ENT', timeZone: 'UTC', policy: undefined, requestId };

  test.each([
    ['another name', { name: 'Dr Rau' }],
    ['another department', { department: 'ent' }],
    ['another zone', { timeZone: 'Etc/UTC' }],
    ['the default said', { policy: policyOf({ rebalance: 'REBALANCE_POLICY_ON_EMERGENCY' as never }) }],
  ])('CreateDoctor with %s', async (_, other) => {
    await service.client.createDoctor(first);
    const refused = await refusal(service.client.createDoctor({ ...first, ...other }));
    expect([refused.code, refused.reason, refused.metadata]).toEqual([3, 'REQUEST_ID_REUSED', { requestId }]);
  });

  test('with other contents, before and after a restart; the metadata has it in lower case', async () => {
    const { slot } = await fullSlot();
    const id = newRequestId();
    await send(slot.id, 'MRN 8', id);
    expect((await refusal(send(slot.id, 'MRN 9', id.toUpperCase()))).metadata).toEqual({ requestId: id });
    await service.restart();
    expect((await refusal(send(slot.id, 'MRN 9', id))).reason).toBe('REQUEST_ID_REUSED');
  });

  test('with today said, where it was left out before', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    const fields = { doctorId, start: '10:00', end: '11:00', capacity: 1, requestId: newRequestId() };
    await service.client.createSlot(fields);
    expect((await refusal(service.client.createSlot({ ...fields, date: TODAY }))).reason).toBe('REQUEST_ID_REUSED');
  });

  test('by another command of the same fields', async () => {
    const { seated } = await fullSlot();
    const id = newRequestId();
    await service.client.cancelToken({ tokenId: seated.id, requestId: id });
    const noShow = service.client.markNoShow({ tokenId: seated.id, requestId: id });
    expect((await refusal(noShow)).reason).toBe('REQUEST_ID_REUSED');
  });

  test('on another day of the same doctor, also when both come at once and after a restart', async () => {
    const doctor = await aDoctor(service.client);
    const today = await aSlot(service.client, doctor);
    const tomorrow = await aSlot(service.client, doctor, 10, 1, '2026-03-03');
    const id = newRequestId();
    const sent = [today, tomorrow].map((slot) => send(slot.id, '', id));
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = outcomes[0]?.status === 'rejected' ? today : tomorrow;
    await service.restart();
    expect((await refusal(send(loser.id, '', id))).reason).toBe('REQUEST_ID_REUSED');
    expect((await service.client.getSlot({ slotId: loser.id })).queue?.seated).toEqual([]);
  });

  test.each(SENDERS)('%s with something else, or another command', async (_, ready) => {
    const { send, other } = await ready(service.client);
    const id = newRequestId();
    const { change } = await send({ requestId: id });
    expect((await refusal(other({ requestId: id }))).reason).toBe('REQUEST_ID_REUSED');
    const slot = { doctorId: there(change).doctorId, start: '18:00', end: '19:00', capacity: 1, requestId: id };
    expect((await refusal(service.client.createSlot(slot))).reason).toBe('REQUEST_ID_REUSED');
    expect(await revisionAfter({ change })).toBe(there(change).revision);
  });

  test('by an update of the doctor, and by a command on a day after one, also after a restart', async () => {
    const { slot } = await fullSlot();
    const [first, second] = [newRequestId(), newRequestId()];
    const rename = (id: string) =>
      service.client.call('updateDoctor', { doctorId: slot.doctorId, name: 'x', updateMask: ['name'], requestId: id });
    await send(slot.id, 'MRN 8', first);
    await rename(second);
    for (let round = 0; round < 2; round += 1) {
      expect((await refusal(rename(first))).reason).toBe('REQUEST_ID_REUSED');
      expect((await refusal(send(slot.id, 'MRN 9', second))).reason).toBe('REQUEST_ID_REUSED');
      await service.restart();
    }
  });

  test('not by another doctor, nor by CreateDoctor', async () => {
    const id = newRequestId();
    const answers = [
      await send((await aSlot(service.client, await aDoctor(service.client))).id, '', id),
      await send((await aSlot(service.client, await aDoctor(service.client))).id, '', id),
    ];
    expect(answers.map(({ token }) => token?.number)).toEqual([1, 1]);
    expect((await service.client.createDoctor({ name: 'x', requestId: id })).doctor?.name).toBe('x');
  });
});

test('R18 · a refused command may be sent again under its id, and is judged afresh', async () => {
  const { slot, seated } = await fullSlot();
  const other = await aToken(service.client, slot, 'WALK_IN', 'MRN 5');
  const id = newRequestId();
  expect((await refusal(send(slot.id, 'MRN 5', id))).reason).toBe('PATIENT_HAS_TOKEN');
  await service.client.cancelToken({ tokenId: other.id });
  expect((await send(slot.id, 'MRN 5', id)).token?.slotId).toBe(slot.id);
  // Nor does a refusal bind an id to its contents.
  const next = newRequestId();
  expect((await refusal(send(slot.id, 'MRN 5', next))).reason).toBe('PATIENT_HAS_TOKEN');
  expect((await service.client.cancelToken({ tokenId: seated.id, requestId: next })).token?.id).toBe(seated.id);
});

describe('R18 · the answer is as of then', () => {
  test('though the doctor has been changed since, whether created or changed under it', async () => {
    const [created, changed] = [newRequestId(), newRequestId()];
    const create = () => service.client.createDoctor({ name: 'Dr Rao', requestId: created });
    const first = await create();
    const rename = (name: string, requestId: string) => {
      const doctorId = there(first.doctor).id;
      return service.client.call('updateDoctor', { doctorId, name, updateMask: ['name'], requestId });
    };
    const second = await rename('Dr Sen', changed);
    await rename('Dr Bose', newRequestId());
    for (let round = 0; round < 2; round += 1) {
      expect([await create(), await rename('Dr Sen', changed)]).toEqual([first, second]);
      await service.restart();
    }
  });

  test('though the token has been displaced, promoted and cancelled since, also after a restart', async () => {
    const { slot } = await fullSlot();
    const id = newRequestId();
    const first = await send(slot.id, 'MRN 1', id);
    await anEmergency(service.client, slot, 'MRN 2');
    await service.client.cancelToken({ tokenId: there(first.token).id });
    expect(await send(slot.id, 'MRN 1', id)).toEqual(first);
    await service.restart();
    expect(await send(slot.id, 'MRN 1', id)).toEqual(first);
  });

  test('though so much has happened since that the change is no longer at hand', async () => {
    const { slot } = await fullSlot();
    const id = newRequestId();
    const first = await send(slot.id, 'MRN 1', id);
    await tokens(service.client, slot, 200);
    expect(await send(slot.id, 'MRN 1', id)).toEqual(first);
  });

  test('though the day has been let go from memory since', async () => {
    const crowded = await TestService.start({ shelfLimits: { daysMax: 1, tokensMax: 10 } });
    const slot = await aSlot(crowded.client, await aDoctor(crowded.client));
    const command = { slotId: slot.id, source: TokenSource.PAID, requestId: newRequestId() };
    const first = await crowded.client.allocateToken(command);
    for (let n = 0; n < 3; n += 1) await aSlot(crowded.client, await aDoctor(crowded.client));
    expect(await crowded.client.allocateToken(command)).toEqual(first);
    expect((await refusal(crowded.client.allocateToken({ ...command, patientRef: 'x' }))).reason).toBe(
      'REQUEST_ID_REUSED',
    );
    await crowded.stop();
  });

  test('though the slot has ended since (R17)', async () => {
    const { slot } = await fullSlot();
    const id = newRequestId();
    const first = await send(slot.id, 'MRN 1', id);
    service.clock.set('2026-03-04T00:00:00Z');
    expect(await send(slot.id, 'MRN 1', id)).toEqual(first);
    await service.restart();
    expect(await send(slot.id, 'MRN 1', id)).toEqual(first);
    service.clock.set('2026-03-02T04:00:00Z');
  });

  test('though the day it was sent without a date is over', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    const slot = { doctorId, start: '10:00', end: '11:00', capacity: 1, requestId: newRequestId() };
    const first = await service.client.createSlot(slot);
    service.clock.set('2026-03-03T04:00:00Z');
    expect(await service.client.createSlot(slot)).toEqual(first);
    await service.restart();
    expect(await service.client.createSlot(slot)).toEqual(first);
    const target = { $case: 'doctorId' as const, value: doctorId };
    expect((await refusal(service.client.insertEmergency({ target }))).reason).toBe('NO_OPEN_SLOT');
    service.clock.set('2026-03-02T04:00:00Z');
  });
});

function send(slotId: string, patientRef: string, requestId: string): ReturnType<Client['allocateToken']> {
  return service.client.allocateToken({ slotId, source: TokenSource.PAID, patientRef, requestId });
}

type Changed = Partial<Awaited<ReturnType<Client['cancelToken']>>>;

function revisionOf(answer: object): number {
  return (answer as Changed).change?.revision ?? 0;
}

/** The revision that the day of a command has now; 0 for one that was on no day. */
async function revisionAfter(answer: object): Promise<number> {
  const { change } = answer as Changed;
  if (!change) return 0;
  return there((await service.client.getQueue(change)).queue).revision;
}
