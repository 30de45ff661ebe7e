import { colourful, plain } from '../../src/sim/paint.js';
import { tellEntry } from '../../src/sim/story.js';
import type { CarriedOut, EffectGlimpse, TimelineEntry } from '../../src/sim/timeline.js';

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
  ])('tells of %s', (_name, of, sentence) => {
    expect(tellEntry(command(of), plain).endsWith(sentence)).toBe(true);
  });

  test('has colour only where it is asked for', () => {
    const entry: TimelineEntry = { what: 'remark', time: '09:42', doctor: 'Ortho', text: 'a road accident' };

    expect(tellEntry(entry, plain)).toBe('09:42  Ortho     a road accident');
    expect(tellEntry(entry, colourful)).toContain('\u001b[31ma road accident');
  });
});

function command(of: Partial<CarriedOut>): CarriedOut {
  const place = { what: 'command', time: '09:42', doctor: 'Ortho', revision: 1 } as const;
  return { ...place, command: 'AllocateToken', effects: [], overflow: 0, again: false, ...of };
}
