/** The doctor's room and the slots' doors, over the wire. */
import { TokenChange_Kind as Kind, SlotState, TokenStatus } from '../../gen/opd/v1/resources.js';
import { refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, there, tokens } from '../support/clinic.js';
import { MORNING, TemporaryFile, TestService } from '../support/service.js';

const file = new TemporaryFile();
let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

test('a token is checked in, called, sent back, called again and completed', async () => {
  const { client } = service;
  const { id: tokenId, slotId } = await aToken(client, await aSlot(client, await aDoctor(client)));
  const target = { $case: 'slotId' as const, value: slotId };
  const answers = [
    await client.call('checkInToken', { tokenId }),
    await client.call('callNextToken', { target }),
    await client.call('returnToken', { tokenId }),
    await client.call('callToken', { tokenId }),
    await client.call('completeToken', { tokenId }),
  ];
  const { CHECKED_IN, CALLED, RETURNED, COMPLETED } = Kind;
  expect(answers.map(({ change }) => change?.tokens[0]?.kind)).toEqual([
    CHECKED_IN,
    CALLED,
    RETURNED,
    CALLED,
    COMPLETED,
  ]);
  expect(answers.map(({ change }) => change?.cause)[1]).toBe('CallNextToken');
  expect(answers[4]?.token).toMatchObject({ status: TokenStatus.COMPLETED, checkedInAt: new Date(MORNING) });
});

test('called_at is the latest call, in answers, reads, snapshots, watches and lists, also after a restart', async () => {
  const { client, clock } = service;
  const slot = await aSlot(client, await aDoctor(client));
  const { doctorId } = slot;
  const { id: tokenId } = await aToken(client, slot, 'WALK_IN', 'MRN called');
  await client.call('checkInToken', { tokenId });
  const watch = client.watch({ doctorId, afterRevision: 3 });
  const [first, second] = ['2026-03-02T05:00:00Z', '2026-03-02T05:02:00Z'];
  expect((await client.getToken({ tokenId })).token?.calledAt).toBeUndefined();
  clock.set(first);
  const called = await client.call('callToken', { tokenId });
  expect(called.token?.calledAt).toEqual(new Date(first));
  expect(await watch.change()).toEqual(called.change);
  clock.set(second);
  expect((await client.call('returnToken', { tokenId })).token?.calledAt).toEqual(new Date(first));
  await client.call('callToken', { tokenId });
  watch.cancel();
  const told = async ({ client }: TestService) => {
    const snapshot = there((await client.getQueue({ doctorId })).queue).slots[0]?.seated[0];
    const [listed] = (await client.listTokens({ doctorId })).tokens;
    const [ofPatient] = (await client.listTokens({ patientRef: 'MRN called' })).tokens;
    return [snapshot, listed, ofPatient, (await client.getToken({ tokenId })).token].map((each) => each?.calledAt);
  };
  const expected = Array.from({ length: 4 }, () => new Date(second));
  expect(await told(service)).toEqual(expected);
  await service.restart();
  expect(await told(service)).toEqual(expected);
  clock.set(MORNING);
});

describe('R25 · CallNextToken for the doctor', () => {
  afterEach(() => service.clock.set(MORNING));

  test.each([
    ['in the slot after', '05:31:00'],
    ['after all slots', '08:00:00'],
    ['before the first slot', '04:05:00'],
  ])('calls the token with none ahead: %s', async (_, utc) => {
    const { client, clock } = service;
    const doctor = await aDoctor(client);
    const [ten, eleven] = [await aSlot(client, doctor, 10, 2), await aSlot(client, doctor, 11)];
    const tokens = [await aToken(client, ten), await aToken(client, ten), await aToken(client, eleven, 'PAID')];
    for (const { id: tokenId } of tokens) await client.call('checkInToken', { tokenId });
    clock.set(`2026-03-02T${utc}Z`);
    const target = { $case: 'doctorId' as const, value: doctor.id };
    for (const { id: tokenId, number } of tokens) {
      expect(there((await client.getToken({ tokenId })).token).estimate?.ahead).toBe(0);
      const { token } = await client.call('callNextToken', { target, completeCurrent: true });
      expect(token?.number).toBe(number);
    }
  });
});

