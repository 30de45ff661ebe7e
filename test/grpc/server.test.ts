/** The server around the service: health, reflection, limits, and how it goes away. */
import { status as Code, credentials, makeClientConstructor } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { refused } from '../../src/domain/refusal.js';
import { DEFAULT_CALL_LIMITS } from '../../src/grpc/calls.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { refusal, refusalOf } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, tokens } from '../support/clinic.js';
import { TestService } from '../support/service.js';
import { holding, Stage } from '../support/stage.js';

const DOCTOR = `doc_${NOBODY}`;

// biome-ignore lint/suspicious/noExplicitAny: a stub of a definition without types
function stubOf(address: string): any {
  const HealthClient = makeClientConstructor(healthDefinition as never, 'Health');
  return new HealthClient(address, credentials.createInsecure());
}

describe('health', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await TestService.start();
  });
  afterEach(() => service.stop());

  test.each(['', 'opd.v1.OpdService'])('"%s" is SERVING', async (name) => {
    expect(await check(name)).toBe('SERVING');
  });

  test('a service that is not here is NOT_FOUND', async () => {
    await expect(check('opd.v2.OpdService')).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });

  test('a watcher of the health learns of the drain', async () => {
    const stub = healthStub();
    const stream = stub.watch({ service: 'opd.v1.OpdService' });
    stream.on('error', () => {});
    const nextStatus = () => new Promise((resolve) => stream.once('data', ({ status }: Status) => resolve(status)));
    expect(await nextStatus()).toBe('SERVING');
    const drained = service.stop();
    expect(await nextStatus()).toBe('NOT_SERVING');
    stream.cancel();
    await drained;
    stub.close();
    service = await TestService.start();
  });

  type Status = { status: string };
  const healthStub = () => stubOf(service.address);

  function check(name: string): Promise<string> {
    const stub = healthStub();
    return new Promise<string>((resolve, reject) => {
      stub.check({ service: name }, (error: Error | null, answer: Status) =>
        error ? reject(error) : resolve(answer.status),
      );
    }).finally(() => stub.close());
  }
});

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  const [FILE_CONTAINING_SYMBOL, LIST_SERVICES] = [4, 7];

  test('lists the services', async () => {
    const answer = await reflect(LIST_SERVICES, '*');
    expect(answer).toContain('opd.v1.OpdService');
    expect(answer).toContain('grpc.health.v1.Health');
  });

  test.each([
    ['opd.v1.OpdService', 'WatchQueue'],
    ['opd.v1.QueueChange', 'TokenChange'],
    ['grpc.health.v1.Health', 'HealthCheckRequest'],
    ['google.rpc.ErrorInfo', 'BadRequest'],
    ['google.rpc.Status', 'details'],
  ])('describes %s', async (symbol, part) => {
    expect(await reflect(FILE_CONTAINING_SYMBOL, symbol)).toContain(part);
  });

  /** The answer's bytes as text; names stand in them as they are. */
  function reflect(field: number, text: string): Promise<string> {
    const asItIs = (value: Buffer) => value;
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const stream = service.client.stub.makeBidiStreamRequest(path, asItIs, asItIs);
    return new Promise<string>((resolve, reject) => {
      stream.on('error', reject).on('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
      stream.write(Buffer.from([(field << 3) | 2, text.length, ...Buffer.from(text)]));
    }).finally(() => stream.end());
  }
});

