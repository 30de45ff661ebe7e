import { status as Code } from '@grpc/grpc-js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, tokens } from '../support/clinic.js';
import { TestService, TODAY } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

const [DOCTOR, SLOT, TOKEN] = [`doc_${NOBODY}`, `slot_${NOBODY}`, `token_${NOBODY}`];
const onSlot = { $case: 'slotId' as const, value: SLOT };
const onDoctor = { $case: 'doctorId' as const, value: DOCTOR };
const WINDOW = { start: '10:00', end: '11:00', capacity: 1 };

describe('NOT_FOUND names the id', () => {
  test.each([
    ['GetDoctor', () => client.getDoctor({ doctorId: DOCTOR })],
    ['ListSlots', () => client.listSlots({ doctorId: DOCTOR })],
    ['ListSlots with a date', () => client.listSlots({ doctorId: DOCTOR, date: TODAY })],
    ['GetQueue', () => client.getQueue({ doctorId: DOCTOR })],
    ['CreateSlot', () => client.createSlot({ doctorId: DOCTOR, ...WINDOW })],
    ['CreateSlot with a date', () => client.createSlot({ doctorId: DOCTOR, date: TODAY, ...WINDOW })],
    ['InsertEmergency', () => client.insertEmergency({ target: onDoctor })],
    ['WatchQueue', () => client.watch({ doctorId: DOCTOR, date: TODAY }).next()],
  ])('%s · DOCTOR_NOT_FOUND', async (_, call) => {
    expect(await refusal(call())).toEqual(said(Code.NOT_FOUND, 'DOCTOR_NOT_FOUND', { doctorId: DOCTOR }));
  });

  test.each([
    ['GetSlot', () => client.getSlot({ slotId: SLOT })],
    ['AllocateToken', () => client.allocateToken({ slotId: SLOT, source: TokenSource.PAID })],
    ['InsertEmergency', () => client.insertEmergency({ target: onSlot })],
  ])('%s · SLOT_NOT_FOUND', async (_, call) => {
    expect(await refusal(call())).toEqual(said(Code.NOT_FOUND, 'SLOT_NOT_FOUND', { slotId: SLOT }));
  });

  test.each(['getToken', 'cancelToken', 'markNoShow'] as const)('%s · TOKEN_NOT_FOUND', async (name) => {
    const refused = await refusal(client.call(name, { tokenId: TOKEN }));
    expect(refused).toEqual(said(Code.NOT_FOUND, 'TOKEN_NOT_FOUND', { tokenId: TOKEN }));
  });

  test.each(['nil 00000000-0000-0000-0000-000000000000', 'max ffffffff-ffff-ffff-ffff-ffffffffffff'])(
    'an id of %s is well-formed, and names nothing',
    async (named) => {
      const doctorId = `doc_${named.slice(4)}`;
      expect((await refusal(client.getDoctor({ doctorId }))).reason).toBe('DOCTOR_NOT_FOUND');
    },
  );
});

