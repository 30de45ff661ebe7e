import { readFileSync, writeFileSync } from 'node:fs';
import { newId } from '../../src/cli/new-id.js';
import { FrontDesk } from '../../src/desk/front-desk.js';
import { answered } from '../../src/domain/refusal.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import { Database } from '../../src/store/sqlite/binding.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { AT, day, doctorId, slotId, tokenId } from '../store/samples.js';
import { TemporaryFile } from '../support/service.js';
import { DOCTOR, sampleCommit } from '../verification/sample-day.js';
import { runOpd } from './run-opd.js';

const DATA = `time zone data of this program: ${process.versions.tz}\n`;
const UPDATE = { id: '01890000-0000-7000-8000-00000000000d', digest: `UpdateDoctor:${'x'.repeat(43)}=` };

let file: TemporaryFile;
beforeEach(async () => {
  file = new TemporaryFile();
  const store = await openSqliteStore(file.path);
  await store.createDoctor(DOCTOR);
  await store.commit([sampleCommit()]);
  await store.updateDoctor(DOCTOR.id, { department: 'ENT' }, AT);
  await store.updateDoctor(DOCTOR.id, { department: 'Ear, nose and throat' }, AT, UPDATE);
  await store.close();
});
afterEach(() => file.remove());

/** As somebody would who writes where nothing is to be written. */
function alter(sql: string): void {
  const database = new Database(file.path);
  database.exec(sql);
  database.close();
}

const verify = (...more: string[]) => runOpd(['verify', '--data', file.path, ...more]);

test('a sound database: one line, and exit code 0', async () => {
  expect(await verify()).toEqual({ code: 0, out: `sound: 1 doctor-day, 6 revisions, 3 tokens\n${DATA}`, err: '' });
});

test('the file may come as OPD_DATA', async () => {
  const { out } = await runOpd(['verify'], { env: { OPD_DATA: file.path } });
  expect(out).toMatch(/^sound: 1 doctor-day/);
});

test('the first difference is told with its day, and the exit code is 1', async () => {
  alter(`UPDATE token SET status = 'WAITING' WHERE number = 1`);
  expect(await verify()).toEqual({
    code: 1,
    err: '',
    out: [
      'not sound: 1 of 1 doctor-day; the first:',
      `${doctorId(1)} 2026-01-31 revision 6: token 1 (${tokenId(3)}): the table says status WAITING, the journal ACTIVE`,
      '  2026-01-31 Asia/Kolkata ON_EMERGENCY r6',
      '  09:00-10:00 1/1: 1W',
      '  10:00-11:00 1/1: 2P<09:00',
      '  gone: 3E@09:00 cancelled',
      DATA,
    ].join('\n'),
  });
});

