import type { Session } from '../../src/domain/command.js';
import { datesOf, type Schedule, slotCountOf } from '../../src/domain/schedule.js';
import type { DayOfWeek } from '../../src/domain/time.js';
import { slotAt } from './scenario.js';
import { date, FRIDAY, givenDays, SATURDAY, session } from './several-days.js';

const SUNDAY = '2026-02-01 Asia/Kolkata ON_EMERGENCY';

describe('the dates of a schedule', () => {
  const schedule = (fields: Partial<Schedule> = {}): Schedule => ({
    firstDate: date('2026-01-29'),
    lastDate: date('2026-02-04'),
    daysOfWeek: [],
    exceptDates: [],
    sessions: [],
    ...fields,
  });
  const shown = (fields: Partial<Schedule>) => datesOf(schedule(fields)).map((each) => each.slice(5));
  const days = (...numbers: number[]) => ({ daysOfWeek: numbers as DayOfWeek[] });

  test.each<[string, Partial<Schedule>, string[]]>([
    ['every day, from the first to the last', { lastDate: date('2026-01-31') }, ['01-29', '01-30', '01-31']],
    ['one day', { lastDate: date('2026-01-29') }, ['01-29']],
    ['the days of the week that are named', days(1, 5), ['01-30', '02-02']],
    ['none on a day that does not come', { ...days(7), lastDate: date('2026-01-31') }, []],
    [
      'but those that are left out',
      { exceptDates: ['2026-01-30', '2026-02-02', '2027-01-01'].map(date), ...days(1, 5, 7) },
      ['02-01'],
    ],
  ])('are %s', (_, fields, expected) => {
    expect(shown(fields)).toEqual(expected);
  });

  test('go through a leap day', () => {
    const leap = { firstDate: date('2028-02-28'), lastDate: date('2028-03-01') };
    expect(shown(leap)).toEqual(['02-28', '02-29', '03-01']);
  });

  test('a session comes to as many slots as fit in it', () => {
    expect(slotCountOf([session('09:00-12:00', 15, 1), session('23:00-24:00', 60, 1)])).toBe(13);
  });
});

describe('a schedule', () => {
  test('cuts sessions into slots, on each day by start', () => {
    givenDays(FRIDAY, SATURDAY)
      .gets(session('09:00-10:00', 30, 2), session('11:00-11:20', 20, 5))
      .gives(
        '09:00-09:30 0/2:\n09:30-10:00 0/2:\n11:00-11:20 0/5:',
        '09:00-09:30 0/2:\n09:30-10:00 0/2:\n11:00-11:20 0/5:',
      )
      .tells([], []);
  });

  test('is one revision a day, and the first day knows of the others', () => {
    const sessions = [session('09:00-10:00', 30, 2)];
    const { decisions } = givenDays(`${FRIDAY} r4\n08:00-08:30 0/1:`, SATURDAY, `${SUNDAY} r1`).gets(...sessions);
    expect(decisions.map(({ change }) => [change.revision, change.cause, change.createdSlotIds])).toEqual([
      [5, 'CreateSlots', ['slot_new1', 'slot_new2']],
      [1, 'CreateSlots', ['slot_new3', 'slot_new4']],
      [2, 'CreateSlots', ['slot_new5', 'slot_new6']],
    ]);
    const elsewhere = [
      { date: '2026-01-31', revision: 1 },
      { date: '2026-02-01', revision: 2 },
    ];
    expect(decisions.map(({ command }) => command)).toEqual([
      { kind: 'CreateSlots', sessions, elsewhere },
      { kind: 'CreateSlots', sessions },
      { kind: 'CreateSlots', sessions },
    ]);
  });

  test('R16 · each new slot takes in the DISPLACED of earlier ones, by start', () => {
    const days = givenDays(`${FRIDAY}\n08:30-09:00 1/1: 4E | 1P! 2O! 3W!`)
      .gets(session('09:00-10:00', 30, 1))
      .gives('08:30-09:00 1/1: 4E | 3W!\n09:00-09:30 1/1: 1P<08:30\n09:30-10:00 1/1: 2O<08:30')
      .tells(['1P@09:00 moved from 08:30', '2O@09:30 moved from 08:30']);
    expect(days.decisions[0]?.change.slots.map(({ start }) => start)).toEqual([510, 540, 570]);
  });

  test('R16 · under NEVER takes in nobody', () => {
    givenDays('2026-01-30 Asia/Kolkata NEVER\n08:30-09:00 1/1: 2E | 1P!')
      .gets(session('09:00-10:00', 60, 9))
      .gives('08:30-09:00 1/1: 2E | 1P!\n09:00-10:00 0/9:')
      .tells([]);
  });
});

