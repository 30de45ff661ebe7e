/** A whole service on a machine whose clock is wrong, or is right after a long stop. */

import type { Doctor, Slot } from '../../gen/opd/v1/resources.js';
import { SlotState, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { type Service, startService } from '../../src/cli/service.js';
import { LONG_WAIT, WAIT } from '../../src/desk/clock-guard.js';
import type { TimeZone } from '../../src/domain/time.js';
import { Client } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, there } from '../support/clinic.js';
import { Machine } from '../support/machine.js';
import { RecordedLog, TemporaryFile } from '../support/service.js';

const TODAY = '2026-03-02';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let file: TemporaryFile;
let machine: Machine;
let service: Service;
let client: Client;
let log: RecordedLog;

async function start(trustClock = false): Promise<void> {
  log = new RecordedLog();
  const options = { listen: '127.0.0.1:0', data: file.path, timeZone: 'UTC' as TimeZone, clockTicks: false };
  service = await startService({ ...options, log, clocks: machine, trustClock });
  client = new Client(service.address);
}

async function stop(): Promise<void> {
  await service.stop();
  client.close();
}

beforeEach(async () => {
  file = new TemporaryFile();
  machine = new Machine();
  await start();
});
afterEach(async () => {
  await stop();
  file.remove();
});

/** Two slots this afternoon, the first with three tokens, one of whom waits; and the doctor. */
async function afternoon(): Promise<{ doctor: Doctor; first: Slot; second: Slot }> {
  const doctor = await aDoctor(client);
  const first = await aSlot(client, doctor, 12, 2, TODAY);
  const second = await aSlot(client, doctor, 14, 2, TODAY);
  for (const slot of [first, first, first, second, second]) await aToken(client, slot);
  return { doctor, first, second };
}

const dayOf = async ({ id }: Doctor) => there((await client.getQueue({ doctorId: id, date: TODAY })).queue);
const todayOf = async ({ id }: Doctor) => there((await client.getQueue({ doctorId: id })).queue).date;

/** Who is on the day, in which state, and how its slots stand; reads only. */
async function standingOf(doctor: Doctor) {
  const { slots, revision } = await dayOf(doctor);
  return {
    revision,
    slots: slots.map(({ slot, seated, waiting }) => ({
      state: slot?.state,
      seated: seated.length,
      waiting: waiting.length,
    })),
  };
}

async function restart(change: () => void, trustClock = false): Promise<void> {
  await stop();
  change();
  await start(trustClock);
}

test.each([
  ['hours', 6 * HOUR],
  ['a day', DAY],
  ['years', 1_000 * DAY],
])('a start with a clock that is ahead by %s ends nothing, whatever people do meanwhile', async (_, ahead) => {
  const { doctor, first, second } = await afternoon();
  const before = await standingOf(doctor);
  await restart(() => machine.step(ahead));
  expect(await service.letTimePass()).toBe(true);
  expect(await standingOf(doctor)).toEqual(before);
  expect(await todayOf(doctor)).toBe(TODAY);
  // Each way of carrying out a command does first what is due by now, and so does one that is only
  // tried.
  const emergency = await anEmergency(client, first);
  const tried = { slotId: first.id, source: TokenSource.WALK_IN, patientRef: '', validateOnly: true };
  expect(there((await client.allocateToken(tried)).token).status).toBe(TokenStatus.WAITING);
  const from = await aToken(client, first);
  const { token: moved } = await client.call('rescheduleToken', { tokenId: from.id, slotId: second.id });
  expect(log.text).toMatch(/ahead of what the server can explain/);

  await restart(() => machine.step(-ahead));
  expect(await service.letTimePass()).toBe(true);
  const { slots } = await standingOf(doctor);
  expect(slots.map(({ state }) => state)).toEqual([SlotState.OPEN, SlotState.OPEN]);
  const { token } = await client.getToken({ tokenId: emergency.id });
  expect(there(token)).toMatchObject({ status: TokenStatus.ACTIVE, createdAt: new Date(machine.wall()) });
  const { token: waiting } = await client.getToken({ tokenId: there(moved).id });
  expect(there(waiting).status).toBe(TokenStatus.WAITING);
});

test('a step forward while it serves ends nothing until the clock has run steadily', async () => {
  const { doctor } = await afternoon();
  const before = await standingOf(doctor);
  machine.step(DAY);
  expect(await service.letTimePass()).toBe(true);
  expect(await standingOf(doctor)).toEqual(before);
  machine.pass(LONG_WAIT);
  await service.letTimePass();
  expect((await standingOf(doctor)).slots.map(({ state }) => state)).toEqual([SlotState.ENDED, SlotState.ENDED]);
});

test('what falls due while the clock is in doubt happens by the estimate', async () => {
  const { doctor } = await afternoon();
  machine.pass(2.5 * HOUR);
  await restart(() => machine.step(DAY));
  machine.pass(HOUR / 2 + MINUTE);
  await service.letTimePass();
  expect((await standingOf(doctor)).slots.map(({ state }) => state)).toEqual([SlotState.ENDED, SlotState.OPEN]);
});

test('a machine that was asleep does at once what fell due meanwhile', async () => {
  const { doctor } = await afternoon();
  machine.pass(3.5 * HOUR, { asleep: 3.5 * HOUR });
  await service.letTimePass();
  expect((await standingOf(doctor)).slots.map(({ state }) => state)).toEqual([SlotState.ENDED, SlotState.OPEN]);
});

test('a machine that was off for a night is served by what its clock says after ten minutes', async () => {
  const { doctor } = await afternoon();
  await restart(() => machine.turnOff(21 * HOUR));
  expect(await todayOf(doctor)).toBe(TODAY);
  machine.pass(WAIT);
  expect(await todayOf(doctor)).toBe('2026-03-03');
  await service.letTimePass();
  expect((await standingOf(doctor)).slots.map(({ state }) => state)).toEqual([SlotState.ENDED, SlotState.ENDED]);
});

test('an operator who trusts the clock has it believed at once', async () => {
  const { doctor } = await afternoon();
  await restart(() => machine.turnOff(21 * HOUR), true);
  expect(await todayOf(doctor)).toBe('2026-03-03');
  expect(log.text).not.toMatch(/what the server can explain/);
});

test('a clock without a battery does not take the desk back to 1970', async () => {
  const { doctor, second } = await afternoon();
  await restart(() => machine.turnOff(MINUTE).set(0));
  expect(await todayOf(doctor)).toBe(TODAY);
  const { token } = await client.insertEmergency({ target: { $case: 'slotId', value: second.id }, patientRef: '' });
  expect(there(there(token).createdAt).getUTCFullYear()).toBe(2026);
  expect(log.text).toMatch(/behind what the server can explain/);
});

test('the health service tells by a name of its own that the clock is in doubt; the desk goes on serving', async () => {
  await afternoon();
  await restart(() => machine.step(DAY));
  expect(await healthOf('opd.v1.Clock')).toBe('NOT_SERVING');
  expect(await healthOf('')).toBe('SERVING');
  await restart(() => machine.step(-DAY));
  expect(await healthOf('opd.v1.Clock')).toBe('SERVING');
});

async function healthOf(name: string): Promise<string | undefined> {
  const request = name ? Buffer.from([10, name.length, ...Buffer.from(name)]) : Buffer.alloc(0);
  const deadline = Date.now() + 5_000;
  const [, status] = await client.raw('/grpc.health.v1.Health/Check', request, { deadline });
  return ['UNKNOWN', 'SERVING', 'NOT_SERVING'][status ?? 0];
}
