import { status as Code } from '@grpc/grpc-js';
import { CallFailed } from '../../src/client/call-failed.js';
import { createClient, type OpdClient } from '../../src/client/create-client.js';
import { aDoctor, aSlot, aToken, NOBODY } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: OpdClient;
beforeAll(async () => {
  service = await TestService.start();
  client = createClient(service.address);
});
afterAll(async () => {
  client.close();
  await service.stop();
});

/** What a call fails with. */
async function failure(call: Promise<unknown>): Promise<CallFailed> {
  const error = await call.then(
    () => undefined,
    (error) => error,
  );
  if (!(error instanceof CallFailed)) throw new Error(`not a failed call: ${error}`);
  return error;
}

test('a call answers with the message; fields that are left out or undefined count as not said', async () => {
  const { doctor } = await client.createDoctor({ name: 'Dr Rao', department: undefined });
  expect(doctor).toMatchObject({ name: 'Dr Rao', department: '', timeZone: 'Asia/Kolkata' });
});

test('a refusal comes as an error with its reason, what it is about, and what to do', async () => {
  const error = await failure(client.getToken({ tokenId: `token_${NOBODY}` }));
  expect(error).toMatchObject({
    name: 'CallFailed',
    message: `NOT_FOUND: there is no token token_${NOBODY}`,
    code: Code.NOT_FOUND,
    reason: 'TOKEN_NOT_FOUND',
    metadata: { tokenId: `token_${NOBODY}` },
    remedy: 'give up',
    retryAfterMilliseconds: undefined,
  });
});

test('every wrong field is named', async () => {
  const error = await failure(client.createSlot({ doctorId: 'doc_1', start: '9:00' }));
  expect(Object.keys(error.violations)).toEqual(['doctor_id', 'start', 'end', 'capacity']);
});

test('a patient who has a token is one to ask about', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const { id: tokenId } = await aToken(service.client, slot, 'PAID', 'P-1');
  const error = await failure(
    client
      .insertEmergency({ target: { $case: 'slotId', value: slot.id }, patientRef: 'P-1' })
      .then(() => client.insertEmergency({ target: { $case: 'slotId', value: slot.id }, patientRef: 'P-1' })),
  );
  expect(error).toMatchObject({ reason: 'PATIENT_HAS_TOKEN', remedy: 'ask' });
  expect(error.metadata.tokenId).not.toBe(tokenId);
});

test('a call that takes too long fails with DEADLINE_EXCEEDED', async () => {
  const error = await failure(client.listDoctors({}, { timeoutMilliseconds: 0 }));
  expect(error).toMatchObject({ code: Code.DEADLINE_EXCEEDED, reason: undefined, remedy: 'wait' });
});

test('a server that is not there is one to wait for', async () => {
  const nowhere = createClient('127.0.0.1:1');
  expect(await failure(nowhere.listDoctors())).toMatchObject({ code: Code.UNAVAILABLE, remedy: 'wait' });
  nowhere.close();
});

test('a call that is aborted rejects with the reason of its signal', async () => {
  const abort = new AbortController();
  const call = client.listDoctors({}, { signal: abort.signal });
  abort.abort(new Error('changed my mind'));
  await expect(call).rejects.toThrow('changed my mind');
  await expect(client.listDoctors({}, { signal: abort.signal })).rejects.toThrow('changed my mind');
});
