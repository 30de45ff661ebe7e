/** What a desk is given from outside: a clock, ids, defaults, and somebody to tell what goes wrong. */
import type { BrokenRules } from './broken-rules.js';
import type { ShelfLimits } from './day-shelf.js';
import type { RegisterSurroundings } from './doctor-register.js';

export interface Surroundings extends RegisterSurroundings {
  /** Told of each failure of the store, for the log. */
  readonly onFault: (error: unknown) => void;
  /** Told of each bug in the rules, beside what its caller is told. */
  readonly onBrokenRules?: (account: BrokenRules) => void;
  /** Told whether a store that servers share can be reached, each time that this changes. */
  readonly onReachable?: (isReachable: boolean) => void;
  readonly shelfLimits?: ShelfLimits;
}
