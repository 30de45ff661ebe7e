import { status as Code } from '@grpc/grpc-js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, tokens } from '../support/clinic.js';
import { MORNING, TestService, TODAY } from '../support/service.js';
import { fullSlot } from './commands.js';

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
const ROOM = ['checkInToken', 'callToken', 'returnToken', 'completeToken'] as const;
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
    ['UpdateDoctor', () => client.call('updateDoctor', { doctorId: DOCTOR, name: 'x', updateMask: ['name'] })],
    ['CallNextToken', () => client.call('callNextToken', { target: onDoctor })],
    ['ListTokens', () => client.listTokens({ doctorId: DOCTOR })],
    ['ListTokens with a date', () => client.listTokens({ doctorId: DOCTOR, date: TODAY })],
    ['ListChanges', () => client.listChanges({ doctorId: DOCTOR })],
    ['ListChanges with a date', () => client.listChanges({ doctorId: DOCTOR, date: TODAY })],
  ])('%s · DOCTOR_NOT_FOUND', async (_, call) => {
    expect(await refusal(call())).toEqual(said(Code.NOT_FOUND, 'DOCTOR_NOT_FOUND', { doctorId: DOCTOR }));
  });

  test.each([
    ['GetSlot', () => client.getSlot({ slotId: SLOT })],
    ['AllocateToken', () => client.allocateToken({ slotId: SLOT, source: TokenSource.PAID })],
    ['InsertEmergency', () => client.insertEmergency({ target: onSlot })],
    ['UpdateSlot', () => client.call('updateSlot', { slotId: SLOT, capacity: 1 })],
    ['CloseSlot', () => client.call('closeSlot', { slotId: SLOT })],
    ['CallNextToken', () => client.call('callNextToken', { target: onSlot })],
    ['ListTokens', () => client.listTokens({ slotId: SLOT })],
  ])('%s · SLOT_NOT_FOUND', async (_, call) => {
    expect(await refusal(call())).toEqual(said(Code.NOT_FOUND, 'SLOT_NOT_FOUND', { slotId: SLOT }));
  });

  test('UpdateToken · TOKEN_NOT_FOUND', async () => {
    const refused = await refusal(client.call('updateToken', { tokenId: TOKEN, updateMask: ['patient_ref'] }));
    expect(refused).toEqual(said(Code.NOT_FOUND, 'TOKEN_NOT_FOUND', { tokenId: TOKEN }));
  });

  const ON_A_TOKEN = ['getToken', 'explainToken', 'cancelToken', 'markNoShow', ...ROOM] as const;
  test.each(ON_A_TOKEN)('%s · TOKEN_NOT_FOUND', async (name) => {
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

  test.each(['cancelToken', 'markNoShow', ...ROOM] as const)(
    'R11 · %s of a token that is no longer live',
    async (command) => {
      const slot = await aSlot(client, await aDoctor(client));
      const token = await aToken(client, slot);
      await client.cancelToken({ tokenId: token.id });
      const refused = await refusal(client.call(command, { tokenId: token.id }));
      expect(refused).toEqual(precondition('TOKEN_NOT_LIVE', { tokenId: token.id, status: 'CANCELLED' }));
      expect((await client.getSlot({ slotId: slot.id })).revision).toBe(3);
    },
  );

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

describe('what the room does not allow', () => {
  /** A running slot with one seat, whose token is with the doctor, and one who waits. */
  async function busy() {
    const full = await fullSlot(client);
    await client.call('callToken', { tokenId: full.seated.id });
    return full;
  }

  test.each([
    ['UpdateSlot', (slotId: string) => client.call('updateSlot', { slotId, capacity: 2 })],
    ['CloseSlot', (slotId: string) => client.call('closeSlot', { slotId })],
  ])('R13, R17 · %s of a slot that is closed, and of one that has ended', async (_, ask) => {
    const { slot, next } = await fullSlot(client);
    await client.call('closeSlot', { slotId: next.id });
    expect(await refusal(ask(next.id))).toEqual(precondition('SLOT_CLOSED', { slotId: next.id }));
    service.clock.set('2026-03-02T04:30:00Z');
    const ended = { slotId: slot.id, endedAt: '2026-03-02T04:30:00.000Z' };
    expect(await refusal(ask(slot.id))).toEqual(precondition('SLOT_ENDED', ended));
    service.clock.set(MORNING);
  });

  test('TOKEN_CHECKED_IN of one who has checked in, TOKEN_SERVING once with the doctor', async () => {
    const { seated } = await fullSlot(client);
    const checkIn = () => refusal(client.call('checkInToken', { tokenId: seated.id }));
    expect(await checkIn()).toEqual(precondition('TOKEN_CHECKED_IN', { tokenId: seated.id, status: 'ACTIVE' }));
    await client.call('callToken', { tokenId: seated.id });
    expect(await checkIn()).toEqual(precondition('TOKEN_SERVING', { tokenId: seated.id, status: 'SERVING' }));
  });

  test('TOKEN_SERVING of one who is called again, TOKEN_WITHOUT_SEAT of one who waits', async () => {
    const { seated, waiting } = await busy();
    const callIn = (tokenId: string) => refusal(client.call('callToken', { tokenId, completeCurrent: true }));
    expect(await callIn(seated.id)).toEqual(precondition('TOKEN_SERVING', { tokenId: seated.id, status: 'SERVING' }));
    const seatless = { tokenId: waiting.id, status: 'WAITING' };
    expect(await callIn(waiting.id)).toEqual(precondition('TOKEN_WITHOUT_SEAT', seatless));
  });

  test.each(['returnToken', 'completeToken'] as const)(
    'TOKEN_NOT_SERVING · %s of one who is not with the doctor',
    async (name) => {
      const { seated } = await fullSlot(client);
      const refused = await refusal(client.call(name, { tokenId: seated.id }));
      expect(refused).toEqual(precondition('TOKEN_NOT_SERVING', { tokenId: seated.id, status: 'ACTIVE' }));
    },
  );

  test('NOBODY_TO_CALL names what was asked for', async () => {
    const { next } = await fullSlot(client);
    const { doctorId } = await aToken(client, await aSlot(client, await aDoctor(client)));
    const callNext = (target: { $case: 'slotId' | 'doctorId'; value: string }) =>
      refusal(client.call('callNextToken', { target, completeCurrent: true }));
    expect(await callNext({ $case: 'slotId', value: next.id })).toEqual(
      precondition('NOBODY_TO_CALL', { slotId: next.id }),
    );
    expect(await callNext({ $case: 'doctorId', value: doctorId })).toEqual(
      precondition('NOBODY_TO_CALL', { doctorId }),
    );
  });

  test('DOCTOR_BUSY names who is with the doctor, and is not said where the doctor is done', async () => {
    const { seated, next } = await busy();
    const { id: tokenId } = await aToken(client, next);
    await client.call('checkInToken', { tokenId });
    const target = { $case: 'slotId' as const, value: next.id };
    const isBusy = precondition('DOCTOR_BUSY', { tokenId: seated.id });
    expect(await refusal(client.call('callNextToken', { target }))).toEqual(isBusy);
    expect(await refusal(client.call('callToken', { tokenId }))).toEqual(isBusy);
    const { change } = await client.call('callNextToken', { target, completeCurrent: true });
    expect(change?.tokens.map((each) => each.token?.id)).toEqual([tokenId, seated.id]);
  });
});

function said(code: Code, reason: string, metadata: Record<string, string>) {
  return { code, reason, metadata, message: expect.any(String), violations: {}, retryDelay: undefined };
}

function precondition(reason: string, metadata: Record<string, string>) {
  return said(Code.FAILED_PRECONDITION, reason, metadata);
}
