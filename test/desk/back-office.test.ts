import { setTimeout as sleep } from 'node:timers/promises';
import { BackOffice } from '../../src/desk/back-office.js';
import { answered } from '../../src/domain/refusal.js';
import { reasonOf } from './clinic.js';

const now = async () => answered(undefined);

test('work is done one after another, in the order in which it came', async () => {
  const office = new BackOffice();
  const begun: number[] = [];
  const work = [3, 1, 2].map((milliseconds) =>
    office.inTurn(async () => {
      begun.push(milliseconds);
      await sleep(milliseconds);
      return answered([...begun]);
    }),
  );
  expect(await Promise.all(work)).toEqual([[3], [3, 1], [3, 1, 2]].map(answered));
});

test('work that fails holds up none', async () => {
  const office = new BackOffice();
  const failing = office.inTurn(() => Promise.reject(new Error('no')));
  const next = office.inTurn(now);
  await expect(failing).rejects.toThrow('no');
  expect(reasonOf(await next)).toBe('answered');
});

test('who has waited for too long is refused, and the next one is not', async () => {
  const office = new BackOffice(0.05);
  const first = office.inTurn(() => sleep(100).then(now));
  const second = office.inTurn(now);
  expect([reasonOf(await first), reasonOf(await second)]).toEqual(['answered', 'TOO_MANY_REQUESTS']);
  expect(reasonOf(await office.inTurn(now))).toBe('answered');
});