test('CallNextToken pressed twice completes one patient, where the caller says who is with the doctor', async () => {
  const { client } = service;
  const doctor = await aDoctor(client);
  const slot = await aSlot(client, doctor, 10, 3);
  const ids = (await tokens(client, slot, 3)).map(({ id }) => id) as [string, string, string];
  for (const tokenId of ids) await client.call('checkInToken', { tokenId });
  const target = { $case: 'doctorId' as const, value: doctor.id };
  await client.call('callNextToken', { target });
  const press = (expectedCurrentTokenId = ids[0]) =>
    client.call('callNextToken', { target, completeCurrent: true, expectedCurrentTokenId });
  const [first, second] = await Promise.allSettled([press(), press()]);
  expect(first).toMatchObject({ status: 'fulfilled', value: { token: { id: ids[1] } } });
  expect(second.status).toBe('rejected');
  expect(await refusal(press())).toMatchObject({ reason: 'DOCTOR_BUSY', metadata: { tokenId: ids[1] } });
  const callAgain = { tokenId: ids[2], completeCurrent: true, expectedCurrentTokenId: ids[0] };
  expect(await refusal(client.call('callToken', callAgain))).toMatchObject({ reason: 'DOCTOR_BUSY' });
  const metadata = { tokenId: ids[2], status: 'ACTIVE' };
  await client.call('completeToken', { tokenId: ids[1] });
  expect(await refusal(press(ids[2]))).toMatchObject({ reason: 'TOKEN_NOT_SERVING', metadata });
  expect((await press(ids[1])).token?.id).toBe(ids[2]);
});

test('R13 · CloseSlot says why, tells watchers of its slot, and is the same after a restart (R18)', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const token = await aToken(service.client, slot);
  const { doctorId, id: slotId } = slot;
  const watch = service.client.watch({ doctorId, slotId, afterRevision: 2 });
  const request = { slotId, reason: 'a stroke on ward 3', requestId: NOBODY };
  const first = await service.client.call('closeSlot', request);
  expect(first.slot).toMatchObject({ state: SlotState.CLOSED, seatsTaken: 0, waiting: 1 });
  expect(first.change).toMatchObject({ cause: 'CloseSlot', reason: 'a stroke on ward 3' });
  expect(await watch.change()).toEqual(first.change);
  watch.cancel();
  await service.restart();
  expect(await service.client.call('closeSlot', request)).toEqual(first);
  const displaced = await service.client.getToken({ tokenId: token.id });
  expect(displaced.token).toMatchObject({ status: TokenStatus.DISPLACED, displacements: 1 });
  expect((await refusal(anEmergency(service.client, slot))).metadata).toEqual({ slotId });
});

test('R12 · UpdateSlot answers with the slot; without a capacity it is a wrong field', async () => {
  const { client } = service;
  const { id: slotId } = await aSlot(client, await aDoctor(client));
  expect((await client.call('updateSlot', { slotId, capacity: 7 })).slot).toMatchObject({ id: slotId, capacity: 7 });
  expect(Object.keys((await refusal(client.call('updateSlot', { slotId }))).violations)).toEqual(['capacity']);
});

test('R17 · a slot that has ended says so in reads', async () => {
  const { id: slotId } = await aSlot(service.client, await aDoctor(service.client));
  const state = async () => there((await service.client.getSlot({ slotId })).queue?.slot).state;
  expect(await state()).toBe(SlotState.OPEN);
  service.clock.set('2026-03-02T23:00:00Z');
  expect(await state()).toBe(SlotState.ENDED);
  service.clock.set(MORNING);
});
