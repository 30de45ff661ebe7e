import type { Instant } from '../../src/domain/time.js';
import {
  allocate,
  cancel,
  close,
  createSlot,
  deleteSlot,
  emergency,
  given,
  reopen,
  retime,
  slotAt,
} from './scenario.js';

const at = (utc: string) => Date.parse(utc) as Instant;

describe('R13 · the doctor is back: a closed slot is opened again', () => {
  test('R8 · its own queue comes first, strongest first', () => {
    given('09:00-09:30 0/2 closed: | 2P! 3O 1W')
      .when(reopen('09:00'))
      .gives('09:00-09:30 2/2: 2P 3O | 1W', '2P@09:00 promoted', '3O@09:00 promoted');
  });

  test('R16 · then the displaced of earlier slots, strongest first', () => {
    given('09:00-09:30 1/1: 1E | 3P! 2W!\n10:00-10:30 0/2 closed: | 4W')
      .when(reopen('10:00'))
      .gives(
        '09:00-09:30 1/1: 1E | 2W!\n10:00-10:30 2/2: 3P<09:00 4W',
        '4W@10:00 promoted',
        '3P@10:00 moved from 09:00',
      );
  });

  test('R16 · under NEVER its own queue alone', () => {
    given('2026-01-31 Asia/Kolkata NEVER\n09:00-09:30 1/1: 1E | 2P!\n10:00-10:30 0/2 closed: | 3W')
      .when(reopen('10:00'))
      .gives('09:00-09:30 1/1: 1E | 2P!\n10:00-10:30 1/2: 3W', '3W@10:00 promoted');
  });

  test('R13 · who went to a later slot when it was closed stays there (R9)', () => {
    given('09:00-09:30 1/1: 1W\n10:00-10:30 0/1:')
      .when(close('09:00'))
      .when(reopen('09:00'))
      .gives('09:00-09:30 0/1:\n10:00-10:30 1/1: 1W<09:00');
  });

  test('it takes tokens again', () => {
    given('09:00-09:30 0/1 closed:')
      .when(reopen('09:00'))
      .when(allocate('PAID', '09:00'))
      .gives('09:00-09:30 1/1: 1P', '1P@09:00 allocated');
  });

  test.each([
    ['of an open slot', '09:00-09:30 0/1:', '08:00', { reason: 'SLOT_NOT_CLOSED', slotId: slotAt('09:00') }],
    [
      'R17 · of one that has ended',
      '09:00-09:30 0/1 closed:',
      '09:30',
      { reason: 'SLOT_ENDED', slotId: slotAt('09:00'), endedAt: at('2026-01-31T04:00:00Z') },
    ],
    [
      'of one whose time another has',
      '09:00-09:30 0/1 closed:\n09:15-09:45 0/1:',
      '08:00',
      { reason: 'SLOT_OVERLAPS', slotId: slotAt('09:15') },
    ],
    ['of none', '10:00-10:30 0/1:', '08:00', { reason: 'SLOT_NOT_FOUND', slotId: slotAt('09:00') }],
  ])('is refused %s', (_, day, clock, refusal) => {
    given(day).at(clock).when(reopen('09:00')).refuses(refusal);
  });
});

describe('R13 · a closed slot that nobody is in any more', () => {
  test('leaves its time to a new slot', () => {
    given('09:00-09:30 1/1 closed: 1W+\n10:00-10:30 0/1:')
      .when(createSlot('09:10-09:40', 1))
      .gives('09:00-09:30 1/1 closed: 1W+\n09:10-09:40 0/1:\n10:00-10:30 0/1:');
  });

  test.each([
    ['somebody waits in', '09:00-09:30 0/1 closed: | 1W!'],
    ['somebody is with the doctor in', '09:00-09:30 1/1 closed: 1W*'],
    ['an emergency has a seat in', '09:00-09:30 1/1 closed: 1E'],
  ])('does not while %s it', (_, day) => {
    given(day)
      .when(createSlot('09:10-09:40', 1))
      .refuses({ reason: 'SLOT_OVERLAPS', slotId: slotAt('09:00') });
  });
});

describe('a slot is deleted', () => {
  test('that nobody ever had a token in, and the change tells of it for the last time', () => {
    const day = given('09:00-09:30 0/1:\n10:00-10:30 0/1:').when(deleteSlot('09:00')).gives('10:00-10:30 0/1:');
    expect(day.accepted.change.slots).toEqual([expect.objectContaining({ id: slotAt('09:00'), isDeleted: true })]);
    day.when(allocate('PAID', '09:00')).refuses({ reason: 'SLOT_NOT_FOUND', slotId: slotAt('09:00') });
    day.when(createSlot('09:10-09:40', 1)).gives('09:10-09:40 0/1:\n10:00-10:30 0/1:');
  });

  test.each([
    ['has a seat in', '09:00-09:30 1/1: 1W'],
    ['waits in', '09:00-09:30 1/1: 1E | 2W'],
  ])('is refused while somebody %s it', (_, day) => {
    given(day)
      .when(deleteSlot('09:00'))
      .refuses({ reason: 'SLOT_NOT_EMPTY', slotId: slotAt('09:00') });
  });

  test.each([
    ['was cancelled', [allocate('PAID', '09:00'), cancel(1)]],
    ['moved away', [allocate('WALK_IN', '09:00'), emergency('09:00'), cancel(2)]],
  ])('is refused when somebody in it %s', (_, commands) => {
    const day = given('09:00-09:30 0/1:\n10:00-10:30 0/1:');
    for (const command of commands) day.when(command);
    day.when(deleteSlot('09:00')).refuses({ reason: 'SLOT_NOT_EMPTY', slotId: slotAt('09:00') });
  });
});

