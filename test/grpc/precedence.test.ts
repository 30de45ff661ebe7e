/** Where several refusals apply, the first of the contract's table is said. Each case names the winner, then the loser. */
import { type Slot, type Token, TokenSource } from '../../gen/opd/v1/resources.js';
import type { RequestOf, UnaryName } from '../../src/client/call.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY } from '../support/clinic.js';
import { TestService } from '../support/service.js';

const [DOCTOR, SLOT, TOKEN] = [`doc_${NOBODY}`, `slot_${NOBODY}`, `token_${NOBODY}`];
const USED = '01890000-0000-7000-8000-00000000000a';
const WINDOW = { start: '11:00', end: '12:00', capacity: 1 };
const PAST = { start: '08:00', end: '09:00', capacity: 1 };

let service: TestService;
let client: Client;
/** A day with one ended slot and one to come; MRN 1 has a live token; the request id USED came before. */
let ended: Slot;
let open: Slot;
let gone: Token;
/** Checked in, and then cancelled. */
let left: Token;
/** Closed, and ended since. */
let shut: Slot;
/** With the doctor, who is another one than that of the others; and who waits there, in a running slot. */
let serving: Token;
let waiting: Token;

beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
  service.clock.set('2026-03-02T03:00:00Z');
  const doctor = await aDoctor(client);
  ended = await aSlot(client, doctor, 9);
  open = await aSlot(client, doctor, 10);
  await aToken(client, ended, 'PAID', 'MRN 1');
  gone = await aToken(client, open, 'WALK_IN', 'MRN 2');
  await client.cancelToken({ tokenId: gone.id, requestId: USED });
  left = await aToken(client, open, 'WALK_IN', 'MRN 3');
  await client.call('checkInToken', { tokenId: left.id });
  await client.cancelToken({ tokenId: left.id });
  shut = await aSlot(client, doctor, 8);
  await client.call('closeSlot', { slotId: shut.id });
  const room = await aSlot(client, await aDoctor(client), 10);
  [serving, waiting] = [await aToken(client, room), await aToken(client, room)];
  await client.call('callToken', { tokenId: serving.id });
  service.clock.set('2026-03-02T04:30:00Z');
});
afterAll(() => service.stop());

const onSlot = (value: string) => ({ $case: 'slotId' as const, value });
const onDoctor = (value: string) => ({ $case: 'doctorId' as const, value });
const SLOT_COMMANDS = [
  ['updateSlot', { capacity: 2 }],
  ['closeSlot', {}],
] as const;
const ROOM = ['checkInToken', 'callToken', 'returnToken', 'completeToken'] as const;
/** Fields that a command does not have are left out of what is sent. */
const send = (name: UnaryName, fields: object) => client.call(name, fields);
const callNext = (target: RequestOf<'callNextToken'>['target'], requestId = '', expectedCurrentTokenId = '') =>
  client.call('callNextToken', { target, requestId, expectedCurrentTokenId });
const rename = (doctorId: string, name: string, requestId = '') =>
  client.call('updateDoctor', { doctorId, name, updateMask: ['name'], requestId });
const correct = (tokenId: string, fields: Partial<RequestOf<'updateToken'>>) =>
  client.call('updateToken', { tokenId, updateMask: ['patient_ref'], ...fields });
const allocate = (slotId: string, patientRef: string, requestId = '') =>
  client.allocateToken({ slotId, source: TokenSource.PAID, patientRef, requestId });