describe('limits', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ limits: { ...DEFAULT_CALL_LIMITS, callsMax: 3, watchersMax: 2 } });
  });
  afterAll(() => service.stop());

  test('calls beyond callsMax are refused with TOO_MANY_REQUESTS, and welcome afterwards', async () => {
    const calls = Array.from({ length: 20 }, () => service.client.createDoctor({ name: 'x' }));
    const outcomes = await Promise.allSettled(calls);
    const refusals = outcomes.flatMap((each) => (each.status === 'rejected' ? [refusalOf(each.reason)] : []));
    expect(refusals.length).toBeGreaterThan(0);
    expect(outcomes.length - refusals.length).toBeGreaterThanOrEqual(3);
    for (const each of refusals) {
      expect(each).toMatchObject({ code: Code.RESOURCE_EXHAUSTED, reason: 'TOO_MANY_REQUESTS', retryDelay: 1 });
    }
    expect((await service.client.createDoctor({ name: 'x' })).doctor?.name).toBe('x');
  });

  test('watches beyond watchersMax are refused with TOO_MANY_WATCHERS, also in a rush', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    const watches = Array.from({ length: 10 }, () => service.client.watch({ doctorId }));
    const firsts = await Promise.allSettled(watches.map((each) => each.snapshot()));
    const refusals = firsts.flatMap((each) => (each.status === 'rejected' ? [refusalOf(each.reason)] : []));
    expect(refusals).toHaveLength(8);
    expect(refusals[0]).toMatchObject({ code: Code.RESOURCE_EXHAUSTED, reason: 'TOO_MANY_WATCHERS', retryDelay: 30 });
    for (const each of watches) each.cancel();
    const ended = ({ fields }: { fields: object }) => (fields as { reason?: string; path?: string }).reason === 'OK';
    await service.log.until((line) => ended(line) && JSON.stringify(line.fields).includes('WatchQueue'));
    const next = service.client.watch({ doctorId });
    expect((await next.snapshot()).revision).toBe(0);
    next.cancel();
  });

  test('a request of more than 64 KiB is refused, and the connection goes on', async () => {
    const call = service.client.cancelToken({ tokenId: `token_${NOBODY}`, reason: 'x'.repeat(65 * 1024) });
    await expect(call).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
    expect((await service.client.createDoctor({ name: 'x' })).doctor?.name).toBe('x');
  });
});

describe('a call', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  test('that finds a bug ends with INTERNAL in fixed words; the log says more under the same id', async () => {
    const { client, log } = await stage.open({ findDoctor: () => Promise.reject(new Error('MRN 77 in table tokens')) });
    const { code, reason, message, metadata } = await refusal(client.getDoctor({ doctorId: DOCTOR }));
    expect([code, reason]).toEqual([Code.INTERNAL, 'INTERNAL']);
    expect(message).toBe('a bug in the server; its log says more under the requestId of this error');
    expect(log.text).toContain(metadata.requestId);
  });

  test('that finds a bug while it watches ends likewise', async () => {
    const { client } = await stage.open({ startOfWatch: () => Promise.reject(new Error('MRN 77')) });
    const { reason, message } = await refusal(client.watch({ doctorId: DOCTOR }).next());
    expect([reason, message.includes('MRN')]).toEqual(['INTERNAL', false]);
  });

  test('that the store fails while it watches ends with STORE_UNAVAILABLE', async () => {
    const { client } = await stage.open({ startOfWatch: () => Promise.reject(new StoreUnavailable('disk')) });
    const refusedWatch = await refusal(client.watch({ doctorId: DOCTOR }).next());
    expect(refusedWatch).toMatchObject({ code: Code.UNAVAILABLE, reason: 'STORE_UNAVAILABLE', retryDelay: 1 });
  });

  test.each([
    ['CONFLICT', Code.ABORTED, undefined],
    ['STORE_UNAVAILABLE', Code.UNAVAILABLE, 1],
  ] as const)('that the desk refuses with %s says so', async (reason, code, retryDelay) => {
    const { client } = await stage.open({ findDoctor: async () => refused(reason, {}) });
    expect(await refusal(client.getDoctor({ doctorId: DOCTOR }))).toMatchObject({ code, reason, retryDelay });
  });

  test('that takes longer than callSecondsMax ends with STORE_UNAVAILABLE, and its answer is dropped', async () => {
    const held = holding();
    const limits = { ...DEFAULT_CALL_LIMITS, callSecondsMax: 0.05 };
    const { client, server } = await stage.open({ findDoctor: held.answer }, { limits });
    expect((await refusal(client.getDoctor({ doctorId: DOCTOR }))).reason).toBe('STORE_UNAVAILABLE');
    held.release();
    expect(server.calls.underWay).toBe(0);
  });

  test('that is cancelled, or whose deadline passes, does no harm', async () => {
    const held = holding();
    const { client, server } = await stage.open({ findDoctor: held.answer });
    const fields = { doctorId: DOCTOR };
    const cancelled = client.call('getDoctor', fields, { onStart: (call) => setImmediate(() => call.cancel()) });
    await expect(cancelled).rejects.toMatchObject({ code: Code.CANCELLED });
    const late = client.call('getDoctor', fields, { deadline: Date.now() + 50 });
    await expect(late).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    held.release();
    expect((await refusal(client.getDoctor(fields))).reason).toBe('DOCTOR_NOT_FOUND');
    expect(server.calls.underWay).toBe(0);
  });
});

