import {
  type QueueChange,
  SlotState,
  type TokenChange,
  TokenChange_Kind,
  TokenSource,
  TokenStatus,
} from '../../gen/opd/v1/resources.js';
import { type CommandRecord, History } from './history.js';
import { orderBreaches } from './order.js';
import { breaches } from './verdict.js';

const DAY = 'doc_1 2099-01-31';

/** A day of one slot of a hundred seats, and so many tokens in it, as its journal tells it. */
function journal(tokens: number): QueueChange[] {
  const slot = (seatsTaken: number) => ({
    id: 'slot_1',
    doctorId: 'doc_1',
    date: '2099-01-31',
    start: '09:00',
    end: '10:00',
    capacity: 100,
    seatsTaken,
    waiting: 0,
    state: SlotState.OPEN,
  });
  const change = (revision: number, effects: QueueChange['tokens']): QueueChange => ({
    doctorId: 'doc_1',
    date: '2099-01-31',
    revision,
    at: new Date(revision),
    tokens: effects,
    slots: [slot(revision - 1)],
    cause: 'AllocateToken',
    reason: '',
  });
  const issued = Array.from({ length: tokens }, (_, index) => {
    const at = new Date(index + 2);
    const token = {
      id: `token_${index + 1}`,
      number: index + 1,
      doctorId: 'doc_1',
      slotId: 'slot_1',
      requestedSlotId: 'slot_1',
      source: TokenSource.PAID,
      priority: 80,
      status: TokenStatus.ACTIVE,
      patientRef: `P-${index + 1}`,
      createdAt: at,
      updatedAt: at,
      checkedInAt: undefined,
      displacements: 0,
      estimate: undefined,
      rescheduledFromTokenId: '',
      calledAt: undefined,
    };
    return change(index + 2, [{ kind: TokenChange_Kind.ALLOCATED, token, fromSlotId: '', displacedByTokenId: '' }]);
  });
  return [{ ...change(1, []), cause: 'CreateSlot' }, ...issued];
}

/** A history of commands that were sent and answered one after another, each before the next. */
function honest(changes: readonly QueueChange[]): History {
  const history = new History();
  for (const change of changes.slice(1)) {
    const { revision } = change;
    const patientRef = change.tokens[0]?.token?.patientRef ?? '';
    const times = { sentAt: revision * 10, endedAt: revision * 10 + 5 };
    history.commands.push({ requestId: `r${revision}`, patientRef, day: DAY, ...times, outcome: { change } });
  }
  history.watches.push({ day: DAY, changes: [...changes] });
  return history;
}

const judged = (history: History, changes = journal(3)) => breaches(history, new Map([[DAY, changes]]));

/** The history in which one command is told otherwise. */
function told(index: number, otherwise: (command: CommandRecord) => CommandRecord): History {
  const history = honest(journal(3));
  history.commands[index] = otherwise(history.commands[index] as CommandRecord);
  return history;
}

describe('the verdict on a run', () => {
  test('an honest run breaks no promise', () => {
    expect(judged(honest(journal(3)))).toEqual([]);
  });

  test('an acknowledged command that the journal lacks is found', () => {
    expect(judged(honest(journal(3)), journal(2)).join()).toContain(
      'r4 was acknowledged as doc_1 2099-01-31 r4, which is lost',
    );
  });

  test('an answer that the journal tells otherwise is found', () => {
    const lied = told(0, (command) => ({
      ...command,
      outcome: { change: { ...(journal(3)[1] as QueueChange), at: new Date(77) } },
    }));
    expect(judged(lied).join()).toContain('was answered with another');
  });

  test('a refused command that was carried out all the same is found', () => {
    expect(judged(told(0, (command) => ({ ...command, outcome: { refused: 'no' } }))).join()).toContain(
      'but was carried out',
    );
  });

  test('an effect that nobody asked for is found', () => {
    const history = honest(journal(3));
    history.commands.pop();
    expect(judged(history).join()).toContain('1 revisions that nobody was told of, of 0 commands given up');
  });

  test.each([
    ['the new token', TokenChange_Kind.ALLOCATED, 'token_0 was rescheduled, and not cancelled'],
    ['the end of the old one', TokenChange_Kind.CANCELLED, 'token_3 was cancelled, and not rescheduled'],
  ])('half a rescheduling is found: %s', (_, kind, breach) => {
    const changes = journal(3);
    const [half] = changes.slice(-1) as [QueueChange];
    half.cause = 'RescheduleToken';
    const [effect] = half.tokens as [TokenChange];
    effect.kind = kind;
    if (effect.token) effect.token.rescheduledFromTokenId = 'token_0';
    expect(judged(honest(changes), changes)).toContain(breach);
  });

  test('half a schedule is found', () => {
    const opened: QueueChange[] = [{ ...(journal(0)[0] as QueueChange), cause: 'CreateSlots' }];
    const days = (other: QueueChange[]) => new Map([['doc_1 2099-01-30', opened] as const, [DAY, other] as const]);
    const breach = 'doc_1: schedules opened not the same slots on all days';
    expect(breaches(new History(), days(opened))).not.toContain(breach);
    expect(breaches(new History(), days([]))).toContain(breach);
  });

  test('a watcher that missed a change, or saw one twice, is found', () => {
    const history = honest(journal(3));
    history.watches.push(
      { day: DAY, changes: journal(3).slice(1) },
      { day: DAY, changes: [...journal(3), ...journal(3).slice(-1)] },
    );
    expect(judged(history)).toEqual([
      `watcher 1 of ${DAY} saw 3 changes of 4`,
      `watcher 2 of ${DAY} saw 5 changes of 4`,
    ]);
  });

  test('a journal that breaks the rules is found', () => {
    const changes = journal(3);
    (changes[2] as QueueChange).tokens[0] = { ...(changes[1] as QueueChange).tokens[0] } as QueueChange['tokens'][0];
    expect(judged(new History(), changes)).not.toEqual([]);
  });
});

describe('the order of a history', () => {
  test('a command sent after another was acknowledged has a higher revision', () => {
    const history = told(2, (command) => ({ ...command, sentAt: 0, endedAt: 1 }));
    expect(orderBreaches(history)).toHaveLength(2);
  });

  test('commands that overlap in time may come in either order', () => {
    const history = told(2, (command) => ({ ...command, sentAt: 0, endedAt: 100 }));
    expect(orderBreaches(history)).toEqual([]);
  });

  test('a read never shows less than what was acknowledged before it was sent', () => {
    const history = honest(journal(3));
    history.reads.push(
      { day: DAY, sentAt: 46, endedAt: 50, revision: 4 },
      { day: DAY, sentAt: 46, endedAt: 50, revision: 3 },
    );
    expect(orderBreaches(history)).toEqual([
      `${DAY}: read 1 has revision 3, though command r4 with 4 had ended before it was sent`,
    ]);
  });
});