describe('R17 · a slot that has not begun gets other times', () => {
  test('and its tokens stay in it', () => {
    given('09:00-09:30 1/1: 1W | 2W\n10:00-10:30 0/1:')
      .when(retime('09:00', '08:30-09:15'))
      .gives('08:30-09:15 1/1: 1W | 2W\n10:00-10:30 0/1:')
      .touches('08:30');
  });

  test('one of them alone', () => {
    given('09:00-09:30 0/1:').when(retime('09:00', '-09:45')).gives('09:00-09:45 0/1:');
    given('09:00-09:30 0/1:').when(retime('09:00', '09:15-')).gives('09:15-09:30 0/1:');
  });

  test('R16 · moved behind slots where the displaced wait, it seats them', () => {
    given('09:00-09:30 0/1:\n10:00-10:30 1/1: 1E | 3P! 2W!')
      .when(retime('09:00', '11:00-11:30'))
      .gives('10:00-10:30 1/1: 1E | 2W!\n11:00-11:30 1/1: 3P<10:00', '3P@11:00 moved from 10:00')
      .touches('10:00', '11:00');
  });

  test('R12 · and other seats, in one command', () => {
    given('09:00-09:30 1/1: 1W | 2W')
      .when(retime('09:00', '10:00-10:30', 2))
      .gives('10:00-10:30 2/2: 1W 2W', '2W@10:00 promoted');
  });

  test('R12, R16 · and fewer seats: nobody moves into a seat that goes in the same command', () => {
    given('09:00-09:30 0/2:\n10:00-10:30 1/1: 1E | 3P! 2W!')
      .when(retime('09:00', '11:00-11:30', 1))
      .gives('10:00-10:30 1/1: 1E | 2W!\n11:00-11:30 1/1: 3P<10:00', '3P@11:00 moved from 10:00');
  });

  test('R7 · the displaced find a seat in the order of the new times', () => {
    given('09:00-09:30 1/1: 1W\n10:00-10:30 0/1:')
      .when(retime('09:00', '11:00-11:30'))
      .when(emergency('09:00'))
      .gives('10:00-10:30 0/1:\n11:00-11:30 1/1: 2E | 1W!', '2E@11:00 allocated', '1W@11:00 displaced by 2E');
  });

  const violation = (field: string, description: string) => ({
    reason: 'INVALID_FIELDS',
    violations: [{ field, description }],
  });
  test.each([
    [
      'of one that has begun',
      '09:10',
      '10:00-10:30',
      { reason: 'SLOT_STARTED', startedAt: at('2026-01-31T03:30:00Z') },
    ],
    ['of one that has ended', '09:40', '10:00-10:30', { reason: 'SLOT_ENDED', endedAt: at('2026-01-31T04:00:00Z') }],
  ])('is refused %s', (_, clock, window, refusal) => {
    given('09:00-09:30 0/1:')
      .at(clock)
      .when(retime('09:00', window))
      .refuses({ slotId: slotAt('09:00'), ...refusal });
  });

  test.each([
    ['a time that has come', '08:00-09:30', violation('start', 'the slot would have begun already')],
    ['an end before its start', '-08:30', violation('end', 'must be after start')],
    ['a start after its end', '09:45-', violation('start', 'must be before end')],
    ['the time of another', '10:15-10:45', { reason: 'SLOT_OVERLAPS', slotId: slotAt('10:00') }],
  ])('is refused with %s', (_, window, refusal) => {
    given('09:00-09:30 0/1:\n10:00-10:30 0/1:').when(retime('09:00', window)).refuses(refusal);
  });

  test('R13 · is refused of a closed one', () => {
    given('09:00-09:30 0/1 closed:')
      .when(retime('09:00', '10:00-10:30'))
      .refuses({ reason: 'SLOT_CLOSED', slotId: slotAt('09:00') });
  });

  test('is refused where clocks that go forward leave no time of it', () => {
    given('2026-03-29 Europe/Berlin NEVER\n04:00-05:00 0/1:')
      .at('00:30')
      .when(retime('04:00', '02:00-03:00'))
      .refuses(violation('end', 'no time is left between start and end, since clocks go forward'));
  });

  test('R22 · and its no-shows wait for the new start', () => {
    given('2026-01-31 Asia/Kolkata NEVER no-show-after=600s\n09:00-09:30 1/1: 1W')
      .at('08:00')
      .when(retime('09:00', '09:20-09:50'))
      .until('09:29')
      .gives('09:20-09:50 1/1: 1W')
      .until('09:30')
      .gives('09:20-09:50 0/1:\ngone: 1W@09:20 no-show', '1W@09:20 no-show');
  });
});
