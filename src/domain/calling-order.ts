/**
 * R25: the order in which the doctor calls. The emergencies who are here come first, in order of
 * strength, whatever their slots. Then come the slots by start; in each, those with a seat by
 * strength, then the waiting queue by strength.
 *
 * The doctor calls the first in this order who can be called. The order does not depend on the
 * clock: those left over in ended slots come before those of the running slot. If nobody else is
 * here, the doctor calls those who are early for a later slot.
 */
import type { Slot } from './slot.js';
import type { Strength } from './strength.js';
import { isCallable, type Token } from './token.js';

/**
 * The first in the order who can be called; undefined if nobody can be.
 *
 * @param slots by start; of each only the first who can be called matters, an emergency before all
 * others
 */
export function nextToCall(
  slots: readonly Pick<Slot, 'strongestCallable'>[],
  compare: Strength['compare'],
): Token | undefined {
  const candidates = slots.flatMap(({ strongestCallable }) => strongestCallable ?? []);
  const [emergency] = candidates.filter(isCalledFirst).sort(compare);
  return emergency ?? candidates[0];
}

/** The head of the order: the emergencies who are here, in all slots. */
export function calledFirst(slots: readonly Slot[], compare: Strength['compare']): Token[] {
  return slots.flatMap((slot) => slot.emergenciesHere()).sort(compare);
}

/**
 * The part of the order that a slot has: its live tokens without those called first, and without
 * who is with the doctor.
 */
export function calledInSlot(slot: Slot): Token[] {
  return [...slot.active(), ...slot.waitingQueue()].filter((token) => !isCalledFirst(token));
}

function isCalledFirst(token: Token): boolean {
  return token.source === 'EMERGENCY' && isCallable(token);
}
