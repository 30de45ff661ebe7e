import { STATEMENTS, type StatementName } from '../../../src/store/postgres/statements.js';

/** What a command or a read of a day that is in memory asks of the database, and what loads a day. */
const HOT_PATH: readonly StatementName[] = [
  'commit',
  'findTaken',
  'findRequest',
  'readJournal',
  'readNewest',
  'noteDue',
];
/** What knows no doctor yet, or is about doctors and patients as a whole. */
const OTHERS: readonly StatementName[] = [
  ...([
    'insertDoctor',
    'doctorOfRequest',
    'doctorAsCreated',
    'findDoctor',
    'findDoctorToChange',
    'findSlotToCome',
    'findUpdate',
    'changeDoctor',
    'listDoctors',
  ] as const),
  ...(['locateSlot', 'locateToken', 'listTokensOf', 'dueDays', 'slotsFrom', 'noteZoneData', 'ring'] as const),
  ...(['readClockMark', 'keepClockMark', 'readTime', 'endEpoch'] as const),
];
const TABLES = ['doctor', 'doctor_change', 'journal', 'request', 'slot', 'token', 'day_due'];

test('every statement is either of the hot path or known not to be', () => {
  expect(Object.keys(STATEMENTS).sort()).toEqual([...HOT_PATH, ...OTHERS].sort());
});

describe('every statement of the hot path names the doctor, so that the tables can be distributed by it', () => {
  test.each(HOT_PATH)('%s', (name) => {
    const { text } = STATEMENTS[name];
    const reads = [...text.matchAll(/FROM opd\.(\w+)([\s\S]*?)(?=FROM opd|EXISTS|$)/g)];
    for (const [, table, rest] of reads) {
      if (table === 'migration' || table === 'epoch') continue; // the same everywhere
      expect(TABLES).toContain(table);
      expect(rest).toMatch(/doctor_id/);
    }
    const writes = [...text.matchAll(/INSERT INTO opd\.(\w+) \(([^)]*)\)/g)];
    for (const [, table, columns] of writes) {
      expect(TABLES).toContain(table);
      expect(columns).toMatch(/\bdoctor_id\b/);
    }
    const resolved = [...text.matchAll(/ON CONFLICT \(([^)]*)\)/g)];
    for (const [, columns] of resolved) expect(columns).toMatch(/^doctor_id/);
    expect(reads.length + writes.length).toBeGreaterThan(0);
  });
});
