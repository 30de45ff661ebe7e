/** What may happen at a desk, as fast-check draws it. Numbers choose among what there is when the step is taken. */
import fc from 'fast-check';

export interface CommandStep {
  readonly kind: 'command';
  /** Asked of another server over the same disk. */
  readonly elsewhere: boolean;
  readonly what:
    | 'allocate'
    | 'emergency'
    | 'cancel'
    | 'noShow'
    | 'createSlot'
    | 'reschedule'
    | 'update'
    | 'closeSlot'
    | 'closeSlots';
  readonly day: number;
  readonly which: number;
  readonly source: 'WALK_IN' | 'ONLINE' | 'PAID';
  readonly patient: string;
  /** Of a token that is asked for. */
  readonly seatOnly: boolean;
  /** `repeat`: a command asked before is asked again, whole. `reuse`: its id is used for this one. */
  readonly id: 'none' | 'fresh' | 'repeat' | 'reuse';
}

export type Step =
  | CommandStep
  | { readonly kind: 'read' | 'watch'; readonly day: number }
  | { readonly kind: 'unwatch'; readonly which: number }
  | { readonly kind: 'fate'; readonly fate: 'keep' | 'failBefore' | 'failAfter' | 'conflict'; readonly day: number }
  | { readonly kind: 'readsFail'; readonly readsFail: boolean }
  /** `turn`: one round of the event loop. `idle`: all that can happen without a gate being opened. */
  | { readonly kind: 'turn' | 'idle' };

const day = fc.nat(3);
const which = fc.nat(99);

const command: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('command' as const),
  elsewhere: weighted([9, false], [1, true]),
  what: weighted(
    ...([
      [6, 'allocate'],
      [2, 'cancel'],
      [1, 'noShow'],
      [1, 'emergency'],
      [1, 'createSlot'],
    ] as const),
    ...([
      [3, 'reschedule'],
      [2, 'update'],
      [1, 'closeSlot'],
      [1, 'closeSlots'],
    ] as const),
  ),
  seatOnly: weighted([3, false], [1, true]),
  day,
  which,
  source: fc.constantFrom('WALK_IN', 'ONLINE', 'PAID'),
  patient: fc.constantFrom('', 'asha', 'bala', 'chitra', 'deepa'),
  id: weighted([3, 'none'], [4, 'fresh'], [3, 'repeat'], [1, 'reuse']),
});

const fate: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('fate' as const),
  fate: weighted([5, 'keep'], [1, 'failBefore'], [1, 'failAfter'], [1, 'conflict']),
  day,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: command },
  { weight: 5, arbitrary: fate },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), day }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('watch' as const), day }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unwatch' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('readsFail' as const), readsFail: weighted([2, false], [1, true]) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('turn' as const, 'idle' as const) }) },
);

export const schedule = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });

function weighted<const T>(...choices: (readonly [weight: number, value: T])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
