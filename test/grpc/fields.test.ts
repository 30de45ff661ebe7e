import { status as Code } from '@grpc/grpc-js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, policyOf } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

const [DOCTOR, SLOT, TOKEN] = [`doc_${NOBODY}`, `slot_${NOBODY}`, `token_${NOBODY}`];
const onSlot = { $case: 'slotId' as const, value: SLOT };
const WINDOW = { start: '10:00', end: '11:00', capacity: 1 };

const LISTED = { doctorId: 'doc_1', date: '2026-02-30', slotId: 'slot_1', pageToken: '?' };

const WRONG_POLICY = {
  rebalance: 9 as never,
  noShowGrace: { seconds: 0, nanos: 0 },
  agingPointsPerHour: -1,
  protectCheckedIn: true,
  maxDisplacements: 1_001,
};
const WRONG_TERMS = [
  'policy.rebalance',
  'policy.no_show_grace',
  'policy.aging_points_per_hour',
  'policy.max_displacements',
] as const;

describe('INVALID_FIELDS', () => {
  const BAD = 'doc_1';
  const ALL_WRONG = [
    [
      'createDoctor',
      { name: '', department: '\0', timeZone: '+05:30', policy: WRONG_POLICY, requestId: 'x' },
      ['name', 'department', 'time_zone', ...WRONG_TERMS, 'request_id'],
    ],
    [
      'updateDoctor',
      {
        ...{ doctorId: BAD, name: '', department: '\0', policy: WRONG_POLICY, requestId: 'x' },
        updateMask: ['name', 'department', 'policy'],
      },
      ['doctor_id', 'name', 'department', ...WRONG_TERMS, 'request_id'],
    ],
    ['updateDoctor', { doctorId: BAD, name: '', updateMask: ['names'] }, ['doctor_id', 'update_mask']],
    ['getDoctor', { doctorId: BAD }, ['doctor_id']],
    ['listDoctors', { pageSize: -1, pageToken: '?' }, ['page_size', 'page_token']],
    [
      'createSlot',
      { doctorId: BAD, date: '2026-02-30', start: '9:00', end: '25:00', capacity: 0, requestId: 'x' },
      ['doctor_id', 'date', 'start', 'end', 'capacity', 'request_id'],
    ],
    ['getSlot', { slotId: BAD }, ['slot_id']],
    ['listSlots', { doctorId: '', date: 'today' }, ['doctor_id', 'date']],
    [
      'allocateToken',
      { slotId: TOKEN, source: 9 as never, patientRef: 'x'.repeat(129), requestId: 'x' },
      ['slot_id', 'source', 'patient_ref', 'request_id'],
    ],
    ['insertEmergency', { patientRef: '\0', requestId: 'x' }, ['target', 'patient_ref', 'request_id']],
    ['insertEmergency', { target: { $case: 'slotId', value: DOCTOR } }, ['slot_id']],
    ['insertEmergency', { target: { $case: 'doctorId', value: '' } }, ['doctor_id']],
    ['cancelToken', { tokenId: SLOT, reason: 'x'.repeat(257), requestId: 'x' }, ['token_id', 'reason', 'request_id']],
    ['markNoShow', { tokenId: '', requestId: 'x' }, ['token_id', 'request_id']],
    [
      'updateToken',
      {
        ...{ tokenId: SLOT, source: 1 as never, patientRef: ' ', requestId: 'x' },
        updateMask: ['source', 'patient_ref'],
      },
      ['token_id', 'source', 'patient_ref', 'request_id'],
    ],
    ['updateToken', { tokenId: TOKEN }, ['update_mask']],
    ['updateToken', { tokenId: TOKEN, updateMask: ['source', 'status'] }, ['source', 'update_mask']],
    ['getToken', { tokenId: '' }, ['token_id']],
    ['explainToken', { tokenId: SLOT }, ['token_id']],
    ['getQueue', { doctorId: SLOT, date: '2026-1-1' }, ['doctor_id', 'date']],
    ['updateSlot', { slotId: BAD, capacity: 0, requestId: 'x' }, ['slot_id', 'capacity', 'request_id']],
    ['updateSlot', { slotId: SLOT }, ['capacity']],
    ['closeSlot', { slotId: TOKEN, reason: 'x\0', requestId: 'x' }, ['slot_id', 'reason', 'request_id']],
    ['checkInToken', { tokenId: SLOT, requestId: 'x' }, ['token_id', 'request_id']],
    ['callNextToken', { requestId: 'x' }, ['target', 'request_id']],
    ['callNextToken', { target: { $case: 'slotId', value: DOCTOR }, validateOnly: true }, ['slot_id']],
    ['callNextToken', { target: { $case: 'doctorId', value: SLOT }, requestId: 'x' }, ['doctor_id', 'request_id']],
    ['callToken', { tokenId: '', completeCurrent: true, requestId: 'x' }, ['token_id', 'request_id']],
    ['callToken', { tokenId: SLOT, expectedCurrentTokenId: 'x' }, ['token_id', 'expected_current_token_id']],
    ['callNextToken', { expectedCurrentTokenId: SLOT }, ['target', 'expected_current_token_id']],
    ['returnToken', { tokenId: BAD, requestId: 'x' }, ['token_id', 'request_id']],
    ['completeToken', { tokenId: 'token_', requestId: 'x' }, ['token_id', 'request_id']],
    [
      'listTokens',
      { ...LISTED, patientRef: 'x'.repeat(129), statuses: [0, 9] as never, pageSize: -1 },
      ['doctor_id', 'date', 'slot_id', 'patient_ref', 'statuses[0]', 'statuses[1]', 'page_size', 'page_token'],
    ],
    ['listTokens', { date: '2026-02-30' }, ['doctor_id', 'date']],
    ['listChanges', { ...LISTED, pageSize: -1 }, ['doctor_id', 'date', 'page_size', 'page_token']],
    ['listChanges', { doctorId: '' }, ['doctor_id']],
  ] as const;

  test.each(ALL_WRONG)('%s names every wrong field at once: %#', async (name, fields, paths) => {
    const refused = await refusal(client.call(name, fields as never));
    expect([refused.code, refused.reason, refused.metadata]).toEqual([Code.INVALID_ARGUMENT, 'INVALID_FIELDS', {}]);
    expect(Object.keys(refused.violations).sort()).toEqual([...paths].sort());
    expect(refused.message).toContain(Object.keys(refused.violations)[0]);
  });

  test('WatchQueue names every wrong field at once', async () => {
    const heartbeatInterval = { seconds: -1, nanos: 0 };
    const watch = client.watch({ doctorId: '', date: '1', slotId: 'x', heartbeatInterval });
    const { violations } = await refusal(watch.next());
    expect(Object.keys(violations)).toEqual(['doctor_id', 'date', 'slot_id', 'heartbeat_interval']);
  });

  test.each([
    ['a start and an end out of order', '11:00', '10:00', ['end']],
    ['an empty window', '10:00', '10:00', ['end']],
    ['an end at 00:00 beside a wrong start', 'x', '00:00', ['start', 'end']],
    ['a start at 24:00', '24:00', '24:00', ['start', 'end']],
    ['neither', '', '', ['start', 'end']],
  ])('%s', async (_, start, end, paths) => {
    const { violations } = await refusal(client.createSlot({ doctorId: DOCTOR, start, end, capacity: 1 }));
    expect(Object.keys(violations)).toEqual(paths);
  });
});