describe('a watch whose desk does not answer', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  test('Watch 1 · has its headers at once', async () => {
    const held = holding();
    const { client } = await stage.open({ startOfWatch: held.answer });
    const watch = client.watch({ doctorId: DOCTOR });
    await watch.headers;
    held.release();
    expect((await refusal(watch.next())).reason).toBe('DOCTOR_NOT_FOUND');
  });

  test('ends with STORE_UNAVAILABLE after callSecondsMax', async () => {
    const limits = { ...DEFAULT_CALL_LIMITS, callSecondsMax: 0.05 };
    const { client } = await stage.open({ startOfWatch: holding().answer }, { limits });
    const refusedWatch = await refusal(client.watch({ doctorId: DOCTOR }).next());
    expect(refusedWatch).toMatchObject({ code: Code.UNAVAILABLE, reason: 'STORE_UNAVAILABLE', retryDelay: 1 });
  });

  test('Watch 8 · ends with DRAINING as soon as the server drains', async () => {
    const held = holding();
    const { client, server } = await stage.open({ startOfWatch: held.answer }, { drainSecondsMax: 5 });
    const watch = client.watch({ doctorId: DOCTOR });
    await held.asked;
    const drain = server.drain();
    expect((await refusal(watch.next())).reason).toBe('DRAINING');
    await drain;
  });
});

describe('draining', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  test('waits for the calls under way', async () => {
    const held = holding();
    const { client, server } = await stage.open({ findDoctor: held.answer });
    const call = refusal(client.getDoctor({ doctorId: DOCTOR }));
    await held.asked;
    let drained = false;
    const drain = server.drain().then(() => {
      drained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(drained).toBe(false);
    held.release();
    expect((await call).reason).toBe('DOCTOR_NOT_FOUND');
    await drain;
  });

  test('waits a little, and no more, for those who stay though nothing is under way', async () => {
    const { server, port } = await stage.open({}, { drainSecondsMax: 30 });
    const stub = stubOf(`127.0.0.1:${port}`);
    const stream = stub.watch({ service: '' });
    const ended = new Promise((resolve) => stream.on('error', resolve));
    await new Promise((resolve) => stream.once('data', resolve));
    const begun = performance.now();
    await server.drain();
    const seconds = (performance.now() - begun) / 1_000;
    expect(seconds).toBeGreaterThan(1.5);
    expect(seconds).toBeLessThan(10);
    stream.cancel();
    await ended;
    stub.close();
  });

  test('does not wait for ever', async () => {
    const held = holding();
    const { client, server } = await stage.open({ findDoctor: held.answer }, { drainSecondsMax: 0.05 });
    const call = expect(client.getDoctor({ doctorId: DOCTOR })).rejects.toMatchObject({ code: Code.CANCELLED });
    await held.asked;
    await server.drain();
    await call;
    held.release();
  });

  test('refuses what comes late with DRAINING, what is malformed as ever', async () => {
    const { client, server } = await stage.open({});
    server.calls.drain();
    const draining = { code: Code.UNAVAILABLE, reason: 'DRAINING', retryDelay: 1 };
    expect(await refusal(client.getDoctor({ doctorId: DOCTOR }))).toMatchObject(draining);
    expect(await refusal(client.watch({ doctorId: DOCTOR }).next())).toMatchObject(draining);
    expect((await refusal(client.getDoctor({ doctorId: '' }))).reason).toBe('INVALID_FIELDS');
    expect((await refusal(client.watch({ doctorId: '' }).next())).reason).toBe('INVALID_FIELDS');
  });
});

test('the log has a line for each call at debug level, and names no patient', async () => {
  const service = await TestService.start();
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const MRN = 'MRN-4711';
  const seated = await aToken(service.client, slot, 'WALK_IN', MRN);
  await anEmergency(service.client, slot, MRN);
  await refusal(aToken(service.client, slot, 'PAID', MRN));
  await refusal(aToken(service.client, slot, 'PAID', `${MRN}\0`));
  await refusal(service.client.cancelToken({ tokenId: seated.id, reason: MRN }));
  await refusal(service.client.allocateToken({ slotId: MRN, source: TokenSource.PAID, patientRef: MRN }));
  await tokens(service.client, slot, 3, MRN);
  expect(service.log.lines.length).toBe(11);
  expect(service.log.text).not.toContain('4711');
  await service.stop();
});
