import { connect as connectSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueRequest } from '../../gen/opd/v1/opd_service.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { call } from '../../src/client/call.js';
import { residentMebibytes } from '../support/process-figures.js';
import { connect } from '../torture/clients.js';
import { ServerProcess } from '../torture/server-process.js';
import { AGREEMENT, opening, wholeCall } from './frames.js';

const TOKENS = 5_000;
const AT_ONCE = 100;
const DATE = '2099-01-31';
/** An answer of some 1.5 MiB each: 130 MiB a connection without a bound, 32 with it, and what garbage there is. */
const QUESTIONS = 90;
const MEBIBYTES_MAX = 90;

let server: ServerProcess;
beforeAll(async () => {
  server = new ServerProcess(':memory:');
  await server.start();
});
afterAll(() => server.stop());

async function fullDay(): Promise<string> {
  const client = connect(server.address);
  const { doctor } = await call(client, 'createDoctor', { name: 'Dr Rao', timeZone: 'UTC' });
  const doctorId = doctor?.id as string;
  const hours = { start: '09:00', end: '17:00', capacity: 1_000 };
  const { slot } = await call(client, 'createSlot', { doctorId, date: DATE, ...hours });
  const slotId = slot?.id as string;
  const ask = (n: number) =>
    call(client, 'allocateToken', { slotId, source: TokenSource.WALK_IN, patientRef: `${'x'.repeat(100)}${n}` });
  for (let first = 0; first < TOKENS; first += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => ask(first + n)));
  }
  client.close();
  return doctorId;
}

test('a client that reads none of its answers costs a bounded amount of memory', async () => {
  const request = GetQueueRequest.encode({ doctorId: await fullDay(), date: DATE }).finish();
  const before = residentMebibytes(server.pid as number);
  const socket = connectSocket(Number(server.address.split(':')[1]), '127.0.0.1');
  socket.on('error', () => {}).once('data', () => socket.write(AGREEMENT));
  socket.write(opening(0));
  for (let n = 0; n < QUESTIONS; n += 1) socket.write(wholeCall(1 + 2 * n, 'GetQueue', request));
  let most = 0;
  for (let looks = 0; looks < 30; looks += 1) {
    await sleep(100);
    most = Math.max(most, residentMebibytes(server.pid as number) - before);
  }
  socket.destroy();
  expect(most).toBeLessThan(MEBIBYTES_MAX);
  expect(most).toBeGreaterThan(5);
}, 60_000);