describe('a schedule · what is refused, all of it', () => {
  const wrong = (field: string, description: string) => ({
    reason: 'INVALID_FIELDS',
    violations: [{ field, description }],
  });

  test('SLOT_OVERLAPS names the earliest slot of the earliest day', () => {
    givenDays(FRIDAY, `${SATURDAY}\n09:15-09:20 0/1:\n09:45-10:15 0/1:`, `${SUNDAY}\n08:00-09:01 0/1:`)
      .gets(session('09:30-10:30', 30, 1), session('11:00-12:00', 30, 1))
      .refuses({ reason: 'SLOT_OVERLAPS', slotId: slotAt('09:45') });
  });

  test('R17 · slots that clocks which go forward put into the same time', () => {
    givenDays('2026-03-08 America/Los_Angeles NEVER')
      .at('00:30')
      .gets(session('02:15-02:45', 30, 1), session('03:00-03:30', 30, 1))
      .refuses(
        wrong(
          'sessions',
          'the slot 03:00-03:30 of 2026-03-08 would run together with an earlier one, since clocks go forward',
        ),
      );
  });

  test('R17 · a slot that would already have ended; one that runs may be made', () => {
    const sessions = session('09:00-10:00', 30, 1);
    const ended = 'the slot 09:00-09:30 of 2026-01-30 would already have ended';
    givenDays(FRIDAY, SATURDAY).at('09:30').gets(sessions).refuses(wrong('first_date', ended));
    const days = givenDays(FRIDAY, SATURDAY).at('09:29').gets(sessions);
    expect(days.decisions).toHaveLength(2);
  });

  test('a wrong field is said before an overlap on an earlier day', () => {
    const days = givenDays(`${SATURDAY}\n09:00-09:30 0/1:`, FRIDAY).at('10:00', givenDays(FRIDAY).days[0]);
    expect(days.gets(session('09:00-10:00', 30, 1)).refusal.reason).toBe('INVALID_FIELDS');
  });

  test('a slot of which clocks that go forward leave nothing', () => {
    const skipped = 'no time is left of the slot 02:00-03:00 of 2026-03-29, since clocks go forward';
    const [before, change] = ['2026-03-28', '2026-03-29'].map((each) => `${each} Europe/Berlin ON_EMERGENCY`);
    const days = givenDays(before as string, change as string);
    days
      .at('00:00')
      .gets(session('01:00-04:00', 60, 1))
      .refuses(wrong('sessions', skipped));
    const { decisions } = days.gets(session('01:00-04:00', 180, 1));
    const hours = decisions.map(
      ({ change: { slots } }) => ((slots[0]?.endsAt ?? 0) - (slots[0]?.startsAt ?? 0)) / 3.6e6,
    );
    expect(hours).toEqual([3, 2]);
  });

  test('more than 2,000 tokens to move, which one answer could not hold', () => {
    const crowd = (tokens: number) => {
      const waiting = Array.from({ length: tokens }, (_, index) => ` ${index + 1}W!`).join('');
      return givenDays(`${FRIDAY}\n08:30-09:00 1/1: ${tokens + 1}E |${waiting}`, SATURDAY);
    };
    const wide: Session[] = [session('09:00-10:00', 20, 1_000)];
    const { refusal } = crowd(2_001).gets(...wide);
    expect(refusal).toMatchObject({ violations: [{ field: 'last_date' }] });
    const { decisions } = crowd(2_000).gets(...wide);
    expect(decisions[0]?.change.effects).toHaveLength(2_000);
    const narrow = session('09:00-10:00', 30, 1_000);
    expect(crowd(2_001).gets(narrow).decisions).toHaveLength(2);
  });
});
