/**
 * The store's promises where the role, the database or the address sets every setting of a session
 * to something awkward.
 */
import pg from 'pg';
import { FrontDesk } from '../../../src/desk/front-desk.js';
import type { TimeZone } from '../../../src/domain/time.js';
import { commitBatch } from '../../../src/store/postgres/commit.js';
import type { Connections, Statement } from '../../../src/store/postgres/connections.js';
import { openPostgresReader } from '../../../src/store/postgres/postgres-reader.js';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.js';
import { accepted, NOW, newId, TODAY } from '../../desk/clinic.js';
import { TestPostgres } from '../../support/postgres.js';
import { storeContract } from '../contract.js';
import { readerContract } from '../reader-contract.js';
import { day, dayCommit, entry, request, slot, token } from '../samples.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
  await postgres.ask('postgres', AWKWARD.map(({ role, settings }) => roleWith(role, settings)).join(';'));
});
afterAll(() => postgres.stop());

interface Awkward {
  readonly role: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly made: string;
}

const AWKWARD: readonly Awkward[] = [
  {
    role: 'awkward_german',
    settings: {
      ...{ DateStyle: 'German', TimeZone: 'Asia/Kolkata', IntervalStyle: 'sql_standard', bytea_output: 'escape' },
      ...{ search_path: "''", standard_conforming_strings: 'off', array_nulls: 'off', transform_null_equals: 'on' },
      ...{ default_transaction_isolation: 'serializable', default_transaction_deferrable: 'on', row_security: 'off' },
      ...{ statement_timeout: '1ms', lock_timeout: '1ms', idle_in_transaction_session_timeout: '1ms' },
      ...{ idle_session_timeout: '10s', client_min_messages: 'error', synchronous_commit: 'local' },
    },
    made: "ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'",
  },
  {
    role: 'awkward_dmy',
    settings: {
      ...{ DateStyle: 'SQL, DMY', TimeZone: 'America/St_Johns', IntervalStyle: 'iso_8601', extra_float_digits: '-15' },
      ...{ search_path: 'elsewhere, pg_catalog', default_transaction_isolation: 'repeatable read' },
      ...{ client_encoding: 'LATIN1', statement_timeout: '1ms', synchronous_commit: 'remote_apply' },
    },
    made: "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'sv-u-co-trad-kf-upper' LOCALE 'C'",
  },
];

function roleWith(role: string, settings: Readonly<Record<string, string>>): string {
  const set = Object.entries(settings).map(([name, value]) => {
    const given = name === 'search_path' ? value : `'${value}'`;
    return `ALTER ROLE ${role} SET ${name} = ${given}`;
  });
  return [`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`, ...set].join(';');
}

/** The address of a new database without tables, for a role with unusual settings. */
let databases = 0;
async function awkwardDatabase({ role, made }: Awkward): Promise<string> {
  databases += 1;
  const name = `awkward_${databases}`;
  await postgres.ask('postgres', `CREATE DATABASE ${name} OWNER ${role} TEMPLATE template0 STRATEGY file_copy ${made}`);
  return postgres.address(name, role, role);
}

for (const awkward of AWKWARD) {
  storeContract(`PostgreSQL as ${awkward.role}`, async () => openPostgresStore(await awkwardDatabase(awkward)));

  readerContract(`PostgreSQL as ${awkward.role}`, async () => {
    const address = await awkwardDatabase(awkward);
    const name = new URL(address).pathname.slice(1);
    return {
      store: await openPostgresStore(address),
      read: () => openPostgresReader(address),
      loseDoctor: (id) => postgres.ask(name, `DELETE FROM opd.doctor WHERE id = '${id}'`),
    };
  });
}

test.each(AWKWARD)('one call makes one slot, and one call one token, as $role', async (awkward) => {
  const store = await openPostgresStore(await awkwardDatabase(awkward));
  const faults: unknown[] = [];
  const desk = new FrontDesk(store, {
    ...{ now: () => NOW, newId, timeZone: 'UTC' as TimeZone },
    onFault: (error) => faults.push(error),
  });
  const wanted = { name: 'Dr Rao', department: '', timeZone: undefined, policy: {} };
  const key = { doctorId: accepted(await desk.createDoctor(wanted)).id, date: TODAY };
  const [start, end] = [540, 600] as never[] as [never, never];
  const created = accepted(await desk.perform(key, { kind: 'CreateSlot', start, end, capacity: 10 }));
  const [slotId] = created.change.createdSlotIds ?? [];
  const command = { kind: 'AllocateToken', slotId: slotId as never, source: 'ONLINE', patientRef: '' } as const;
  accepted(await desk.perform({ slotId: slotId as never }, command));
  expect(await store.readJournal(key, 0, 100)).toHaveLength(2);
  expect(faults).toEqual([]);
  await store.close();
});

