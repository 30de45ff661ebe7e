/**
 * Random days, on which everything collides: few slots, few seats, few patients. After every command the domain's day must
 * be the plain one's, and sound. `OPD_RUNS` sets how many days there are a policy; a failure prints its seed, the shortest
 * steps that lead to it and the day in its notation; such steps are kept as a test of the rule that they show broken.
 */
import fc from 'fast-check';
import type { AllocationPolicy, RebalancePolicy } from '../../src/domain/doctor.js';
import type { Step } from './step.js';
import { live } from './two-days.js';

const RUNS = Number(process.env.OPD_RUNS ?? 180);
const STEPS_MAX = 80;

/** Slots of ten minutes and longer; the first few are there from the beginning, so that most commands find one. */
const start = fc.constantFrom('09:00', '09:10', '09:20', '09:30', '09:40');
const end = fc.constantFrom('09:10', '09:20', '09:30', '09:40', '10:00');
const capacity = fc.integer({ min: 1, max: 3 });
const patient = fc.constantFrom('', '', '', 'ann', 'bob', 'dan', 'eve', 'fay');
/** Most would rather wait than be refused. */
const seatOnly = fc.constantFrom(false, false, false, true);
const source = fc.constantFrom('PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN');
const number = fc.integer({ min: 1, max: 40 });

const opening: fc.Arbitrary<Step[]> = fc
  .array(capacity, { minLength: 1, maxLength: 4 })
  .map((seats) =>
    seats.map((each, index) => ({ does: 'create', start: `09:${index}0`, end: `09:${index + 1}0`, capacity: each })),
  );
const create: fc.Arbitrary<Step> = fc
  .record({ does: fc.constant('create' as const), start, end, capacity })
  .filter((step) => step.start < step.end);
const allocate: fc.Arbitrary<Step> = fc.record({
  does: fc.constant('allocate' as const),
  source,
  start,
  patient,
  seatOnly,
});
const emergency: fc.Arbitrary<Step> = fc.record(
  { does: fc.constant('emergency' as const), start, patient },
  { requiredKeys: ['does', 'patient'] },
);
const leave: fc.Arbitrary<Step> = fc.record({ does: fc.constantFrom('cancel', 'noShow'), number });
const update: fc.Arbitrary<Step> = fc.record(
  { does: fc.constant('update' as const), number, source, patientRef: patient },
  { requiredKeys: ['does', 'number'] },
);
/** Mistaken for a paying one, or found to pay: what moves seats. */
const correct: fc.Arbitrary<Step> = fc.record({
  does: fc.constant('update' as const),
  number,
  source: fc.constantFrom('WALK_IN', 'PAID'),
});
const resize: fc.Arbitrary<Step> = fc.record({ does: fc.constant('resize' as const), start, capacity });
const close: fc.Arbitrary<Step> = fc.record({ does: fc.constant('close' as const), start });
const closeAll: fc.Arbitrary<Step> = fc
  .record({ does: fc.constant('closeAll' as const), start, end })
  .filter((step) => step.start < step.end);
const reopen: fc.Arbitrary<Step> = fc.record({ does: fc.constantFrom('reopen', 'reopen', 'delete'), start });
const retime: fc.Arbitrary<Step> = fc.record(
  { does: fc.constant('retime' as const), start, to: start, end, capacity },
  { requiredKeys: ['does', 'start'] },
);
const checkIn: fc.Arbitrary<Step> = fc.record({ does: fc.constant('checkIn' as const), number });
const completeCurrent = fc.boolean();
const expected = fc.oneof(fc.constant(0), number);
const callNext: fc.Arbitrary<Step> = fc.record(
  { does: fc.constant('callNext' as const), start, completeCurrent, expected },
  { requiredKeys: ['does', 'completeCurrent'] },
);
const call: fc.Arbitrary<Step> = fc.record(
  { does: fc.constant('call' as const), number, completeCurrent, expected },
  { requiredKeys: ['does', 'number', 'completeCurrent'] },
);
const comeOut: fc.Arbitrary<Step> = fc.record({ does: fc.constantFrom('sendBack', 'complete'), number });
const reschedule: fc.Arbitrary<Step> = fc.record({ does: fc.constant('reschedule' as const), number, start, seatOnly });
const wait: fc.Arbitrary<Step> = fc.record({
  does: fc.constant('wait' as const),
  minutes: fc.constantFrom(-10, 2, 3, 5, 5, 10, 10),
});

/** All of a policy but when it rebalances. */
const terms: fc.Arbitrary<Omit<AllocationPolicy, 'rebalance'>> = fc.record({
  noShowGraceMilliseconds: fc.constantFrom(undefined, undefined, 0, 3 * 60_000, 10 * 60_000),
  agingPointsPerHour: fc.constantFrom(0, 0, 100, 600),
  protectCheckedIn: fc.boolean(),
  displacementsMax: fc.constantFrom(0, 0, 1, 2),
});

const day: fc.Arbitrary<Step[]> = fc
  .tuple(
    opening,
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: allocate },
        { weight: 3, arbitrary: emergency },
        { weight: 4, arbitrary: leave },
        { weight: 2, arbitrary: update },
        { weight: 3, arbitrary: correct },
        { weight: 2, arbitrary: resize },
        { weight: 1, arbitrary: close },
        { weight: 1, arbitrary: closeAll },
        { weight: 2, arbitrary: reopen },
        { weight: 2, arbitrary: retime },
        { weight: 3, arbitrary: checkIn },
        { weight: 2, arbitrary: callNext },
        { weight: 1, arbitrary: call },
        { weight: 2, arbitrary: comeOut },
        { weight: 3, arbitrary: reschedule },
        { weight: 2, arbitrary: wait },
        { weight: 1, arbitrary: create },
      ),
      { maxLength: STEPS_MAX, size: 'max' },
    ),
  )
  .map(([slots, steps]) => [...slots, ...steps]);

describe('on random days', () => {
  test.each<RebalancePolicy>(['ON_EMERGENCY', 'ALWAYS', 'NEVER'])(
    'I1 to I9 hold after every command, and the plain rules say the same: %s',
    (rebalance) => {
      fc.assert(
        fc.property(terms, day, (policy, steps) => live({ ...policy, rebalance }, steps)),
        { numRuns: RUNS },
      );
    },
    10 * 60_000,
  );
});