describe('what the day does not allow', () => {
  test('SLOT_OVERLAPS names the earliest slot overlapped', async () => {
    const doctor = await aDoctor(client);
    const [late, early] = [await aSlot(client, doctor, 13), await aSlot(client, doctor, 11)];
    const wide = { doctorId: doctor.id, start: '11:59', end: '14:00', capacity: 1 };
    expect(await refusal(client.createSlot(wide))).toEqual(precondition('SLOT_OVERLAPS', { slotId: early.id }));
    const onlyLate = { ...wide, start: '12:00' };
    expect((await refusal(client.createSlot(onlyLate))).metadata).toEqual({ slotId: late.id });
  });

  test('slots that only touch do not overlap', async () => {
    const doctor = await aDoctor(client);
    await aSlot(client, doctor, 11);
    expect((await aSlot(client, doctor, 10)).end).toBe('11:00');
    expect((await aSlot(client, doctor, 12)).start).toBe('12:00');
  });

  test('R17 · SLOT_ENDED says when, for a token and for an emergency', async () => {
    const own = await TestService.start();
    const slot = await aSlot(own.client, await aDoctor(own.client), 10);
    own.clock.set('2026-03-02T05:29:59.999Z');
    expect((await aToken(own.client, slot)).number).toBe(1);
    own.clock.set('2026-03-02T05:30:00Z');
    const ended = precondition('SLOT_ENDED', { slotId: slot.id, endedAt: '2026-03-02T05:30:00.000Z' });
    expect(await refusal(aToken(own.client, slot))).toEqual(ended);
    expect(await refusal(anEmergency(own.client, slot))).toEqual(ended);
    await own.stop();
  });

  test('R17 · a slot that would already have ended is a wrong field', async () => {
    const doctor = await aDoctor(client);
    const past = { doctorId: doctor.id, start: '08:00', end: '09:30', capacity: 1 };
    const refused = await refusal(client.createSlot(past));
    expect([refused.code, refused.reason, Object.keys(refused.violations)]).toEqual([3, 'INVALID_FIELDS', ['end']]);
    expect((await client.createSlot({ ...past, end: '09:31' })).slot?.end).toBe('09:31');
  });

  test('NO_OPEN_SLOT for a doctor without a slot today', async () => {
    const doctor = await aDoctor(client);
    await aSlot(client, doctor, 10, 1, '2026-03-03');
    const target = { $case: 'doctorId' as const, value: doctor.id };
    const refused = await refusal(client.insertEmergency({ target }));
    expect(refused).toEqual(precondition('NO_OPEN_SLOT', { doctorId: doctor.id }));
  });

  test('R14 · PATIENT_HAS_TOKEN names the token there is', async () => {
    const doctor = await aDoctor(client);
    const [one, other] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
    const token = await aToken(client, one, 'WALK_IN', 'MRN 1');
    const refused = await refusal(aToken(client, other, 'PAID', 'MRN 1'));
    expect(refused).toEqual(said(Code.ALREADY_EXISTS, 'PATIENT_HAS_TOKEN', { tokenId: token.id }));
    expect((await aToken(client, other, 'PAID', 'mrn 1')).status).toBe('TOKEN_STATUS_ACTIVE');
  });

  test('R19 · a second emergency of one patient is refused', async () => {
    const slot = await aSlot(client, await aDoctor(client));
    const first = await anEmergency(client, slot, 'MRN 1');
    expect((await refusal(anEmergency(client, slot, 'MRN 1'))).metadata).toEqual({ tokenId: first.id });
  });

  test('R15 · DAY_FULL after 10,000 tokens, emergencies not counted', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 10);
    await anEmergency(client, slot, 'MRN 1');
    for (let hundred = 0; hundred < 20; hundred += 1) await tokens(client, slot, 500);
    const full = precondition('DAY_FULL', { doctorId: doctor.id, date: TODAY });
    expect(await refusal(aToken(client, slot))).toEqual(full);
    expect((await refusal(aToken(client, slot, 'PAID', 'MRN 1'))).reason).toBe('PATIENT_HAS_TOKEN');
    expect((await anEmergency(client, slot)).number).toBe(10_002);
  });

  test.each(['cancelToken', 'markNoShow'] as const)('R11 · %s of a token that is no longer live', async (command) => {
    const slot = await aSlot(client, await aDoctor(client));
    const token = await aToken(client, slot);
    await client.cancelToken({ tokenId: token.id });
    const refused = await refusal(client[command]({ tokenId: token.id }));
    expect(refused).toEqual(precondition('TOKEN_NOT_LIVE', { tokenId: token.id, status: 'CANCELLED' }));
    expect((await client.getSlot({ slotId: slot.id })).revision).toBe(3);
  });

  test.each([
    ['WAITING', 0, 'PAID'],
    ['DISPLACED', 1, 'WALK_IN'],
  ] as const)('R10 · a token that is %s cannot be a no-show', async (status, strong, weak) => {
    const slot = await aSlot(client, await aDoctor(client));
    const [first, second] = [await aToken(client, slot, weak), await aToken(client, slot, 'PAID')];
    const seatless = strong ? first : second;
    const refused = await refusal(client.markNoShow({ tokenId: seatless.id }));
    expect(refused).toEqual(precondition('TOKEN_WITHOUT_SEAT', { tokenId: seatless.id, status }));
  });
});

function said(code: Code, reason: string, metadata: Record<string, string>) {
  return { code, reason, metadata, message: expect.any(String), violations: {}, retryDelay: undefined };
}

function precondition(reason: string, metadata: Record<string, string>) {
  return said(Code.FAILED_PRECONDITION, reason, metadata);
}
