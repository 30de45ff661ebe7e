/** How many connections there may be, and where the server listens. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { refused } from '../../src/domain/refusal.js';
import { DEFAULT_CALL_LIMITS } from '../../src/grpc/calls.js';
import { Listener } from '../../src/grpc/listener.js';
import { Client, refusal } from '../support/client.js';
import { NOBODY } from '../support/clinic.js';
import { Stage } from '../support/stage.js';

const stage = new Stage();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stage.clear();
});

function connectTo(port: number, host = '127.0.0.1'): Socket {
  const socket = connect(port, host)
    .on('error', () => {})
    .resume();
  sockets.push(socket);
  return socket;
}

const doctorId = `doc_${NOBODY}`;
/** The server speaks first on a connection that it takes. */
function fateOf(socket: Socket): Promise<string> {
  return Promise.race([once(socket, 'data').then(() => 'taken'), once(socket, 'close').then(() => 'closed')]);
}

const answered = { findDoctor: async () => refused('DOCTOR_NOT_FOUND', { doctorId: doctorId as never }) };

describe('connections', () => {
  test('beyond connectionsMax are closed at once; those that are there go on, and make room when they go', async () => {
    const { client, port } = await stage.open(answered, { limits: { ...DEFAULT_CALL_LIMITS, connectionsMax: 2 } });
    expect((await refusal(client.getDoctor({ doctorId }))).reason).toBe('DOCTOR_NOT_FOUND');
    const second = connectTo(port);
    expect(await fateOf(second)).toBe('taken');
    expect(await fateOf(connectTo(port))).toBe('closed');
    expect((await refusal(client.getDoctor({ doctorId }))).reason).toBe('DOCTOR_NOT_FOUND');
    second.destroy();
    // The server learns of it a little later.
    while ((await fateOf(connectTo(port))) === 'closed');
  });

  test('that come in a storm are all served', async () => {
    const { port } = await stage.open(answered);
    const clients = Array.from({ length: 100 }, () => new Client(`127.0.0.1:${port}`));
    const refusals = await Promise.all(clients.map((each) => refusal(each.getDoctor({ doctorId }))));
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(['DOCTOR_NOT_FOUND']));
    for (const each of clients) each.close();
  });

  test('that are gone before their turn do no harm', async () => {
    const { client, port } = await stage.open(answered);
    for (let n = 0; n < 50; n += 1) {
      const socket = connectTo(port).on('connect', () => socket.resetAndDestroy());
    }
    expect((await refusal(client.getDoctor({ doctorId }))).reason).toBe('DOCTOR_NOT_FOUND');
  });
});

describe('listening', () => {
  async function listen(address: string): Promise<{ port: number; listener: Listener }> {
    const listener = new Listener(10, (socket) => socket.destroy());
    return { port: await listener.listen(address), listener };
  }

  test('on a name is at its addresses, on one port', async () => {
    const { port, listener } = await listen('localhost:0');
    await once(connectTo(port, 'localhost'), 'close');
    await listener.close();
  });

  test('on an address that this machine has not is refused', async () => {
    await expect(listen('192.0.2.1:0')).rejects.toThrow('EADDRNOTAVAIL');
  });

  test('on a port that is in use is refused', async () => {
    const { port, listener } = await listen('127.0.0.1:0');
    await expect(listen(`127.0.0.1:${port}`)).rejects.toThrow('EADDRINUSE');
    await listener.close();
  });
});

test('a connection that is hung up on is closed, and forgotten once it is', async () => {
  const listener = new Listener(10, () => {});
  const port = await listener.listen('127.0.0.1:0');
  const [kept, closed] = [connectTo(port), connectTo(port)];
  await Promise.all([once(kept, 'connect'), once(closed, 'connect')]);
  const peer = `127.0.0.1:${closed.localPort}`;
  const end = once(closed, 'close');
  while (!listener.hangUp(peer)) await new Promise(setImmediate);
  await end;
  await new Promise(setImmediate);
  expect(listener.hangUp(peer)).toBe(false);
  expect(kept.destroyed).toBe(false);
  kept.destroy();
  await listener.close();
});
