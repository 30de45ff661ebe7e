/** The invariants, checked from outside, do catch a server that lies: each change below is of a day told wrongly. */
import {
  TokenChange_Kind as Kind,
  type QueueChange,
  type Slot,
  SlotState,
  TokenSource as Source,
  TokenStatus as Status,
  type Token,
  type TokenChange,
} from '../../gen/opd/v1/resources.js';
import type { Instant, TimeZone } from '../../src/domain/time.js';
import { Board } from '../../src/sim/board.js';

const AT = new Date('2026-02-02T03:30:00Z');
const NOW = AT.getTime() as Instant;

const morning = slot('09:00', { seatsTaken: 1 });
const later = slot('10:00', {});
const online = token(1, { source: Source.ONLINE, priority: 40 });
const paid = token(2, { source: Source.PAID, priority: 80 });
const displacedOnline = { ...online, status: Status.DISPLACED, displacements: 1 };

/** Revisions 1 to 3: two slots of one seat each, and an online token seated in the first. */
function boardOfOne(): Board {
  const board = new Board('Asia/Kolkata' as TimeZone);
  const history = [
    change(1, [], [slot('09:00', {})]),
    change(2, [], [later]),
    change(3, [{ kind: Kind.ALLOCATED, token: online }], [morning]),
  ];
  for (const each of history) expect(board.apply(each, NOW).breaches).toEqual([]);
  return board;
}

const TRUTH = change(
  4,
  [
    { kind: Kind.ALLOCATED, token: paid },
    { kind: Kind.DISPLACED, token: displacedOnline, displacedByTokenId: paid.id },
  ],
  [{ ...morning, waiting: 1 }],
);

const LIES: { name: string; told: QueueChange; breach: RegExp }[] = [
  {
    name: 'I1 · a slot that overflows without an emergency',
    told: change(4, [{ kind: Kind.ALLOCATED, token: paid }], [{ ...morning, seatsTaken: 2 }]),
    breach: /^I1: the slot of 09:00/,
  },
  {
    name: 'I2 · a free seat while somebody waits for it',
    told: change(
      4,
      [{ kind: Kind.QUEUED, token: { ...paid, slotId: later.id, requestedSlotId: later.id, status: Status.WAITING } }],
      [{ ...later, waiting: 1 }],
    ),
    breach: /^I2: the slot of 10:00 has a free seat while #2/,
  },
  {
    name: 'I3 · somebody who waits while somebody weaker sits',
    told: change(4, [{ kind: Kind.QUEUED, token: { ...paid, status: Status.WAITING } }], [{ ...morning, waiting: 1 }]),
    breach: /^I3: #2 waits in the slot of 09:00/,
  },
  {
    name: 'I4 · a status that no other leads to',
    told: change(4, [{ kind: Kind.PROMOTED, token: { ...online, status: Status.EXPIRED } }], [slot('09:00', {})]),
    breach: /^I4: #1 was ACTIVE and became EXPIRED/,
  },
  {
    name: 'I6 · a displacement by somebody no stronger',
    told: {
      ...TRUTH,
      tokens: [
        effect({ kind: Kind.ALLOCATED, token: { ...paid, source: Source.ONLINE, priority: 40 } }),
        effect({ kind: Kind.DISPLACED, token: displacedOnline, displacedByTokenId: paid.id }),
      ],
    },
    breach: /^I6: #1 was displaced by #2/,
  },
  {
    name: 'I7 · a revision left out',
    told: { ...TRUTH, revision: 5 },
    breach: /^I7: revision 3, change 5/,
  },
  {
    name: 'I7 · a number left out',
    told: change(
      4,
      [{ kind: Kind.ALLOCATED, token: { ...paid, number: 3, slotId: later.id, requestedSlotId: later.id } }],
      [{ ...later, seatsTaken: 1 }],
    ),
    breach: /^I7: #3 has number 3/,
  },
  {
    name: 'a slot that counts a seat too few',
    told: { ...TRUTH, slots: [{ ...morning, seatsTaken: 0, waiting: 1 }] },
    breach: /^tally: the slot of 09:00 counts 0 seats taken/,
  },
];

