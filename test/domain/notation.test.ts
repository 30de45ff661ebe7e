import fc from 'fast-check';
import { parseDay, printDay } from '../../src/domain/notation.js';
import { allocate, given, slotAt, tokenOf } from './scenario.js';

const DAY = `2026-01-31 Asia/Kolkata ALWAYS r9
09:00-09:30 3/2: 1E 4P(alice) 8W* | 5O 3W!
09:30-10:00 1/2: 2W^<09:00
10:00-10:30 1/1: 9W+
10:30-11:00 1/2 closed: 11E^ | 12P!^(bob)
11:00-11:10 0/1 ended:
11:10-11:20 0/1 closed ended:
11:20-24:00 0/1000:
gone: 6W@09:00 cancelled, 7F("Ann \\"(|\\" Lee, 3W")<09:00@09:30 no-show, 10O@09:00 expired`;

describe('the notation of a day', () => {
  test('says all that there is to say, and back', () => {
    expect(printDay(parseDay(DAY))).toBe(DAY);
  });

  test('is read into slots and tokens whose ids tell what they are', () => {
    const day = parseDay(DAY);
    expect(day.revision).toBe(9);
    expect(day.slots.map((slot) => slot.id)).toEqual(
      ['09:00', '09:30', '10:00', '10:30', '11:00', '11:10', '11:20'].map(slotAt),
    );
    expect(day.token(tokenOf(7))).toEqual({
      id: tokenOf(7),
      number: 7,
      slotId: slotAt('09:30'),
      requestedSlotId: slotAt('09:00'),
      source: 'FOLLOW_UP',
      status: 'NO_SHOW',
      patientRef: 'Ann "(|" Lee, 3W',
      createdAt: 0,
      updatedAt: 0,
      checkedInAt: undefined,
      displacements: 0,
    });
  });

  test('tells apart slots with the same start, of which a closed one leaves its time to the others', () => {
    const sameStart = `2026-01-31 Asia/Kolkata ALWAYS r9
09:00-09:30 0/2 closed:
09:00-09:20 1/2: 1W
09:00-10:00 0/1 closed:
09:10-09:40 0/1 closed:
09:30-10:00 1/1: 2P<09:00#2
gone: 3W@09:00 cancelled, 4W<09:00@09:00#2 no-show, 5W@09:00#3 expired`;
    const day = parseDay(sameStart);
    expect(day.token(tokenOf(4))?.slotId).toBe('slot_09:00#2');
    expect(printDay(day)).toBe(sameStart);
  });

  test('says which slot was asked for that has other times since, and is now later', () => {
    const moved = '2026-01-31 UTC NEVER r9\n09:00-09:30 1/2: 1W<11:00\n11:00-11:30 0/1:';
    expect(printDay(parseDay(moved))).toBe(moved);
  });

  test('leaves patients out where it is told to', () => {
    expect(printDay(parseDay(DAY), { withPatients: false })).toBe(
      DAY.replace('(alice)', '')
        .replace('(bob)', '')
        .replace(/\(".*"\)/, ''),
    );
  });

  test('says how often tokens were displaced, where the policy sets a limit to that', () => {
    const limited = '2026-01-31 UTC NEVER displaced-at-most=3 r0\n09:00-09:30 2/2: 1Px2^ 3W | 2W!x1';
    const day = parseDay(limited);
    expect([...day.tokens].map(({ displacements }) => displacements)).toEqual([2, 1, 0]);
    expect(printDay(day)).toBe(limited);
    expect(printDay(parseDay(limited.replace(' displaced-at-most=3', '')))).not.toContain('x');
  });

  test.each([
    'NEVER',
    'ALWAYS no-show-after=600s',
    'ON_EMERGENCY no-show-after=0.25s aging=20 protects-here displaced-at-most=2',
  ])('says what a policy is: %s', (policy) => {
    const header = `2026-01-31 UTC ${policy} r3`;
    expect(printDay(parseDay(header))).toBe(header);
  });

  test('needs no revision, and no care for blank lines and indentation', () => {
    const day = parseDay('\n  2026-01-31 UTC NEVER\n\n    09:00-09:30 0/1:  \n');
    expect(printDay(day)).toBe('2026-01-31 UTC NEVER r0\n09:00-09:30 0/1:');
  });

  test('carries any patient reference', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (patientRef) => {
        const { day } = given('09:00-09:30 0/1:').when(allocate('PAID', '09:00', patientRef));
        expect(parseDay(printDay(day)).token(tokenOf(1))?.patientRef).toBe(patientRef);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a line that is not in the notation', () => {
  const HEADER = '2026-01-31 UTC NEVER r1';
  const SLOT = '09:00-09:30 0/1:';

  test.each([
    ['no date', '2026-02-30 UTC NEVER'],
    ['no time zone', '2026-01-31 Mars/Olympus NEVER'],
    ['no policy', '2026-01-31 UTC SOMETIMES'],
    ['no grace', '2026-01-31 UTC NEVER no-show-after=10m'],
    ['no aging', '2026-01-31 UTC NEVER aging=0'],
    ['no revision', '2026-01-31 UTC NEVER 9'],
  ])('is named: %s', (_, header) => {
    expect(() => parseDay(header)).toThrow(`in the line: ${header}`);
  });

  test.each([
    ['no time of day', '09:30-25:00 0/1:'],
    ['an end before the start', '09:30-09:30 0/1:'],
    ['an overlap', '09:15-10:00 0/1:'],
    ['no capacity', '10:00-10:30 0/0:'],
    ['seats counted wrong', '10:00-10:30 2/2: 1W'],
    ['no source', '10:00-10:30 1/1: 1X'],
    ['no number', '10:00-10:30 1/1: 0W'],
    ['a gap in the numbers (I7)', '10:00-10:30 1/1: 2W'],
    ['a number twice (I7)', '10:00-10:30 2/2: 1P 1W'],
    ['seats out of order', '10:00-10:30 2/2: 1W 2P'],
    ['a queue out of order', '10:00-10:30 0/1: | 2W 1W'],
    ['a DISPLACED token in a seat', '10:00-10:30 1/1: 1W!'],
    ['a SERVING token in a queue', '10:00-10:30 0/1: | 1W*'],
    ['an empty queue', '10:00-10:30 0/1: |'],
    ['a patient left open', '10:00-10:30 1/1: 1W(alice'],
    ['a patient to be quoted', '10:00-10:30 1/1: 1W(ann lee)'],
    ['a patient quoted wrongly', '10:00-10:30 1/1: 1W("\\x")'],
    ['a slot asked for that is not there', '10:00-10:30 1/1: 1W<08:00'],
    ['a slot asked for that it is in', '10:00-10:30 1/1: 1W<10:00'],
    ['a slot before the one before it', '08:00-08:30 0/1 closed:'],
    ['an overlap with a closed slot that somebody is in', '09:15-10:00 0/1 closed: | 1W'],
    ['two spaces', '10:00-10:30 2/2: 1W  2W'],
    ['nobody gone', 'gone:'],
    ['somebody gone from nowhere', 'gone: 1W@10:00 cancelled'],
    ['an end that is none', 'gone: 1W@09:00 home'],
    ['somebody gone with a mark', 'gone: 1W*@09:00 cancelled'],
    ['those gone out of order', 'gone: 2W@09:00 cancelled, 1W@09:00 cancelled'],
    ['something after those gone', 'gone: 1W@09:00 cancelled 2W'],
  ])('is named: %s', (_, line) => {
    expect(() => parseDay([HEADER, SLOT, line].join('\n'))).toThrow(`in the line: ${line}`);
  });

  test('is named: those gone before a slot', () => {
    const gone = 'gone: 1W@09:00 cancelled';
    expect(() => parseDay([HEADER, SLOT, gone, '10:00-10:30 0/1:'].join('\n'))).toThrow(`in the line: ${gone}`);
  });
});
