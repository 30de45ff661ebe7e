/** Whom the doctor takes next. */
import type { SlotSummary } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { Token } from '../domain/token.js';

/**
 * The slot whose strongest patient the doctor calls: the earliest where an emergency is here; else the earliest that has begun and
 * where anybody is, so that those who are left over from before go first; else, rather than sit idle, the earliest to come
 * where anybody is. Undefined where nobody is here.
 */
export function slotToCall(
  slots: readonly SlotSummary[],
  tokens: readonly Token[],
  now: Instant,
): SlotSummary | undefined {
  const here = tokens.filter(isCallable);
  const emergencies = here.filter(({ source }) => source === 'EMERGENCY');
  const begun = slots.filter(({ startsAt }) => startsAt <= now);
  const firstOf = (among: readonly SlotSummary[], callable: readonly Token[]) =>
    among.find(({ id }) => callable.some(({ slotId }) => slotId === id));
  return firstOf(slots, emergencies) ?? firstOf(begun, here) ?? firstOf(slots, here);
}

/** Has a seat, and is here. */
export function isCallable({ status, checkedInAt }: Token): boolean {
  return status === 'ACTIVE' && checkedInAt !== undefined;
}