describe('bounds', () => {
  test.each([-(2 ** 31), -1, 0, 1_001, 2 ** 31 - 1])('a capacity of %i is refused', async (capacity) => {
    expect(await wrong(client.createSlot({ doctorId: DOCTOR, ...WINDOW, capacity }))).toEqual(['capacity']);
    expect(await wrong(client.call('updateSlot', { slotId: SLOT, capacity }))).toEqual(['capacity']);
  });

  test.each([1, 1_000])('a capacity of %i is taken', async (capacity) => {
    const doctor = await aDoctor(client);
    expect((await aSlot(client, doctor, 10, capacity)).capacity).toBe(capacity);
    const { id: slotId } = await aSlot(client, doctor, 11, 500);
    expect((await client.call('updateSlot', { slotId, capacity })).slot?.capacity).toBe(capacity);
  });

  // Code points, in one, two and four bytes of UTF-8; the last is two units of UTF-16.
  const LETTERS = ['x', 'é', '𝕏'];

  test.each(LETTERS)('128 times %s is a name and a department, 129 times is neither', async (letter) => {
    const [fits, tooLong] = [letter.repeat(128), letter.repeat(129)];
    const { doctor } = await client.createDoctor({ name: fits, department: fits });
    expect([doctor?.name, doctor?.department]).toEqual([fits, fits]);
    expect(await wrong(client.createDoctor({ name: tooLong, department: tooLong }))).toEqual(['name', 'department']);
  });

  test.each(LETTERS)('256 times %s is a reason, 257 times is none', async (letter) => {
    const [fits, tooLong] = [letter.repeat(256), letter.repeat(257)];
    expect(await wrong(client.cancelToken({ tokenId: TOKEN, reason: fits }))).toEqual(['TOKEN_NOT_FOUND']);
    expect(await wrong(client.cancelToken({ tokenId: TOKEN, reason: tooLong }))).toEqual(['reason']);
    expect(await wrong(client.call('closeSlot', { slotId: SLOT, reason: fits }))).toEqual(['SLOT_NOT_FOUND']);
    expect(await wrong(client.call('closeSlot', { slotId: SLOT, reason: tooLong }))).toEqual(['reason']);
  });

  test.each([
    ['x', 128],
    ['é', 64],
    ['न', 42],
    ['𝕏', 32],
  ])('a patient_ref of 128 bytes is taken, one more is not: %s', async (letter, count) => {
    const slot = await aSlot(client, await aDoctor(client));
    const patientRef = letter.repeat(count);
    expect((await aToken(client, slot, 'PAID', patientRef)).patientRef).toBe(patientRef);
    const { violations } = await refusal(anEmergency(client, slot, `${patientRef}${letter}`));
    expect(Object.keys(violations)).toEqual(['patient_ref']);
  });

  test.each(['\0', 'a\0', '\0a', 'a\0b'])('U+0000 is refused in every text: %j', async (text) => {
    const doctor = client.createDoctor({ name: text, department: text, timeZone: text });
    expect(await wrong(doctor)).toEqual(['name', 'department', 'time_zone']);
    expect(await wrong(client.cancelToken({ tokenId: TOKEN, reason: text }))).toEqual(['reason']);
    expect(await wrong(client.call('closeSlot', { slotId: SLOT, reason: text }))).toEqual(['reason']);
    expect(await wrong(client.listTokens({ patientRef: text }))).toEqual(['patient_ref']);
    const allocate = client.allocateToken({ slotId: SLOT, source: TokenSource.PAID, patientRef: text });
    expect(await wrong(allocate)).toEqual(['patient_ref']);
    expect(await wrong(client.insertEmergency({ target: onSlot, patientRef: text }))).toEqual(['patient_ref']);
  });

  test.each([
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '0000-01-01',
    '+002026-01-01',
    '2026-01-01T00:00',
    '2026-01-01 ',
    '2026-01-01\n',
    '２０２６-01-01',
    '20260101',
    '2026/01/01',
    '10000-01-01',
    '2026-01-01[u-ca=hebrew]',
  ])('%j is no date', async (date) => {
    expect(await wrong(client.getQueue({ doctorId: DOCTOR, date }))).toEqual(['date']);
  });

  test.each(['2028-02-29', '0001-01-02', '9999-12-30'])('%s is a date', async (date) => {
    const doctor = await aDoctor(client);
    expect((await client.getQueue({ doctorId: doctor.id, date })).queue?.date).toBe(date);
  });

  test.each([
    '9:00',
    '09:0',
    '0900',
    '09:60',
    '24:01',
    '25:00',
    '09:00:00',
    ' 09:00',
    '09:00\n',
    '-1:00',
    '09.00',
    '０9:00',
  ])('%j is no time of day', async (time) => {
    expect(await wrong(client.createSlot({ doctorId: DOCTOR, ...WINDOW, start: time }))).toEqual(['start']);
    expect(await wrong(client.createSlot({ doctorId: DOCTOR, ...WINDOW, end: time }))).toEqual(['end']);
  });

  test.each(['+05:30', '-08', 'Mars/Olympus', ' UTC', 'UTC\n', '05:30', 'Asia/', 'Asia/Kolkata\0', '[UTC]'])(
    '%j is no time zone',
    async (timeZone) => {
      expect(await wrong(client.createDoctor({ name: 'x', timeZone }))).toEqual(['time_zone']);
    },
  );

  test.each([0, 1, 6, -1, 2 ** 31 - 1, -(2 ** 31)])('a source of %i is refused', async (number) => {
    // The generated encoder knows no such numbers.
    const bytes = Buffer.concat([
      Buffer.from([0x0a, SLOT.length]),
      Buffer.from(SLOT),
      Buffer.from([0x10]),
      varint(number),
    ]);
    expect(await wrong(client.raw('/opd.v1.OpdService/AllocateToken', bytes))).toEqual(['source']);
  });

  test('R5 · a source of EMERGENCY is refused, and said where to go', async () => {
    const { violations } = await refusal(client.allocateToken({ slotId: SLOT, source: TokenSource.EMERGENCY }));
    expect(violations.source).toContain('InsertEmergency');
  });

  test.each([4, -1, 2 ** 31 - 1])('a rebalance policy of %i is refused', async (number) => {
    const policy = Buffer.concat([Buffer.from([0x08]), varint(number)]);
    const bytes = Buffer.concat([Buffer.from([0x0a, 1, 0x78, 0x22, policy.length]), policy]);
    expect(await wrong(client.raw('/opd.v1.OpdService/CreateDoctor', bytes))).toEqual(['policy.rebalance']);
  });
});