test.each([
  [
    'a slot tally off by one',
    'UPDATE slot SET seats_taken = seats_taken + 1 WHERE start_minute = 540',
    `revision 6: slot 09:00-10:00 (${slotId(1)}): the table says seats taken 2, the journal 1`,
  ],
  [
    'a journal row deleted',
    'DELETE FROM journal WHERE revision = 4',
    'revision 4: I7: the journal goes on with revision 5',
  ],
  [
    'an event changed',
    `UPDATE journal SET events = replace(events, '"PAID"', '"WALK_IN"') WHERE revision = 4`,
    `revision 4: I6: ${tokenId(3)} was displaced by ${tokenId(4)}, who is no stronger`,
  ],
  [
    'a patient changed',
    `UPDATE token SET patient_ref = 'MRN-SECRET-9' WHERE number = 2`,
    `revision 5: token 2 (${tokenId(4)}): the table says another patient ref than the journal`,
  ],
  [
    'a token deleted',
    'DELETE FROM token WHERE number = 3',
    `revision 6: token 3 (${tokenId(5)}) is in the journal, and has no row in its table`,
  ],
  [
    'a token of another day slipped in',
    `UPDATE token SET date = '2026-02-01' WHERE number = 3`,
    `revision 6: token 3 (${tokenId(5)}) is in the journal, and has no row in its table`,
  ],
  ['a request id blotted', "UPDATE journal SET request_id = 'x' WHERE revision = 3", 'revision 3: R18: its request id'],
  [
    'a digest lost',
    'UPDATE journal SET request_digest = NULL WHERE revision = 3',
    'revision 3: R18: of its request id',
  ],
  ['a doctor deleted', 'DELETE FROM doctor', `doctor ${doctorId(1)} has no row, and 2 of changes`],
  [
    'a doctor deleted, changes and all',
    'DELETE FROM doctor; DELETE FROM doctor_change',
    `${doctorId(1)} 2026-01-31: its doctor has no row`,
  ],
  [
    "a doctor's zone spoilt",
    "UPDATE doctor SET time_zone = 'Mars'",
    `${doctorId(1)}: its doctor's time zone is none: "Mars"`,
  ],
  ["a doctor's change deleted", 'DELETE FROM doctor_change WHERE revision = 1', 'its changes go on with revision 2'],
  [
    'a doctor who was changed past its changes',
    "UPDATE doctor SET name = 'Dr. Who'",
    `${doctorId(1)}: it is not as its last change left it`,
  ],
  [
    "a doctor's change that begins with another doctor",
    `UPDATE doctor_change SET doctor_before = replace(doctor_before, '"ENT"', '"E"') WHERE revision = 2`,
    'change 2: it does not go on from what the one before left',
  ],
  [
    "a doctor's change that is no JSON",
    "UPDATE doctor_change SET doctor_after = 'SECRET' WHERE revision = 2",
    'change 2: its text is no JSON',
  ],
  [
    "a doctor's change of another command",
    "UPDATE doctor_change SET request_digest = replace(request_digest, 'Update', 'Create') WHERE revision = 2",
    'change 2: R18: its request digest is not that of UpdateDoctor',
  ],
  [
    'a request id that came twice',
    'UPDATE journal SET request_id = (SELECT request_id FROM doctor_change WHERE revision = 2) WHERE revision = 3',
    'change 2: R18: its request id is in the journal of a day, too',
  ],
  [
    'a slot of no day',
    `INSERT INTO slot SELECT '${slotId(9)}', doctor_id, '2027-01-01', 0, 1, 0, 1, 1, 0, 0, 0, 0 FROM slot LIMIT 1`,
    '2027-01-01: 1 rows of slots and 0 of tokens belong to a day that has no journal',
  ],
])('%s is named', async (_, sql, sentence) => {
  alter(sql);
  const { code, out } = await verify();
  expect(out).toContain(sentence);
  expect(out).toMatch(/^not sound: /);
  expect(out).not.toContain('SECRET');
  expect(code).toBe(1);
});

test('days that are not sound are counted, and the others are looked at all the same', async () => {
  const sound = sampleCommit();
  const store = await openSqliteStore(file.path);
  const strays = sound.tokens.map((token, index) => ({ ...token, id: tokenId(20 + index) }));
  for (const key of [day(2), day(3)])
    await store.commit([{ key, entries: [], slots: [], tokens: strays.splice(0, 1) }]);
  await store.close();
  expect((await verify()).out).toMatch(/^not sound: 2 of 3 doctor-days; the first:\ndoc_\S+2 2026-01-31: /);
});

test('a page that was overwritten is damage, and no day is looked at', async () => {
  const database = new Database(file.path, { readonly: true });
  const [root, size] = [
    database.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'token'").pluck().get() ?? 0,
    database.pragma('page_size', { simple: true }) as number,
  ];
  database.close();
  writeFileSync(file.path, readFileSync(file.path).fill(0xa5, (root - 1) * size, root * size));
  const { code, out } = await verify();
  expect([code, out]).toEqual([1, expect.stringMatching(/^not sound: \S+opd\.sqlite: /)]);
});

test.each<[string, () => void]>([
  ['whose header is overwritten', () => writeFileSync(file.path, readFileSync(file.path).fill(0xa5, 0, 100))],
  ['cut short', () => writeFileSync(file.path, readFileSync(file.path).subarray(0, 5_000))],
])('a file %s is not sound either', async (_, damage) => {
  damage();
  const { code, err } = await verify();
  expect([code, err]).toEqual([1, expect.stringMatching(/^error: \S+ is damaged, or is no SQLite database/)]);
});

