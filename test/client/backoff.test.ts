import { Backoff } from '../../src/client/backoff.js';

const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => Math.round(backoff.next()));

test('each wait may be twice as long as the one before, up to a quarter of a minute', () => {
  expect(waits(new Backoff(() => 0.999_999), 9)).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
});

test('chance takes up to half of a wait off', () => {
  expect(waits(new Backoff(() => 0), 3)).toEqual([100, 200, 400]);
});

test('a wait is never shorter than the server asks for', () => {
  expect(new Backoff().next(1_000)).toBe(1_000);
});

test('after a success the next wait is a first one', () => {
  const backoff = new Backoff(() => 0);
  waits(backoff, 5);
  backoff.reset();
  expect(waits(backoff, 1)).toEqual([100]);
});