describe('the terms of a policy', () => {
  const HALF_A_SECOND = 500_000_000;
  const DAY = 86_400;

  test.each([
    ['nothing', 0, 0],
    ['a nanosecond less than a second', 0, 999_999_999],
    ['less than nothing', -1, 0],
    ['a second and less than none', 1, -1],
    ['a second and a whole one in nanoseconds', 1, 1_000_000_000],
    ['a nanosecond more than a day', DAY, 1],
    ['a day and a second', DAY + 1, 0],
    ['the longest there is', 315_576_000_000, 999_999_999],
  ])('a grace of %s is refused', async (_, seconds, nanos) => {
    const policy = policyOf({ noShowGrace: { seconds, nanos } });
    expect(await wrong(client.createDoctor({ name: 'x', policy }))).toEqual(['policy.no_show_grace']);
  });

  test.each([
    ['a second', { seconds: 1, nanos: 0 }],
    ['a second and a half', { seconds: 1, nanos: HALF_A_SECOND }],
    ['a day', { seconds: DAY, nanos: 0 }],
    ['no length at all', undefined],
  ])('a grace of %s is taken', async (_, noShowGrace) => {
    const { doctor } = await client.createDoctor({ name: 'x', policy: policyOf({ noShowGrace }) });
    expect(doctor?.policy?.noShowGrace).toEqual(noShowGrace);
  });

  test('a grace is kept to the millisecond', async () => {
    const policy = policyOf({ noShowGrace: { seconds: 2, nanos: 1_999_999 } });
    const { doctor } = await client.createDoctor({ name: 'x', policy });
    expect(doctor?.policy?.noShowGrace).toEqual({ seconds: 2, nanos: 1_000_000 });
  });

  test.each([-(2 ** 31), -1, 1_001, 2 ** 31 - 1])(
    '%i points an hour, and as many displacements, are refused',
    async (n) => {
      const policy = policyOf({ agingPointsPerHour: n, maxDisplacements: n });
      const paths = ['policy.aging_points_per_hour', 'policy.max_displacements'];
      expect(await wrong(client.createDoctor({ name: 'x', policy }))).toEqual(paths);
    },
  );

  test.each([0, 1, 1_000])('%i points an hour, and as many displacements, are taken', async (n) => {
    const terms = { agingPointsPerHour: n, maxDisplacements: n, protectCheckedIn: true };
    const { doctor } = await client.createDoctor({ name: 'x', policy: policyOf(terms) });
    expect((await client.getDoctor({ doctorId: doctor?.id ?? '' })).doctor?.policy).toMatchObject(terms);
  });
});

