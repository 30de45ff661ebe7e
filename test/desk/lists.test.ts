/** Lists show what is on disk, and all that has been acknowledged. */
import { changePage } from '../../src/desk/lists.js';
import type { TokenId } from '../../src/domain/token.js';
import type { TokenFilter } from '../../src/domain/token-list.js';
import {
  accepted,
  type Clinic,
  inFreshClinic,
  isPending,
  reasonOf,
  recordOf,
  TODAY,
  TOMORROW,
  tokenOf,
} from './clinic.js';

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

const ANY: TokenFilter = {
  doctorId: undefined,
  date: undefined,
  slotId: undefined,
  patientRef: undefined,
  statuses: [],
};

async function list(filter: Partial<TokenFilter>): Promise<(readonly [string, string])[]> {
  const page = accepted(await clinic.desk.listTokens({ filter: { ...ANY, ...filter }, after: undefined, limit: 100 }));
  return page.things.map(({ key, token }) => [key.date, token.status]);
}

describe('a patient’s tokens over all days', () => {
  test('are there as soon as they have been acknowledged, and as they were left', async () => {
    const [today, tomorrow] = [await clinic.day(10, TODAY), await clinic.day(10, TOMORROW)];
    const first = tokenOf(await clinic.allocate(today.slotId, 'asha'));
    await clinic.allocate(tomorrow.slotId, 'asha');
    await clinic.cancel(first);
    expect(await list({ patientRef: 'asha' })).toEqual([
      [TODAY, 'CANCELLED'],
      [TOMORROW, 'ACTIVE'],
    ]);
  });

  test('kept before references had one form are found under what was sent then, too, a page at a time', async () => {
    const { slotId } = await clinic.day();
    const ids: TokenId[] = [];
    for (const patientRef of ['asha', ' asha', 'asha', ' asha']) {
      const id = tokenOf(await clinic.allocate(slotId, patientRef));
      await clinic.cancel(id);
      ids.push(id);
    }
    const filter = { ...ANY, patientRef: 'asha' };
    const page = async (patientRefSent: string, limit: number, after?: TokenId) => {
      const { things, goesOn } = accepted(await clinic.desk.listTokens({ filter, patientRefSent, limit, after }));
      return [things.map(({ token }) => ids.indexOf(token.id)), goesOn];
    };
    expect(await page('asha', 10)).toEqual([[0, 2], false]);
    expect(await page(' asha', 10)).toEqual([[0, 1, 2, 3], false]);
    expect(await page(' asha', 3)).toEqual([[0, 1, 2], true]);
    expect(await page(' asha', 3, ids[2])).toEqual([[3], false]);
  });

  test('are not shown before they are on disk', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const allocating = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    expect(await list({ patientRef: 'asha' })).toEqual([]);
    held.meet('keep');
    accepted(await allocating);
    expect(await list({ patientRef: 'asha' })).toEqual([[TODAY, 'ACTIVE']]);
  });
});

describe('the tokens of a day', () => {
  test('that were decided are listed once they are on disk', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const listing = list(key);
    expect(await isPending(clinic, listing)).toBe(true);
    held.meet('keep');
    expect(await listing).toEqual([[TODAY, 'ACTIVE']]);
  });

  test('that never came to disk are not listed', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const listing = list({ ...key, patientRef: 'asha' });
    await clinic.store.idle();
    held.meet('failBefore');
    expect(await listing).toEqual([]);
  });
});

describe('a page of changes', () => {
  const change = (revision: number, effects: number) => ({ revision, effects: Array(effects).fill({}) }) as never;
  const cut = async (...effects: number[]) => {
    async function* history() {
      for (const [index, count] of effects.entries()) yield change(index + 1, count);
    }
    const { things, goesOn } = await changePage(history(), 3);
    return [things.length, goesOn];
  };

  test.each<[string, number[], number, boolean]>([
    ['holds as many as asked for', [1, 1, 1, 1], 3, true],
    ['holds all where they are no more', [1, 1, 1], 3, false],
    ['is full before 5,000 effects are exceeded', [4_999, 1, 1], 2, true],
    ['holds one change, however large', [9_000, 1], 1, true],
  ])('%s', async (_, effects, length, goesOn) => {
    expect(await cut(...effects)).toEqual([length, goesOn]);
  });
});

describe('the changes of a day', () => {
  const ask = (doctorId: string, afterRevision: number, limit: number) =>
    clinic.desk.listChanges({ doctorId: doctorId as never, date: TODAY, afterRevision, limit });

  test('are those that were answered, in pages', async () => {
    const { key, slotId } = await clinic.day(1);
    const answers = [
      await clinic.allocate(slotId, 'asha', { source: 'WALK_IN' }),
      await clinic.allocate(slotId, 'bala'),
    ];
    const [, ...changes] = answers.map((answer) => accepted(answer).change);
    const { things, goesOn } = accepted(await ask(key.doctorId, 2, 10));
    expect([things, goesOn]).toEqual([changes, false]);
    expect(accepted(await ask(key.doctorId, 0, 2))).toMatchObject({
      goesOn: true,
      things: [{ revision: 1 }, { revision: 2 }],
    });
  });

  test('are not listed before they are on disk', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    void clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    expect(accepted(await ask(key.doctorId, 0, 10)).things).toHaveLength(1);
    held.meet('keep');
    await clinic.store.idle();
    expect(accepted(await ask(key.doctorId, 0, 10)).things).toEqual((await recordOf(clinic.store, key)).changes);
  });

  test('of a doctor whom nobody knows are not found', async () => {
    expect(reasonOf(await ask('doc_00000000-0000-7000-8000-00000000ffff', 0, 1))).toBe('DOCTOR_NOT_FOUND');
  });

  test('cannot be had while the store is out of reach', async () => {
    const { key } = await clinic.day();
    clinic.store.failReads(true);
    expect(reasonOf(await ask(key.doctorId, 0, 1))).toBe('STORE_UNAVAILABLE');
  });
});
