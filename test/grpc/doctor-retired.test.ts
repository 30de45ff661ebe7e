/** Doctors who see no more patients, doctors who move, and how a hospital finds its doctors. */
import { status as Code } from '@grpc/grpc-js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import type { RequestOf } from '../../src/client/call.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, there } from '../support/clinic.js';
import { MORNING, TemporaryFile, TestService, TODAY } from '../support/service.js';

let service: TestService;
let client: Client;
beforeEach(async () => {
  service = await TestService.start();
  client = service.client;
});
afterEach(() => service.stop());

const update = (doctorId: string, fields: Partial<RequestOf<'updateDoctor'>>, ...updateMask: string[]) =>
  client.call('updateDoctor', { doctorId, updateMask, ...fields });
const retire = (doctorId: string) => update(doctorId, { retired: true }, 'retired');

describe('a retired doctor', () => {
  test('gets no new slots and no new tokens', async () => {
    const doctor = await aDoctor(client);
    const [slot, later] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
    const token = await aToken(client, slot);
    await retire(doctor.id);
    const onDoctor = { $case: 'doctorId' as const, value: doctor.id };
    const sessions = [{ start: '14:00', end: '15:00', slotMinutes: 30, capacity: 3 }];
    const asked = [
      client.createSlot({ doctorId: doctor.id, start: '14:00', end: '15:00', capacity: 1 }),
      client.call('createSlots', {
        doctorId: doctor.id,
        firstDate: TODAY,
        lastDate: TODAY,
        sessions: sessions as never,
      }),
      client.allocateToken({ slotId: slot.id, source: TokenSource.PAID }),
      anEmergency(client, slot),
      client.insertEmergency({ target: onDoctor }),
      client.call('rescheduleToken', { tokenId: token.id, slotId: later.id }),
    ];
    for (const call of asked) {
      expect(await refusal(call)).toMatchObject({
        code: Code.FAILED_PRECONDITION,
        reason: 'DOCTOR_RETIRED',
        metadata: { doctorId: doctor.id },
      });
    }
    expect((await client.getQueue({ doctorId: doctor.id })).queue?.revision).toBe(3);
  });

  test('finishes what there is: tokens are called, and may be cancelled', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 9, 2);
    const [seen, gone] = [await aToken(client, slot), await aToken(client, slot)];
    await retire(doctor.id);
    await client.call('checkInToken', { tokenId: seen.id });
    await client.call('callNextToken', { target: { $case: 'slotId', value: slot.id } });
    await client.call('completeToken', { tokenId: seen.id });
    const { change } = await client.cancelToken({ tokenId: gone.id });
    expect(change?.tokens[0]?.token?.status).toBe('TOKEN_STATUS_CANCELLED');
  });

  test('may come back', async () => {
    const doctor = await aDoctor(client);
    await retire(doctor.id);
    await update(doctor.id, { retired: false }, 'retired');
    expect((await aSlot(client, doctor, 10)).capacity).toBe(1);
  });

  test('is so after a restart', async () => {
    const file = new TemporaryFile();
    const own = await TestService.start({ data: file.path });
    const doctor = await aDoctor(own.client);
    await own.client.call('updateDoctor', { doctorId: doctor.id, retired: true, updateMask: ['retired'] });
    await own.restart();
    expect((await own.client.getDoctor({ doctorId: doctor.id })).doctor?.retired).toBe(true);
    await own.stop();
    file.remove();
  });
});

