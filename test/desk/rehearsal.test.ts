/** What a command would do is told from a copy of its day, and nothing is left of it. */
import type { Command } from '../../src/domain/command.js';
import type { SlotId } from '../../src/domain/slot.js';
import { accepted, askingOf, Clinic, durableRevision, isPending, newId, reasonOf, tokenOf } from './clinic.js';

let clinic: Clinic;
beforeEach(async () => {
  clinic = await Clinic.open();
});
afterEach(async () => {
  clinic.store.release();
  await clinic.store.idle();
  await clinic.store.close();
});

const allocation = (slotId: SlotId, patientRef = ''): Command => {
  return { kind: 'AllocateToken', slotId, source: 'PAID', patientRef };
};

const rehearse = (slotId: SlotId, patientRef?: string, requestId?: string) => {
  const command = allocation(slotId, patientRef);
  return clinic.desk.perform({ slotId }, command, { ...askingOf(requestId, command), validateOnly: true });
};

test('it leaves the day, the journal, the watchers and the request id as they were', async () => {
  const { key, slotId } = await clinic.day(1);
  await clinic.allocate(slotId, 'asha', { source: 'WALK_IN' });
  const [before, watcher, requestId] = [await clinic.standing(key), await clinic.watch(key, 2), newId()];
  const { change } = accepted(await rehearse(slotId, 'bala', requestId));
  expect(change.effects.map(({ kind }) => kind)).toEqual(['ALLOCATED', 'DISPLACED']);
  expect([await clinic.standing(key), await durableRevision(clinic, key)]).toEqual([before, 2]);
  expect(reasonOf(await clinic.allocate(slotId, 'asha'))).toBe('PATIENT_HAS_TOKEN');
  expect(accepted(await clinic.allocate(slotId, 'bala', { source: 'PAID', requestId })).change.revision).toBe(3);
  expect(watcher.revisions).toEqual([3]);
});

test('it waits for what is under way, and builds on it', async () => {
  const { slotId } = await clinic.day();
  clinic.store.hold();
  const first = clinic.allocate(slotId, 'asha');
  const held = await clinic.store.nextHeld();
  const rehearsing = rehearse(slotId, 'asha');
  expect(await isPending(clinic, rehearsing)).toBe(true);
  held.meet('keep');
  const tokenId = tokenOf(await first);
  expect(await rehearsing).toEqual({ ok: false, refusal: { reason: 'PATIENT_HAS_TOKEN', tokenId } });
});

test('of what fails meanwhile it knows nothing', async () => {
  const { slotId } = await clinic.day();
  clinic.store.hold();
  const first = clinic.allocate(slotId, 'asha');
  const held = await clinic.store.nextHeld();
  const rehearsing = rehearse(slotId, 'asha');
  held.meet('failBefore');
  expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
  expect(accepted(await rehearsing).change.revision).toBe(2);
});

test('R20 · what is due by then is taken to have happened before, and does not happen', async () => {
  const { key, slotId } = await clinic.day(1);
  const next = await clinic.slot(key, 1, 11);
  await clinic.allocate(slotId, 'asha');
  const tokenId = tokenOf(await clinic.allocate(slotId, 'bala'));
  clinic.now = Date.parse('2026-01-31T10:30:00Z') as typeof clinic.now;
  const command: Command = { kind: 'CancelToken', tokenId, reason: '' };
  const { change } = accepted(await clinic.desk.perform({ tokenId }, command, { validateOnly: true }));
  expect([change.revision, change.effects[0]?.token]).toMatchObject([6, { slotId: next, status: 'CANCELLED' }]);
  expect(await durableRevision(clinic, key)).toBe(4);
  expect(accepted(await clinic.cancel(tokenId)).change).toEqual(change);
});

test('it goes over a long day, page by page, one rehearsal after another', async () => {
  const { slotId } = await clinic.day(1_000);
  await Promise.all(Array.from({ length: 2_300 }, () => clinic.allocate(slotId, '')));
  clinic.restart();
  const reads = clinic.store.callsOf('readJournal');
  const told = await Promise.all([rehearse(slotId), rehearse(slotId)]);
  expect(told.map((answer) => accepted(answer).change.revision)).toEqual([2_302, 2_302]);
  expect(clinic.store.callsOf('readJournal') - reads).toBe(6);
});

test('a day that nobody has touched has its commands rehearsed too', async () => {
  const { id: doctorId } = await clinic.doctor();
  const command: Command = { kind: 'CallNextToken', target: { doctorId }, completeCurrent: false };
  expect(reasonOf(await clinic.desk.perform({ doctorId }, command, { validateOnly: true }))).toBe('NOBODY_TO_CALL');
});

test('who or what nobody knows is not found', async () => {
  const slotId = `slot_${newId()}` as SlotId;
  expect(reasonOf(await rehearse(slotId))).toBe('SLOT_NOT_FOUND');
  const doctorId = `doc_${newId()}` as never;
  const command: Command = { kind: 'CallNextToken', target: { doctorId }, completeCurrent: false };
  expect(reasonOf(await clinic.desk.perform({ doctorId }, command, { validateOnly: true }))).toBe('DOCTOR_NOT_FOUND');
});

test('R18 · an id that came before is refused, also after a restart', async () => {
  const { slotId } = await clinic.day();
  const [requestId, other] = [newId(), newId()];
  await clinic.allocate(slotId, 'asha', { requestId });
  const rehearsal = { id: requestId, digest: 'AllocateToken, validated only' };
  const ask = () =>
    clinic.desk.perform({ slotId }, allocation(slotId, 'asha'), { request: rehearsal, validateOnly: true });
  expect(reasonOf(await ask())).toBe('REQUEST_ID_REUSED');
  clinic.restart();
  expect(reasonOf(await ask())).toBe('REQUEST_ID_REUSED');
  expect(reasonOf(await rehearse(slotId, 'bala', other))).toBe('answered');
});

test('where the store cannot be read, it is refused, and the next one is not', async () => {
  const { slotId } = await clinic.day();
  clinic.store.failReads(true);
  expect(reasonOf(await rehearse(slotId))).toBe('STORE_UNAVAILABLE');
  clinic.store.failReads(false);
  expect(reasonOf(await rehearse(slotId))).toBe('answered');
});
