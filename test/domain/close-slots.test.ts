import { FRIDAY, givenDays, SATURDAY } from './several-days.js';

const SUNDAY = '2026-02-01 Asia/Kolkata ON_EMERGENCY';

describe('R13 · slots that are closed together', () => {
  test('displace each token once, and nobody moves into one of them', () => {
    const days = givenDays(
      `${FRIDAY}\n09:00-10:00 1/1: 1P\n10:00-11:00 0/1:\n11:00-12:00 0/1:\n12:00-13:00 0/1:\n14:00-15:00 0/1:`,
    )
      .closes('09:00-13:00')
      .gives(
        `09:00-10:00 0/1 closed:\n10:00-11:00 0/1 closed:\n11:00-12:00 0/1 closed:\n12:00-13:00 0/1 closed:
        14:00-15:00 1/1: 1P<09:00`,
      )
      .tells(['1P@09:00 displaced', '1P@14:00 moved from 09:00']);
    expect(days.decisions[0]?.change.closed?.slotIds).toEqual(['slot_09:00', 'slot_10:00', 'slot_11:00', 'slot_12:00']);
  });

  test('seat the strongest of all of them first, whatever slot they were in', () => {
    givenDays(`${FRIDAY}\n09:00-10:00 2/2: 1O 2W\n10:00-11:00 1/1: 3P | 4W\n14:00-15:00 0/2:`)
      .closes('09:00-11:00')
      .gives(
        '09:00-10:00 0/2 closed:\n10:00-11:00 0/1 closed:\n14:00-15:00 2/2: 3P<10:00 1O<09:00 | 2W!<09:00 4W<10:00',
      )
      .tells([
        '3P@10:00 displaced',
        '1O@09:00 displaced',
        '2W@09:00 displaced',
        '3P@14:00 moved from 10:00',
        '1O@14:00 moved from 09:00',
        '2W@14:00 moved from 09:00',
        '4W@14:00 moved from 10:00',
      ]);
  });

  test('R9 · seat nobody before the slot that it was in', () => {
    givenDays(`${FRIDAY}\n09:00-10:00 1/1: 1W\n10:00-11:00 0/1:\n11:00-12:00 1/1: 2P\n12:00-13:00 0/1:`)
      .closes('09:00-09:30')
      .gives('09:00-10:00 0/1 closed:\n10:00-11:00 1/1: 1W<09:00\n11:00-12:00 1/1: 2P\n12:00-13:00 0/1:')
      .tells(['1W@09:00 displaced', '1W@10:00 moved from 09:00']);
  });

  test('R5 · move their emergencies at once, over capacity where nobody makes way', () => {
    givenDays(`${FRIDAY}\n09:00-10:00 1/1: 1E\n10:00-11:00 1/1: 2E\n14:00-15:00 1/1: 3P`)
      .closes('09:00-11:00')
      .gives('09:00-10:00 0/1 closed:\n10:00-11:00 0/1 closed:\n14:00-15:00 2/1: 1E<09:00 2E<10:00 | 3P!')
      .tells(['1E@14:00 moved from 09:00', '3P@14:00 displaced by 1E', '2E@14:00 moved from 10:00']);
  });

  test('leave those for whom there is no later slot, and tell of them', () => {
    const days = givenDays(`${FRIDAY}\n09:00-10:00 2/2: 1E 2W | 3W\n10:00-11:00 1/1: 4P*`)
      .at('08:59')
      .closes()
      .gives('09:00-10:00 1/2 closed: 1E | 2W! 3W\n10:00-11:00 1/1 closed: 4P*')
      .tells(['2W@09:00 displaced']);
    const { command, change } = days.decisions[0] as (typeof days.decisions)[0];
    expect(change.closed?.left.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(command).toEqual({ kind: 'CloseSlots', reason: '', left: ['token_1', 'token_2', 'token_3'] });
  });

  test('tell by number of those who are left, whoever is stronger', () => {
    const days = givenDays(`${FRIDAY}\n09:00-10:00 2/2: 2P 3O | 1W\n10:00-11:00 0/1:`).closes();
    expect(days.decisions[0]?.change.closed?.left.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('are those that are open: what has ended or is closed is passed over', () => {
    givenDays(`${FRIDAY}\n09:00-09:30 0/1:\n09:30-10:00 0/1 closed:\n10:00-10:30 0/1:`)
      .at('09:40')
      .closes()
      .gives('09:00-09:30 0/1:\n09:30-10:00 0/1 closed:\n10:00-10:30 0/1 closed:')
      .tells([]);
  });

  test('are those that overlap the hours, to the minute', () => {
    givenDays(`${FRIDAY}\n09:00-10:00 0/1:\n10:00-11:00 0/1:\n11:00-12:00 0/1:`)
      .closes('10:00-11:00')
      .gives('09:00-10:00 0/1:\n10:00-11:00 0/1 closed:\n11:00-12:00 0/1:');
  });
});

describe('R13 · a span of days', () => {
  test('leaves days without such a slot as they are; the first that changes tells of the others', () => {
    const days = givenDays(`${FRIDAY}`, `${SATURDAY}\n09:00-10:00 1/1: 1W`, `${SUNDAY}\n09:00-10:00 0/1:`).closes(
      '00:00-24:00',
      'ill',
    );
    expect(days.days.map(({ revision }) => revision)).toEqual([0, 1, 1]);
    expect(days.decisions.map(({ date, command }) => [date, command])).toEqual([
      [
        '2026-01-31',
        {
          kind: 'CloseSlots',
          reason: 'ill',
          left: ['token_1'],
          elsewhere: [{ date: '2026-02-01', revision: 1 }],
        },
      ],
      ['2026-02-01', { kind: 'CloseSlots', reason: 'ill' }],
    ]);
  });

  test('without any open slot is refused, so that a wrong date is noticed', () => {
    givenDays(`${FRIDAY}\n09:00-10:00 0/1 closed:`, `${SATURDAY}\n09:00-10:00 0/1:`)
      .closes('11:00-12:00')
      .refuses({ reason: 'NO_OPEN_SLOT', doctorId: 'doc_notation' });
  });

  test('with more tokens than one answer holds is refused, and nothing is closed', () => {
    const crowd = Array.from({ length: 1_001 }, (_, index) => `${index + 1}W`).join(' ');
    const day = (header: string) => `${header}\n09:00-10:00 1000/1000: ${crowd.replace(/ 1001W$/, ' | 1001W')}`;
    const { refusal } = givenDays(day(FRIDAY), day(SATURDAY)).closes();
    expect(refusal).toMatchObject({ reason: 'INVALID_FIELDS', violations: [{ field: 'last_date' }] });
  });
});

describe('one answer holds what one call does', () => {
  const days = (count: number) => {
    const dates = Array.from({ length: count }, (_, index) => `2026-03-0${index + 1}`);
    return dates.map((each) => `${each} Asia/Kolkata ON_EMERGENCY`);
  };
  const clock = (minutes: number) =>
    [minutes / 60, minutes % 60].map((n) => String(Math.trunc(n)).padStart(2, '0')).join(':');
  const minutes = Array.from({ length: 1_440 }, (_, minute) => `${clock(minute)}-${clock(minute + 1)} 0/1:`);

  test.each([
    [8, 'accepted'],
    [9, 'refused'],
  ])('slots of a minute on %i days are %s', (count, outcome) => {
    const closing = givenDays(...days(count).map((header) => [header, ...minutes].join('\n'))).at('00:00');
    closing.closes();
    if (outcome === 'accepted') expect(closing.decisions).toHaveLength(count);
    else expect(closing.refusal).toMatchObject({ reason: 'INVALID_FIELDS', violations: [{ field: 'last_date' }] });
  });

  test('tokens count that move because an emergency has moved (R7), though their slots stay open', () => {
    const waiting = Array.from({ length: 700 }, (_, index) => `${index + 1}W!`).join(' ');
    const crowded = (header: string) =>
      `${header}\n08:00-09:00 1/1: 701P | ${waiting}\n09:00-10:00 1/1: 702E\n10:00-11:00 0/1000:`;
    const closing = givenDays(...days(3).map(crowded))
      .at('07:00')
      .closes('09:00-10:00');
    expect(closing.refusal).toMatchObject({ reason: 'INVALID_FIELDS', violations: [{ field: 'last_date' }] });
    givenDays(...days(2).map(crowded))
      .at('07:00')
      .closes('09:00-10:00')
      .decisions.forEach(({ change }) => {
        expect(change.effects).toHaveLength(701);
      });
  });
});
