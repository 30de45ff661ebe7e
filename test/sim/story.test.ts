import { DEFAULT_POLICY } from '../../src/domain/doctor.js';
import { colourful, plain } from '../../src/sim/paint.js';
import { policyWords, tellEntry } from '../../src/sim/story.js';
import type { CarriedOut, EffectGlimpse, TimeActed, TimelineEntry } from '../../src/sim/timeline.js';

const ravi = { number: 23, patient: 'Ravi K.', source: 'EMERGENCY', status: 'ACTIVE', slot: '09:30' } as const;
const asha = { number: 17, patient: 'Asha N.', source: 'WALK_IN', status: 'DISPLACED', slot: '09:30' } as const;
const moved = { ...asha, status: 'ACTIVE', slot: '10:00' } as const;

describe('the story', () => {
  test('tells who was displaced by whom and moved where in one sentence', () => {
    const effects: EffectGlimpse[] = [
      { kind: 'ALLOCATED', token: ravi },
      { kind: 'DISPLACED', token: asha, displacedBy: 23 },
      { kind: 'MOVED', token: moved, from: '09:30' },
    ];

    expect(tellEntry(command({ command: 'InsertEmergency', effects }), plain).split('\n')).toEqual([
      '09:42  Ortho     #23 Ravi K. (emergency) gets a seat at 09:30',
      '                   #17 Asha N. (walk-in) displaced from 09:30 by #23, moved to 10:00',
    ]);
  });

  const MOVED: EffectGlimpse = { kind: 'MOVED', token: moved, from: '09:30' };
  test.each<[string, Partial<CarriedOut>, string]>([
    [
      'an emergency over capacity',
      { command: 'InsertEmergency', effects: [{ kind: 'ALLOCATED', token: ravi }], overflow: 2 },
      '#23 Ravi K. (emergency) gets a seat at 09:30, 2 over capacity',
    ],
    [
      'a cancellation and why',
      { command: 'CancelToken', effects: [{ kind: 'CANCELLED', token: asha }], because: 'tired of waiting' },
      '#17 Asha N. (walk-in) cancels 09:30, tired of waiting',
    ],
    [
      'a no-show',
      { command: 'MarkNoShow', effects: [{ kind: 'NO_SHOW', token: moved }] },
      '#17 Asha N. (walk-in) is not there at 10:00',
    ],
    [
      'a token that waits, asked for twice',
      { effects: [{ kind: 'QUEUED', token: asha }], again: true },
      '#17 Asha N. (walk-in) waits for 09:30, asked twice, answered alike',
    ],
    [
      'a move from an earlier slot',
      { effects: [{ kind: 'ALLOCATED', token: ravi }, MOVED] },
      'moved from 09:30 to 10:00',
    ],
    [
      'a promotion',
      {
        effects: [
          { kind: 'NO_SHOW', token: ravi },
          { kind: 'PROMOTED', token: moved },
        ],
      },
      '#17 Asha N. (walk-in) promoted at 10:00',
    ],
    [
      'R19 · a token replaced by an emergency of the same patient',
      {
        effects: [
          { kind: 'ALLOCATED', token: ravi },
          { kind: 'CANCELLED', token: asha },
        ],
      },
      "#17 Asha N. (walk-in) gives way to the same patient's #23 at 09:30",
    ],
    [
      'a patient who is here',
      { command: 'CheckInToken', effects: [{ kind: 'CHECKED_IN', token: moved }], minutesLate: 12 },
      '#17 Asha N. (walk-in) is here for 10:00, 12 min late',
    ],
    [
      'a call, and who comes out',
      {
        command: 'CallNextToken',
        effects: [
          { kind: 'CALLED', token: { ...moved, status: 'SERVING' } },
          { kind: 'COMPLETED', token: { ...ravi, status: 'COMPLETED' } },
        ],
      },
      '#17 Asha N. (walk-in) goes in, #23 is done',
    ],
    [
      'somebody who did not come when called',
      { command: 'ReturnToken', effects: [{ kind: 'RETURNED', token: moved }] },
      '#17 Asha N. (walk-in) was called and did not come, keeps the seat at 10:00',
    ],
    [
      'the last one who is done',
      { command: 'CompleteToken', effects: [{ kind: 'COMPLETED', token: { ...moved, status: 'COMPLETED' } }] },
      '#17 Asha N. (walk-in) is done',
    ],
  ])('tells of %s', (_name, of, sentence) => {
    expect(tellEntry(command(of), plain).endsWith(sentence)).toBe(true);
  });

  test('R13 · tells of a slot that is closed, who is seated later, and who goes on waiting', () => {
    const effects: EffectGlimpse[] = [
      { kind: 'DISPLACED', token: asha },
      { kind: 'MOVED', token: moved, from: '09:30' },
      { kind: 'MOVED', token: { ...asha, number: 18, status: 'WAITING', slot: '10:00' }, from: '09:30' },
      { kind: 'MOVED', token: { ...asha, number: 19, status: 'WAITING', slot: '10:00' }, from: '09:30' },
    ];
    const closed = { start: '09:30', end: '10:00' };

    expect(bodyOf(command({ command: 'CloseSlot', effects, closed, because: 'called away' }))).toEqual([
      '09:30 to 10:00 is closed, called away',
      '#17 Asha N. (walk-in) displaced from 09:30, moved to 10:00',
      'from 09:30 to 10:00, to go on waiting: #18 #19',
    ]);
  });

  const WAITS: EffectGlimpse = { kind: 'MOVED', token: { ...asha, slot: '10:00' }, from: '09:30' };
  test.each<[string, Partial<TimeActed>, string[]]>([
    ['R20 · a slot that ends, with nobody left', { ended: ['09:30'] }, ['the slot of 09:30 ends']],
    [
      'R20 · who waits goes on to the next slot',
      {
        ended: ['09:30'],
        effects: [
          { kind: 'MOVED', token: moved, from: '09:30' },
          { ...WAITS, token: { ...WAITS.token, number: 18 } },
        ],
      },
      [
        'the slot of 09:30 ends',
        '#17 Asha N. (walk-in) moved from 09:30 to 10:00',
        'from 09:30 to 10:00, to go on waiting: #18',
      ],
    ],
    [
      'R22 · a no-show, and who gets the seat',
      {
        effects: [
          { kind: 'NO_SHOW', token: { ...ravi, source: 'PAID', status: 'NO_SHOW' } },
          { kind: 'PROMOTED', token: { ...asha, status: 'ACTIVE' } },
        ],
      },
      ['#23 Ravi K. (paid) has not come to 09:30', '#17 Asha N. (walk-in) promoted at 09:30'],
    ],
    [
      'R21 · the end of the day',
      {
        isMidnight: true,
        effects: [
          { kind: 'EXPIRED', token: { ...asha, status: 'EXPIRED' } },
          { kind: 'COMPLETED', token: { ...ravi, status: 'COMPLETED' } },
        ],
      },
      ['midnight', '#17 Asha N. (walk-in) expires at 09:30, unseen', '#23 Ravi K. (emergency) is done'],
    ],
  ])('tells what time does by itself: %s', (_name, of, lines) => {
    const place = { what: 'time', time: '10:00', doctor: 'Ortho', revision: 1 } as const;

    expect(bodyOf({ ...place, ended: [], isMidnight: false, effects: [], ...of })).toEqual(lines);
  });

  test('tells a policy in half a sentence', () => {
    const grace = { noShowGraceMilliseconds: 600_000, agingPointsPerHour: 20 };

    expect(policyWords(DEFAULT_POLICY)).toBe('rebalancing ON_EMERGENCY');
    expect(policyWords({ rebalance: 'NEVER', ...grace, protectCheckedIn: true, displacementsMax: 2 })).toBe(
      'rebalancing NEVER, no-shows after 10 min, aging by 20 points an hour, those here protected, displaced 2 times at most',
    );
  });

  test('has colour only where it is asked for', () => {
    const entry: TimelineEntry = { what: 'remark', time: '09:42', doctor: 'Ortho', text: 'a road accident' };

    expect(tellEntry(entry, plain)).toBe('09:42  Ortho     a road accident');
    expect(tellEntry(entry, colourful)).toContain('\u001b[31ma road accident');
  });
});

/** What it tells, without time, doctor and indentation. */
function bodyOf(entry: TimelineEntry): string[] {
  return tellEntry(entry, plain)
    .split('\n')
    .map((line) => line.replace(/^(\d\d:\d\d {2}\w+ +| +)/, ''));
}

function command(of: Partial<CarriedOut>): CarriedOut {
  const place = { what: 'command', time: '09:42', doctor: 'Ortho', revision: 1 } as const;
  return { ...place, command: 'AllocateToken', effects: [], overflow: 0, again: false, ...of };
}
