/** UpdateToken, over the wire. */
import { status as Code } from '@grpc/grpc-js';
import { TokenChange_Kind as Kind, QueueChange, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import type { RequestOf } from '../../src/client/call.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, newRequestId, there } from '../support/clinic.js';
import { TemporaryFile, TestService } from '../support/service.js';

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

const update = (tokenId: string, updateMask: string[], fields: Partial<RequestOf<'updateToken'>> = {}) =>
  client.call('updateToken', { tokenId, updateMask, ...fields });
const paid = { source: TokenSource.PAID };

test('a walk-in who pays keeps the number and takes a seat; watchers are told the same, also after a restart', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const [weak, walkIn] = [await aToken(client, slot), await aToken(client, slot, 'WALK_IN', 'MRN 1')];
  const watch = client.watch({ doctorId: slot.doctorId, date: slot.date, afterRevision: 3 });
  const requestId = newRequestId();
  const first = await update(walkIn.id, ['source'], { ...paid, requestId });
  expect(first.token).toMatchObject({
    ...{ id: walkIn.id, number: 2, source: TokenSource.PAID, priority: 80, patientRef: 'MRN 1' },
    status: TokenStatus.ACTIVE,
  });
  const change = there(first.change);
  expect(change.cause).toBe('UpdateToken');
  expect(change.tokens.map(({ kind, token }) => [kind, token?.id])).toEqual([
    [Kind.UPDATED, walkIn.id],
    [Kind.DISPLACED, weak.id],
    [Kind.PROMOTED, walkIn.id],
  ]);
  expect(bytesOf(await watch.change())).toEqual(bytesOf(change));
  watch.cancel();
  await service.restart();
  client = service.client;
  expect(await update(walkIn.id, ['source'], { ...paid, requestId })).toEqual(first);
  expect((await client.getToken({ tokenId: walkIn.id })).token).toMatchObject({ number: 2, source: TokenSource.PAID });
  const { steps } = await client.call('explainToken', { tokenId: walkIn.id });
  expect(steps.map(({ rule, sentence }) => `${rule} ${sentence}`.trim()).slice(1)).toEqual([
    'Was made a paid booking instead of a walk-in.',
    'R2 Took the seat of #1, a walk-in, in the 10:00 slot (80 over its 20).',
  ]);
});

test('a token made weaker answers as it stands after the command, without its seat', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const [token] = [await aToken(client, slot, 'PAID'), await aToken(client, slot, 'ONLINE')];
  const { token: after } = await update(token.id, ['source'], { source: TokenSource.WALK_IN });
  expect(after).toMatchObject({ status: TokenStatus.DISPLACED, source: TokenSource.WALK_IN, displacements: 1 });
});

test('ReturnToken, too, answers with the token as it stands after the command', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const token = await aToken(client, slot);
  await client.call('callToken', { tokenId: token.id });
  await aToken(client, slot, 'PAID');
  const { token: after } = await client.call('returnToken', { tokenId: token.id });
  expect(after?.status).toBe(TokenStatus.DISPLACED);
});

test('records that are merged: the patient is found under the new reference alone, of the day and over all days', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const { id } = await aToken(client, slot, 'ONLINE', 'OLD 1');
  const { token } = await update(id, ['patient_ref'], { patientRef: '\ufeffNEW 1 ', ...paid });
  expect(token).toMatchObject({ patientRef: 'NEW 1', source: TokenSource.ONLINE });
  const idsOf = async (fields: object) => (await client.listTokens(fields)).tokens.map((each) => each.id);
  for (const scope of [{}, { slotId: slot.id }]) {
    expect(await idsOf({ ...scope, patientRef: 'NEW 1' })).toEqual([id]);
    expect(await idsOf({ ...scope, patientRef: 'OLD 1' })).toEqual([]);
  }
  expect((await update(id, ['patient_ref'])).token?.patientRef).toBe('');
  expect(await idsOf({ patientRef: 'NEW 1' })).toEqual([]);
});

test('R14 · PATIENT_HAS_TOKEN names the token that the patient has', async () => {
  const slot = await aSlot(client, await aDoctor(client), 10, 2);
  const [other, token] = [await aToken(client, slot, 'ONLINE', 'MRN 5'), await aToken(client, slot)];
  const refused = await refusal(update(token.id, ['patient_ref'], { patientRef: 'MRN 5' }));
  expect([refused.code, refused.reason]).toEqual([Code.ALREADY_EXISTS, 'PATIENT_HAS_TOKEN']);
  expect(refused.metadata).toEqual({ tokenId: other.id });
});

test('R5 · an emergency stays one, and no token becomes one', async () => {
  const slot = await aSlot(client, await aDoctor(client), 10, 2);
  const [emergency, token] = [await anEmergency(client, slot), await aToken(client, slot)];
  const bound = await refusal(update(emergency.id, ['source'], paid));
  expect([bound.code, bound.reason]).toEqual([Code.FAILED_PRECONDITION, 'TOKEN_IS_EMERGENCY']);
  const turned = await refusal(update(token.id, ['source'], { source: TokenSource.EMERGENCY }));
  expect(turned.violations).toEqual({ source: expect.stringContaining('InsertEmergency') });
  expect((await update(emergency.id, ['patient_ref'], { patientRef: 'MRN 6' })).token?.patientRef).toBe('MRN 6');
});

test('what the mask does not name is not looked at', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const token = await aToken(client, slot, 'WALK_IN', 'MRN 8');
  const { token: after } = await update(token.id, ['source'], { ...paid, patientRef: '\0' });
  expect(after).toMatchObject({ patientRef: 'MRN 8', source: TokenSource.PAID });
});

test('R11 · TOKEN_NOT_LIVE for a token that is over', async () => {
  const token = await aToken(client, await aSlot(client, await aDoctor(client)));
  await client.cancelToken({ tokenId: token.id });
  const refused = await refusal(update(token.id, ['patient_ref']));
  expect([refused.reason, refused.metadata]).toEqual(['TOKEN_NOT_LIVE', { tokenId: token.id, status: 'CANCELLED' }]);
});

function bytesOf(change: QueueChange): Buffer {
  return Buffer.from(QueueChange.encode(change).finish());
}
