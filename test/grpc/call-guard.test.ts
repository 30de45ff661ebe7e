/** What grpc-js refuses by itself, and requests that never come to an end. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { Status } from '../../gen/google/rpc/status.js';
import { refused } from '../../src/domain/refusal.js';
import { DEFAULT_CALL_LIMITS } from '../../src/grpc/calls.js';
import { Client, refusal, refusalOf } from '../support/client.js';
import { NOBODY } from '../support/clinic.js';
import { holding, type Opened, Stage } from '../support/stage.js';

const stage = new Stage();
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await stage.clear();
});

const DOCTOR = `doc_${NOBODY}`;
const WHOLE = Buffer.from([0, 0, 0, 0, 0]);

/** A call whose bytes the test sends itself. */
function bareCall({ port }: Opened, method: string, headers = {}, service = 'opd.v1.OpdService'): ClientHttp2Stream {
  const session = connect(`http://127.0.0.1:${port}`);
  sessions.push(session);
  const path = `/${service}/${method}`;
  const fixed = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
  return session.request({ ...fixed, ':path': path, ...headers }).resume();
}

/** The code and the reason that a call ends with. */
async function endingOf(call: ClientHttp2Stream): Promise<[number, string | undefined]> {
  const ends = [once(call, 'response'), once(call, 'trailers')] as Promise<[IncomingHttpHeaders]>[];
  const headers = (await Promise.race(ends))[0];
  const bytes = headers['grpc-status-details-bin'];
  if (!bytes) return [Number(headers['grpc-status']), undefined];
  const { code, message } = Status.decode(Buffer.from(String(bytes), 'base64'));
  const details = decodeURI(String(headers['grpc-message']));
  const metadata = { get: () => [Buffer.from(String(bytes), 'base64')] };
  return [code, refusalOf({ code, details: message && details, metadata }).reason];
}

