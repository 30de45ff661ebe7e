/** Bytes that are no request, or nearly one, at every RPC. */
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import fc from 'fast-check';
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { type RequestOf, requestOf, type UnaryName } from '../../src/client/call.js';
import { refusalOf } from '../support/client.js';
import { aDoctor, aSlot, aToken, NOBODY, policyOf } from '../support/clinic.js';
import { TestService, TODAY } from '../support/service.js';

let service: TestService;
let seeds: Map<string, Buffer>;

beforeAll(async () => {
  service = await TestService.start();
  const doctor = await aDoctor(service.client);
  const [slot, other] = [await aSlot(service.client, doctor, 10, 1_000), await aSlot(service.client, doctor, 17)];
  const token = await aToken(service.client, slot);
  const { id: slotId, doctorId } = slot;
  const requestId = NOBODY;
  const window = { date: TODAY, start: '12:00', end: '13:00', capacity: 2 };
  seeds = new Map([
    seed('createDoctor', {
      name: 'Dr Rao',
      timeZone: 'UTC',
      policy: policyOf({ rebalance: 'REBALANCE_POLICY_ALWAYS' as never }),
      requestId,
    }),
    seed('getDoctor', { doctorId }),
    seed('listDoctors', { pageSize: 5, pageToken: Buffer.from(doctorId).toString('base64url') }),
    seed('createSlot', { doctorId, ...window, requestId }),
    seed('getSlot', { slotId }),
    seed('listSlots', { doctorId, date: TODAY }),
    seed('allocateToken', { slotId, source: TokenSource.PAID, patientRef: 'MRN 1', requestId }),
    seed('insertEmergency', { target: { $case: 'slotId', value: slotId }, patientRef: 'MRN 2', requestId }),
    seed('cancelToken', { tokenId: token.id, reason: 'ill', requestId }),
    seed('markNoShow', { tokenId: token.id, requestId }),
    seed('updateSlot', { slotId, capacity: 900, requestId }),
    seed('closeSlot', { slotId, reason: 'away', requestId }),
    seed('checkInToken', { tokenId: token.id, requestId }),
    seed('callNextToken', { target: { $case: 'slotId', value: slotId }, completeCurrent: true, requestId }),
    seed('callToken', { tokenId: token.id, completeCurrent: true, requestId }),
    seed('returnToken', { tokenId: token.id, requestId }),
    seed('completeToken', { tokenId: token.id, requestId }),
    seed('rescheduleToken', { tokenId: token.id, slotId: other.id, requestId }),
    seed('updateToken', { tokenId: token.id, patientRef: 'MRN 9', updateMask: ['patient_ref'], requestId }),
    seed('createSlots', {
      doctorId,
      firstDate: TODAY,
      lastDate: '2026-03-08',
      sessions: [{ start: '14:00', end: '15:00', slotMinutes: 30, capacity: 3 }],
      requestId,
    }),
    seed('closeSlots', {
      ...{ doctorId, firstDate: TODAY, lastDate: '2026-03-08', start: '12:00', end: '16:00' },
      ...{ reason: 'ill', requestId },
    }),
    seed('reopenSlot', { slotId, requestId }),
    seed('deleteSlot', { slotId, requestId }),
    seed('getToken', { tokenId: token.id }),
    seed('getQueue', { doctorId, date: TODAY }),
  ]);
});
afterAll(() => service.stop());

function seed<Name extends UnaryName>(name: Name, fields: Partial<RequestOf<Name>>): [string, Buffer] {
  const serialize = OpdServiceService[name].requestSerialize as (request: RequestOf<Name>) => Buffer;
  return [name, serialize(requestOf(name, fields))];
}

const UNARY = Object.keys(OpdServiceService).filter((name) => name !== 'watchQueue') as UnaryName[];
const CLEAN: Code[] = [
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.FAILED_PRECONDITION,
  Code.ALREADY_EXISTS,
  Code.RESOURCE_EXHAUSTED,
];

/** How a valid request may be spoilt: bytes replaced, taken out, put in; cut short; sent twice over. */
const spoilt = fc.tuple(
  fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('replace', 'remove', 'insert')), {
    maxLength: 4,
  }),
  fc.nat(),
  fc.constantFrom('whole', 'cut', 'doubled'),
);
type Spoiling = typeof spoilt extends fc.Arbitrary<infer T> ? T : never;

function spoil(bytes: Buffer, [edits, cut, shape]: Spoiling): Buffer {
  const out = [...bytes];
  for (const [at, byte, how] of edits) {
    const place = at % (out.length + 1);
    if (how === 'insert') out.splice(place, 0, byte);
    else out.splice(place, 1, ...(how === 'replace' ? [byte] : []));
  }
  if (shape === 'cut') out.length = cut % (out.length + 1);
  return Buffer.from(shape === 'doubled' ? [...out, ...out] : out);
}

async function expectClean(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await service.client.raw(path, bytes, { deadline: Date.now() + 10_000 });
  } catch (error) {
    expect(CLEAN).toContain((error as ServiceError).code);
    refusalOf(error);
  }
}

afterEach(async () => {
  expect(service.log.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  expect((await service.client.createDoctor({ name: 'still here' })).doctor?.name).toBe('still here');
});

describe.each(UNARY)('%s', (name) => {
  const { path } = OpdServiceService[name];

  test('answers spoilt requests in the words of the contract', async () => {
    const bytes = seeds.get(name) ?? Buffer.alloc(0);
    const property = fc.asyncProperty(spoilt, (spoiling) => expectClean(path, spoil(bytes, spoiling)));
    await fc.assert(property, { numRuns: 250, seed: 7 });
  });

  test('answers random bytes in the words of the contract', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), (bytes) => expectClean(path, bytes));
    await fc.assert(property, { numRuns: 100, seed: 7 });
  });

  test('says which message the bytes are not', async () => {
    const error = await service.client.raw(path, Buffer.from([0x0a, 0xff])).catch((each) => each);
    const { reason, violations } = refusalOf(error);
    const message = `opd.v1.${path.split('/').at(-1)}Request`;
    expect([reason, violations]).toEqual(['INVALID_FIELDS', { '': `the bytes are no ${message}` }]);
  });
});

test.each([0xff, 0xfe, 0xc0])('a patient_ref of byte %i, which is no UTF-8, is no request', async (byte) => {
  const bytes = Buffer.from(seeds.get('allocateToken') ?? []);
  bytes[bytes.indexOf('MRN 1')] = byte;
  const error = await service.client.raw(OpdServiceService.allocateToken.path, bytes).catch((each) => each);
  expect(refusalOf(error)).toMatchObject({
    reason: 'INVALID_FIELDS',
    violations: { '': 'the bytes are no opd.v1.AllocateTokenRequest' },
  });
});

test('WatchQueue answers random bytes in the words of the contract', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
    const asItIs = (value: Buffer) => value;
    const { path } = OpdServiceService.watchQueue;
    const stream = service.client.stub.makeServerStreamRequest(path, asItIs, asItIs, Buffer.from(bytes));
    const error = await new Promise((resolve) => stream.on('error', resolve).on('data', () => resolve('data')));
    expect(refusalOf(error).code).toBe(Code.INVALID_ARGUMENT);
  });
  await fc.assert(property, { numRuns: 200, seed: 7 });
});
