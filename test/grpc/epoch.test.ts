/**
 * Watch 6 · epochs of a file: a watch never goes on with another history than the one that was
 * seen.
 */
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueSnapshot, Slot } from '../../gen/opd/v1/resources.js';
import { backUp } from '../../src/store/sqlite/backup.js';
import { Database } from '../../src/store/sqlite/binding.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { refusal } from '../support/client.js';
import { aDoctor, aSlot, aToken, there } from '../support/clinic.js';
import { TemporaryFile, TestService } from '../support/service.js';
import type { Update } from '../support/watch.js';

let file: TemporaryFile;
let service: TestService;
let slot: Slot;
beforeEach(async () => {
  file = new TemporaryFile();
  service = await TestService.start({ data: file.path });
  slot = await aSlot(service.client, await aDoctor(service.client), 10, 3);
  await aToken(service.client, slot, undefined, 'asha');
});
afterEach(async () => {
  await service.stop();
  file.remove();
});

/** A board shows the queue at revision 4. */
async function seenAtFour(): Promise<QueueSnapshot> {
  for (const patient of ['bilal', 'chen']) await aToken(service.client, slot, undefined, patient);
  const queue = there((await service.client.getQueue({ doctorId: slot.doctorId })).queue);
  expect(queue.revision).toBe(4);
  return queue;
}

/** What the watch begins with that goes on after what was seen, or after a number alone. */
async function resumed({ revision }: Pick<QueueSnapshot, 'revision'>, epoch = ''): Promise<Update> {
  const watch = service.client.watch({ doctorId: slot.doctorId, afterRevision: revision, epoch });
  const update = await watch.next();
  watch.cancel();
  return update;
}

/** Others are issued until the numbers that the board has seen are taken again. */
async function issueOthers(): Promise<void> {
  for (const patient of ['dora', 'emil', 'faye']) await aToken(service.client, slot, undefined, patient);
}

const BESIDE = ['', '-wal', '-shm'];

async function replaceBy(copy: string): Promise<void> {
  await service.stop();
  for (const suffix of BESIDE) rmSync(`${file.path}${suffix}`, { force: true });
  copyFileSync(copy, file.path);
  service = await TestService.start({ data: file.path });
}

async function expectSnapshot(seen: QueueSnapshot): Promise<void> {
  const queue = there((await service.client.getQueue({ doctorId: slot.doctorId })).queue);
  expect(queue.epoch).not.toBe(seen.epoch);
  for (const epoch of [seen.epoch, '']) {
    const { $case, value } = await resumed(seen, epoch);
    expect([epoch, $case, value]).toMatchObject([epoch, 'snapshot', { epoch: queue.epoch, revision: queue.revision }]);
  }
  // Whoever has been given the snapshot goes on from there.
  expect((await resumed(queue, queue.epoch)).$case).toBe('heartbeat');
}

describe('the same history', () => {
  test('Watch 6 · snapshots, GetQueue and heartbeats tell one epoch, for all days, also after a restart', async () => {
    const seen = await seenAtFour();
    const other = await aDoctor(service.client);
    const epochs = async () => {
      const { queue } = await service.client.getQueue({ doctorId: other.id });
      const fresh = await service.client.watch({ doctorId: slot.doctorId }).snapshot();
      return [queue?.epoch, fresh.epoch, (await resumed(seen, seen.epoch)).value];
    };
    const expected = [seen.epoch, seen.epoch, expect.objectContaining({ revision: 4, epoch: seen.epoch })];
    expect(seen.epoch).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(await epochs()).toEqual(expected);
    await service.restart();
    expect(await epochs()).toEqual(expected);
  });

  test.each(['with its epoch', 'without one'])(
    'Watch 6 · a revision %s is gone on from after a restart',
    async (how) => {
      const seen = await seenAtFour();
      await service.restart();
      await aToken(service.client, slot, undefined, 'dora');
      const update = await resumed(seen, how === 'without one' ? '' : seen.epoch.toUpperCase());
      expect(update).toMatchObject({ $case: 'change', value: { revision: 5 } });
    },
  );

  test('Watch 6 · revision 0 is in every history', async () => {
    await seenAtFour();
    const epoch = '01890000-0000-7000-8000-00000000000a';
    expect(await resumed({ revision: 0 }, epoch)).toMatchObject({ $case: 'change', value: { revision: 1 } });
  });

  test('an epoch that is no UUID is refused', async () => {
    const refused = await refusal(service.client.watch({ doctorId: slot.doctorId, epoch: 'yesterday' }).next());
    expect([refused.code, refused.violations]).toEqual([
      3,
      { epoch: 'must be a UUID, as the last snapshot or heartbeat has it' },
    ]);
  });
});

