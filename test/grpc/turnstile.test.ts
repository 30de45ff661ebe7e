/** So many in a turn of the event loop, the others after them. */
import { Turnstile } from '../../src/grpc/turnstile.js';

const turn = () => new Promise(setImmediate);

let inside: number[];
let turnstile: Turnstile<number>;
beforeEach(() => {
  const entered: number[] = [];
  turnstile = new Turnstile(3, (number) => entered.push(number));
  inside = entered;
});

function come(...numbers: number[]): void {
  for (const number of numbers) turnstile.come(number);
}

test('few go in at once', () => {
  come(1, 2, 3);
  expect([inside, turnstile.waiting]).toEqual([[1, 2, 3], 0]);
});

test('of many, so many go in a turn, in the order in which they came', async () => {
  come(1, 2, 3, 4, 5, 6, 7);
  expect([inside, turnstile.waiting]).toEqual([[1, 2, 3], 4]);
  await turn();
  expect(inside).toEqual([1, 2, 3, 4, 5, 6]);
  await turn();
  expect([inside, turnstile.waiting]).toEqual([[1, 2, 3, 4, 5, 6, 7], 0]);
});

test('those who come later wait behind those who wait', async () => {
  come(1, 2, 3, 4, 5, 6, 7);
  await turn();
  come(8);
  await turn();
  expect(inside).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what a turn has left, those who come next may take', async () => {
  come(1, 2, 3, 4);
  await turn();
  come(5, 6, 7);
  expect(inside).toEqual([1, 2, 3, 4, 5, 6]);
});

test('after a quiet turn there is room again for as many', async () => {
  come(1, 2, 3);
  await turn();
  come(4, 5, 6);
  expect(inside).toEqual([1, 2, 3, 4, 5, 6]);
});

test('whoever comes because another was let in goes after those who wait', async () => {
  turnstile = new Turnstile(1, (number) => {
    inside.push(number);
    if (number === 1) turnstile.come(4);
  });
  come(1, 2, 3);
  for (let n = 0; n < 4; n += 1) await turn();
  expect(inside).toEqual([1, 4, 2, 3]);
});

describe('where a share of the time is theirs', () => {
  beforeEach(() => {
    const entered: number[] = [];
    turnstile = new Turnstile(3, (number) => entered.push(number), 2);
    inside = entered;
  });

  test('more go in after a turn that took long: so many for each millisecond of it', async () => {
    come(...Array.from({ length: 200 }, (_, n) => n));
    const endsAt = performance.now() + 20;
    while (performance.now() < endsAt);
    await turn();
    expect(inside.length).toBeGreaterThanOrEqual(3 + 40);
    const after = inside.length;
    come(1_000);
    expect(inside.length).toBe(after);
    await turn();
    expect(inside.length - after).toBeLessThan(40);
  });

  test('a quiet time beforehand counts for nothing', async () => {
    come(1);
    await turn();
    await new Promise((resolve) => setTimeout(resolve, 50));
    come(...Array.from({ length: 100 }, (_, n) => n));
    await turn();
    expect(inside.length).toBeLessThan(1 + 3 + 40);
  });
});
