/** A store between the service and the real one, that fails as it is told, operation by operation. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, StoreUnavailable } from '../../src/store/store.js';

export type Operation = Exclude<keyof Store, 'close'>;

/**
 * What goes wrong, before the operation reaches the disk or after it has. `lost`: no answer ever
 * comes. `conflictAfter`: a commit lands, and the store answers that all of it was in conflict.
 */
export type Fault =
  | 'failsBefore'
  | 'failsAfter'
  | 'conflictAfter'
  | 'lostBefore'
  | 'lostAfter'
  | { readonly stallMilliseconds: number };

type Call = (...given: unknown[]) => Promise<unknown>;

const NEVER = new Promise<never>(() => {});

export class FaultyStore {
  /** Chooses what befalls an operation; nothing, where it answers with undefined. */
  faultOf: (operation: Operation) => Fault | undefined = () => undefined;

  /** The store as the service sees it. */
  readonly door: Store;

  constructor(inner: Store) {
    this.door = new Proxy(inner, {
      get: (_, name: keyof Store) => {
        // A file has no neighbours.
        if (typeof inner[name] !== 'function') return inner[name];
        const call = (inner[name] as Call).bind(inner);
        return name === 'close'
          ? call
          : (...given: unknown[]) => this.#suffer(this.faultOf(name), () => call(...given));
      },
    });
  }

  async #suffer(fault: Fault | undefined, call: () => Promise<unknown>): Promise<unknown> {
    if (fault === 'failsBefore') throw new StoreUnavailable('the disk cannot be written');
    if (fault === 'lostBefore') return NEVER;
    if (typeof fault === 'object') await sleep(fault.stallMilliseconds);
    const value = await call();
    if (fault === 'failsAfter') throw new StoreUnavailable('the line broke');
    if (fault === 'conflictAfter') return (value as unknown[]).map(() => 'conflict');
    return fault === 'lostAfter' ? NEVER : value;
  }
}
