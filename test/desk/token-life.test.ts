import type { TokenId } from '../../src/domain/token.js';
import { accepted, Clinic, isPending, newId, reasonOf, tokenOf } from './clinic.js';

let clinic: Clinic;
beforeEach(async () => {
  clinic = await Clinic.open();
});
afterEach(async () => {
  clinic.store.release();
  await clinic.store.idle();
  await clinic.store.close();
});

test("a token's life is told from its day's journal, over many pages, and ends where it ends", async () => {
  const { slotId } = await clinic.day(1);
  const tokenId = tokenOf(await clinic.allocate(slotId, 'asha', { source: 'WALK_IN' }));
  await Promise.all(Array.from({ length: 1_500 }, () => clinic.allocate(slotId, '', { source: 'PAID' })));
  await clinic.cancel(tokenId);
  await Promise.all(Array.from({ length: 1_500 }, () => clinic.allocate(slotId, '')));
  clinic.restart();
  const reads = clinic.store.callsOf('readJournal');
  const { token, steps } = accepted(await clinic.desk.explainToken(tokenId));
  expect(token).toMatchObject({ id: tokenId, status: 'CANCELLED' });
  expect(steps.map(({ change, rule }) => [change.revision, rule])).toEqual([
    [2, 'R1'],
    [3, 'R2'],
    [1_503, ''],
  ]);
  expect(clinic.store.callsOf('readJournal') - reads).toBe(2);
});

test('what is under way is waited for, and told', async () => {
  const { slotId } = await clinic.day();
  const tokenId = tokenOf(await clinic.allocate(slotId, 'asha'));
  clinic.store.hold();
  const cancelling = clinic.cancel(tokenId);
  const held = await clinic.store.nextHeld();
  const explaining = clinic.desk.explainToken(tokenId);
  expect(await isPending(clinic, explaining)).toBe(true);
  held.meet('keep');
  accepted(await cancelling);
  expect(accepted(await explaining).steps.map(({ effect }) => effect?.kind)).toEqual(['ALLOCATED', 'CANCELLED']);
});

test('a token that came to nothing, or that nobody knows, is not found', async () => {
  const { slotId } = await clinic.day();
  clinic.store.hold();
  const allocating = clinic.allocate(slotId, 'asha');
  const held = await clinic.store.nextHeld();
  const tokenId = held.batch[0]?.tokens[0]?.id as TokenId;
  const explaining = clinic.desk.explainToken(tokenId);
  held.meet('failBefore');
  expect([reasonOf(await allocating), reasonOf(await explaining)]).toEqual(['STORE_UNAVAILABLE', 'TOKEN_NOT_FOUND']);
  expect(reasonOf(await clinic.desk.explainToken(`token_${newId()}` as TokenId))).toBe('TOKEN_NOT_FOUND');
});

test('where the journal cannot be read, it is refused', async () => {
  const { slotId } = await clinic.day();
  const tokenId = tokenOf(await clinic.allocate(slotId, 'asha'));
  clinic.store.failReads(true);
  expect(reasonOf(await clinic.desk.explainToken(tokenId))).toBe('STORE_UNAVAILABLE');
});
