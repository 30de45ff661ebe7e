/** UpdateDoctor: what the mask names is changed, and nothing else is looked at. */
import { type AllocationPolicy, type Doctor, RebalancePolicy } from '../../gen/opd/v1/resources.js';
import type { RequestOf } from '../../src/client/call.js';
import { type Client, refusal } from '../support/client.js';
import { aSlot, aToken, NOBODY, policyOf, there } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

type Fields = Partial<RequestOf<'updateDoctor'>>;

const FULL = {
  rebalance: RebalancePolicy.NEVER,
  noShowGrace: { seconds: 900, nanos: 0 },
  agingPointsPerHour: 5,
  protectCheckedIn: true,
  maxDisplacements: 3,
};
const DEFAULTS = policyOf({ rebalance: RebalancePolicy.ON_EMERGENCY });

async function aDoctorWith(policy: Partial<AllocationPolicy> = FULL): Promise<Doctor> {
  const asked = { name: 'Dr Rao', department: 'ENT', policy: policyOf(policy) };
  return there((await client.createDoctor(asked)).doctor);
}

async function update(doctorId: string, updateMask: string[], fields: Fields): Promise<Doctor> {
  return there((await client.call('updateDoctor', { doctorId, updateMask, ...fields })).doctor);
}

describe('the mask', () => {
  test.each<[string, string[], Fields, Partial<Doctor>]>([
    ['a name', ['name'], { name: 'Dr Sen' }, { name: 'Dr Sen' }],
    ['a department', ['department'], { department: 'Surgery' }, { department: 'Surgery' }],
    ['a department away', ['department'], {}, { department: '' }],
    ['a time zone', ['time_zone'], { timeZone: 'Asia/Tokyo' }, { timeZone: 'Asia/Tokyo' }],
    ['a retirement', ['retired'], { retired: true }, { retired: true }],
    ['both', ['name', 'department'], { name: 'A', department: 'B' }, { name: 'A', department: 'B' }],
    [
      'the policy whole: what is not set takes its default',
      ['policy'],
      { policy: policyOf({ agingPointsPerHour: 9 }) },
      { policy: { ...DEFAULTS, agingPointsPerHour: 9 } },
    ],
    ['the policy whole, where none is sent', ['policy'], {}, { policy: DEFAULTS }],
    [
      'rebalance to its default',
      ['policy.rebalance'],
      { policy: policyOf({}) },
      { policy: { ...FULL, rebalance: RebalancePolicy.ON_EMERGENCY } },
    ],
    [
      'rebalance',
      ['policy.rebalance'],
      { policy: policyOf({ rebalance: RebalancePolicy.ALWAYS, agingPointsPerHour: 7 }) },
      { policy: { ...FULL, rebalance: RebalancePolicy.ALWAYS } },
    ],
    ['the grace away', ['policy.no_show_grace'], {}, { policy: { ...FULL, noShowGrace: undefined } }],
    [
      'the grace',
      ['policy.no_show_grace'],
      { policy: policyOf({ noShowGrace: { seconds: 1, nanos: 500_000_000 } }) },
      { policy: { ...FULL, noShowGrace: { seconds: 1, nanos: 500_000_000 } } },
    ],
    ['the points', ['policy.aging_points_per_hour'], {}, { policy: { ...FULL, agingPointsPerHour: 0 } }],
    ['the protection', ['policy.protect_checked_in'], {}, { policy: { ...FULL, protectCheckedIn: false } }],
    ['the most displacements', ['policy.max_displacements'], {}, { policy: { ...FULL, maxDisplacements: 0 } }],
    ['the policy whole, though a term of it is named too', ['policy.rebalance', 'policy'], {}, { policy: DEFAULTS }],
    ['a name that is named twice', ['name', 'name'], { name: 'Dr Sen' }, { name: 'Dr Sen' }],
  ])('sets %s, and leaves all else', async (_, mask, fields, changed) => {
    const doctor = await aDoctorWith();
    const after = await update(doctor.id, mask, fields);
    expect(after).toEqual({ ...doctor, ...changed });
    expect(await client.getDoctor({ doctorId: doctor.id })).toEqual({ doctor: after });
  });

  test('ignores what it does not name, be it malformed or not', async () => {
    const doctor = await aDoctorWith();
    const fields = {
      name: 'Dr Sen',
      department: '\0',
      policy: policyOf({ rebalance: 9 as never, maxDisplacements: -1 }),
    };
    expect(await update(doctor.id, ['name'], fields)).toEqual({ ...doctor, name: 'Dr Sen' });
  });

  test.each([
    ['none', undefined],
    ['an empty one', []],
    ['a field of the doctor that stays', ['name', 'created_at']],
    ['a field of JSON', ['policy.noShowGrace']],
    ['a star', ['*']],
    ['an empty path', ['']],
    ['a path beyond a term', ['policy.no_show_grace.seconds']],
    ['another field of the request', ['update_mask']],
    ['a name in upper case', ['Name']],
    ['a name of every object', ['constructor', 'policy.constructor']],
  ])('is refused where it is %s', async (_, updateMask) => {
    const doctor = await aDoctorWith();
    const call = client.call('updateDoctor', { doctorId: doctor.id, name: 'x', updateMask });
    const { reason, violations } = await refusal(call);
    expect([reason, Object.keys(violations)]).toEqual(['INVALID_FIELDS', ['update_mask']]);
    expect((await client.getDoctor({ doctorId: doctor.id })).doctor).toEqual(doctor);
  });
});

test('a new policy holds for what is decided from then on', async () => {
  const doctor = await aDoctorWith({ rebalance: RebalancePolicy.NEVER });
  const [early, late] = [await aSlot(client, doctor, 10), await aSlot(client, doctor, 11)];
  const walkIn = await aToken(client, early);
  await update(doctor.id, ['policy.rebalance'], { policy: policyOf({ rebalance: RebalancePolicy.ALWAYS }) });
  await aToken(client, early, 'PAID');
  expect((await client.getToken({ tokenId: walkIn.id })).token?.slotId).toBe(late.id);
  expect((await client.getQueue({ doctorId: doctor.id })).queue?.doctor?.policy?.rebalance).toBe(
    RebalancePolicy.ALWAYS,
  );
});

test('a doctor whom nobody knows is not found', async () => {
  const call = client.call('updateDoctor', { doctorId: `doc_${NOBODY}`, name: 'x', updateMask: ['name'] });
  expect((await refusal(call)).reason).toBe('DOCTOR_NOT_FOUND');
});

test('with validate_only, tells what would be, and does nothing', async () => {
  const doctor = await aDoctorWith();
  const requestId = NOBODY.replace(/.$/, '7');
  const asked = { doctorId: doctor.id, name: 'Dr Sen', updateMask: ['name'], requestId };
  const told = await client.call('updateDoctor', { ...asked, validateOnly: true });
  expect(told.doctor).toEqual({ ...doctor, name: 'Dr Sen' });
  expect((await client.getDoctor({ doctorId: doctor.id })).doctor).toEqual(doctor);
  expect(await client.call('updateDoctor', asked)).toEqual(told);
  const again = client.call('updateDoctor', { ...asked, validateOnly: true });
  expect((await refusal(again)).reason).toBe('REQUEST_ID_REUSED');
});
