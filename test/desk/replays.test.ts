/** Changes made anew from the journal: shared by all who read a day, and by few days at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../src/domain/event.js';
import { type DayKey, StoreUnavailable } from '../../src/store/store.js';
import { accepted, type Clinic, inFreshClinic, newId, recordOf } from './clinic.js';

let clinic: Clinic;
inFreshClinic((fresh) => {
  clinic = fresh;
});

interface LongDay {
  readonly key: DayKey;
  /** Does again what was done first under the request id of each token. */
  readonly repeats: (() => Promise<number>)[];
}

/** Revision 1 creates the slot; each after it issues a token. */
async function aLongDay(revisions: number): Promise<LongDay> {
  const { key, slotId } = await clinic.day(1_000);
  const requestIds = Array.from({ length: revisions - 1 }, () => newId());
  const ask = async (requestId: string) => accepted(await clinic.allocate(slotId, '', { requestId })).change.revision;
  await Promise.all(requestIds.map(ask));
  return { key, repeats: requestIds.map((requestId) => () => ask(requestId)) };
}

/** How many pages of journals are read while something is done. */
async function pagesReadBy(act: () => Promise<unknown>): Promise<number> {
  const before = clinic.store.callsOf('readJournal');
  await act();
  return clinic.store.callsOf('readJournal') - before;
}

async function revisionsOf(history: AsyncIterable<Change>): Promise<number[]> {
  const revisions: number[] = [];
  for await (const { revision } of history) revisions.push(revision);
  return revisions;
}

function upTo(last: number, after: number): number[] {
  return Array.from({ length: last - after }, (_, n) => after + n + 1);
}

describe('R18 · repeats of what is long past', () => {
  test('share one reading of the journal, and each gets its own answer', async () => {
    const { repeats } = await aLongDay(2_500);
    const chosen = repeats.filter((_, n) => n % 25 === 0);
    let answers: number[] = [];
    const pages = await pagesReadBy(async () => {
      answers = await Promise.all(chosen.map((repeat) => repeat()));
    });
    expect(answers).toEqual(chosen.map((_, n) => 2 + n * 25));
    expect(pages).toBe(3);
  });

  test('cost nothing the second time', async () => {
    const [repeat] = (await aLongDay(200)).repeats;
    expect(await pagesReadBy(async () => repeat?.())).toBe(1);
    expect(await pagesReadBy(async () => repeat?.())).toBe(0);
  });
});

describe('Watch 6 · readers of a long day', () => {
  test('share one reading, from wherever each resumes', async () => {
    const { key } = await aLongDay(2_500);
    const after = [0, 1, 999, 1_000, 1_001, 2_000, 2_499, 2_500];
    let read: number[][] = [];
    const pages = await pagesReadBy(async () => {
      read = await Promise.all(after.map((each) => revisionsOf(clinic.desk.history(key, each))));
    });
    expect(read).toEqual(after.map((each) => upTo(2_500, each)));
    expect(pages).toBeLessThanOrEqual(4);
  });

  test('get the very changes that were answered', async () => {
    const { key } = await aLongDay(1_200);
    const changes: Change[] = [];
    for await (const change of clinic.desk.history(key, 0)) changes.push(change);
    expect(changes).toEqual((await recordOf(clinic.store, key)).changes);
  });

  test('get what is new at the end, though the last page was kept from before', async () => {
    const { key } = await aLongDay(1_200);
    expect(await revisionsOf(clinic.desk.history(key, 1_100))).toHaveLength(100);
    await clinic.slot(key, 1, 12);
    expect(await revisionsOf(clinic.desk.history(key, 1_100))).toEqual(upTo(1_201, 1_100));
    expect(await revisionsOf(clinic.desk.history(key, 1_201))).toEqual([]);
  });

  test('who come too late for a page that is not kept get it from the next sweep', async () => {
    const days = await Promise.all(Array.from({ length: 36 }, () => aLongDay(1_010)));
    const first = days[0] as LongDay;
    const early = clinic.desk.history(first.key, 0);
    await early.next();
    for (const { key } of days) await revisionsOf(clinic.desk.history(key, 0));
    expect(await revisionsOf(clinic.desk.history(first.key, 5))).toEqual(upTo(1_010, 5));
    expect(await revisionsOf(early)).toEqual(upTo(1_010, 1));
  });
});

describe('two sweeps at a time', () => {
  test('the others wait, and all are served', async () => {
    const days = await Promise.all(Array.from({ length: 8 }, () => aLongDay(150)));
    let [reading, most] = [0, 0];
    const { readJournal } = clinic.store;
    clinic.store.readJournal = async (...asked) => {
      reading += 1;
      most = Math.max(most, reading);
      await sleep(5);
      return readJournal.apply(clinic.store, asked).finally(() => {
        reading -= 1;
      });
    };
    const read = await Promise.all(days.map(({ key }) => revisionsOf(clinic.desk.history(key, 0))));
    expect(read).toEqual(days.map(() => upTo(150, 0)));
    expect(most).toBe(2);
  });

  test('readers who are blocked hold no place', async () => {
    const days = await Promise.all(Array.from({ length: 3 }, () => aLongDay(1_100)));
    const [one, other, third] = days.map(({ key }) => clinic.desk.history(key, 0));
    await Promise.all([one?.next(), other?.next()]);
    expect(await revisionsOf(third as AsyncGenerator<Change>)).toHaveLength(1_100);
    expect(await revisionsOf(one as AsyncGenerator<Change>)).toHaveLength(1_099);
  });

  test('a reading that fails frees its place, fails all who waited for it, and the next begins anew', async () => {
    const { key } = await aLongDay(150);
    clinic.store.failReads(true);
    const failed = await Promise.allSettled(Array.from({ length: 5 }, () => revisionsOf(clinic.desk.history(key, 0))));
    for (const each of failed) expect(each).toMatchObject({ reason: expect.any(StoreUnavailable) });
    clinic.store.failReads(false);
    expect(await revisionsOf(clinic.desk.history(key, 100))).toEqual(upTo(150, 100));
  });

  test('a replay that fails half-way leaves nothing of itself to those who come after', async () => {
    const { key } = await aLongDay(3_100);
    const early = clinic.desk.history(key, 0);
    await early.next();
    const { readJournal } = clinic.store;
    clinic.store.readJournal = async (...asked) => {
      const entries = await readJournal.apply(clinic.store, asked);
      clinic.store.readJournal = readJournal;
      const damage = { kind: 'CANCELLED', tokenId: 'token_of_nobody' } as never;
      return entries.map((entry, index) => (index === 2 ? { ...entry, events: [...entry.events, damage] } : entry));
    };
    await expect(revisionsOf(clinic.desk.history(key, 1_000))).rejects.toThrow('token_of_nobody');
    expect(await revisionsOf(clinic.desk.history(key, 3_050))).toEqual(upTo(3_100, 3_050));
    await early.return(undefined);
  });
});
