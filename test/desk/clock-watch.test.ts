/** Who is asked about a clock that is in doubt, what is kept, and who is told. */
import { ClockGuard } from '../../src/desk/clock-guard.js';
import { type ClockSource, ClockWatch } from '../../src/desk/clock-watch.js';
import type { Instant } from '../../src/domain/time.js';
import type { ClockMark } from '../../src/store/store.js';
import { Machine } from '../support/machine.js';

const DAY = 24 * 60 * 60_000;

let machine: Machine;
let kept: ClockMark[];
let told: string[];
beforeEach(() => {
  machine = new Machine();
  kept = [];
  told = [];
});

/** Starts on a clock that is ahead of the mark by so much, and stops again. */
async function startAndStop(
  ahead: number,
  ...reads: (ClockSource['read'] | Omit<ClockSource, 'name'>)[]
): Promise<ClockGuard> {
  const mark = machine.markOf(0);
  machine.step(ahead);
  const guard = new ClockGuard(machine, mark);
  const store = { keepClockMark: async (each: ClockMark) => void kept.push(each) };
  const sources = reads.map((read, index) => ({
    name: `source ${index}`,
    ...(typeof read === 'function' ? { read } : read),
  }));
  const watch = new ClockWatch(guard, machine.wall, store, sources, {
    onDoubt: (doubt) => told.push(doubt ? 'doubt' : 'believed'),
    onDisagreement: (name) => told.push(`${name} differs`),
    onFault: (error) => told.push((error as Error).message),
  });
  await watch.start();
  await watch.stop();
  return guard;
}

test('a clock that is believed has its mark kept at the start and at the end', async () => {
  await startAndStop(0);
  expect(kept).toEqual([machine.markOf(0), machine.markOf(0)]);
  expect(told).toEqual([]);
});

test('a clock in doubt leaves the mark as it was, and is told of', async () => {
  await startAndStop(DAY);
  expect(kept).toEqual([]);
  expect(told).toEqual(['doubt']);
});

test('a second source that agrees within a minute confirms the clock before anybody is told of a doubt', async () => {
  const guard = await startAndStop(DAY, async () => (machine.wall() - 59_000) as Instant);
  expect(guard.now()).toBe(machine.wall());
  expect(told).toEqual([]);
});

test('a second source that differs is told of, and the clock is not believed for running steadily', async () => {
  const guard = await startAndStop(DAY, async () => (machine.wall() - DAY) as Instant);
  machine.pass(DAY);
  expect(guard.now()).toBe(machine.wall() - DAY);
  expect(told).toEqual(['source 0 differs', 'doubt']);
});

test('a second source that differs from a clock that is believed is told of, and changes nothing', async () => {
  const guard = await startAndStop(0, async () => (machine.wall() + DAY) as Instant);
  expect(guard.now()).toBe(machine.wall());
  expect(told).toEqual(['source 0 differs']);
});

test.each([
  ['does not know', async () => undefined, []],
  ['fails', () => Promise.reject(new Error('out of reach')), ['out of reach']],
])('a second source that %s counts for nothing', async (_, read, faults) => {
  const guard = await startAndStop(DAY, read);
  expect(guard.doubt).toBeDefined();
  expect(told).toEqual([...faults, 'doubt']);
});

test.each([
  [0, 0],
  [DAY, 1],
])('a source that is for doubts is asked of a clock that is ahead by %d ms %d times', async (ahead, times) => {
  let asked = 0;
  const read = async () => {
    asked += 1;
    return undefined;
  };
  await startAndStop(ahead, { isForDoubt: true, read });
  expect(asked).toBe(times);
});

test('one source that agrees outweighs another that differs', async () => {
  const guard = await startAndStop(
    DAY,
    async () => (machine.wall() - DAY) as Instant,
    async () => machine.wall() as Instant,
  );
  expect(guard.doubt).toBeUndefined();
});
