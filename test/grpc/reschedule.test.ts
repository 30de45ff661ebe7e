/** RescheduleToken, over the wire. */
import { status as Code } from '@grpc/grpc-js';
import { RescheduleTokenResponse } from '../../gen/opd/v1/opd_service.js';
import { TokenChange_Kind as Kind, QueueChange, type Slot, TokenStatus } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, there } from '../support/clinic.js';
import { MORNING, TemporaryFile, TestService, TODAY } from '../support/service.js';

const TOMORROW = '2026-03-03';
const [SLOT, TOKEN] = [`slot_${NOBODY}`, `token_${NOBODY}`];

const file = new TemporaryFile();
let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
  client = service.client;
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

/** A slot of today at ten, one at eleven, and one of tomorrow, each of one seat. */
async function threeSlots(): Promise<[Slot, Slot, Slot]> {
  const doctor = await aDoctor(client);
  const [ten, eleven] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
  return [ten, eleven, await aSlot(client, doctor, 10, 1, TOMORROW)];
}

const reschedule = (tokenId: string, slotId: string, requestId = '') =>
  client.call('rescheduleToken', { tokenId, slotId, requestId });

describe('RescheduleToken', () => {
  test('to another day: the new token, and both changes as watchers get them, the new place first', async () => {
    const [ten, , far] = await threeSlots();
    const old = await aToken(client, ten, 'ONLINE', 'MRN 1');
    const next = await aToken(client, ten);
    const { doctorId } = ten;
    const watches = [
      client.watch({ doctorId, date: TOMORROW, afterRevision: 1 }),
      client.watch({ doctorId, date: TODAY, afterRevision: 4 }),
    ];
    const { token, changes } = await reschedule(old.id, far.id);
    expect(token).toMatchObject({
      slotId: far.id,
      requestedSlotId: far.id,
      source: old.source,
      patientRef: 'MRN 1',
      status: TokenStatus.ACTIVE,
      number: 1,
      rescheduledFromTokenId: old.id,
    });
    expect(changes.map(({ date, revision, tokens }) => [date, revision, tokens.map(({ kind }) => kind)])).toEqual([
      [TOMORROW, 2, [Kind.ALLOCATED]],
      [TODAY, 5, [Kind.CANCELLED, Kind.PROMOTED]],
    ]);
    for (const [index, watch] of watches.entries()) {
      expect(bytesOf(await watch.change())).toEqual(bytesOf(changes[index] as QueueChange));
      watch.cancel();
    }
    const { tokens } = await client.listTokens({ patientRef: 'MRN 1' });
    const statuses = Object.fromEntries(tokens.map(({ id, status }) => [id, status]));
    expect(statuses[old.id]).toBe(TokenStatus.CANCELLED);
    expect(statuses[there(token).id]).toBe(TokenStatus.ACTIVE);
    expect((await client.getToken({ tokenId: next.id })).token?.status).toBe(TokenStatus.ACTIVE);
  });

  test('within a day: one change, earlier or later', async () => {
    const [ten, eleven] = await threeSlots();
    const first = await aToken(client, ten);
    await client.call('checkInToken', { tokenId: first.id });
    const later = await reschedule(first.id, eleven.id);
    expect(later.changes.map(({ tokens }) => tokens.map(({ kind }) => kind))).toEqual([
      [Kind.ALLOCATED, Kind.CANCELLED],
    ]);
    expect(later.token).toMatchObject({ number: 2, checkedInAt: undefined, createdAt: new Date(MORNING) });
    const back = await reschedule(there(later.token).id, ten.id);
    expect(back.token).toMatchObject({ number: 3, rescheduledFromTokenId: later.token?.id });
  });

  test('R18 · sent again gives the same bytes, also after a restart and in the other case', async () => {
    const [ten, , far] = await threeSlots();
    const { id } = await aToken(client, ten);
    const bytes = async (requestId = NOBODY) =>
      Buffer.from(RescheduleTokenResponse.encode(await reschedule(id, far.id, requestId)).finish());
    const first = await bytes();
    expect(await bytes(NOBODY.toUpperCase())).toEqual(first);
    await service.restart();
    client = service.client;
    expect(await bytes()).toEqual(first);
    expect((await refusal(reschedule(id, ten.id, NOBODY))).reason).toBe('REQUEST_ID_REUSED');
    expect((await client.getQueue({ doctorId: ten.doctorId, date: TOMORROW })).queue?.revision).toBe(2);
  });
});

describe('RescheduleToken · what is refused', () => {
  test('every wrong field at once', async () => {
    const { violations } = await refusal(reschedule(SLOT, TOKEN, 'x'));
    expect(Object.keys(violations)).toEqual(['token_id', 'slot_id', 'request_id']);
  });

  test('TOKEN_IS_EMERGENCY says which, and how it stands', async () => {
    const [ten, eleven] = await threeSlots();
    const { id: tokenId } = await anEmergency(client, ten);
    expect(await refusal(reschedule(tokenId, eleven.id))).toMatchObject({
      code: Code.FAILED_PRECONDITION,
      reason: 'TOKEN_IS_EMERGENCY',
      metadata: { tokenId, status: 'ACTIVE' },
    });
  });

  test('the slot that the token is in is a wrong field', async () => {
    const [ten] = await threeSlots();
    const { id } = await aToken(client, ten);
    expect(Object.keys((await refusal(reschedule(id, ten.id))).violations)).toEqual(['slot_id']);
  });

  test('R14 · PATIENT_HAS_TOKEN names the one of the other day', async () => {
    const [ten, , far] = await threeSlots();
    const { id } = await aToken(client, ten, 'PAID', 'MRN 7');
    const { id: tokenId } = await aToken(client, far, 'PAID', 'MRN 7');
    const refused = await refusal(reschedule(id, far.id));
    expect([refused.code, refused.metadata]).toEqual([Code.ALREADY_EXISTS, { tokenId }]);
  });

  test.each([
    ['SLOT_NOT_FOUND', 'TOKEN_NOT_FOUND', () => reschedule(TOKEN, SLOT)],
    ['TOKEN_NOT_FOUND', 'nothing', async () => reschedule(TOKEN, (await threeSlots())[0].id)],
    [
      'SLOT_NOT_FOUND',
      'TOKEN_NOT_LIVE, the slot being another doctor’s',
      async () => {
        const [[ten], [other]] = [await threeSlots(), await threeSlots()];
        const { id: tokenId } = await aToken(client, ten);
        await client.cancelToken({ tokenId });
        return reschedule(tokenId, other.id);
      },
    ],
    [
      'SLOT_CLOSED',
      'TOKEN_NOT_LIVE',
      async () => {
        const [ten, eleven] = await threeSlots();
        const { id: tokenId } = await aToken(client, ten);
        await client.cancelToken({ tokenId });
        await client.call('closeSlot', { slotId: eleven.id });
        return reschedule(tokenId, eleven.id);
      },
    ],
    [
      'REQUEST_ID_REUSED',
      'the slot that the token is in',
      async () => {
        const [ten] = await threeSlots();
        const { id } = await aToken(client, ten);
        await client.allocateToken({ slotId: ten.id, source: 'TOKEN_SOURCE_PAID' as never, requestId: NOBODY });
        return reschedule(id, ten.id, NOBODY);
      },
    ],
  ])('%s comes before %s', async (winner, _loser, call) => {
    expect((await refusal(call())).reason).toBe(winner);
  });
});

function bytesOf(change: QueueChange): Buffer {
  return Buffer.from(QueueChange.encode(change).finish());
}
