/** What a desk is given from outside: a clock, ids, defaults, and somebody to tell what goes wrong. */
import type { BrokenRules } from './broken-rules.js';
import type { ShelfLimits } from './day-shelf.js';
import type { RegisterSurroundings } from './doctor-register.js';

/** How a server has fared that wanted days which others wanted too, since it started. */
export interface Races {
  /** Revisions that were decided here and are on disk. */
  readonly landed: number;
  /** Revisions that were decided here on a day on which another server was first; their commands were decided again. */
  readonly conflicts: number;
  /** Calls that were refused with CONFLICT, since that happened to them again and again. */
  readonly refused: number;
}

export interface Surroundings extends RegisterSurroundings {
  /** Told of each failure of the store, for the log. */
  readonly onFault: (error: unknown) => void;
  /** Told of each bug in the rules, beside what its caller is told. */
  readonly onBrokenRules?: (account: BrokenRules) => void;
  /** Told whether a store that servers share can be reached, each time that this changes. */
  readonly onReachable?: (isReachable: boolean) => void;
  /** Told when a newer version has changed how the store is made: nothing is kept for this server any more. */
  readonly onSuperseded?: () => void;
  readonly shelfLimits?: ShelfLimits;
}
