/** Only with a seat, over the wire. */
import { createHash } from 'node:crypto';
import { status as Code } from '@grpc/grpc-js';
import { TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { requestOf } from '../../src/client/call.js';
import { allocateToken } from '../../src/grpc/requests.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, aSlot, aToken, NOBODY, newRequestId, there } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

const { PAID, WALK_IN } = TokenSource;

test('AllocateToken · NO_FREE_SEAT names the slot, and says what it would come to without', async () => {
  const { id: slotId } = await aSlot(client, await aDoctor(client));
  const ask = (source: TokenSource, fields: object = {}) =>
    client.allocateToken({ slotId, source, seatOnly: true, ...fields });
  expect((await ask(WALK_IN)).token?.status).toBe(TokenStatus.ACTIVE);
  expect(await refusal(ask(WALK_IN))).toEqual({
    code: Code.FAILED_PRECONDITION,
    reason: 'NO_FREE_SEAT',
    metadata: { slotId },
    message: `${slotId} has no seat for the token: it would have to wait`,
    violations: {},
    retryDelay: undefined,
  });
  expect((await refusal(ask(WALK_IN, { validateOnly: true }))).reason).toBe('NO_FREE_SEAT');
  expect((await ask(WALK_IN, { seatOnly: false })).token?.status).toBe(TokenStatus.WAITING);
  expect((await ask(PAID)).token?.status).toBe(TokenStatus.ACTIVE); // R2
});

test('RescheduleToken · NO_FREE_SEAT, and the old token is as it was', async () => {
  const doctor = await aDoctor(client);
  const [ten, eleven] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
  const old = await aToken(client, ten);
  await aToken(client, eleven);
  const wanted = { tokenId: old.id, slotId: eleven.id, seatOnly: true };
  const refused = await refusal(client.call('rescheduleToken', wanted));
  expect([refused.code, refused.reason]).toEqual([Code.FAILED_PRECONDITION, 'NO_FREE_SEAT']);
  expect(refused.metadata).toEqual({ slotId: eleven.id });
  expect((await client.getToken({ tokenId: old.id })).token).toMatchObject({ status: TokenStatus.ACTIVE });
  const { token } = await client.call('rescheduleToken', { ...wanted, seatOnly: false });
  expect(token?.status).toBe(TokenStatus.WAITING);
});

test('R18 · it is part of the contents of a request id', async () => {
  const { id: slotId } = await aSlot(client, await aDoctor(client), 10, 2);
  const wanted = { slotId, source: PAID, requestId: newRequestId() };
  await client.allocateToken(wanted);
  expect((await refusal(client.allocateToken({ ...wanted, seatOnly: true }))).reason).toBe('REQUEST_ID_REUSED');
});

test('R18 · a request without it has the digest that it had before there was such a field', () => {
  const [slotId, id] = [`slot_${NOBODY}`, newRequestId()];
  const request = requestOf('allocateToken', { slotId, source: PAID, patientRef: 'MRN 1', requestId: id });
  const read = allocateToken(request);
  const sent = Buffer.concat([
    Buffer.from([0x0a, slotId.length]),
    Buffer.from(slotId),
    Buffer.from([0x10, 2, 0x1a, 5]),
    Buffer.from('MRN 1'),
  ]);
  const digest = `AllocateToken:${createHash('sha256').update(sent).digest('base64')}`;
  expect(there(read.ok ? read.value.request : undefined)).toEqual({ id, digest });
});
