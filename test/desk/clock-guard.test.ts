/** Which readings of the system clock are believed, and what time it is while one is not. */
import { ClockGuard, GAP_MAX, LONG_WAIT, STEP_MAX, WAIT } from '../../src/desk/clock-guard.js';
import type { Instant } from '../../src/domain/time.js';
import type { ClockMark } from '../../src/store/store.js';
import { Machine, MACHINE_STARTS_AT as NOW } from '../support/machine.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A mark of another boot of the machine, or of another machine. */
function oldMark(agoMilliseconds: number): ClockMark {
  return { at: (NOW - agoMilliseconds) as Instant, uptime: 7 * DAY, bootId: 'an earlier boot' };
}

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});

/** Looks every second, as the watch does, while time passes. */
function wait(guard: ClockGuard, milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    machine.pass(1_000);
    guard.observe();
  }
}

function expectBelieved(guard: ClockGuard): void {
  expect(guard.now()).toBe(machine.wall());
  expect(guard.doubt).toBeUndefined();
}

describe('at the start', () => {
  test('a store in which no server has ever been alive gives nothing to doubt', () => {
    expectBelieved(new ClockGuard(machine, undefined));
  });

  test.each([
    ['the machine has run on while no server did, for half an hour', () => machine.markOf(HOUR / 2)],
    ['the machine was started anew, and the stop was short', () => oldMark(GAP_MAX)],
  ])('believed at once: %s', (_, mark) => {
    expectBelieved(new ClockGuard(machine, mark()));
  });

  test('believed at once: the machine has run on while no server did, for a month', () => {
    machine.pass(31 * DAY);
    expectBelieved(new ClockGuard(machine, machine.markOf(31 * DAY)));
  });

  test.each([
    ['hours', 3 * HOUR],
    ['a day', DAY],
    ['years', 3 * 365 * DAY],
  ])('the clock is ahead by %s of what the time since the machine was started explains', (_, ahead) => {
    const mark = machine.markOf(MINUTE);
    machine.step(ahead);
    const guard = new ClockGuard(machine, mark);
    expect(guard.now()).toBe(NOW);
    expect(guard.doubt).toMatchObject({ aheadMilliseconds: ahead, waitMilliseconds: LONG_WAIT });
    machine.pass(3_000);
    expect(guard.now()).toBe(NOW + 3_000);
    expect(guard.mark().at).toBe(NOW + 3_000);
    machine.step(-ahead);
    expectBelieved(guard);
  });

  test.each([
    ['a night', 13 * HOUR, WAIT],
    ['a long weekend', 4 * DAY, WAIT],
    ['a month', 31 * DAY, LONG_WAIT],
  ])('the machine was off for %s: the clock is believed once it has run steadily', (_, off, needed) => {
    const guard = new ClockGuard(machine, oldMark(off));
    expect(guard.now()).toBe(NOW - off);
    wait(guard, needed - 1_000);
    expect(guard.doubt).toMatchObject({ waitMilliseconds: needed });
    expect(guard.now()).toBe(NOW - off + needed - 1_000);
    wait(guard, 1_000);
    expectBelieved(guard);
  });

  test('an estimate is a whole number of milliseconds, as every instant is', () => {
    const guard = new ClockGuard(machine, oldMark(DAY));
    machine.pass(0.7);
    expect(guard.now()).toBe(NOW - DAY);
    machine.pass(0.7);
    expect(guard.now()).toBe(NOW - DAY + 1);
  });

  test('an operator, or a second source, is believed at once', () => {
    const guard = new ClockGuard(machine, oldMark(DAY));
    guard.confirm();
    expectBelieved(guard);
  });

  test('a clock that a second source contradicts is not believed for running steadily', () => {
    const guard = new ClockGuard(machine, oldMark(DAY));
    guard.contradict();
    wait(guard, LONG_WAIT);
    expect(guard.doubt).toBeDefined();
    guard.confirm();
    expectBelieved(guard);
  });

  test('a clock that is set again while it is waited for must run steadily anew', () => {
    const guard = new ClockGuard(machine, oldMark(DAY));
    wait(guard, WAIT - 1_000);
    machine.step(HOUR);
    wait(guard, WAIT - 1_000);
    expect(guard.doubt).toBeDefined();
    wait(guard, 2_000);
    expectBelieved(guard);
  });

  test('a clock without a battery says 1970: time stands still, and no wait helps', () => {
    machine.set(0);
    const guard = new ClockGuard(machine, oldMark(HOUR));
    wait(guard, LONG_WAIT);
    expect(guard.now()).toBe(NOW - HOUR);
    expect(guard.doubt).toMatchObject({ waitMilliseconds: undefined });
    machine.set(NOW + MINUTE);
    expectBelieved(guard);
  });

  test('once such a clock is corrected, it is doubted like any other after a night', () => {
    machine.set(0);
    const guard = new ClockGuard(machine, oldMark(13 * HOUR));
    wait(guard, 30_000);
    machine.set(NOW);
    expect(guard.now()).toBe(NOW - 13 * HOUR + 30_000);
    wait(guard, WAIT + 1_000);
    expectBelieved(guard);
  });

  test('a clock that is hours behind, since the last one was ahead, is believed once it has run steadily', () => {
    const guard = new ClockGuard(machine, { at: (NOW + 5 * HOUR) as Instant, uptime: 0 });
    expect(guard.now()).toBe(NOW + 5 * HOUR);
    wait(guard, WAIT - 1_000);
    expect(guard.now()).toBe(NOW + 5 * HOUR);
    wait(guard, 2_000);
    expectBelieved(guard);
  });
});