describe('the board', () => {
  test('puts up what is as it should be', () => {
    expect(boardOfOne().apply(TRUTH, NOW).breaches).toEqual([]);
  });

  test.each(LIES)('catches $name', ({ told, breach }) => {
    expect(boardOfOne().apply(told, NOW).breaches).toContainEqual(expect.stringMatching(breach));
  });

  test('I5 · catches a token that goes back to an earlier slot', () => {
    const board = boardOfOne();
    board.apply(TRUTH, NOW);
    const moved = { ...displacedOnline, status: Status.ACTIVE, slotId: later.id };
    const forward = [{ kind: Kind.MOVED, token: moved, fromSlotId: morning.id }];
    expect(board.apply(change(5, forward, [morning, { ...later, seatsTaken: 1 }]), NOW).breaches).toEqual([]);

    const back = [
      { kind: Kind.DISPLACED, token: { ...moved, status: Status.DISPLACED, displacements: 2 } },
      { kind: Kind.MOVED, token: online, fromSlotId: later.id },
    ];
    const told = change(6, back, [{ ...morning, seatsTaken: 2 }, later]);

    expect(board.apply(told, NOW).breaches).toContainEqual(
      'I5: #1 went back from the slot of 10:00 to the slot of 09:00',
    );
  });

  test('I9 · tells a queue that is read otherwise than it was watched', () => {
    const board = boardOfOne();
    const queue = (seated: Token[]) => ({
      doctor: undefined,
      date: '2026-02-02',
      revision: 3,
      epoch: '',
      slots: [
        { slot: morning, seated, waiting: [] },
        { slot: later, seated: [], waiting: [] },
      ],
    });

    expect(board.differences(queue([online]))).toEqual([]);
    expect(board.differences(queue([paid]))).toEqual(['the slot of 09:00 differs from the board']);
    expect(board.differences({ ...queue([online]), revision: 4 })).toEqual(['revision 4, where the board has 3']);
  });

  test('I8 · tells boards apart by a token that is gone', () => {
    const [one, other] = [boardOfOne(), boardOfOne()];
    expect(one.isLike(other)).toBe(true);

    const cancelled = { ...online, status: Status.CANCELLED };
    const noShow = { ...online, status: Status.NO_SHOW };
    one.apply(change(4, [{ kind: Kind.CANCELLED, token: cancelled }], [slot('09:00', {})]), NOW);
    other.apply(change(4, [{ kind: Kind.NO_SHOW, token: noShow }], [slot('09:00', {})]), NOW);

    expect(one.isLike(other)).toBe(false);
  });
});

function slot(start: string, figures: Partial<Slot>): Slot {
  const end = start.replace(':00', ':30');
  const place = { id: `slot_${start}`, doctorId: 'doc_1', date: '2026-02-02' };
  return { ...place, start, end, capacity: 1, seatsTaken: 0, waiting: 0, state: SlotState.OPEN, ...figures };
}

function token(number: number, of: Pick<Token, 'source' | 'priority'>): Token {
  const place = { doctorId: 'doc_1', slotId: morning.id, requestedSlotId: morning.id };
  const times = { createdAt: AT, updatedAt: AT, checkedInAt: undefined };
  const asIssued = {
    status: Status.ACTIVE,
    patientRef: `P-${number}`,
    displacements: 0,
    estimate: undefined,
    rescheduledFromTokenId: '',
    calledAt: undefined,
  };
  return { id: `token_${number}`, number, ...place, ...asIssued, ...times, ...of };
}

type Effect = Pick<TokenChange, 'kind' | 'token'> & Partial<TokenChange>;

function effect(of: Effect): TokenChange {
  return { fromSlotId: '', displacedByTokenId: '', ...of };
}

function change(revision: number, effects: Effect[], slots: Slot[]): QueueChange {
  return {
    doctorId: 'doc_1',
    date: '2026-02-02',
    revision,
    at: AT,
    tokens: effects.map(effect),
    slots,
    cause: 'AllocateToken',
    reason: '',
  };
}
