/** What a patient is told of what happened to a token: the rule, and a sentence. */
import type { Command } from '../../src/domain/command.js';
import { follow } from '../../src/domain/explanation.js';
import { parseDay } from '../../src/domain/notation.js';
import {
  allocate,
  call,
  callNext,
  cancel,
  checkIn,
  close,
  complete,
  createSlot,
  emergency,
  given,
  noShow,
  resize,
  sendBack,
  tokenOf,
  update,
} from './scenario.js';

const HEADER = '2026-01-31 Asia/Kolkata ON_EMERGENCY';

/** What is told of each thing that these commands did to a token, with the rule before it. */
function told(number: number, day: string, commands: Command[]): string[] {
  const notation = /^\d{4}-/.test(day) ? day : `${HEADER}\n${day}`;
  const scenario = given(notation);
  // Each must be accepted.
  for (const command of commands) void scenario.when(command).accepted;
  const seen = parseDay(notation);
  const steps = scenario.journal.flatMap((recorded) => follow(seen, recorded, tokenOf(number)));
  return steps.map(({ rule, sentence }) => `${rule} ${sentence}`.trim());
}

type Case = [rules: string, day: string, commands: Command[], number: number, sentences: string[]];

const CASES: Case[] = [
  ['R1', '09:00-10:00 0/1:', [allocate('PAID', '09:00')], 1, ['R1 Got a free seat in the 09:00 slot.']],
  [
    'R2, the stronger',
    '09:00-10:00 1/1: 1W',
    [allocate('PAID', '09:00')],
    2,
    ['R2 Took the seat of #1, a walk-in, in the 09:00 slot (80 over its 20).'],
  ],
  [
    'R2, the weaker',
    '09:00-10:00 1/1: 1W',
    [allocate('FOLLOW_UP', '09:00')],
    1,
    ['R2 Lost its seat in the 09:00 slot to #2, a follow-up (60 over its 20).'],
  ],
  [
    'a stronger source',
    '09:00-10:00 1/1: 1O | 2W',
    [update(2, { source: 'PAID' })],
    2,
    [
      'Was made a paid booking instead of a walk-in.',
      'R2 Took the seat of #1, an online booking, in the 09:00 slot (80 over its 40).',
    ],
  ],
  [
    'a weaker source, and another reference',
    '09:00-10:00 1/1: 1P(asha) | 2O',
    [update(1, { source: 'WALK_IN', patientRef: 'MRN 1' })],
    1,
    [
      'Was made a walk-in instead of a paid booking, and given another patient reference.',
      'R2 Lost its seat in the 09:00 slot to #2, an online booking (40 over its 20).',
    ],
  ],
  [
    'a correction that changes nothing',
    '09:00-10:00 1/1: 1P',
    [update(1, { source: 'PAID', patientRef: '' })],
    1,
    ['Was updated, to what it was.'],
  ],
  [
    'R3',
    '09:00-10:00 1/1: 1P',
    [allocate('ONLINE', '09:00')],
    2,
    ['R3 Found the 09:00 slot full, and nobody there to make way: waits in its queue.'],
  ],
  [
    'R5, in a free seat',
    '09:00-10:00 0/1:',
    [emergency('09:00')],
    1,
    ['R5 Seated at once in the 09:00 slot, as an emergency, in a free seat.'],
  ],
  [
    'R5, where somebody makes way',
    '09:00-10:00 1/1: 1O',
    [emergency('09:00')],
    2,
    ['R5 Seated at once in the 09:00 slot, as an emergency: #1, an online booking, made way.'],
  ],
  [
    'R5, where nobody can',
    '09:00-10:00 2/2: 1E 2E',
    [emergency('09:00')],
    3,
    ['R5 Seated at once in the 09:00 slot, as an emergency, beyond its 2 seats: nobody there could make way.'],
  ],
  [
    'R5 and R7, who made way and was moved',
    '09:00-10:00 1/1: 1O\n10:00-11:00 0/1:',
    [emergency('09:00')],
    1,
    [
      'R5 Lost its seat in the 09:00 slot to #2, an emergency (100 over its 40).',
      'R7 Moved from the queue of the 09:00 slot to a free seat in the 10:00 slot.',
    ],
  ],
  [
    'R7 after R2, where the policy is ALWAYS',
    '2026-01-31 Asia/Kolkata ALWAYS\n09:00-10:00 1/1: 1W\n10:00-11:00 0/1:',
    [allocate('PAID', '09:00')],
    1,
    [
      'R2 Lost its seat in the 09:00 slot to #2, a paid booking (80 over its 20).',
      'R7 Moved from the queue of the 09:00 slot to a free seat in the 10:00 slot.',
    ],
  ],
  [
    'R8, in the same slot',
    '09:00-10:00 1/1: 1P | 2W',
    [cancel(1)],
    2,
    ['R8 Got the seat in the 09:00 slot that #1 gave up, as the strongest in its queue.'],
  ],
  [
    'R8, after a no-show',
    '09:00-10:00 1/1: 1P | 2W',
    [noShow(1)],
    2,
    ['R8 Got the seat in the 09:00 slot that #1 gave up, as the strongest in its queue.'],
  ],
  [
    'R8, from an earlier slot',
    '09:00-10:00 1/1: 1P | 2W!\n10:00-11:00 1/1: 3P',
    [cancel(3)],
    2,
    ['R8 Moved from the queue of the 09:00 slot to the seat in the 10:00 slot that #3 gave up.'],
  ],
  [
    'a cancellation of who holds a seat',
    '09:00-10:00 1/1: 1P',
    [cancel(1)],
    1,
    ['Cancelled: gave up its seat in the 09:00 slot.'],
  ],
  [
    'a cancellation of who waits, with a reason',
    '09:00-10:00 1/1: 1P | 2W',
    [{ ...cancel(2), reason: 'went home' } as Command],
    2,
    ['Cancelled ("went home"): left the queue of the 09:00 slot.'],
  ],
  ['R10', '09:00-10:00 1/1: 1P', [noShow(1)], 1, ['R10 The patient did not come: gave up its seat in the 09:00 slot.']],
  [
    'R12, a raised capacity',
    '09:00-10:00 1/1: 1P | 2W',
    [resize('09:00', 2)],
    2,
    ['R8 Got one of the seats that the 09:00 slot was given, as the strongest in its queue.'],
  ],
  [
    'R12, a raised capacity, from an earlier slot',
    '09:00-10:00 1/1: 1P | 2W!\n10:00-11:00 1/1: 3P',
    [resize('10:00', 2)],
    2,
    ['R8 Moved from the queue of the 09:00 slot to one of the seats that the 10:00 slot was given.'],
  ],
  [
    'R12, a capacity that is cut',
    '09:00-10:00 2/2: 1P 2W\n10:00-11:00 0/1:',
    [resize('09:00', 1)],
    2,
    [
      'R12 Lost its seat in the 09:00 slot, which was cut to 1 seat.',
      'R7 Moved from the queue of the 09:00 slot to a free seat in the 10:00 slot.',
    ],
  ],
  [
    'R12, a capacity that is cut, for one who waits elsewhere',
    '09:00-10:00 1/1: 1P | 2W!\n10:00-11:00 0/3:',
    [resize('10:00', 2)],
    2,
    ['R7 Moved from the queue of the 09:00 slot to a free seat in the 10:00 slot.'],
  ],
  [
    'R13, to a free seat',
    '09:00-10:00 1/1: 1P\n10:00-11:00 0/1:',
    [close('09:00', 'called to the ward')],
    1,
    [
      'R13 Lost its seat in the 09:00 slot, which was closed ("called to the ward").',
      'R13 Moved from the 09:00 slot, which was closed ("called to the ward"), to a free seat in the 10:00 slot.',
    ],
  ],
  [
    'R13, to a queue',
    '09:00-10:00 1/1: 1W | 2W\n10:00-11:00 1/1: 3P',
    [close('09:00')],
    2,
    ['R13 Moved from the queue of the 09:00 slot, which was closed, to that of the 10:00 slot.'],
  ],
  [
    'R13, where there is no later slot',
    '09:00-10:00 1/1: 1P',
    [close('09:00')],
    1,
    ['R13 Lost its seat in the 09:00 slot, which was closed.'],
  ],
  [
    'R13, an emergency',
    '09:00-10:00 1/1: 1E\n10:00-11:00 1/1: 2P',
    [close('09:00')],
    1,
    ['R13 Moved with its seat from the 09:00 slot, which was closed, to the 10:00 slot.'],
  ],
  [
    'R13, who makes way for an emergency that has moved, and R7',
    '09:00-10:00 1/1: 1E\n10:00-11:00 1/1: 2P\n11:00-12:00 0/1:',
    [close('09:00')],
    2,
    [
      'R5 Lost its seat in the 10:00 slot to #1, an emergency (100 over its 80).',
      'R7 Moved from the queue of the 10:00 slot to a free seat in the 11:00 slot.',
    ],
  ],
  [
    'R13, who was with the doctor when the slot was closed',
    '09:00-10:00 1/1 closed: 1P*\n10:00-11:00 0/1:',
    [sendBack(1)],
    1,
    [
      'Sent back to its seat in the 09:00 slot.',
      'R13 Lost its seat in the 09:00 slot, which is closed.',
      'R13 Moved from the 09:00 slot, which is closed, to a free seat in the 10:00 slot.',
    ],
  ],
  [
    'R16',
    '09:00-10:00 1/1: 1P | 2W!',
    [createSlot('10:00-11:00', 1)],
    2,
    ['R16 Moved from the queue of the 09:00 slot to a seat in the 10:00 slot, a new one.'],
  ],
  [
    'R19, the emergency, in the very seat',
    '09:00-10:00 1/1: 1W(asha)',
    [emergency('09:00', 'asha')],
    2,
    ['R19 Seated at once in the 09:00 slot, as an emergency, in the seat of #1 of the same patient.'],
  ],
  [
    'R19, the emergency, where somebody else makes way',
    '09:00-10:00 1/1: 1W | 2W(asha)',
    [emergency('09:00', 'asha')],
    3,
    ['R5 Seated at once in the 09:00 slot, as an emergency: #1, a walk-in, made way; replaces #2 of the same patient.'],
  ],
  [
    'R19, the token that is replaced',
    '09:00-10:00 1/1: 1W(asha)',
    [emergency('09:00', 'asha')],
    1,
    ['R19 Replaced by #2, an emergency of the same patient.'],
  ],
  [
    'R19, whose seat then goes to its own queue',
    '09:00-10:00 1/1: 1W(asha) | 2W\n10:00-11:00 0/1:',
    [emergency('10:00', 'asha')],
    2,
    ['R8 Got the seat in the 09:00 slot that #1 gave up, as the strongest in its queue.'],
  ],
  [
    'R19, whose seat then goes to an earlier slot, before R7',
    '09:00-10:00 1/1: 1P | 2O! 3W!\n10:00-11:00 1/1: 4W(asha)\n11:00-12:00 0/2:',
    [emergency('11:00', 'asha')],
    2,
    ['R8 Moved from the queue of the 09:00 slot to the seat in the 10:00 slot that #4 gave up.'],
  ],
  [
    'R7 after R19',
    '09:00-10:00 1/1: 1P | 2O! 3W!\n10:00-11:00 1/1: 4W(asha)\n11:00-12:00 0/2:',
    [emergency('11:00', 'asha')],
    3,
    ['R7 Moved from the queue of the 09:00 slot to a free seat in the 11:00 slot.'],
  ],
  [
    'check-in, call, return and completion',
    '09:00-10:00 1/1: 1P',
    [checkIn(1), callNext('09:00'), sendBack(1), call(1), complete(1)],
    1,
    [
      'The patient checked in.',
      'R25 Called in, as the strongest in the 09:00 slot who had checked in.',
      'Sent back to its seat in the 09:00 slot.',
      'Called in.',
      'Seen by the doctor.',
    ],
  ],
  [
    'who was with the doctor before',
    '09:00-10:00 2/2: 1P* 2W',
    [call(2, true)],
    1,
    ['Seen by the doctor, who then called in #2.'],
  ],
  [
    'R2, late: who waited while somebody was with the doctor',
    '09:00-10:00 1/1: 1W* | 2P',
    [sendBack(1)],
    2,
    ['R2 Took the seat of #1, a walk-in, in the 09:00 slot (80 over its 20).'],
  ],
  [
    'R2, late: who was sent back',
    '09:00-10:00 1/1: 1W* | 2P',
    [sendBack(1)],
    1,
    [
      'Sent back to its seat in the 09:00 slot.',
      'R2 Lost its seat in the 09:00 slot to #2, a paid booking (80 over its 20).',
    ],
  ],
];

test.each(CASES)('%s', (_, day, commands, number, sentences) => {
  expect(told(number, day, commands)).toEqual(sentences);
});

test('a whole life is told in order, each step by its own revision', () => {
  const day = `${HEADER}\n09:00-10:00 0/1:\n10:00-11:00 0/2:`;
  const scenario = given(day);
  const commands = [allocate('WALK_IN', '09:00'), allocate('PAID', '09:00'), emergency('09:00'), cancel(1)];
  for (const command of commands) scenario.when(command);
  const seen = parseDay(day);
  const steps = scenario.journal.flatMap((recorded) => follow(seen, recorded, tokenOf(1)));
  expect(steps.map(({ change, effect, rule }) => [change.revision, effect?.kind, rule])).toEqual([
    [1, 'ALLOCATED', 'R1'],
    [2, 'DISPLACED', 'R2'],
    [3, 'MOVED', 'R7'],
    [4, 'CANCELLED', ''],
  ]);
});