describe('while the server runs', () => {
  let guard: ClockGuard;
  beforeEach(() => {
    guard = new ClockGuard(machine, undefined);
    wait(guard, MINUTE);
  });

  test.each([STEP_MAX, -STEP_MAX])('a step of %d ms is believed at once', (step) => {
    machine.step(step);
    expectBelieved(guard);
  });

  test('a clock that gains all the time is followed', () => {
    for (let minutes = 0; minutes < 100; minutes += 1) {
      wait(guard, 10_000);
      machine.step(5_000);
      expectBelieved(guard);
    }
  });

  test.each([
    ['minutes', 5 * MINUTE, WAIT],
    ['a day', DAY, LONG_WAIT],
  ])('a step forward of %s waits until the clock has run steadily', (_, step, needed) => {
    const before = guard.now();
    machine.step(step);
    expect(guard.now()).toBe(before);
    wait(guard, needed - 1_000);
    expect(guard.now()).toBe(before + needed - 1_000);
    wait(guard, 2_000);
    expectBelieved(guard);
  });

  test('a step back lets time stand still until the clock has caught up', () => {
    const before = guard.now();
    machine.step(-5 * MINUTE);
    expect(guard.now()).toBe(before);
    wait(guard, 2 * MINUTE);
    expect(guard.now()).toBe(before);
    wait(guard, 3 * MINUTE);
    expectBelieved(guard);
  });

  test('a step back by hours is followed once the clock has run steadily', () => {
    const before = guard.now();
    machine.step(-3 * HOUR);
    guard.observe();
    wait(guard, WAIT - 1_000);
    expect(guard.now()).toBe(before);
    wait(guard, 2_000);
    expectBelieved(guard);
  });

  test('a step back that is taken back again is believed at once', () => {
    machine.step(-3 * HOUR);
    wait(guard, MINUTE);
    machine.step(3 * HOUR);
    expectBelieved(guard);
  });

  test('a step back and then one far ahead is not believed', () => {
    machine.step(-3 * HOUR);
    wait(guard, MINUTE);
    machine.step(DAY);
    expect(guard.now()).toBeLessThan(NOW + HOUR);
    expect(guard.doubt?.aheadMilliseconds).toBeGreaterThan(0);
  });

  test('a machine that slept is believed at once, though its monotonic clock stood still', () => {
    machine.pass(8 * HOUR, { asleep: 8 * HOUR });
    expectBelieved(guard);
  });

  test('a virtual machine that its host had stopped must run steadily first, or a second source knows', () => {
    machine.step(8 * HOUR);
    expect(guard.observe()).toMatchObject({ waitMilliseconds: LONG_WAIT });
    guard.confirm();
    expectBelieved(guard);
  });
});