/** Commits a day, and a day that is in conflict with it. */
async function expectSound(address: string): Promise<void> {
  const store = await openPostgresStore(address);
  const kept = dayCommit(day(1), [entry(1, { request: request(1) }), entry(2)], {
    slots: [slot(1)],
    tokens: [token(1)],
  });
  expect(await store.commit([kept, dayCommit(day(2), [entry(1)])])).toEqual(['committed', 'committed']);
  expect(await store.commit([kept, dayCommit(day(3), [entry(1)])])).toEqual(['conflict', 'committed']);
  expect(await store.locateToken(token(1).id)).toEqual(day(1));
  await store.close();
}

describe('no way by which a setting comes to a session changes what a commit answers', () => {
  const nameOf = (address: string) => new URL(address).pathname.slice(1);

  test('ALTER DATABASE', async () => {
    const address = await postgres.database();
    await postgres.ask('postgres', `ALTER DATABASE ${nameOf(address)} SET DateStyle = 'German'`);
    await expectSound(address);
  });

  test('ALTER ROLE … IN DATABASE', async () => {
    const address = await postgres.database();
    await postgres.ask('postgres', `ALTER ROLE opd IN DATABASE ${nameOf(address)} SET DateStyle = 'SQL, DMY'`);
    await expectSound(address);
  });

  test('the address', async () => {
    const options = encodeURIComponent('-c DateStyle=German -c default_transaction_isolation=serializable');
    await expectSound(`${await postgres.database()}?options=${options}`);
  });

  test('postgresql.conf', async () => {
    await postgres.ask('postgres', "ALTER SYSTEM SET DateStyle = 'German'");
    await postgres.ask('postgres', 'SELECT pg_reload_conf()');
    await expectSound(await postgres.database());
    await postgres.ask('postgres', 'ALTER SYSTEM RESET DateStyle');
    await postgres.ask('postgres', 'SELECT pg_reload_conf()');
  });

  test('a search path with functions, operators and tables by the names of the system’s own', async () => {
    const address = await postgres.database();
    await postgres.ask(
      address,
      `CREATE SCHEMA impostor;
      CREATE FUNCTION impostor.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'nothing' $$;
      CREATE FUNCTION impostor.coalesce_text(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR impostor.= (LEFTARG = text, RIGHTARG = text, FUNCTION = impostor.coalesce_text);
      CREATE VIEW impostor.pg_settings AS SELECT 'DateStyle' AS name, 'user' AS context, '' AS setting, '' AS reset_val;
      ALTER DATABASE ${nameOf(address)} SET search_path = impostor, pg_catalog;`,
    );
    await expectSound(address);
  });
});

test('a commit is recognised in a session that writes dates in another way', async () => {
  const client = new pg.Client({ connectionString: await postgres.database() });
  await client.connect();
  await client.query("SET DateStyle = 'German'");
  const ask = async ({ text }: Statement, values: unknown[]) =>
    (await client.query({ text, values, rowMode: 'array' })).rows;
  const connections = { ask } as unknown as Connections;
  const batch = [dayCommit(day(1), [entry(1)]), dayCommit(day(2), [entry(1, { request: request(1) })])];
  expect(await commitBatch(connections, batch)).toEqual(['committed', 'committed']);
  const again = [...batch, dayCommit(day(3), [entry(1)])];
  expect(await commitBatch(connections, again)).toEqual(['conflict', 'conflict', 'committed']);
  // The whole statement fails, and one look tells which days it was.
  const taken = dayCommit(day(2), [entry(2, { request: request(1) })]);
  expect(await commitBatch(connections, [taken, dayCommit(day(4), [entry(1)])])).toEqual(['conflict', 'committed']);
  await client.end();
});

test('a new database in an encoding that cannot keep every name is refused, and stays as it was', async () => {
  const made = "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'";
  const address = await awkwardDatabase({ ...(AWKWARD[0] as Awkward), made });
  await expect(openPostgresStore(address)).rejects.toThrow(/has the encoding LATIN1, .* encoding UTF8/);
});

test('a role that is set to acknowledge before the disk has it, after a server has started, is not obeyed', async () => {
  const address = await postgres.database();
  const store = await openPostgresStore(address);
  await postgres.ask('postgres', `ALTER DATABASE ${new URL(address).pathname.slice(1)} SET synchronous_commit = off`);
  await postgres.ask(
    address,
    `CREATE FUNCTION opd.refuse_forgetful() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'it would forget'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON opd.journal FOR EACH ROW EXECUTE FUNCTION opd.refuse_forgetful()`,
  );
  expect(await store.commit([dayCommit(day(1), [entry(1)])])).toEqual(['committed']);
  await store.close();
});
