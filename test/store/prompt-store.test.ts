/** How long a store may take to answer, on a store whose answers the test gives. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoctorId } from '../../src/domain/doctor.js';
import { PromptStore } from '../../src/store/prompt-store.js';
import { type Store, StoreUnavailable } from '../../src/store/store.js';

const ID = 'doc_1' as DoctorId;
const SECONDS_MAX = 0.05;

/** A store that answers when it is told to. */
function slowStore() {
  const asked: (() => void)[] = [];
  const findDoctor = () => new Promise<undefined>((resolve) => asked.push(() => resolve(undefined)));
  return { asked, store: new PromptStore({ findDoctor } as unknown as Store, SECONDS_MAX) };
}

test('a call without an answer is given up, and so is each that waited with it', async () => {
  const { store, asked } = slowStore();
  const calls = [store.findDoctor(ID), store.findDoctor(ID)];
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(calls[0]).rejects.toThrow(StoreUnavailable);
  expect(asked.length).toBe(2);
});

test('a silent store is asked one thing at a time; the rest is refused at once', async () => {
  const { store, asked } = slowStore();
  await expect(store.findDoctor(ID)).rejects.toThrow(/has not answered/);
  const probe = store.findDoctor(ID);
  probe.catch(() => {});
  await expect(store.findDoctor(ID)).rejects.toThrow(/does not answer/);
  expect(asked.length).toBe(2);
  await expect(probe).rejects.toThrow(/has not answered/);
});

test('an answer that comes, be it a late one, opens the store to all', async () => {
  const { store, asked } = slowStore();
  await expect(store.findDoctor(ID)).rejects.toThrow(StoreUnavailable);
  asked[0]?.();
  await sleep(0);
  const calls = [store.findDoctor(ID), store.findDoctor(ID)];
  for (const answer of asked) answer();
  expect(await Promise.all(calls)).toEqual([undefined, undefined]);
});
