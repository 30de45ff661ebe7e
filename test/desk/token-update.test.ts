/** UpdateToken, over the desk: what is kept of it, and what lists and watchers see. */
import type { UpdateToken } from '../../src/domain/command.js';
import type { TokenId } from '../../src/domain/token.js';
import { accepted, type Clinic, durableRevision, inFreshClinic, newId, reasonOf, recordOf, tokenOf } from './clinic.js';

let clinic: Clinic;
inFreshClinic((fresh) => {
  clinic = fresh;
});

const update = (tokenId: TokenId, changes: Pick<UpdateToken, 'source' | 'patientRef'>, requestId?: string) =>
  clinic.ask({ tokenId }, { kind: 'UpdateToken', tokenId, ...changes }, requestId);

async function tokensOf(patientRef: string) {
  const unsaid = { doctorId: undefined, date: undefined, slotId: undefined, statuses: [] };
  const asked = { filter: { ...unsaid, patientRef }, after: undefined, limit: 10 };
  return accepted(await clinic.desk.listTokens(asked)).things.map(({ token }) => token);
}

test('the store has the new source and patient as soon as that is acknowledged, and the journal says what changed', async () => {
  const { key, slotId } = await clinic.day(2);
  const id = tokenOf(await clinic.allocate(slotId, 'asha'));
  const { change } = accepted(await update(id, { source: 'PAID', patientRef: 'MRN 1' }));
  expect(await tokensOf('asha')).toEqual([]);
  expect(await tokensOf('MRN 1')).toEqual([expect.objectContaining({ id, source: 'PAID', updatedAt: change.at })]);
  const { entries } = await recordOf(clinic.store, key);
  expect(entries.at(-1)?.events).toEqual([{ kind: 'UPDATED', tokenId: id, source: 'PAID', patientRef: 'MRN 1' }]);
});

test('who was made way for, and who made way, are kept, too', async () => {
  const { key, slotId } = await clinic.day(1);
  const weak = tokenOf(await clinic.allocate(slotId, 'asha', { source: 'WALK_IN' }));
  const strong = tokenOf(await clinic.allocate(slotId, 'bala', { source: 'WALK_IN' }));
  const watcher = await clinic.watch(key, 3);
  accepted(await update(strong, { source: 'PAID' }));
  expect(watcher.revisions).toEqual([4]);
  clinic.restart();
  const { tokens } = accepted(await clinic.standing(key));
  expect(tokens.map(({ id, status }) => [id, status])).toEqual([
    [weak, 'DISPLACED'],
    [strong, 'ACTIVE'],
  ]);
  expect((await tokensOf('bala')).map(({ status }) => status)).toEqual(['ACTIVE']);
});

test('R18 · repeated under its id it is answered as before, also after a restart; I9 · a refused one leaves no trace', async () => {
  const { key, slotId } = await clinic.day(2);
  const [one, other] = [tokenOf(await clinic.allocate(slotId, 'asha')), tokenOf(await clinic.allocate(slotId, 'bala'))];
  const id = newId();
  const first = accepted(await update(one, { patientRef: 'MRN 1' }, id));
  clinic.restart();
  expect(accepted(await update(one, { patientRef: 'MRN 1' }, id))).toEqual(first);
  expect(reasonOf(await update(one, { patientRef: 'MRN 2' }, id))).toBe('REQUEST_ID_REUSED');
  expect(reasonOf(await update(other, { patientRef: 'MRN 1' }))).toBe('PATIENT_HAS_TOKEN');
  expect(await durableRevision(clinic, key)).toBe(4);
});
