/** What is told of changes that no single command of a desk makes on a day: the clock's, and those of commands over several days. */
import type { DayEvent } from '../../src/domain/event.js';
import { follow } from '../../src/domain/explanation.js';
import { parseDay } from '../../src/domain/notation.js';
import { type Instant, instantOf, type LocalDate } from '../../src/domain/time.js';
import { slotAt, timeOfDay, tokenOf } from './scenario.js';

const HEADER = '2026-01-31 Asia/Kolkata ON_EMERGENCY';

/** What is told of each effect on a token of a revision that was recorded at a time of the day. */
function told(
  number: number,
  cause: string,
  lines: string,
  time: string,
  events: DayEvent[],
  grace?: number,
): string[] {
  const day = parseDay(`${HEADER}\n${lines}`);
  Object.assign(day.doctor, { policy: { ...day.doctor.policy, noShowGraceMilliseconds: grace } });
  const at = instantOf(day.date as LocalDate, timeOfDay(time), day.doctor.timeZone) as Instant;
  const steps = follow(
    day,
    { revision: 1, at, command: { kind: cause, reason: '' } as never, events },
    tokenOf(number),
  );
  return steps.map(({ rule, sentence }) => `${rule} ${sentence}`.trim());
}

const noShow = (number: number): DayEvent => ({ kind: 'NO_SHOW', tokenId: tokenOf(number) });
const promoted = (number: number): DayEvent => ({ kind: 'PROMOTED', tokenId: tokenOf(number) });
const cancelled = (number: number): DayEvent => ({ kind: 'CANCELLED', tokenId: tokenOf(number) });
const moved = (number: number, start: string, kind: 'MOVED' | 'CARRIED_OVER' = 'MOVED'): DayEvent => {
  return { kind, tokenId: tokenOf(number), toSlotId: slotAt(start) };
};

const ended = (start: string): DayEvent => ({ kind: 'SLOT_ENDED', slotId: slotAt(start) });
const expired = (number: number): DayEvent => ({ kind: 'EXPIRED', tokenId: tokenOf(number) });

const GRACE = 900_000;