describe('what grpc-js refuses by itself has details', () => {
  test('a request of more than 64 KiB', async () => {
    const { client } = await stage.open({});
    const call = client.cancelToken({ tokenId: `token_${NOBODY}`, reason: 'x'.repeat(65 * 1024) });
    expect(await refusal(call)).toMatchObject({ code: Code.RESOURCE_EXHAUSTED, reason: 'REQUEST_TOO_LARGE' });
  });

  test('a deadline that passes here', async () => {
    const held = holding();
    const opened = await stage.open({ findDoctor: held.answer });
    const message = Buffer.concat([
      Buffer.from([0, 0, 0, 0, DOCTOR.length + 2, 0x0a, DOCTOR.length]),
      Buffer.from(DOCTOR),
    ]);
    const call = bareCall(opened, 'GetDoctor', { 'grpc-timeout': '50m' });
    call.end(message);
    expect(await endingOf(call)).toEqual([Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED']);
    held.release();
  });

  test('bytes that are compressed in a way that is not known', async () => {
    const call = bareCall(await stage.open({}), 'GetDoctor', { 'grpc-encoding': 'rot13' });
    call.end(Buffer.from([1, 0, 0, 0, 0]));
    expect(await endingOf(call)).toEqual([Code.UNIMPLEMENTED, 'UNIMPLEMENTED']);
  });

  test('a call without a message', async () => {
    const call = bareCall(await stage.open({}), 'GetDoctor');
    call.end();
    expect(await endingOf(call)).toEqual([Code.UNIMPLEMENTED, 'UNIMPLEMENTED']);
  });

  test('but not a method that is not there', async () => {
    const call = bareCall(await stage.open({}), 'HealDoctor');
    call.end(WHOLE);
    expect(await endingOf(call)).toEqual([Code.UNIMPLEMENTED, undefined]);
  });
});

describe('a request that does not come to an end', () => {
  const limits = { ...DEFAULT_CALL_LIMITS, requestSecondsMax: 0.1 };

  test.each([
    ['after its headers', Buffer.alloc(0)],
    ['within its message', Buffer.from([0, 0, 0, 0, 9, 1, 2])],
    ['after its message', WHOLE],
  ])('is given up, where it stops %s', async (_, bytes) => {
    const call = bareCall(await stage.open({}, { limits }), 'GetDoctor');
    call.write(bytes);
    expect(await endingOf(call)).toEqual([Code.DEADLINE_EXCEEDED, 'REQUEST_TOO_SLOW']);
  });

  test('is given up, though something of it comes again and again', async () => {
    const call = bareCall(await stage.open({}, { limits }), 'WatchQueue');
    call.write(Buffer.from([0, 0, 0, 100, 0]));
    const trickle = setInterval(() => call.write(Buffer.alloc(1)), 20);
    expect(await endingOf(call)).toEqual([Code.DEADLINE_EXCEEDED, 'REQUEST_TOO_SLOW']);
    clearInterval(trickle);
  });

  test('hinders nobody whose request is whole, however long the answer takes', async () => {
    const held = holding();
    const { client } = await stage.open({ findDoctor: held.answer }, { limits });
    const call = refusal(client.getDoctor({ doctorId: DOCTOR }));
    await sleep(300);
    held.release();
    expect((await call).reason).toBe('DOCTOR_NOT_FOUND');
  });

  test('is no matter where requests are a stream, as in reflection', async () => {
    const opened = await stage.open({}, { limits });
    const call = bareCall(opened, 'ServerReflectionInfo', {}, 'grpc.reflection.v1.ServerReflection');
    const ended = endingOf(call).then(() => 'ended');
    expect(await Promise.race([ended, sleep(300, 'open')])).toBe('open');
  });
});

describe('calls that come all at once', () => {
  const limits = { ...DEFAULT_CALL_LIMITS, callsWaitingMax: 10 };

  async function rush(opened: Opened): Promise<string[]> {
    const clients = Array.from({ length: 5 }, () => new Client(`127.0.0.1:${opened.port}`));
    await Promise.all(clients.map((each) => refusal(each.getDoctor({ doctorId: DOCTOR }))));
    const calls = clients.flatMap((each) => Array.from({ length: 100 }, () => each.getDoctor({ doctorId: DOCTOR })));
    const refusals = await Promise.all(calls.map(refusal));
    for (const each of clients) each.close();
    return refusals.map(({ reason }) => reason);
  }

  test('are all answered', async () => {
    const opened = await stage.open({ findDoctor: async () => refused('CONFLICT', {}) });
    expect(new Set(await rush(opened))).toEqual(new Set(['CONFLICT']));
  });

  test('beyond callsWaitingMax are refused with TOO_MANY_REQUESTS', async () => {
    const opened = await stage.open({ findDoctor: async () => refused('CONFLICT', {}) }, { limits });
    expect(new Set(await rush(opened))).toEqual(new Set(['CONFLICT', 'TOO_MANY_REQUESTS']));
  });
});

test('a client that waits for a second after it was refused keeps its connection, however often that happens', async () => {
  const limits = { ...DEFAULT_CALL_LIMITS, callsWaitingMax: 10 };
  const { client } = await stage.open({ findDoctor: async () => refused('CONFLICT', {}) }, { limits });
  let refusals = 0;
  for (let rush = 0; rush < 3; rush += 1) {
    const calls = Array.from({ length: 100 }, () => refusal(client.getDoctor({ doctorId: DOCTOR })));
    refusals += (await Promise.all(calls)).filter(({ reason }) => reason === 'TOO_MANY_REQUESTS').length;
    await sleep(1_050);
  }
  expect(refusals).toBeGreaterThan(100);
});

test('a client that is refused and asks again at once, again and again, loses its connection, and nobody else does', async () => {
  const limits = { ...DEFAULT_CALL_LIMITS, callsWaitingMax: 10 };
  const opened = await stage.open({ findDoctor: async () => refused('CONFLICT', {}) }, { limits });
  const [patient, impatient] = [new Client(`127.0.0.1:${opened.port}`), new Client(`127.0.0.1:${opened.port}`)];
  const calm = bareCall(opened, 'WatchQueue');
  let over = false;
  calm.once('close', () => {
    over = true;
  });
  /** Asks until it is not answered at all any more. */
  const insist = async (times = 1): Promise<number> => {
    const code = await impatient.getDoctor({ doctorId: DOCTOR }).catch((error: ServiceError) => error.code);
    return code === Code.UNAVAILABLE || times === 1_000 ? times : insist(times + 1);
  };
  const times = await Promise.all(Array.from({ length: 100 }, () => insist()));
  expect(Math.max(...times)).toBeLessThan(1_000);
  expect((await refusal(patient.getDoctor({ doctorId: DOCTOR }))).reason).toBe('CONFLICT');
  expect(over).toBe(false);
  patient.close();
  impatient.close();
});

test('a call that is over is found by the next minor collections, and not left for a major one', () => {
  // In a process of its own, whose memory nothing else has been in; where V8 makes nothing old because of what it has seen.
  const program = new URL('./finished-calls.js', import.meta.url).pathname;
  const flags = ['--expose-gc', '--no-allocation-site-pretenuring'];
  const { bytes, kept } = JSON.parse(execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' }));
  expect(kept).toBeLessThan(bytes / 4);
});
