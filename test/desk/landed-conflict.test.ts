/**
 * A store that keeps a commit and answers `conflict`: the desk must find out, and must not carry
 * the command out twice.
 */
import { DayClock } from '../../src/desk/day-clock.js';
import type { Instant } from '../../src/domain/time.js';
import {
  accepted,
  type Clinic,
  durableRevision,
  inFreshClinic,
  newId,
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

/** Lets the next batch land, answers `conflict` to it, and keeps whatever comes after it. */
async function conflictOnceLanded(): Promise<void> {
  const held = await clinic.store.nextHeld();
  clinic.store.release();
  held.meet('conflictAfter');
}

describe('a commit that landed and was answered with a conflict', () => {
  test('of a slot is one slot, and answered as created', async () => {
    const { key } = await clinic.day();
    clinic.store.hold();
    const creating = clinic.createSlot(key, { hour: 11 });
    await conflictOnceLanded();
    expect(accepted(await creating).change.revision).toBe(2);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('of a token is one token, the one that is answered', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const asking = clinic.allocate(slotId, '');
    await conflictOnceLanded();
    const answer = await asking;
    const { entries, standings } = await recordOf(clinic.store, key);
    expect(entries).toHaveLength(2);
    expect(standings.at(-1)?.tokens.map(({ id }) => id)).toEqual([tokenOf(answer)]);
  });

  test('of a token with a request id is one token, and its repeat is answered the same', async () => {
    const { key, slotId } = await clinic.day();
    const requestId = newId();
    clinic.store.hold();
    const asking = clinic.allocate(slotId, '', { requestId });
    await conflictOnceLanded();
    const first = accepted(await asking);
    expect(accepted(await clinic.allocate(slotId, '', { requestId }))).toEqual(first);
    expect(await durableRevision(clinic, key)).toBe(2);
  });

  test('of an emergency is one emergency', async () => {
    const { key, slotId } = await clinic.day(1);
    await clinic.allocate(slotId, 'asha');
    clinic.store.hold();
    const inserting = clinic.ask({ slotId }, { kind: 'InsertEmergency', target: { slotId }, patientRef: '' });
    await conflictOnceLanded();
    accepted(await inserting);
    const { standings } = await recordOf(clinic.store, key);
    expect(standings.at(-1)?.tokens.filter(({ source }) => source === 'EMERGENCY')).toHaveLength(1);
  });

  test('of many commands at once is each of them once', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const asking = Array.from({ length: 5 }, () => clinic.allocate(slotId, ''));
    await conflictOnceLanded();
    const numbers = (await Promise.all(asking)).map((answer) => accepted(answer).change.effects[0]?.token.number);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    expect(await durableRevision(clinic, key)).toBe(6);
  });

  test('does not take along what was decided after it', async () => {
    const { key, slotId } = await clinic.day();
    clinic.store.hold();
    const early = clinic.allocate(slotId, 'asha');
    const held = await clinic.store.nextHeld();
    const late = clinic.allocate(slotId, 'bala');
    clinic.store.release();
    held.meet('conflictAfter');
    const revisions = (await Promise.all([early, late])).map((answer) => accepted(answer).change.revision);
    expect(revisions).toEqual([2, 3]);
    expect(await durableRevision(clinic, key)).toBe(3);
  });

  test('is shown to watchers once', async () => {
    const { key, slotId } = await clinic.day();
    const watcher = await clinic.watch(key, 1);
    clinic.store.hold();
    const asking = clinic.allocate(slotId, 'asha');
    await conflictOnceLanded();
    await asking;
    expect(watcher.revisions).toEqual([2]);
  });

  test('counts as landed, not as a conflict', async () => {
    const { slotId } = await clinic.day();
    clinic.store.hold();
    const asking = clinic.allocate(slotId, '');
    const batches = clinic.store.batches;
    await conflictOnceLanded();
    accepted(await asking);
    expect(clinic.store.batches - batches).toBe(1);
  });

  test('of a schedule over two days is each slot once', async () => {
    const { id } = await clinic.doctor();
    clinic.store.hold();
    const scheduling = clinic.schedule(id, [TODAY, TOMORROW]);
    await conflictOnceLanded();
    expect(accepted(await scheduling).map(({ change }) => change.revision)).toEqual([1, 1]);
    for (const date of [TODAY, TOMORROW]) expect(await durableRevision(clinic, { doctorId: id, date })).toBe(1);
  });

  test('of a token that moves to another day is one token there', async () => {
    const { key, slotId } = await clinic.day();
    const far = await clinic.slot({ ...key, date: TOMORROW });
    const token = tokenOf(await clinic.allocate(slotId, ''));
    clinic.store.hold();
    const moving = clinic.reschedule(token, far);
    await conflictOnceLanded();
    accepted(await moving);
    expect(await durableRevision(clinic, key)).toBe(3);
    expect(await durableRevision(clinic, { ...key, date: TOMORROW })).toBe(2);
  });

  test('of what time does is done once', async () => {
    const { key, slotId } = await clinic.day(1);
    await clinic.allocate(slotId, 'asha');
    clinic.now = Date.parse(`${TODAY}T23:59:00Z`) as Instant;
    clinic.store.hold();
    const { desk, store } = clinic;
    const clock = new DayClock(store, (due) => desk.letTimePass(due), { now: () => clinic.now, onFault: () => {} });
    const striking = clock.strike();
    await conflictOnceLanded();
    expect(await striking).toBe(true);
    const revision = await durableRevision(clinic, key);
    await clock.strike();
    expect(await durableRevision(clinic, key)).toBe(revision);
    const { entries } = await recordOf(store, key);
    expect(entries.filter(({ command }) => command.kind === 'CLOCK')).toHaveLength(1);
  });
});

test('a commit that landed and was said to have failed is answered so, and not tried again', async () => {
  const { key, slotId } = await clinic.day();
  clinic.store.hold();
  const asking = clinic.allocate(slotId, '');
  const held = await clinic.store.nextHeld();
  clinic.store.release();
  held.meet('failAfter');
  expect(reasonOf(await asking)).toBe('STORE_UNAVAILABLE');
  expect(await durableRevision(clinic, key)).toBe(2);
});

test('a conflict whose revision cannot be looked up is answered as a failure of the store', async () => {
  const { key, slotId } = await clinic.day();
  clinic.store.hold();
  const asking = clinic.allocate(slotId, '');
  const held = await clinic.store.nextHeld();
  clinic.store.release();
  clinic.store.failReads(true);
  held.meet('conflictAfter');
  expect(reasonOf(await asking)).toBe('STORE_UNAVAILABLE');
  clinic.store.failReads(false);
  expect(await durableRevision(clinic, key)).toBe(2);
});