describe('ids', () => {
  const UUID = NOBODY.slice(0, -4).concat('abcd');

  test.each([
    ['no prefix', UUID],
    ['another prefix', `slot_${UUID}`],
    ['an upper-case prefix', `DOC_${UUID}`],
    ['an upper-case UUID', `doc_${UUID.toUpperCase()}`],
    ['no hyphens', `doc_${UUID.replaceAll('-', '')}`],
    ['braces', `doc_{${UUID}}`],
    ['a space after', `doc_${UUID} `],
    ['a newline after', `doc_${UUID}\n`],
    ['a version there is not', `doc_${UUID.replace('-7', '-9')}`],
    ['another variant', `doc_${UUID.replace('-8000-', '-c000-')}`],
    ['the prefix alone', 'doc_'],
    ['a path', '../../etc/passwd'],
    ['SQL', "doc_' OR 1=1 --"],
  ])('%s is no doctor id', async (_, doctorId) => {
    expect(await wrong(client.getDoctor({ doctorId }))).toEqual(['doctor_id']);
  });

  test.each([
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['max', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['max in upper case', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
    ['no UUID', 'one'],
    ['a UUID in braces', `{${UUID}}`],
    ['a URN', `urn:uuid:${UUID}`],
  ])('%s is no request id', async (_, requestId) => {
    expect(await wrong(client.createDoctor({ name: 'x', requestId }))).toEqual(['request_id']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('a UUID of version %i is a request id, in either case', async (version) => {
    const requestId = UUID.replace('-7', `-${version}`);
    const first = await client.createDoctor({ name: 'x', requestId });
    expect(await client.createDoctor({ name: 'x', requestId: requestId.toUpperCase() })).toEqual(first);
  });
});

async function wrong(call: Promise<unknown>): Promise<string[]> {
  const { reason, violations } = await refusal(call);
  return reason === 'INVALID_FIELDS' ? Object.keys(violations) : [reason];
}

/** An int32 as protobuf writes it: negative ones in ten bytes. */
function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(number));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