describe('another history', () => {
  test('Watch 6 · a restored backup is answered with a snapshot', async () => {
    const copy = join(file.directory, 'copy.sqlite');
    await backUp(file.path, copy);
    const seen = await seenAtFour();
    await replaceBy(copy);
    await issueOthers();
    await expectSnapshot(seen);
  });

  test('Watch 6 · a backup that is served at once, before anything is issued, too', async () => {
    const seen = await seenAtFour();
    const copy = join(file.directory, 'copy.sqlite');
    await backUp(file.path, copy);
    await replaceBy(copy);
    await expectSnapshot(seen);
  });

  test('Watch 6 · a file that was copied by hand and put back is answered with a snapshot', async () => {
    const copy = join(file.directory, 'copy.sqlite');
    await service.stop();
    copyFileSync(file.path, copy);
    service = await TestService.start({ data: file.path });
    const seen = await seenAtFour();
    await replaceBy(copy);
    await issueOthers();
    await expectSnapshot(seen);
  });

  test('Watch 6 · so is one whose pages were written over, so that it is the same file to the system', async () => {
    await service.stop();
    const before = readFileSync(file.path);
    service = await TestService.start({ data: file.path });
    const seen = await seenAtFour();
    await service.stop();
    writeFileSync(file.path, before);
    service = await TestService.start({ data: file.path });
    await issueOthers();
    await expectSnapshot(seen);
  });

  test('Watch 6 · so is a whole directory that was copied and put back, with all that is beside the file', async () => {
    await service.stop();
    const copy = `${file.directory}-copy`;
    cpSync(file.directory, copy, { recursive: true, preserveTimestamps: true });
    service = await TestService.start({ data: file.path });
    const seen = await seenAtFour();
    await service.stop();
    rmSync(file.directory, { recursive: true });
    renameSync(copy, file.directory);
    service = await TestService.start({ data: file.path });
    await issueOthers();
    await expectSnapshot(seen);
  });

  test('Watch 6 · so is a file without its note', async () => {
    const seen = await seenAtFour();
    await service.stop();
    rmSync(`${file.path}.epoch`);
    service = await TestService.start({ data: file.path });
    await expectSnapshot(seen);
  });

  test('Watch 6 · so is a file from before there were epochs, since nobody knows what came before it', async () => {
    const seen = await seenAtFour();
    await service.stop();
    const database = new Database(file.path);
    database.exec('DROP TABLE epoch; PRAGMA user_version = 11');
    database.close();
    service = await TestService.start({ data: file.path });
    await expectSnapshot(seen);
  });

  test('Watch 6 · one that restored a backup gets snapshots for good while it says no epoch, and goes on if it does', async () => {
    const copy = join(file.directory, 'copy.sqlite');
    await backUp(file.path, copy);
    await replaceBy(copy);
    const seen = await seenAtFour();
    await service.restart();
    expect((await resumed(seen)).$case).toBe('snapshot');
    expect((await resumed(seen, seen.epoch)).$case).toBe('heartbeat');
  });
});

test('where the machine was started anew, an epoch is answered with a snapshot, and a number alone is gone on from', async () => {
  const seen = await seenAtFour();
  await service.stop();
  const opened = async (boot: string) => TestService.start({ store: await openSqliteStore(file.path, { boot }) });
  service = await opened('another-run');
  expect((await resumed(seen, seen.epoch)).$case).toBe('snapshot');
  expect((await resumed(seen)).$case).toBe('heartbeat');
  const { epoch } = there((await service.client.getQueue({ doctorId: slot.doctorId })).queue);
  await service.stop();
  service = await opened('another-run');
  expect((await resumed(seen, epoch)).$case).toBe('heartbeat');
});

test('the note lies beside the file, and is readable by its owner only', () => {
  expect(existsSync(`${file.path}.epoch`)).toBe(true);
});
