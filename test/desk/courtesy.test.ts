/** Whose turn it is where several servers want one day at once. */
import { jest } from '@jest/globals';
import { Courtesy } from '../../src/desk/courtesy.js';

const DAY = 'doc_1 2026-01-31';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Servers a, b and c, each of which has heard of the others, when one of them has just moved the day on. */
function afterMoveOf(mover: string): Map<string, Courtesy> {
  const names = ['a', 'b', 'c'];
  const servers = new Map(names.map((name) => [name, new Courtesy(name)]));
  for (const [name, courtesy] of servers) {
    for (const other of names) if (other !== name) courtesy.heard(DAY, 1, other);
    if (name === mover) courtesy.won(DAY, 2);
    else courtesy.heard(DAY, 2, mover);
  }
  return servers;
}

function courtesyOf(server: string, mover: string): Courtesy {
  return afterMoveOf(mover).get(server) as Courtesy;
}

/** After how many milliseconds it is a server's turn, while nobody moves the day. */
async function waitOf(courtesy: Courtesy): Promise<number> {
  const startedAt = performance.now();
  let at = startedAt;
  const turn = courtesy.turn(DAY)?.then(() => {
    at = performance.now();
  });
  await jest.advanceTimersByTimeAsync(100);
  await turn;
  return at - startedAt;
}

test.each([
  ['a', 'bca'],
  ['b', 'cab'],
  ['c', 'abc'],
])('after %s has moved the day the order is %s: whoever had its way comes last', async (mover, order) => {
  const waits = [...order].map((server) => waitOf(courtesyOf(server, mover)));
  expect(await Promise.all(waits)).toEqual([0, 12, 24]);
});

test('whoever waits goes as soon as it hears that its turn has come', async () => {
  const c = courtesyOf('c', 'a');
  let hasTurn = false;
  const turn = c.turn(DAY)?.then(() => {
    hasTurn = true;
  });
  await jest.advanceTimersByTimeAsync(3);
  expect(hasTurn).toBe(false);
  c.heard(DAY, 3, 'b');
  await turn;
  expect(hasTurn).toBe(true);
});

test('a word of one who tried, and was not first, takes nobody’s turn away', () => {
  const b = courtesyOf('b', 'a');
  b.heard(DAY, 1, 'c');
  expect(b.turn(DAY)).toBeUndefined();
});

test('whoever has heard of nobody never waits', () => {
  const alone = new Courtesy('a');
  alone.won(DAY, 1);
  expect(alone.turn(DAY)).toBeUndefined();
});

test('whoever has not spoken for a while is not waited for', async () => {
  const a = courtesyOf('a', 'a');
  expect(await waitOf(a)).toBe(24);
  await jest.advanceTimersByTimeAsync(300);
  a.won(DAY, 3);
  expect(a.turn(DAY)).toBeUndefined();
});
