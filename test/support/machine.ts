/** The clocks of a machine, as a test sets them. */
import type { MachineClocks } from '../../src/desk/clock-guard.js';
import type { Instant } from '../../src/domain/time.js';
import type { ClockMark } from '../../src/store/store.js';

const HOUR = 60 * 60_000;

/** A Monday. */
export const MACHINE_STARTS_AT = Date.parse('2026-03-02T10:00:00Z');

/** A machine whose clocks the test sets; it was started an hour ago. */
export class Machine implements MachineClocks {
  #wall = MACHINE_STARTS_AT;
  #monotonic = 5_000;
  #uptime = HOUR;
  bootId = 'this boot';

  readonly wall = () => this.#wall;
  readonly monotonic = () => this.#monotonic;
  readonly uptime = () => this.#uptime;

  /** Time passes; by so much less on the monotonic clock if the machine sleeps. */
  pass(milliseconds: number, { asleep = 0 } = {}): this {
    this.#wall += milliseconds;
    this.#uptime += milliseconds;
    this.#monotonic += milliseconds - asleep;
    return this;
  }

  /** Stopped from outside: no clock but the wall's goes on. */
  step(milliseconds: number): this {
    this.#wall += milliseconds;
    return this;
  }

  /** Off for so long, and then started anew. */
  turnOff(milliseconds: number): this {
    this.#wall += milliseconds;
    this.#uptime = 30_000;
    this.#monotonic = 500;
    this.bootId = 'the next boot';
    return this;
  }

  set(wall: number): this {
    this.#wall = wall;
    return this;
  }

  /** A mark that a server of this boot kept some time ago. */
  markOf(agoMilliseconds: number): ClockMark {
    return {
      at: (this.#wall - agoMilliseconds) as Instant,
      uptime: this.#uptime - agoMilliseconds,
      bootId: 'this boot',
    };
  }
}
