/** A doctor-day's queue as a watcher knows it: a snapshot, and each change applied to it. Nothing is changed in place. */
import {
  type QueueChange,
  type QueueSnapshot,
  type SlotQueue,
  SlotState,
  type Token,
  TokenStatus,
} from '../../gen/opd/v1/resources.js';
import { byScore, scoreOf } from '../domain/strength.js';

const SEATED: readonly TokenStatus[] = [TokenStatus.ACTIVE, TokenStatus.SERVING, TokenStatus.COMPLETED];
const WAITING: readonly TokenStatus[] = [TokenStatus.WAITING, TokenStatus.DISPLACED];

/**
 * The queue after a change.
 *
 * @param slotId where only one slot is watched: the others' part in the change is left out
 */
export function afterChange(queue: QueueSnapshot, change: QueueChange, slotId = ''): QueueSnapshot {
  const slots = new Map(queue.slots.map((each) => [each.slot?.id ?? '', each]));
  for (const slot of change.slots) {
    if (slotId && slot.id !== slotId) continue;
    if (slot.state === SlotState.DELETED) slots.delete(slot.id);
    else slots.set(slot.id, { seated: [], waiting: [], ...slots.get(slot.id), slot });
  }
  const strength = strengthOf(queue);
  for (const { token, fromSlotId } of change.tokens) {
    if (!token) continue;
    for (const id of new Set([fromSlotId || token.slotId, token.slotId])) {
      const before = slots.get(id);
      if (before) slots.set(id, withToken(before, token, strength));
    }
  }
  return { ...queue, revision: change.revision, slots: [...slots.values()].sort(byStart) };
}

/** A slot's queue with a token as it stands now: in one of the lists, or in neither. */
function withToken({ slot, seated, waiting }: SlotQueue, token: Token, strength: Strength): SlotQueue {
  const place = (list: Token[], statuses: readonly TokenStatus[]) => {
    const others = list.filter(({ id }) => id !== token.id);
    if (token.slotId !== slot?.id || !statuses.includes(token.status)) return others;
    const weaker = others.findIndex((other) => strength(other, token) > 0);
    others.splice(weaker === -1 ? others.length : weaker, 0, token);
    return others;
  };
  return { slot, seated: place(seated, SEATED), waiting: place(waiting, WAITING) };
}

/** Negative where the first is the stronger. */
type Strength = (a: Token, b: Token) => number;

/** R23, by the priorities that the server tells: a newer one may have sources that this version does not know. */
function strengthOf({ doctor }: QueueSnapshot): Strength {
  const points = doctor?.policy?.agingPointsPerHour ?? 0;
  const score = ({ priority, createdAt }: Token) => scoreOf(priority, createdAt?.getTime() ?? 0, points);
  return (a, b) => byScore(score(a), score(b), a.number, b.number);
}

/**
 * Those with the same start by id, as the server has them: a closed slot may leave its time to
 * another.
 */
function byStart(a: SlotQueue, b: SlotQueue): number {
  const [x, y] = [a, b].map(({ slot }) => `${slot?.start} ${slot?.id}`) as [string, string];
  return x < y ? -1 : Number(x > y);
}
