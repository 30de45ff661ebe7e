/** Slots that are opened again, deleted, or get other times. */
import { status as Code } from '@grpc/grpc-js';
import { SlotState } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, aSlot, aToken, there } from '../support/clinic.js';
import { TemporaryFile, TestService, TODAY } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

test('the doctor is called away and comes back: the slot takes tokens again', async () => {
  const doctor = await aDoctor(client);
  const slot = await aSlot(client, doctor, 10);
  const waiting = await aToken(client, slot);
  await client.call('closeSlot', { slotId: slot.id });
  const reopened = await client.call('reopenSlot', { slotId: slot.id });
  expect(reopened.slot).toEqual({ ...slot, seatsTaken: 1 });
  expect(reopened.change).toMatchObject({ cause: 'ReopenSlot', tokens: [{ kind: 'KIND_PROMOTED' }] });
  expect((await client.getToken({ tokenId: waiting.id })).token?.status).toBe('TOKEN_STATUS_ACTIVE');
  const { reason, metadata } = await refusal(client.call('reopenSlot', { slotId: slot.id }));
  expect([reason, metadata]).toEqual(['SLOT_NOT_CLOSED', { slotId: slot.id }]);
});

test('a closed slot without live tokens leaves its time to another', async () => {
  const doctor = await aDoctor(client);
  const slot = await aSlot(client, doctor, 10);
  await client.call('closeSlot', { slotId: slot.id });
  const other = await aSlot(client, doctor, 10);
  const { reason, metadata } = await refusal(client.call('reopenSlot', { slotId: slot.id }));
  expect([reason, metadata]).toEqual(['SLOT_OVERLAPS', { slotId: other.id }]);
});

describe('a deleted slot', () => {
  test('is gone from all reads, and its time is free; the change tells of it once', async () => {
    const doctor = await aDoctor(client);
    const [slot, other] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
    const deleted = await client.call('deleteSlot', { slotId: slot.id });
    expect(deleted.slot).toEqual({ ...slot, state: SlotState.DELETED });
    expect(deleted.change).toMatchObject({ cause: 'DeleteSlot', tokens: [], slots: [deleted.slot] });
    expect((await client.listSlots({ doctorId: doctor.id })).slots).toEqual([other]);
    for (const call of [
      client.getSlot({ slotId: slot.id }),
      client.call('closeSlot', { slotId: slot.id }),
      client.call('deleteSlot', { slotId: slot.id }),
      client.listTokens({ slotId: slot.id }),
      aToken(client, slot),
    ]) {
      expect((await refusal(call)).reason).toBe('SLOT_NOT_FOUND');
    }
    expect((await aSlot(client, doctor, 10)).start).toBe('10:00');
  });

  test('is deleted once, also where the command is repeated after a restart (R18)', async () => {
    const file = new TemporaryFile();
    const own = await TestService.start({ data: file.path });
    const slot = await aSlot(own.client, await aDoctor(own.client), 10);
    const asked = { slotId: slot.id, requestId: '01890000-0000-7000-8000-0000000000aa' };
    const told = await own.client.call('deleteSlot', asked);
    expect(await own.client.call('deleteSlot', asked)).toEqual(told);
    await own.restart();
    expect(await own.client.call('deleteSlot', asked)).toEqual(told);
    expect((await refusal(own.client.getSlot({ slotId: slot.id }))).reason).toBe('SLOT_NOT_FOUND');
    await own.stop();
    file.remove();
  });

  test('ends the watches of it, after they have been told', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 10);
    const watch = client.watch({ doctorId: doctor.id, date: TODAY, slotId: slot.id });
    expect((await watch.next()).$case).toBe('snapshot');
    const { change } = await client.call('deleteSlot', { slotId: slot.id });
    expect(await watch.next()).toEqual({ $case: 'change', value: change });
    const ended = await refusal(watch.next());
    expect([ended.code, ended.reason, ended.metadata]).toEqual([Code.NOT_FOUND, 'SLOT_NOT_FOUND', { slotId: slot.id }]);
  });

  test('must never have had a token, not even one that was cancelled', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 10);
    const token = await aToken(client, slot);
    await client.cancelToken({ tokenId: token.id });
    const refused = await refusal(client.call('deleteSlot', { slotId: slot.id }));
    expect([refused.code, refused.reason, refused.metadata]).toEqual([
      Code.FAILED_PRECONDITION,
      'SLOT_NOT_EMPTY',
      { slotId: slot.id },
    ]);
  });
});

describe('UpdateSlot with other times', () => {
  test('moves the slot with its tokens', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 10);
    const token = await aToken(client, slot);
    const { slot: moved, change } = await client.call('updateSlot', { slotId: slot.id, start: '11:30', end: '12:30' });
    expect(moved).toEqual({ ...slot, start: '11:30', end: '12:30', seatsTaken: 1 });
    expect(change?.tokens).toEqual([]);
    const { estimate, slotId } = there((await client.getToken({ tokenId: token.id })).token);
    expect([slotId, estimate?.earliest?.toISOString()]).toEqual([slot.id, '2026-03-02T06:00:00.000Z']);
    const { steps } = await client.call('explainToken', { tokenId: token.id });
    expect(steps.at(-1)?.sentence).toBe('The 10:00 slot was moved to 11:30-12:30.');
  });

  test('of a slot that has begun is refused, but its seats may change', async () => {
    const slot = await aSlot(client, await aDoctor(client), 9);
    const refused = await refusal(client.call('updateSlot', { slotId: slot.id, end: '10:30' }));
    expect([refused.reason, refused.metadata]).toEqual([
      'SLOT_STARTED',
      { slotId: slot.id, startedAt: '2026-03-02T03:30:00.000Z' },
    ]);
    expect((await client.call('updateSlot', { slotId: slot.id, capacity: 2 })).slot?.capacity).toBe(2);
  });

  test.each([
    [{}, ['capacity']],
    [{ start: '9:00', end: '25:00', capacity: 0 }, ['start', 'end', 'capacity']],
    [{ start: '24:00' }, ['start']],
    [{ end: '00:00' }, ['end']],
    [{ end: '10:00' }, ['end']],
    [{ start: '11:00' }, ['start']],
    [{ start: '08:00' }, ['start']],
  ])('with %j names what is wrong', async (fields, wrong) => {
    const slot = await aSlot(client, await aDoctor(client), 10);
    const { reason, violations } = await refusal(client.call('updateSlot', { slotId: slot.id, ...fields }));
    expect([reason, Object.keys(violations).sort()]).toEqual(['INVALID_FIELDS', [...wrong].sort()]);
  });
});