describe('a doctor moves to another time zone', () => {
  test('not while a slot is to come, which is named', async () => {
    const doctor = await aDoctor(client);
    const [late, early] = [await aSlot(client, doctor, 11), await aSlot(client, doctor, 10)];
    expect(late.id).not.toBe(early.id);
    for (const validateOnly of [true, false]) {
      const call = update(doctor.id, { timeZone: 'Asia/Tokyo', validateOnly }, 'time_zone');
      expect(await refusal(call)).toMatchObject({
        code: Code.FAILED_PRECONDITION,
        reason: 'DOCTOR_HAS_SLOTS',
        metadata: { doctorId: doctor.id, slotId: early.id },
      });
    }
    expect((await client.getDoctor({ doctorId: doctor.id })).doctor?.timeZone).toBe(doctor.timeZone);
    // The same zone is no move.
    await update(doctor.id, { timeZone: doctor.timeZone }, 'time_zone');
  });

  test('once all slots have ended: new slots are in the new zone', async () => {
    const doctor = await aDoctor(client);
    await aSlot(client, doctor, 9);
    service.clock.set('2026-03-02T04:30:00Z');
    await update(doctor.id, { timeZone: 'UTC' }, 'time_zone');
    const window = { doctorId: doctor.id, date: '2026-03-03', start: '09:00', end: '10:00', capacity: 1 };
    const slot = there((await client.createSlot(window)).slot);
    service.clock.set('2026-03-03T09:59:59Z');
    expect((await aToken(client, slot)).number).toBe(1);
    service.clock.set('2026-03-03T10:00:00Z');
    expect((await refusal(aToken(client, slot))).metadata).toMatchObject({ endedAt: '2026-03-03T10:00:00.000Z' });
    service.clock.set(MORNING);
  });

  test('not while somebody is still in a slot that has ended: the day would end at another time', async () => {
    const doctor = await aDoctor(client);
    const slot = await aSlot(client, doctor, 9);
    const { id: tokenId } = await aToken(client, slot);
    await client.call('checkInToken', { tokenId });
    service.clock.set('2026-03-02T04:30:00Z');
    for (const validateOnly of [true, false]) {
      const call = update(doctor.id, { timeZone: 'Pacific/Kiritimati', validateOnly }, 'time_zone');
      expect(await refusal(call)).toMatchObject({ reason: 'DOCTOR_HAS_SLOTS', metadata: { slotId: slot.id } });
    }
    await client.call('callToken', { tokenId });
    await client.call('completeToken', { tokenId });
    await update(doctor.id, { timeZone: 'Pacific/Kiritimati' }, 'time_zone');
    service.clock.set(MORNING);
  });

  test.each([
    ['an offset', '+05:30'],
    ['none', ''],
    ['a place that is none', 'Mars/Base'],
  ])('not to %s', async (_, timeZone) => {
    const doctor = await aDoctor(client);
    const { reason, violations } = await refusal(update(doctor.id, { timeZone }, 'time_zone'));
    expect([reason, Object.keys(violations)]).toEqual(['INVALID_FIELDS', ['time_zone']]);
  });
});

describe('ListDoctors', () => {
  async function names(fields: Partial<RequestOf<'listDoctors'>>): Promise<string[]> {
    return (await client.listDoctors(fields)).doctors.map(({ name }) => name);
  }

  beforeEach(async () => {
    const staff = [
      ['Dr Asha Rao', 'ENT'],
      ['Dr Bose', 'ent'],
      ['Dr Rahman', 'Surgery'],
      ['Dr Sen', 'Surgery'],
    ] as const;
    for (const [name, department] of staff) {
      const { doctor } = await client.createDoctor({ name, department });
      if (name === 'Dr Sen') await retire(there(doctor).id);
    }
  });

  test.each<[string, Partial<RequestOf<'listDoctors'>>, string[]]>([
    ['without the retired', {}, ['Dr Asha Rao', 'Dr Bose', 'Dr Rahman']],
    ['with the retired', { showRetired: true }, ['Dr Asha Rao', 'Dr Bose', 'Dr Rahman', 'Dr Sen']],
    ['by department', { department: 'ENT' }, ['Dr Asha Rao', 'Dr Bose']],
    ['by name', { namePrefix: 'ra' }, ['Dr Asha Rao', 'Dr Rahman']],
    ['by both', { department: 'surgery', namePrefix: 'ra' }, ['Dr Rahman']],
  ])('%s', async (_, fields, listed) => {
    expect(await names(fields)).toEqual(listed);
  });

  test('pages through those that the filter lets through', async () => {
    const filter = { department: 'ent', pageSize: 1 };
    const first = await client.listDoctors(filter);
    const second = await client.listDoctors({ ...filter, pageToken: first.nextPageToken });
    expect([first, second].map(({ doctors }) => doctors.map(({ name }) => name))).toEqual([
      ['Dr Asha Rao'],
      ['Dr Bose'],
    ]);
    expect(second.nextPageToken).toBe('');
  });

  test('refuses a prefix that no name can have', async () => {
    const { violations } = await refusal(client.listDoctors({ namePrefix: 'x'.repeat(129), department: '\0' }));
    expect(Object.keys(violations).sort()).toEqual(['department', 'name_prefix']);
  });
});
