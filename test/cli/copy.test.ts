/** `opd copy`, `opd verify` and `opd migrate` between a file and a PostgreSQL. */
import type { DoctorUpdate } from '../../src/domain/doctor-update.js';
import type { Instant, TimeZone } from '../../src/domain/time.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { openSqliteReader } from '../../src/store/sqlite/sqlite-reader.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { AT, day, dayCommit, doctor, doctorId, entry, request } from '../store/samples.js';
import { aDoctor, anEmergency, aSlot, tokens } from '../support/clinic.js';
import { TestPostgres } from '../support/postgres.js';
import { TemporaryFile, TestService } from '../support/service.js';
import { runOpd } from './run-opd.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

let file: TemporaryFile;
beforeEach(() => {
  file = new TemporaryFile();
});
afterEach(() => file.remove());

/** Two doctors' days, with tokens displaced, cancelled and refused, made by the service itself. */
async function keepDays(data: string): Promise<void> {
  const service = await TestService.start({ data });
  const { client } = service;
  for (const hour of [10, 11]) {
    const slot = await aSlot(client, await aDoctor(client), hour, 2);
    const [first] = await tokens(client, slot, 5, `MRN-${hour}-`);
    await anEmergency(client, slot);
    await client.call('cancelToken', {
      tokenId: first?.id as string,
      requestId: '01890000-0000-7000-8000-00000000000a',
    });
  }
  await service.stop();
}

test('a whole file goes to PostgreSQL and back, and both are sound and the same', async () => {
  const [address, back] = [await postgres.database('bare'), `${file.directory}/back.sqlite`];
  await keepDays(file.path);
  const there = await runOpd(['copy', file.path, address]);
  expect(there.err).toBe('');
  expect(there.out).toMatch(/2 doctors, 2 doctor-days, 16 revisions, and the same on both sides/);
  expect(there.out).not.toMatch(/:opd@/);
  expect(await runOpd(['verify', '--data', address])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^sound: 2 doctor-days, 16 rev/),
  });
  expect(await runOpd(['copy', address, back])).toMatchObject({ code: 0, err: '' });
  expect(await runOpd(['verify', '--data', back])).toMatchObject({ code: 0 });
});

test('the newest version of the time zone data by which it was served is copied', async () => {
  const address = await postgres.database('bare');
  const store = await openSqliteStore(file.path);
  await store.noteZoneData('2099a' as ZoneDataVersion);
  await store.close();
  expect(await runOpd(['copy', file.path, address])).toMatchObject({ code: 0, err: '' });
  expect(await postgres.ask(address, 'SELECT name, value FROM opd.setting')).toEqual([
    { name: 'zone_data', value: '2099a' },
  ]);
});

test('the changes of doctors are copied in both directions, at their times', async () => {
  const [address, back] = [await postgres.database('bare'), `${file.directory}/back.sqlite`];
  const store = await openSqliteStore(file.path);
  await store.createDoctor(doctor(1));
  const updates: DoctorUpdate[] = [
    { policy: { agingPointsPerHour: 5 } },
    { name: 'Dr. Sen' },
    { timeZone: 'Asia/Tokyo' as TimeZone, isRetired: true },
    { policy: { displacementsMax: 2 } },
  ];
  // The last one by a clock that was put back.
  const times = [AT + 10, AT + 20, AT + 30, AT + 5] as Instant[];
  for (const [index, update] of updates.entries()) {
    await store.updateDoctor(doctorId(1), update, times[index] as Instant, index === 1 ? request(7) : undefined);
  }
  await store.close();
  expect(await runOpd(['copy', file.path, address])).toMatchObject({ code: 0, err: '' });
  const kept = 'SELECT at FROM opd.doctor_change ORDER BY revision';
  expect(await postgres.ask(address, kept)).toEqual(times.map((at) => ({ at: String(at) })));
  expect(await runOpd(['copy', address, back])).toMatchObject({ code: 0, err: '' });
  for (const path of [file.path, back]) {
    const reader = openSqliteReader(path);
    for await (const { changes } of reader.doctors()) expect(changes.map(({ at }) => at)).toEqual(times);
    await reader.close();
  }
});