test.each([
  ['INVALID_FIELDS', 'REQUEST_ID_REUSED', () => allocate(open.id, '\0', USED)],
  ['INVALID_FIELDS', 'DOCTOR_NOT_FOUND', () => client.createSlot({ doctorId: DOCTOR, ...WINDOW, capacity: 0 })],
  ['INVALID_FIELDS', 'SLOT_NOT_FOUND', () => allocate(SLOT, '\0')],
  ['INVALID_FIELDS', 'TOKEN_NOT_FOUND', () => client.markNoShow({ tokenId: TOKEN, requestId: 'x' })],
  ['INVALID_FIELDS', 'TOKEN_NOT_LIVE', () => client.cancelToken({ tokenId: gone.id, reason: '\0' })],
  [
    'REQUEST_ID_REUSED',
    'a slot in the past',
    () => client.createSlot({ ...PAST, doctorId: open.doctorId, requestId: USED }),
  ],
  [
    'REQUEST_ID_REUSED',
    'SLOT_OVERLAPS',
    () => client.createSlot({ ...WINDOW, start: '10:00', doctorId: open.doctorId, requestId: USED }),
  ],
  ['REQUEST_ID_REUSED', 'SLOT_ENDED', () => allocate(ended.id, '', USED)],
  ['REQUEST_ID_REUSED', 'PATIENT_HAS_TOKEN', () => allocate(open.id, 'MRN 1', USED)],
  ['REQUEST_ID_REUSED', 'TOKEN_NOT_LIVE', () => client.markNoShow({ tokenId: gone.id, requestId: USED })],
  ['DOCTOR_NOT_FOUND', 'REQUEST_ID_REUSED', () => client.createSlot({ doctorId: DOCTOR, ...WINDOW, requestId: USED })],
  ['SLOT_NOT_FOUND', 'REQUEST_ID_REUSED', () => allocate(SLOT, '', USED)],
  ['TOKEN_NOT_FOUND', 'REQUEST_ID_REUSED', () => client.markNoShow({ tokenId: TOKEN, requestId: USED })],
  ['DOCTOR_NOT_FOUND', 'a slot in the past', () => client.createSlot({ ...PAST, doctorId: DOCTOR })],
  ['DOCTOR_NOT_FOUND', 'SLOT_NOT_FOUND', () => client.watch({ doctorId: DOCTOR, slotId: SLOT }).next()],
  ['INVALID_FIELDS', 'SLOT_OVERLAPS', () => client.createSlot({ ...PAST, end: '09:30', doctorId: open.doctorId })],
  ['SLOT_ENDED', 'PATIENT_HAS_TOKEN', () => allocate(ended.id, 'MRN 1')],
  ['TOKEN_NOT_LIVE', 'TOKEN_WITHOUT_SEAT', () => client.markNoShow({ tokenId: gone.id })],
  ...SLOT_COMMANDS.flatMap(
    ([name, fields]) =>
      [
        [
          'INVALID_FIELDS',
          `REQUEST_ID_REUSED: ${name}`,
          () => send(name, { slotId: open.id, ...fields, capacity: 0, reason: '\0', requestId: USED }),
        ],
        ['INVALID_FIELDS', `SLOT_NOT_FOUND: ${name}`, () => send(name, { slotId: SLOT, ...fields, requestId: 'x' })],
        [
          'SLOT_NOT_FOUND',
          `REQUEST_ID_REUSED: ${name}`,
          () => send(name, { slotId: SLOT, ...fields, requestId: USED }),
        ],
        [
          'REQUEST_ID_REUSED',
          `SLOT_ENDED: ${name}`,
          () => send(name, { slotId: ended.id, ...fields, requestId: USED }),
        ],
        ['SLOT_ENDED', `SLOT_CLOSED: ${name}`, () => send(name, { slotId: shut.id, ...fields })],
      ] as const,
  ),
  ...ROOM.flatMap(
    (name) =>
      [
        ['INVALID_FIELDS', `REQUEST_ID_REUSED: ${name}`, () => send(name, { tokenId: '', requestId: USED })],
        ['INVALID_FIELDS', `TOKEN_NOT_FOUND: ${name}`, () => send(name, { tokenId: TOKEN, requestId: 'x' })],
        ['TOKEN_NOT_FOUND', `REQUEST_ID_REUSED: ${name}`, () => send(name, { tokenId: TOKEN, requestId: USED })],
        ['REQUEST_ID_REUSED', `TOKEN_NOT_LIVE: ${name}`, () => send(name, { tokenId: gone.id, requestId: USED })],
        ['TOKEN_NOT_LIVE', `what else there is against it: ${name}`, () => send(name, { tokenId: left.id })],
      ] as const,
  ),
  ['INVALID_FIELDS', 'TOKEN_NOT_FOUND: updateToken', () => correct(TOKEN, { updateMask: [] })],
  ['TOKEN_NOT_FOUND', 'REQUEST_ID_REUSED: updateToken', () => correct(TOKEN, { requestId: USED })],
  ['REQUEST_ID_REUSED', 'TOKEN_NOT_LIVE: updateToken', () => correct(gone.id, { requestId: USED })],
  ['PATIENT_HAS_TOKEN', 'TOKEN_NOT_LIVE: updateToken', () => correct(gone.id, { patientRef: 'MRN 1' })],
  ['INVALID_FIELDS', 'REQUEST_ID_REUSED: callNextToken', () => callNext(undefined, USED)],
  ['INVALID_FIELDS', 'NOBODY_TO_CALL', () => callNext(onSlot(open.id), 'x')],
  ['DOCTOR_NOT_FOUND', 'REQUEST_ID_REUSED: callNextToken', () => callNext(onDoctor(DOCTOR), USED)],
  ['SLOT_NOT_FOUND', 'REQUEST_ID_REUSED: callNextToken', () => callNext(onSlot(SLOT), USED)],
  ['REQUEST_ID_REUSED', 'NOBODY_TO_CALL', () => callNext(onSlot(open.id), USED)],
  ['NOBODY_TO_CALL', 'DOCTOR_BUSY', () => callNext(onSlot(serving.slotId))],
  ['REQUEST_ID_REUSED', 'TOKEN_NOT_FOUND: callNextToken', () => callNext(onSlot(open.id), USED, TOKEN)],
  ['SLOT_NOT_FOUND', 'TOKEN_NOT_FOUND: callNextToken', () => callNext(onSlot(SLOT), '', TOKEN)],
  ['TOKEN_NOT_FOUND', 'NOBODY_TO_CALL', () => callNext(onSlot(open.id), '', TOKEN)],
  ['TOKEN_SERVING', 'TOKEN_CHECKED_IN', () => send('checkInToken', { tokenId: serving.id })],
  ['TOKEN_SERVING', 'DOCTOR_BUSY', () => send('callToken', { tokenId: serving.id })],
  ['TOKEN_WITHOUT_SEAT', 'DOCTOR_BUSY', () => send('callToken', { tokenId: waiting.id })],
  ['INVALID_FIELDS', 'DOCTOR_NOT_FOUND: updateDoctor', () => rename(DOCTOR, '')],
  ['INVALID_FIELDS', 'REQUEST_ID_REUSED: updateDoctor', () => rename(open.doctorId, '', USED)],
  ['DOCTOR_NOT_FOUND', 'REQUEST_ID_REUSED: updateDoctor', () => rename(DOCTOR, 'x', USED)],
  ['INVALID_FIELDS', 'DOCTOR_NOT_FOUND: listTokens', () => client.listTokens({ doctorId: DOCTOR, pageSize: -1 })],
  ['INVALID_FIELDS', 'SLOT_NOT_FOUND: listTokens', () => client.listTokens({ slotId: SLOT, pageToken: '?' })],
  ['DOCTOR_NOT_FOUND', 'SLOT_NOT_FOUND: listTokens', () => client.listTokens({ doctorId: DOCTOR, slotId: SLOT })],
  [
    'DOCTOR_NOT_FOUND',
    'a slot of another doctor: listTokens',
    () => client.listTokens({ doctorId: DOCTOR, slotId: open.id }),
  ],
  ['INVALID_FIELDS', 'DOCTOR_NOT_FOUND: listChanges', () => client.listChanges({ doctorId: DOCTOR, pageToken: '?' })],
] as readonly (readonly [string, string, () => Promise<unknown>])[])(
  '%s comes before %s',
  async (winner, _loser, call) => {
    expect((await refusal(call())).reason).toBe(winner);
  },
);

test('NO_OPEN_SLOT comes before PATIENT_HAS_TOKEN', async () => {
  const slot = await aSlot(client, await aDoctor(client), 20);
  await anEmergency(client, slot, 'MRN 1');
  service.clock.set('2026-03-02T16:00:00Z');
  const call = client.insertEmergency({ target: onDoctor(slot.doctorId), patientRef: 'MRN 1' });
  expect((await refusal(call)).reason).toBe('NO_OPEN_SLOT');
  const named = client.insertEmergency({ target: onSlot(slot.id), patientRef: 'MRN 1' });
  expect((await refusal(named)).reason).toBe('SLOT_ENDED');
  service.clock.set('2026-03-02T04:30:00Z');
});
