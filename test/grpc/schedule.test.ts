/** CreateSlots, over the wire. */
import { status as Code } from '@grpc/grpc-js';
import { CreateSlotsResponse, DayOfWeek, type Session } from '../../gen/opd/v1/opd_service.js';
import { QueueChange, TokenSource } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, aSlot, NOBODY } from '../support/clinic.js';
import { TemporaryFile, TestService, TODAY } from '../support/service.js';

const file = new TemporaryFile();
let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
  client = service.client;
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

const DOCTOR = `doc_${NOBODY}`;
const MORNING: Session = { start: '10:00', end: '12:00', slotMinutes: 60, capacity: 4 };
const WEEK = { firstDate: TODAY, lastDate: '2026-03-08', sessions: [MORNING] };

describe('CreateSlots', () => {
  test('answers with the slots by date and start, and one change a day, as watchers get it', async () => {
    const { id: doctorId } = await aDoctor(client);
    const watch = client.watch({ doctorId, date: '2026-03-06', afterRevision: 0 });
    const days = [DayOfWeek.FRIDAY, DayOfWeek.MONDAY];
    const evening = { start: '17:00', end: '17:30', slotMinutes: 30, capacity: 2 };
    const request = { ...WEEK, doctorId, days, sessions: [evening, MORNING], requestId: NOBODY };
    const answer = await client.call('createSlots', request);
    expect(answer.slots.map(({ date, start, end, capacity }) => `${date} ${start}-${end} ${capacity}`)).toEqual([
      '2026-03-02 10:00-11:00 4',
      '2026-03-02 11:00-12:00 4',
      '2026-03-02 17:00-17:30 2',
      '2026-03-06 10:00-11:00 4',
      '2026-03-06 11:00-12:00 4',
      '2026-03-06 17:00-17:30 2',
    ]);
    expect(answer.changes.map(({ date, revision, cause }) => [date, revision, cause])).toEqual([
      ['2026-03-02', 1, 'CreateSlots'],
      ['2026-03-06', 1, 'CreateSlots'],
    ]);
    expect(answer.changes.flatMap(({ slots }) => slots)).toEqual(answer.slots);
    const shown = await watch.change();
    watch.cancel();
    expect(bytesOf(shown)).toEqual(bytesOf(answer.changes[1] as QueueChange));
  });

  test('R18 · sent again gives the same bytes, also after a restart; other contents are refused', async () => {
    const { id: doctorId } = await aDoctor(client);
    const request = { ...WEEK, doctorId, requestId: NOBODY };
    const bytes = async () =>
      Buffer.from(CreateSlotsResponse.encode(await client.call('createSlots', request)).finish());
    const first = await bytes();
    expect(await bytes()).toEqual(first);
    await service.restart();
    client = service.client;
    expect(await bytes()).toEqual(first);
    const other = client.call('createSlots', { ...request, exceptDates: [TODAY] });
    expect((await refusal(other)).reason).toBe('REQUEST_ID_REUSED');
  });

  test('all or nothing: a slot in the way of the last day leaves the others as they were', async () => {
    const doctor = await aDoctor(client);
    const inTheWay = await aSlot(client, doctor, 11, 1, '2026-03-08');
    const refused = await refusal(client.call('createSlots', { ...WEEK, doctorId: doctor.id }));
    expect(refused).toMatchObject({
      code: Code.FAILED_PRECONDITION,
      reason: 'SLOT_OVERLAPS',
      metadata: { slotId: inTheWay.id },
    });
    expect(await client.listSlots({ doctorId: doctor.id, date: TODAY })).toEqual({ slots: [], revision: 0 });
  });

  test('dates that are left out stay empty, and need not be among the others', async () => {
    const { id: doctorId } = await aDoctor(client);
    const exceptDates = ['2026-03-03', '2026-03-03', '2030-01-01'];
    const { changes } = await client.call('createSlots', { ...WEEK, doctorId, exceptDates });
    expect(changes.map(({ date }) => date.slice(-2))).toEqual(['02', '04', '05', '06', '07', '08']);
  });

  test('R17 · a slot of the first day that has ended is a wrong field', async () => {
    const { id: doctorId } = await aDoctor(client);
    const early = { ...MORNING, start: '08:00' };
    const refused = await refusal(client.call('createSlots', { ...WEEK, doctorId, sessions: [early] }));
    expect(refused.violations).toEqual({ first_date: 'the slot 08:00-09:00 of 2026-03-02 would already have ended' });
  });

  test('DOCTOR_NOT_FOUND comes before what has ended', async () => {
    const past = { ...WEEK, firstDate: '2026-03-01', doctorId: DOCTOR };
    expect((await refusal(client.call('createSlots', past))).reason).toBe('DOCTOR_NOT_FOUND');
  });
});

