/**
 * What a refusal takes up on the wire is for the server to bound: never for the caller, by what is
 * sent.
 */
import { status as Code, type Metadata, type ServiceError } from '@grpc/grpc-js';
import fc from 'fast-check';
import { REFUSAL_BYTES_MAX } from '../../src/grpc/status.js';
import { type Client, refusal } from '../support/client.js';
import { NOBODY } from '../support/clinic.js';
import { methodsOf, randomMessage } from '../support/random-message.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

/** The bytes of message and metadata as HTTP/2 headers carry them. */
function wireBytes({ details, metadata }: ServiceError): number {
  const entries = Object.entries((metadata as Metadata).toHttp2Headers());
  const headers = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(String(value)), 0);
  return headers + 'grpc-message'.length + encodeURI(details).length;
}

async function errorOf(call: Promise<unknown>): Promise<ServiceError | undefined> {
  return call.then(
    () => undefined,
    (error) => error as ServiceError,
  );
}

const window = { firstDate: '2026-03-02', lastDate: '2026-03-03' };
const manyDates = (count: number) => Array.from({ length: count }, () => '2.3.26');

describe('what was too large for clients', () => {
  test.each([30, 300, 3_000])('%i dates in the wrong form', async (count) => {
    const call = client.call('createSlots', { doctorId: `doc_${NOBODY}`, ...window, exceptDates: manyDates(count) });
    const refused = await refusal(call);
    const listed = Object.keys(refused.violations).length;
    const omitted = Number(refused.metadata.omittedViolations ?? 0);
    // The sessions that are missing are one more.
    expect([refused.code, refused.reason, listed + omitted]).toEqual([
      Code.INVALID_ARGUMENT,
      'INVALID_FIELDS',
      count + 1,
    ]);
    expect(refused.message).toMatch(new RegExp(`^sessions: must not be empty; and ${count} more$`));
    expect(wireBytes((await errorOf(call)) as ServiceError)).toBeLessThanOrEqual(REFUSAL_BYTES_MAX);
  });

  test('200 statuses that nobody knows', async () => {
    const statuses = Array.from({ length: 200 }, () => 99 as never);
    const call = client.listTokens({ doctorId: `doc_${NOBODY}`, statuses });
    expect((await refusal(call)).reason).toBe('INVALID_FIELDS');
    expect(wireBytes((await errorOf(call)) as ServiceError)).toBeLessThanOrEqual(REFUSAL_BYTES_MAX);
  });

  test('one wrong field is named in the message, and nothing is said to be left out', async () => {
    const refused = await refusal(client.call('getDoctor', { doctorId: '1' }));
    expect(refused.message).toBe('doctor_id: must be "doc_" and a lower-case UUID');
    expect(refused.metadata).toEqual({});
  });
});

const text = fc.oneof(
  fc.constantFrom('', 'x', '9:00', '2026-02-30', `slot_${NOBODY}`, `doc_${NOBODY}`, `token_${NOBODY}`, NOBODY),
  fc.string({ maxLength: 200, unit: 'grapheme' }),
  fc.constantFrom('%', 'é', '\u{1F3E5}', '\r\n', '\u0000').map((unit) => unit.repeat(3_000)),
);

describe.each([
  ...methodsOf('opd.v1.OpdService'),
  ...methodsOf('grpc.health.v1.Health').filter(({ isStreaming }) => !isStreaming),
])('$path', ({ path, input, isStreaming }) => {
  test('no refusal is larger than the bound, whatever is asked', async () => {
    let refusals = 0;
    const request = randomMessage(input, { text, itemsMax: 3_000 });
    const property = fc.asyncProperty(request, async (bytes) => {
      const error = await errorOf(isStreaming ? firstOf(path, bytes) : client.raw(path, bytes));
      if (!error) return;
      refusals += 1;
      expect(wireBytes(error)).toBeLessThanOrEqual(REFUSAL_BYTES_MAX);
      expect(error.details).not.toBe('Received RST_STREAM');
    });
    await fc.assert(property, { numRuns: 60, seed: 11, endOnFailure: true });
    if (path !== '/grpc.health.v1.Health/List') expect(refusals).toBeGreaterThan(20);
  });
});

async function firstOf(path: string, bytes: Uint8Array): Promise<void> {
  const asItIs = (value: Buffer) => value;
  const stream = client.stub.makeServerStreamRequest(path, asItIs, asItIs, Buffer.from(bytes));
  await new Promise((resolve, reject) => stream.on('error', reject).on('data', resolve));
}
