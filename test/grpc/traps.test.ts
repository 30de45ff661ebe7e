/** Near midnight, far from the server's own zone; and which slot an emergency for a doctor gets. */

import type { TimeZone } from '../../src/domain/time.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, aSlot, there } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start({ timeZone: 'UTC' as TimeZone });
  client = service.client;
});
afterAll(() => service.stop());

test.each([
  ['Asia/Kolkata', '2026-03-02T18:29:59.999Z', '2026-03-02'],
  ['Asia/Kolkata', '2026-03-02T18:30:00Z', '2026-03-03'],
  ['America/Los_Angeles', '2026-03-02T07:59:59.999Z', '2026-03-01'],
  ['America/Los_Angeles', '2026-03-02T08:00:00Z', '2026-03-02'],
  ['America/Los_Angeles', '2026-07-02T06:59:59.999Z', '2026-07-01'],
  ['America/Los_Angeles', '2026-07-02T07:00:00Z', '2026-07-02'],
  ['', '2026-03-02T23:59:59.999Z', '2026-03-02'],
])('today of a doctor in "%s" at %s is %s', async (timeZone, now, today) => {
  const doctor = await aDoctor(client, 'NEVER', timeZone);
  service.clock.set(now);
  const window = { doctorId: doctor.id, start: '00:00', end: '24:00', capacity: 1 };
  expect((await client.createSlot(window)).slot?.date).toBe(today);
  expect((await client.getQueue({ doctorId: doctor.id })).queue).toMatchObject({ date: today, revision: 1 });
  expect((await client.listSlots({ doctorId: doctor.id })).slots).toHaveLength(1);
  const watched = client.watch({ doctorId: doctor.id });
  expect((await watched.snapshot()).date).toBe(today);
  watched.cancel();
});

test.each([
  ['Asia/Kolkata', '2026-03-02', '2026-03-02T18:30:00.000Z'],
  ['America/Los_Angeles', '2026-03-02', '2026-03-03T08:00:00.000Z'],
  ['America/Los_Angeles', '2026-03-08', '2026-03-09T07:00:00.000Z'],
])('R17 · a slot to 24:00 in %s on %s ends at %s', async (timeZone, date, endedAt) => {
  service.clock.set('2026-03-01T00:00:00Z');
  const slot = await aSlot(client, await aDoctor(client, 'NEVER', timeZone), 23, 5, date);
  const allocate = () => client.insertEmergency({ target: { $case: 'slotId', value: slot.id } });
  service.clock.set(new Date(Date.parse(endedAt) - 1).toISOString());
  expect((await allocate()).token?.number).toBe(1);
  service.clock.set(endedAt);
  expect((await refusal(allocate())).metadata).toEqual({ slotId: slot.id, endedAt });
});

test('R17 · a watch that was opened today goes on with the same day after midnight', async () => {
  service.clock.set('2026-03-02T18:00:00Z');
  const doctor = await aDoctor(client, 'NEVER', 'Asia/Kolkata');
  const watched = client.watch({ doctorId: doctor.id });
  await watched.snapshot();
  const today = await aSlot(client, doctor, 23);
  service.clock.set('2026-03-02T18:31:00Z');
  await aSlot(client, doctor, 10, 1, '2026-03-03');
  expect((await watched.change()).slots).toEqual([today]);
  expect((await client.getQueue({ doctorId: doctor.id })).queue?.date).toBe('2026-03-03');
  watched.cancel();
});

describe('an emergency for a doctor', () => {
  test.each([
    ['before the first slot gets the first', '2026-03-02T04:00:00Z', 10],
    ['in a slot gets that one', '2026-03-02T05:00:00Z', 10],
    ['at the very start of a slot gets that one', '2026-03-02T06:30:00Z', 12],
    ['at the very end of a slot gets the next', '2026-03-02T05:30:00Z', 12],
    ['between slots gets the next', '2026-03-02T06:00:00Z', 12],
    ['at the last moment of the last slot gets that one', '2026-03-02T07:29:59.999Z', 12],
  ])('%s', async (_, now, hour) => {
    const { doctor, slots } = await aMorning();
    service.clock.set(now);
    const { token } = await insert(doctor.id);
    expect(token?.slotId).toBe(there(slots.get(hour)).id);
  });

  test('after the last slot of today is refused, though tomorrow has one', async () => {
    const { doctor } = await aMorning();
    service.clock.set('2026-03-02T07:30:00Z');
    expect((await refusal(insert(doctor.id))).reason).toBe('NO_OPEN_SLOT');
  });

  test('R5 · a full slot that is running is chosen before an empty one to come', async () => {
    const { doctor, slots } = await aMorning();
    service.clock.set('2026-03-02T05:00:00Z');
    for (let n = 0; n < 3; n += 1) {
      expect((await insert(doctor.id)).token?.slotId).toBe(there(slots.get(10)).id);
    }
  });

  /** Slots at 10 and 12 in Kolkata, made out of order, and one tomorrow. */
  async function aMorning() {
    service.clock.set('2026-03-02T03:00:00Z');
    const doctor = await aDoctor(client, 'NEVER', 'Asia/Kolkata');
    await aSlot(client, doctor, 8, 1, '2026-03-03');
    const slots = new Map([
      [12, await aSlot(client, doctor, 12)],
      [10, await aSlot(client, doctor, 10)],
    ]);
    return { doctor, slots };
  }

  function insert(doctorId: string) {
    return client.insertEmergency({ target: { $case: 'doctorId', value: doctorId } });
  }
});
