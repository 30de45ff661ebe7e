/** What every store must do with groups of a batch: days that land together or not at all. Part of the store's contract. */
import type { DayCommit, JournalEntry, Store } from '../../src/store/store.js';
import { day, dayCommit, entry, request, slot, slotId, token, tokenId } from './samples.js';

/** So many days of one doctor as a group, each with two entries, a slot and a token of its own. */
function groupOf(group: number, days: readonly number[], fields: Partial<JournalEntry> = {}): DayCommit[] {
  return days.map((number, index) => {
    const entries = [entry(1, index === 0 ? fields : {}), entry(2)];
    return dayCommit(dateOf(number), entries, { group, slots: [slot(number)], tokens: [token(number)] });
  });
}

/** The days of doctor 1: 2026-02-01, 2026-02-02, … */
const dateOf = (number: number) => day(1, `2026-02-${String(number).padStart(2, '0')}`);

export function groupContract(store: () => Store): void {
  /** How many entries each day has, and whether its slot and its token are there. */
  async function shown(...days: number[]) {
    const looks = days.map(async (number) => {
      const entries = await store().readJournal(dateOf(number), 0, 10);
      const places = [await store().locateSlot(slotId(number)), await store().locateToken(tokenId(number))];
      return [entries.length, ...places.map((place) => place !== undefined)];
    });
    return Promise.all(looks);
  }
  const [WHOLE, NOTHING] = [
    [2, true, true],
    [0, false, false],
  ];

  test('the days of a group are kept together', async () => {
    expect(await store().commit(groupOf(1, [1, 2, 3]))).toEqual(['committed', 'committed', 'committed']);
    expect(await shown(1, 2, 3)).toEqual([WHOLE, WHOLE, WHOLE]);
  });

  test.each([
    ['first', 1],
    ['middle', 2],
    ['last', 3],
  ])('a conflict on the %s day of a group keeps nothing of any', async (_, number) => {
    await store().commit([dayCommit(dateOf(number), [entry(1)])]);
    expect(await store().commit(groupOf(1, [1, 2, 3]))).toEqual(['conflict', 'conflict', 'conflict']);
    const expected = [1, 2, 3].map((each) => (each === number ? [1, false, false] : NOTHING));
    expect(await shown(1, 2, 3)).toEqual(expected);
  });

  test.each([
    ['first', 0],
    ['last', 1],
  ])('it makes no odds whether the %s entry of a day is the one in conflict', async (_, index) => {
    await store().commit([dayCommit(dateOf(2), [entry(index + 1)])]);
    expect(await store().commit(groupOf(1, [1, 2]))).toEqual(['conflict', 'conflict']);
    expect(await shown(1, 2)).toEqual([NOTHING, [1, false, false]]);
  });

  test('of two groups in one batch, and a day that stands for itself, each has its own outcome', async () => {
    await store().commit([dayCommit(dateOf(4), [entry(2)])]);
    const [first, second] = [groupOf(1, [1, 2]), groupOf(2, [3, 4])];
    const alone = dayCommit(dateOf(5), [entry(1), entry(2)], { slots: [slot(5)], tokens: [token(5)] });
    const batch = [first[0], second[0], alone, first[1], second[1]] as DayCommit[];
    const outcomes = await store().commit(batch);
    expect(outcomes).toEqual(['committed', 'conflict', 'committed', 'committed', 'conflict']);
    expect(await shown(1, 2, 3, 4, 5)).toEqual([WHOLE, WHOLE, NOTHING, [1, false, false], WHOLE]);
  });

  test('numbers of groups mean nothing beyond their batch', async () => {
    await store().commit(groupOf(1, [1, 2]));
    expect(await store().commit(groupOf(1, [3, 4]))).toEqual(['committed', 'committed']);
  });

  test('R18 · a request id that came before takes the whole group back', async () => {
    await store().commit([dayCommit(day(1), [entry(1, { request: request(7) })])]);
    expect(await store().commit(groupOf(1, [1, 2], { request: request(7) }))).toEqual(['conflict', 'conflict']);
    expect(await shown(1, 2)).toEqual([NOTHING, NOTHING]);
  });

  test('R18 · of two groups of one batch with one request id, the second is in conflict', async () => {
    const batch = [1, 2].flatMap((group) => groupOf(group, [2 * group, 2 * group + 1], { request: request(7) }));
    expect(await store().commit(batch)).toEqual(['committed', 'committed', 'conflict', 'conflict']);
    expect(await shown(2, 3, 4, 5)).toEqual([WHOLE, WHOLE, NOTHING, NOTHING]);
  });

  test('R18 · the request id of a group that was left out is free for the next, and so are its revisions', async () => {
    await store().commit([dayCommit(dateOf(2), [entry(2)])]);
    const [first, second] = groupOf(1, [1, 2], { request: request(7) }) as [DayCommit, DayCommit];
    const next = dayCommit(dateOf(3), [entry(1, { request: request(7) })]);
    expect(await store().commit([first, second, next])).toEqual(['conflict', 'conflict', 'committed']);
    expect(await store().commit([first])).toEqual(['conflict']);
    expect(await store().commit(groupOf(1, [1, 4], { request: request(8) }))).toEqual(['committed', 'committed']);
  });
}
