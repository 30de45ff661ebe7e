/** CloseSlots, over the wire. */
import { status as Code } from '@grpc/grpc-js';
import { CloseSlotsResponse } from '../../gen/opd/v1/opd_service.js';
import { SlotState, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY } from '../support/clinic.js';
import { TemporaryFile, TestService, TODAY } from '../support/service.js';

const TOMORROW = '2026-03-03';
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

/**
 * Two days, each with a slot of one seat that is taken and has somebody waiting; today there is a
 * later slot.
 */
async function twoDays() {
  const doctor = await aDoctor(client);
  const slots = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11), await aSlot(client, doctor, 15)];
  const other = await aSlot(client, doctor, 10, 1, TOMORROW);
  const tokens = [
    await aToken(client, slots[0] as never, 'PAID'),
    await aToken(client, slots[0] as never, 'WALK_IN'),
    await aToken(client, other, 'ONLINE'),
    await aToken(client, other, 'WALK_IN'),
  ];
  const range = { doctorId: doctor.id, firstDate: TODAY, lastDate: TOMORROW, start: '09:00', end: '12:00' };
  return { doctor, slots, other, tokens, range };
}

describe('CloseSlots', () => {
  test('answers with the slots, a change a day, and whom to tell; watchers get the changes', async () => {
    const { doctor, slots, other, tokens, range } = await twoDays();
    const watch = client.watch({ doctorId: doctor.id, date: TODAY, afterRevision: 5 });
    const answer = await client.call('closeSlots', { ...range, reason: 'ill' });
    const [early, late] = slots;
    expect(answer.slots.map(({ id, state }) => [id, state])).toEqual(
      [early?.id, late?.id, other.id].map((id) => [id, SlotState.CLOSED]),
    );
    expect(answer.changes.map(({ date, cause, reason }) => [date, cause, reason])).toEqual([
      [TODAY, 'CloseSlots', 'ill'],
      [TOMORROW, 'CloseSlots', 'ill'],
    ]);
    const seat = slots[2]?.id;
    expect(answer.toTell.map(({ id, slotId, status }) => [id, slotId, status])).toEqual([
      [tokens[0]?.id, seat, TokenStatus.ACTIVE],
      [tokens[1]?.id, seat, TokenStatus.WAITING],
      [tokens[2]?.id, other.id, TokenStatus.DISPLACED],
      [tokens[3]?.id, other.id, TokenStatus.WAITING],
    ]);
    expect(answer.changes[0]?.tokens.filter(({ kind }) => kind === 'KIND_DISPLACED')).toHaveLength(1);
    expect(await watch.change()).toEqual(answer.changes[0]);
    watch.cancel();
    const { steps } = await client.call('explainToken', { tokenId: tokens[0]?.id ?? '' });
    expect(steps.slice(-2).map(({ rule, sentence }) => `${rule} ${sentence}`)).toEqual([
      'R13 Lost its seat in the 10:00 slot, which was closed ("ill").',
      'R13 Moved from the 10:00 slot, which was closed ("ill"), to a free seat in the 15:00 slot.',
    ]);
  });

  test('R18 · sent again gives the same bytes, also after a restart; other contents are refused', async () => {
    const { range } = await twoDays();
    const request = { ...range, requestId: NOBODY };
    const bytes = async () => Buffer.from(CloseSlotsResponse.encode(await client.call('closeSlots', request)).finish());
    const first = await bytes();
    expect(await bytes()).toEqual(first);
    await service.restart();
    client = service.client;
    expect(await bytes()).toEqual(first);
    expect((await refusal(client.call('closeSlots', { ...request, end: '13:00' }))).reason).toBe('REQUEST_ID_REUSED');
  });

  test('with validate_only tells the same, and closes nothing', async () => {
    const { doctor, range } = await twoDays();
    const told = await client.call('closeSlots', { ...range, validateOnly: true });
    expect((await client.listSlots({ doctorId: doctor.id })).slots.map(({ state }) => state)).not.toContain(
      SlotState.CLOSED,
    );
    const done = await client.call('closeSlots', range);
    expect([told.slots, told.toTell.map(({ id }) => id)]).toEqual([done.slots, done.toTell.map(({ id }) => id)]);
  });

  test('tells an emergency that stays, and nobody who is with the doctor', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 9, 2);
    const [serving, stays] = [await aToken(client, slot), await anEmergency(client, slot)];
    await client.call('callToken', { tokenId: serving.id });
    const { toTell } = await client.call('closeSlots', { doctorId: doctor.id, firstDate: TODAY });
    expect(toTell.map(({ id, status }) => [id, status])).toEqual([[stays.id, TokenStatus.ACTIVE]]);
  });

  test('tells by date, then by number, whoever is stronger', async () => {
    const doctor = await aDoctor(client);
    const [slot, later] = [await aSlot(client, doctor, 9, 2), await aSlot(client, doctor, 9, 1, TOMORROW)];
    await aSlot(client, doctor, 15, 2);
    for (const source of ['WALK_IN', 'PAID'] as const) await aToken(client, slot, source);
    for (const source of ['WALK_IN', 'PAID'] as const) await aToken(client, later, source);
    const dates = { firstDate: TODAY, lastDate: TOMORROW };
    const { toTell, changes } = await client.call('closeSlots', { doctorId: doctor.id, ...dates, end: '10:00' });
    const placeOf = ({ slotId, number }: { slotId: string; number: number }) => [slotId === later.id, number];
    expect(toTell.map(placeOf)).toEqual([
      [false, 1],
      [false, 2],
      [true, 1],
      [true, 2],
    ]);
    expect(changes[0]?.tokens.map(({ token }) => token?.number)).toEqual([2, 1, 2, 1]);
  });

  test('NO_OPEN_SLOT where there is none; DOCTOR_NOT_FOUND where there is no doctor', async () => {
    const doctor = await aDoctor(client);
    const refused = await refusal(client.call('closeSlots', { doctorId: doctor.id, firstDate: TODAY }));
    expect([refused.code, refused.reason, refused.metadata]).toEqual([
      Code.FAILED_PRECONDITION,
      'NO_OPEN_SLOT',
      { doctorId: doctor.id },
    ]);
    const nobody = client.call('closeSlots', { doctorId: `doc_${NOBODY}`, firstDate: TODAY });
    expect((await refusal(nobody)).reason).toBe('DOCTOR_NOT_FOUND');
  });

  test('closes the slots of a retired doctor', async () => {
    const { doctor, range } = await twoDays();
    await client.call('updateDoctor', { doctorId: doctor.id, retired: true, updateMask: ['retired'] });
    expect((await client.call('closeSlots', range)).slots).toHaveLength(3);
  });

  test('a watch of one slot gets the change if the slot was closed by it, though nobody was in it', async () => {
    const { doctor, slots, range } = await twoDays();
    const watch = client.watch({ doctorId: doctor.id, date: TODAY, slotId: slots[1]?.id ?? '', afterRevision: 5 });
    const { changes } = await client.call('closeSlots', range);
    expect(await watch.change()).toEqual(changes[0]);
    watch.cancel();
  });

  test('a slot that is closed by it takes no more tokens', async () => {
    const { range, slots } = await twoDays();
    await client.call('closeSlots', range);
    const late = client.allocateToken({ slotId: slots[1]?.id ?? '', source: TokenSource.PAID });
    expect((await refusal(late)).reason).toBe('SLOT_CLOSED');
  });

  test.each([
    [{}, ['first_date']],
    [{ firstDate: '2.3.2026' }, ['first_date']],
    [{ firstDate: TODAY, lastDate: '2026-03-01' }, ['last_date']],
    [{ firstDate: TODAY, lastDate: '2027-03-03' }, ['last_date']],
    [{ firstDate: TODAY, start: '9:00', end: '25:00' }, ['start', 'end']],
    [{ firstDate: TODAY, start: '12:00', end: '12:00' }, ['end']],
    [{ firstDate: TODAY, reason: 'x'.repeat(257), requestId: 'x' }, ['reason', 'request_id']],
  ])('with %j names what is wrong', async (fields, wrong) => {
    const { reason, violations } = await refusal(client.call('closeSlots', { doctorId: `doc_${NOBODY}`, ...fields }));
    expect([reason, Object.keys(violations).sort()]).toEqual(['INVALID_FIELDS', [...wrong].sort()]);
  });
});
