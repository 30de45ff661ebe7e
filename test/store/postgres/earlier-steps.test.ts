/**
 * A database that was served at each earlier step of the tables: it is brought up to date, and all
 * that was in it is sound.
 */
import pg from 'pg';
import { TokenSource } from '../../../gen/opd/v1/resources.js';
import type { Instant } from '../../../src/domain/time.js';
import { bringUpToDate, NEWEST_MIGRATION } from '../../../src/store/postgres/migrations.js';
import { openPostgresReader } from '../../../src/store/postgres/postgres-reader.js';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import type { DayRecord, DoctorRecord } from '../../../src/store/store-reader.js';
import { verifyStore } from '../../../src/verification/verify-store.js';
import { anEmergency, aSlot, aToken, newRequestId, policyOf, there } from '../../support/clinic.js';
import { TestPostgres } from '../../support/postgres.js';
import { MORNING, TestService } from '../../support/service.js';

const SERVED_TABLES = ['doctor', 'journal', 'request', 'doctor_change', 'slot', 'token', 'day_due'];

let postgres: TestPostgres;
let served: string;
beforeAll(async () => {
  postgres = await TestPostgres.start();
  served = await postgres.database();
  await serveDay(served);
});
afterAll(() => postgres.stop());

/** A morning that the first version could have served. */
async function serveDay(data: string): Promise<void> {
  const service = await TestService.start({ data, clockTicks: false });
  const { client } = service;
  const policy = policyOf({ noShowGrace: { seconds: 900, nanos: 0 }, maxDisplacements: 3 });
  const created = await client.createDoctor({ name: 'Dr Rao', policy, requestId: newRequestId() });
  const doctor = there(created.doctor);
  const [ten, eleven] = [await aSlot(client, doctor, 10, 2), await aSlot(client, doctor, 11)];
  const [first, second] = [await aToken(client, ten, 'WALK_IN', 'ann'), await aToken(client, ten, 'ONLINE')];
  await anEmergency(client, ten);
  await client.call('checkInToken', { tokenId: second.id, requestId: newRequestId() });
  await client.call('callToken', { tokenId: second.id });
  await client.call('returnToken', { tokenId: second.id });
  await client.call('updateDoctor', { doctorId: doctor.id, name: 'Dr Rao-Iyer', updateMask: ['name'] });
  await client.allocateToken({ slotId: eleven.id, source: TokenSource.PAID, requestId: newRequestId() });
  await client.cancelToken({ tokenId: first.id, reason: 'went home' });
  await client.call('closeSlot', { slotId: eleven.id });
  await service.stop();
}

/** As much of a served database as the tables of an earlier step can hold. */
async function databaseAt(step: number): Promise<string> {
  const address = await postgres.database('bare');
  const client = new pg.Client(address);
  await client.connect();
  await bringUpToDate(client, address, step);
  for (const table of SERVED_TABLES) {
    const [{ rows }] = (await postgres.ask(served, `SELECT json_agg(t)::text AS rows FROM opd.${table} AS t`)) as [
      { rows: string },
    ];
    await client.query(`INSERT INTO opd.${table} SELECT * FROM json_populate_recordset(NULL::opd.${table}, $1)`, [
      rows,
    ]);
  }
  await client.end();
  return address;
}

async function contentOf(address: string): Promise<{ doctors: DoctorRecord[]; days: DayRecord[] }> {
  const reader = await openPostgresReader(address);
  try {
    expect(await verifyStore(reader, undefined, Date.parse(MORNING) as Instant)).toMatchObject({ unsound: 0, days: 1 });
    return { doctors: await listed(reader.doctors()), days: await listed(reader.days()) };
  } finally {
    await reader.close();
  }
}

async function listed<Thing>(things: AsyncIterable<Thing>): Promise<Thing[]> {
  const all: Thing[] = [];
  for await (const thing of things) all.push(thing);
  return all;
}

/** From before step 5, a journal does not tell for which calls its revisions were decided. */
function withoutCommandIds(days: readonly DayRecord[]): DayRecord[] {
  return days.map((day) => ({ ...day, journal: day.journal.map((each) => ({ ...each, commandId: null })) }));
}

test.each(Array.from({ length: NEWEST_MIGRATION - 1 }, (_, index) => index + 1))(
  'a database that was served at step %i is brought up to date, and is what it was',
  async (step) => {
    const address = await databaseAt(step);
    await (await openPostgresStore(address)).close();
    const [now, then] = [await contentOf(address), await contentOf(served)];
    expect(now.doctors).toEqual(then.doctors);
    expect(now.days).toEqual(step < 5 ? withoutCommandIds(then.days) : then.days);
  },
);
