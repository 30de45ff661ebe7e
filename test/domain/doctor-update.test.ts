import { type AllocationPolicy, DEFAULT_POLICY } from '../../src/domain/doctor.js';
import { updated } from '../../src/domain/doctor-update.js';
import { parseDay } from '../../src/domain/notation.js';
import type { Instant } from '../../src/domain/time.js';

const { doctor } = parseDay('2026-01-31 Asia/Kolkata ON_EMERGENCY');
const NOW = 5_000 as Instant;

test('what is not named stays as it is', () => {
  expect(updated(doctor, {}, NOW)).toEqual(doctor);
  expect(updated(doctor, { name: 'Dr Sen' }, NOW)).toEqual({ ...doctor, name: 'Dr Sen' });
  expect(updated(doctor, { department: '' }, NOW)).toEqual({ ...doctor, department: '' });
});

test.each<[string, Partial<AllocationPolicy>]>([
  ['rebalance', { rebalance: 'NEVER' }],
  ['the grace', { noShowGraceMilliseconds: 1_000 }],
  ['the points per hour', { agingPointsPerHour: 1 }],
  ['the protection of those checked in', { protectCheckedIn: true }],
  ['the most displacements', { displacementsMax: 1 }],
])('a policy is new where %s has changed, and what else there is of it stays', (_, policy) => {
  const before = { ...doctor, policy: { ...DEFAULT_POLICY, agingPointsPerHour: 9, displacementsMax: 9 } };
  const after = updated(before, { policy }, NOW);
  expect(after).toEqual({ ...before, policy: { ...before.policy, ...policy }, policySince: NOW });
});

test('a policy that is set to what it is has been so since it was', () => {
  expect(updated(doctor, { policy: DEFAULT_POLICY }, NOW).policySince).toBe(doctor.policySince);
});

test('a policy holds since later than the one before it, whatever the clock does', () => {
  const before = { ...doctor, policySince: (NOW + 1) as Instant };
  expect(updated(before, { policy: { rebalance: 'NEVER' } }, NOW).policySince).toBe(NOW + 2);
});
