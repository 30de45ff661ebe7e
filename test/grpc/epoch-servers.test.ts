/**
 * Watch 6 · epochs of a PostgreSQL that servers share, also where it is restored while they serve
 * it.
 */
import { type Slot, TokenSource } from '../../gen/opd/v1/resources.js';
import { refusalOf } from '../support/client.js';
import { aDoctor, aSlot, aToken, there, tokens } from '../support/clinic.js';
import { TestPostgres } from '../support/postgres.js';
import { TestService } from '../support/service.js';

let postgres: TestPostgres;
let address: string;
let a: TestService;
let b: TestService;
let slot: Slot;
beforeAll(async () => {
  postgres = await TestPostgres.start({ durable: true });
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  address = await postgres.database();
  [a, b] = await Promise.all([TestService.start({ data: address }), TestService.start({ data: address })]);
  slot = await aSlot(a.client, await aDoctor(a.client), 10, 9);
  await aToken(a.client, slot, undefined, 'asha');
});
afterEach(() => Promise.all([a.stop(), b.stop()]));

async function queueAt(service: TestService) {
  return there((await service.client.getQueue({ doctorId: slot.doctorId })).queue);
}

/** Both have revision 4 in memory. */
async function toFour() {
  for (const patient of ['bilal', 'chen']) await aToken(a.client, slot, undefined, patient);
  const seen = await queueAt(a);
  expect([seen.revision, await queueAt(b)]).toEqual([4, seen]);
  return seen;
}

/**
 * What a dump holds that was made at revision 2, brought back by `pg_restore --clean` while both
 * serve.
 */
const RESTORE_TWO = `BEGIN;
  DELETE FROM opd.request USING opd.journal WHERE journal.revision > 2 AND request.revision = journal.revision;
  DELETE FROM opd.journal WHERE revision > 2;
  DELETE FROM opd.token WHERE patient_ref <> 'asha';
  UPDATE opd.slot SET seats_taken = 1;
  ALTER TABLE opd.epoch RENAME TO dumped; CREATE TABLE opd.epoch (LIKE opd.dumped INCLUDING ALL);
  INSERT INTO opd.epoch TABLE opd.dumped; DROP TABLE opd.dumped;
  COMMIT`;

test('Watch 6 · a watch goes on at another server, which has the same epoch', async () => {
  const seen = await toFour();
  await aToken(a.client, slot, undefined, 'dora');
  const watch = b.client.watch({ doctorId: slot.doctorId, afterRevision: 4, epoch: seen.epoch });
  expect((await watch.change()).revision).toBe(5);
  watch.cancel();
});

test('Watch 6 · after PostgreSQL was started again an epoch is answered with a snapshot, and a number alone is gone on from', async () => {
  const seen = await toFour();
  await postgres.crash();
  await Promise.all([a.restart(), b.restart()]);
  for (const { client } of [a, b]) {
    const known = client.watch({ doctorId: slot.doctorId, afterRevision: 4, epoch: seen.epoch });
    expect((await known.snapshot()).epoch).not.toBe(seen.epoch);
    const unknown = client.watch({ doctorId: slot.doctorId, afterRevision: 4 });
    expect((await unknown.next()).$case).toBe('heartbeat');
    for (const watch of [known, unknown]) watch.cancel();
  }
});

test('Watch 6 · where the database is restored under them, live watches get a snapshot, and all is decided on what is there', async () => {
  const seen = await toFour();
  const live = [a, b].map(({ client }) =>
    client.watch({ doctorId: slot.doctorId, afterRevision: 4, epoch: seen.epoch }),
  );
  await Promise.all(live.map((watch) => watch.next()));
  await postgres.ask(address, RESTORE_TWO);
  const snapshots = await Promise.all(live.map((watch) => watch.snapshot()));
  for (const { epoch, revision } of snapshots) expect([revision, epoch === seen.epoch]).toEqual([2, false]);
  expect(snapshots[0]).toEqual(snapshots[1]);
  for (const [n, service] of [a, b, a, b].entries()) await aToken(service.client, slot, undefined, `other ${n}`);
  await Promise.all(live.map((watch) => watch.reaches(6)));
  for (const watch of live) {
    expect(watch.revisions).toEqual([3, 4, 5, 6]);
    watch.cancel();
  }
  for (const service of [a, b]) {
    const { slots, epoch } = await queueAt(service);
    expect(epoch).toBe(snapshots[0]?.epoch);
    expect(slots[0]?.seated.map(({ patientRef }) => patientRef)).toEqual([
      'asha',
      'other 0',
      'other 1',
      'other 2',
      'other 3',
    ]);
  }
});

test('Watch 6 · a command that is repeated after a restore is carried out anew', async () => {
  await toFour();
  const requestId = '01890000-0000-7000-8000-00000000000b';
  const ask = () =>
    a.client.call('allocateToken', { slotId: slot.id, source: TokenSource.ONLINE, patientRef: 'dora', requestId });
  expect((await ask()).change?.revision).toBe(5);
  const watch = a.client.watch({ doctorId: slot.doctorId });
  await watch.snapshot();
  await postgres.ask(address, RESTORE_TWO);
  await watch.snapshot();
  expect((await ask()).change?.revision).toBe(3);
  expect((await ask()).change?.revision).toBe(3);
  watch.cancel();
});

test('Watch 6 · changes that were read again and again before a restore are not told of after it', async () => {
  await toFour();
  await tokens(a.client, slot, 100);
  const listed = async () => {
    const { changes } = await a.client.listChanges({ doctorId: slot.doctorId, pageSize: 1_000 });
    return changes.map((change) => change.tokens[0]?.token?.patientRef);
  };
  expect(await listed()).toHaveLength(104);
  const watch = a.client.watch({ doctorId: slot.doctorId });
  await watch.snapshot();
  await postgres.ask(address, RESTORE_TWO);
  await watch.snapshot();
  await aToken(a.client, slot, undefined, 'dora');
  expect(await listed()).toEqual([undefined, 'asha', 'dora']);
  watch.cancel();
});

test('Watch 6 · a live watch ends where its doctor is not in what was restored', async () => {
  await toFour();
  const live = a.client.watch({ doctorId: slot.doctorId });
  await live.snapshot();
  const tables = ['journal', 'request', 'token', 'slot', 'day_due', 'doctor'].map((name) => `DELETE FROM opd.${name};`);
  await postgres.ask(address, `${tables.join(' ')} ${RESTORE_TWO}`);
  expect(refusalOf(await live.ended).reason).toBe('DOCTOR_NOT_FOUND');
});