test.each<[string, number, string, string, DayEvent[], string[], number | undefined]>([
  [
    'R22',
    1,
    '09:00-10:00 1/1: 1P',
    '09:15',
    [noShow(1)],
    ['R22 The patient had not come in time: gave up its seat in the 09:00 slot.'],
    GRACE,
  ],
  [
    'R8, after R22',
    2,
    '09:00-10:00 1/1: 1P | 2W',
    '09:15',
    [noShow(1), promoted(2)],
    ['R8 Got the seat in the 09:00 slot that #1 gave up, as the strongest in its queue.'],
    GRACE,
  ],
  [
    'R8, after R22, from an earlier slot',
    2,
    '09:00-10:00 1/1: 1P | 2W!\n10:00-11:00 1/1: 3P',
    '09:45',
    [noShow(3), moved(2, '10:00')],
    ['R8 Moved from the queue of the 09:00 slot to the seat in the 10:00 slot that #3 gave up.'],
    GRACE,
  ],
  [
    'R8, of two no-shows the last',
    4,
    '09:00-10:00 2/2: 1P 2P | 3O 4W',
    '09:15',
    [noShow(1), promoted(3), noShow(2), promoted(4)],
    ['R8 Got the seat in the 09:00 slot that #2 gave up, as the strongest in its queue.'],
    GRACE,
  ],
  [
    'R20, a no-show',
    1,
    '09:00-10:00 1/1: 1P',
    '10:00',
    [ended('09:00'), noShow(1)],
    ['R20 The patient had not come when the 09:00 slot ended.'],
    GRACE,
  ],
  [
    'R20, at midnight',
    1,
    '23:00-24:00 1/1: 1P',
    '24:00',
    [ended('23:00'), noShow(1)],
    ['R20 The patient had not come when the 23:00 slot ended.'],
    GRACE,
  ],
  [
    'R21, a no-show',
    1,
    '09:00-10:00 1/1: 1P',
    '24:00',
    [noShow(1)],
    ['R21 The patient had not come when the day ended.'],
    undefined,
  ],
  [
    'R20, into a queue',
    2,
    '09:00-10:00 1/1: 1P | 2W\n10:00-11:00 1/1: 3P',
    '10:00',
    [ended('09:00'), moved(2, '10:00', 'CARRIED_OVER')],
    ['R20 Moved from the queue of the 09:00 slot, which had ended, to that of the 10:00 slot.'],
    undefined,
  ],
  [
    'R20, into a seat',
    2,
    '09:00-10:00 1/1: 1P | 2W\n10:00-11:00 0/1:',
    '10:00',
    [ended('09:00'), moved(2, '10:00')],
    ['R20 Moved from the 09:00 slot, which had ended, to a free seat in the 10:00 slot.'],
    undefined,
  ],
  [
    'R21, a no-show of a slot that ended at midnight, where no policy has a grace',
    1,
    '23:00-24:00 1/1: 1P',
    '24:00',
    [ended('23:00'), noShow(1)],
    ['R21 The patient had not come when the day ended.'],
    undefined,
  ],
  [
    'R22, of one who was sent back after the slot had ended',
    1,
    '09:00-10:00 1/1: 1P',
    '10:15',
    [noShow(1)],
    ['R22 The patient had not come in time: gave up its seat in the 09:00 slot.'],
    GRACE,
  ],
  [
    'R20, who has no later slot to wait for',
    2,
    '09:00-10:00 1/1: 1P | 2W',
    '10:00',
    [ended('09:00'), expired(2)],
    ['R20 Waited until the 09:00 slot ended, and there was no later one.'],
    undefined,
  ],
  [
    'R21, who was left behind in a closed slot',
    1,
    '23:00-24:00 0/1 closed: | 1P',
    '24:00',
    [ended('23:00'), expired(1)],
    ['R21 The day ended before its turn came.'],
    undefined,
  ],
  [
    'R21, who was here and is not served any more',
    1,
    '23:00-24:00 1/1: 1P^',
    '24:00',
    [ended('23:00'), expired(1)],
    ['R21 The day ended before its turn came.'],
    undefined,
  ],
  [
    'R21, who is with the doctor',
    1,
    '09:00-10:00 1/1: 1P*',
    '24:00',
    [{ kind: 'COMPLETED', tokenId: tokenOf(1) }],
    ['R21 Was with the doctor when the day ended.'],
    undefined,
  ],
])('CLOCK · %s', (_, number, lines, time, events, sentences, grace) => {
  expect(told(number, 'CLOCK', lines, time, events, grace)).toEqual(sentences);
});