describe('CreateSlots · wrong fields', () => {
  const paths = async (fields: object) => {
    const refused = await refusal(client.call('createSlots', { ...WEEK, doctorId: DOCTOR, ...fields }));
    return refused.reason === 'INVALID_FIELDS' ? Object.keys(refused.violations) : [];
  };
  const session = (fields: Partial<Session>) => ({ sessions: [{ ...MORNING, ...fields }] });
  const MINUTES = 'sessions[0].slot_minutes';

  test.each<[string, object, string[]]>([
    [
      'all at once',
      {
        doctorId: 'x',
        firstDate: '',
        lastDate: '2026-02-30',
        days: [DayOfWeek.UNSPECIFIED],
        sessions: [],
        exceptDates: [TODAY, 'x'],
        requestId: 'x',
      },
      ['doctor_id', 'first_date', 'last_date', 'days[0]', 'sessions', 'except_dates[1]', 'request_id'],
    ],
    [
      'a session of nothing',
      { sessions: [{ start: '', end: '', slotMinutes: 0, capacity: 0 }] },
      ['sessions[0].start', 'sessions[0].end', 'sessions[0].capacity', MINUTES],
    ],
    ['a last date before the first', { lastDate: '2026-03-01' }, ['last_date']],
    ['367 days', { lastDate: '2027-03-03' }, ['last_date']],
    ['a day of the week twice', { days: [DayOfWeek.MONDAY, DayOfWeek.SUNDAY, DayOfWeek.MONDAY] }, ['days[2]']],
    ['a day of the week that nobody knows', { days: [9] }, ['days[0]']],
    ['a session out of order', session({ end: '10:00' }), ['sessions[0].end']],
    ['slots of no time', session({ slotMinutes: 0 }), [MINUTES]],
    ['slots of more than a day', session({ slotMinutes: 1_441 }), [MINUTES]],
    ['slots that do not divide the session', session({ slotMinutes: 50 }), [MINUTES]],
    ['slots that are longer than the session', session({ slotMinutes: 240 }), [MINUTES]],
    ['slots of too many seats', session({ capacity: 1_001 }), ['sessions[0].capacity']],
    ['sessions that overlap', { sessions: [MORNING, { ...MORNING, start: '11:00', end: '13:00' }] }, ['sessions[1]']],
    ['no date that is one of the days', { lastDate: TODAY, days: [DayOfWeek.SUNDAY] }, ['days']],
    ['no date that is not left out', { lastDate: TODAY, exceptDates: [TODAY] }, ['except_dates']],
    ['more than 12,000 slots', { ...session({ end: '20:00', slotMinutes: 1 }), lastDate: '2026-03-22' }, ['last_date']],
  ])('%s', async (_, fields, expected) => {
    expect((await paths(fields)).sort()).toEqual(expected.sort());
  });

  test.each<[string, object]>([
    ['366 days', { lastDate: '2027-03-02' }],
    ['sessions that touch', { sessions: [{ ...MORNING, start: '12:00', end: '13:00' }, MORNING] }],
    ['one slot of a whole day', session({ start: '00:00', end: '24:00', slotMinutes: 1_440 })],
    ['12,000 slots', { ...session({ end: '20:00', slotMinutes: 1 }), lastDate: '2026-03-21' }],
  ])('%s is right', async (_, fields) => {
    expect(await paths(fields)).toEqual([]);
  });
});

/** As much as one call may do: a year of slots of fifteen minutes, which take 2,000 tokens out of waiting queues. */
test('the greatest schedule fits the 4 MiB that clients accept', async () => {
  const doctor = await aDoctor(client);
  const full = [await aSlot(client, doctor, 10, 1_000), await aSlot(client, doctor, 11, 1_000)];
  for (const source of [TokenSource.WALK_IN, TokenSource.PAID]) {
    for (const { id } of full) await issue(id, source);
  }
  const sessions = [{ start: '16:00', end: '24:00', slotMinutes: 15, capacity: 1_000 }];
  const answer = await client.call('createSlots', { doctorId: doctor.id, ...WEEK, lastDate: '2027-03-02', sessions });
  expect(answer.slots).toHaveLength(366 * 32);
  expect(answer.changes[0]?.tokens.length).toBe(2_000);
  const bytes = CreateSlotsResponse.encode(answer).finish().length;
  // As if it were 12,000.
  expect(bytes * (12_000 / answer.slots.length)).toBeLessThan(4 * 1_024 * 1_024);
}, 60_000);

/** A thousand tokens, whose patients' references are as long as can be. */
async function issue(slotId: string, source: TokenSource): Promise<void> {
  const patientRef = (n: number) => `${slotId} ${source} ${n}`.padEnd(128, '.');
  await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => client.allocateToken({ slotId, source, patientRef: patientRef(n) })),
  );
}

function bytesOf(change: QueueChange): Buffer {
  return Buffer.from(QueueChange.encode(change).finish());
}