test('a server goes on over the copy where it stopped over the file', async () => {
  const address = await postgres.database('bare');
  await keepDays(file.path);
  await runOpd(['copy', file.path, address]);
  const service = await TestService.start({ data: address });
  const { doctors } = await service.client.listDoctors({});
  const queues = await Promise.all(
    doctors.map(({ id }) => service.client.getQueue({ doctorId: id, date: '2026-03-02' })),
  );
  expect(queues.map(({ queue }) => queue?.revision)).toEqual([8, 8]);
  await aSlot(service.client, doctors[0] as never, 15);
  await service.stop();
});

test.each(['PostgreSQL', 'a file'])(
  'Watch 6 · boards of the original get a snapshot from a copy in %s',
  async (where) => {
    const to = where === 'a file' ? `${file.directory}/copy.sqlite` : await postgres.database('bare');
    await keepDays(file.path);
    expect(await runOpd(['copy', file.path, to])).toMatchObject({ code: 0, err: '' });
    const [original, copy] = [await TestService.start({ data: file.path }), await TestService.start({ data: to })];
    const doctorId = (await original.client.listDoctors({})).doctors[0]?.id as string;
    const { queue } = await original.client.getQueue({ doctorId });
    const begins = async ({ client }: TestService, epoch: string) => {
      const watch = client.watch({ doctorId, afterRevision: 8, epoch });
      const { $case } = await watch.next();
      watch.cancel();
      return $case;
    };
    const epochs = [queue?.epoch as string, ''];
    expect(await Promise.all(epochs.map((epoch) => begins(copy, epoch)))).toEqual(['snapshot', 'snapshot']);
    expect(await Promise.all(epochs.map((epoch) => begins(original, epoch)))).toEqual(['heartbeat', 'heartbeat']);
    await Promise.all([original.stop(), copy.stop()]);
  },
);

test('nothing is copied over what is there already', async () => {
  const address = await postgres.database();
  await keepDays(file.path);
  const store = await openPostgresStore(address);
  await store.commit([dayCommit(day(1), [entry(1)])]);
  await store.close();
  const refused = await runOpd(['copy', file.path, address]);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toMatch(/holds something already; it was left as it is/);
});

test('a row that cannot be read stops the copy, which says not to serve it', async () => {
  const address = await postgres.database();
  const store = await openSqliteStore(file.path);
  await store.commit([dayCommit(day(1), [entry(1, { command: { kind: 'Nonsense' } as never })])]);
  await store.close();
  const stopped = await runOpd(['copy', file.path, address]);
  expect(stopped.code).toBe(1);
  expect(stopped.err).toMatch(/revision 1 cannot be read.*is not a whole copy: do not serve it/);
});

test('PostgreSQL is verified too: a row that was changed by hand is found', async () => {
  const address = await postgres.database();
  await keepDays(address);
  expect(await runOpd(['verify', '--data', address])).toMatchObject({ code: 0 });
  await postgres.ask(address, "UPDATE opd.token SET status = 'ACTIVE' WHERE status = 'CANCELLED'");
  const verdict = await runOpd(['verify', '--data', address]);
  expect(verdict).toMatchObject({ code: 1 });
  expect(verdict.out).toMatch(
    /not sound: 2 of 2 doctor-days; the first:\n.*the table says status ACTIVE, the journal CANCELLED/,
  );
});

test('opd migrate makes the tables, once', async () => {
  const address = await postgres.database('bare');
  for (const _ of ['first', 'again']) {
    expect(await runOpd(['migrate', '--data', address])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/: up to date\n$/),
    });
  }
  expect((await runOpd(['migrate', '--data', file.path])).err).toMatch(/a file is brought up to date by its server/);
});