describe('RescheduleToken', () => {
  const DAY = '09:00-10:00 1/1: 1P | 2W\n10:00-11:00 0/1:';
  const issued: DayEvent = {
    ...{ kind: 'ALLOCATED', tokenId: tokenOf(3), number: 3, slotId: slotAt('10:00'), source: 'PAID', patientRef: '' },
    rescheduledFromTokenId: tokenOf(1),
  };
  const events = [issued, cancelled(1), promoted(2)];

  test.each([
    ['the new token', 3, ['R1 Got a free seat in the 10:00 slot, in place of #1, as the patient asked.']],
    ['the old one', 1, ['Given up for #3 in the 10:00 slot, as the patient asked.']],
    ['R8, who gets its seat', 2, ['R8 Got the seat in the 09:00 slot that #1 gave up, as the strongest in its queue.']],
  ])('on the same day · %s', (_, number, sentences) => {
    expect(told(number, 'RescheduleToken', DAY, '08:00', events)).toEqual(sentences);
  });

  test('to another day · the old token, and the new one', () => {
    expect(told(1, 'RescheduleToken', DAY, '08:00', [cancelled(1), promoted(2)])).toEqual([
      'Given up for a token of another day, as the patient asked.',
    ]);
    const elsewhere = {
      ...issued,
      kind: 'QUEUED',
      slotId: slotAt('09:00'),
      rescheduledFromTokenId: tokenOf(9),
    } as DayEvent;
    expect(told(3, 'RescheduleToken', DAY, '08:00', [elsewhere])).toEqual([
      'R3 Found the 09:00 slot full, and nobody there to make way: waits in its queue, in place of a token of another day, as the patient asked.',
    ]);
  });

  test('R8 before R7 · whose seat goes to an earlier slot, and who was displaced', () => {
    const day = '09:00-10:00 1/1: 1P | 2O!\n10:00-11:00 1/1: 3P\n11:00-12:00 1/1: 4W\n12:00-13:00 0/1:';
    const third = {
      ...issued,
      tokenId: tokenOf(5),
      number: 5,
      slotId: slotAt('11:00'),
      rescheduledFromTokenId: tokenOf(3),
    };
    const displaced: DayEvent = { kind: 'DISPLACED', tokenId: tokenOf(4), byTokenId: tokenOf(5) };
    const all = [third, displaced, cancelled(3), moved(2, '10:00'), moved(4, '12:00')];
    expect(told(2, 'RescheduleToken', day, '08:00', all)).toEqual([
      'R8 Moved from the queue of the 09:00 slot to the seat in the 10:00 slot that #3 gave up.',
    ]);
    expect(told(4, 'RescheduleToken', day, '08:00', all).at(-1)).toBe(
      'R7 Moved from the queue of the 11:00 slot to a free seat in the 12:00 slot.',
    );
  });
});

test('R16 · CreateSlots', () => {
  const created: DayEvent = {
    ...{ kind: 'SLOT_CREATED', id: slotAt('10:00'), start: timeOfDay('10:00'), end: timeOfDay('11:00'), capacity: 1 },
    ...{ startsAt: 0 as Instant, endsAt: 1 as Instant },
  };
  const day = '09:00-10:00 1/1: 1P | 2W!';
  expect(told(2, 'CreateSlots', day, '08:00', [created, moved(2, '10:00')])).toEqual([
    'R16 Moved from the queue of the 09:00 slot to a seat in the 10:00 slot, a new one.',
  ]);
});

describe('CloseSlots, of two slots at once', () => {
  const closed = (start: string): DayEvent => ({ kind: 'SLOT_CLOSED', slotId: slotAt(start) });
  const displaced = (number: number, by?: number): DayEvent => {
    return { kind: 'DISPLACED', tokenId: tokenOf(number), ...(by && { byTokenId: tokenOf(by) }) };
  };
  const day = ['09:00-10:00 1/1: 1E', '10:00-11:00 1/1: 2P | 3W', '11:00-12:00 1/1: 4W', '12:00-13:00 0/2:'].join('\n');
  const events = [
    ...[closed('09:00'), closed('10:00')],
    ...[moved(1, '11:00', 'CARRIED_OVER'), displaced(4, 1), displaced(2)],
    ...[moved(2, '12:00'), moved(3, '11:00', 'CARRIED_OVER'), moved(4, '12:00')],
  ];

  test.each<[number, string[]]>([
    [1, ['R13 Moved with its seat from the 09:00 slot, which was closed, to the 11:00 slot.']],
    [
      2,
      [
        'R13 Lost its seat in the 10:00 slot, which was closed.',
        'R13 Moved from the 10:00 slot, which was closed, to a free seat in the 12:00 slot.',
      ],
    ],
    [3, ['R13 Moved from the queue of the 10:00 slot, which was closed, to that of the 11:00 slot.']],
    [
      4,
      [
        'R5 Lost its seat in the 11:00 slot to #1, an emergency (100 over its 20).',
        'R7 Moved from the queue of the 11:00 slot to a free seat in the 12:00 slot.',
      ],
    ],
  ])('tells #%i why, each by its own slot', (number, sentences) => {
    expect(told(number, 'CloseSlots', day, '08:00', events)).toEqual(sentences);
  });
});