test.each<[string, () => string[], RegExp]>([
  ['a file that is not there', () => ['--data', `${file.directory}/none`], /^error: cannot read \S+none: /],
  ['a directory', () => ['--data', file.directory], /^error: cannot read /],
  ['an unknown option', () => ['--loud'], /unknown option '--loud'/],
])('%s cannot be verified: exit code 2', async (_, args, sentence) => {
  const { code, out, err } = await runOpd(['verify', ...args()]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(sentence);
  expect(err).not.toContain('    at ');
});

test('--help tells the exit codes, and ends with 0', async () => {
  const { code, out } = await verify('--help');
  expect(code).toBe(0);
  expect(out).toContain('Exits with 0 where all is sound, 1 where it is not, 2 where that cannot be found out.');
});

describe('a command over two days', () => {
  beforeEach(async () => {
    const store = await openSqliteStore(file.path);
    const onFault = (error: unknown) => {
      throw error;
    };
    const desk = new FrontDesk(store, { now: () => AT as Instant, newId, timeZone: 'UTC' as TimeZone, onFault });
    const session = { start: 540 as TimeOfDay, end: 600 as TimeOfDay, slotMinutes: 60, capacity: 1 };
    const dates = { firstDate: '2026-02-02' as LocalDate, lastDate: '2026-02-03' as LocalDate };
    const schedule = { ...dates, daysOfWeek: [], exceptDates: [], sessions: [session] };
    const made = await desk.createSlots(DOCTOR.id, schedule, {});
    expect(made.ok).toBe(true);
    await store.close();
  });

  test('is sound where each has its part', async () => {
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: 3 doctor-days, 8 revisions/) });
  });

  test('is not where the other lacks it', async () => {
    alter(`UPDATE journal SET command = replace(command, '"revision":1', '"revision":2') WHERE date = '2026-02-02'`);
    const what = 'CreateSlots is said to have made revision 2 of 2026-02-03, and did not';
    expect(await verify()).toMatchObject({
      code: 1,
      out: `not sound: 1 of 3 doctor-days; the first:\n${doctorId(1)} 2026-02-02 revision 1: ${what}\n${DATA}`,
    });
  });

  test('is sound where the other has been let go', async () => {
    for (const table of ['journal', 'slot', 'day_due']) alter(`DELETE FROM ${table} WHERE date = '2026-02-03'`);
    expect((await verify()).code).toBe(0);
  });

  describe('that closed slots', () => {
    beforeEach(async () => {
      const store = await openSqliteStore(file.path);
      const onFault = (error: unknown) => {
        throw error;
      };
      const desk = new FrontDesk(store, { now: () => AT as Instant, newId, timeZone: 'UTC' as TimeZone, onFault });
      const dates = { firstDate: '2026-02-02' as LocalDate, lastDate: '2026-02-03' as LocalDate };
      const hours = { start: 0 as TimeOfDay, end: 1_440 as TimeOfDay };
      const slots = await desk.read({ doctorId: DOCTOR.id, date: dates.lastDate }, (day) => answered(day.slots));
      const slotId = slots.ok && slots.value[0]?.id;
      if (!slotId) throw new Error('no slot');
      const command = { kind: 'AllocateToken', slotId, source: 'ONLINE', patientRef: '' } as const;
      expect((await desk.perform({ slotId }, command)).ok).toBe(true);
      expect((await desk.closeSlots(DOCTOR.id, { ...dates, ...hours, reason: 'ill' }, {})).ok).toBe(true);
      await store.close();
    });

    test('is sound where each has its part', async () => {
      expect(await verify()).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: 3 doctor-days/) });
    });

    test('is not where the other lacks it', async () => {
      alter(`UPDATE journal SET command = replace(command, '"revision":3', '"revision":2') WHERE date = '2026-02-02'`);
      const what = 'CloseSlots is said to have made revision 2 of 2026-02-03, and did not';
      expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining(what) });
    });

    test('is not where it says otherwise who was left in them', async () => {
      alter(`UPDATE journal SET command = json_remove(command, '$.left') WHERE date = '2026-02-03' AND revision = 3`);
      const what = '2026-02-03 revision 3: R13: CloseSlots is said to have left nobody, and left token_';
      expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining(what) });
    });
  });
});
