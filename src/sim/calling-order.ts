/** Whom the doctor fetches when the one who was called does not come. */
import { nextToCall } from '../domain/calling-order.js';
import type { SlotSummary } from '../domain/slot.js';
import { isCallable, type Token } from '../domain/token.js';

/**
 * The next in the order of calling (R25), but within a slot the patient who has been here longest.
 */
export function longestHere(slots: readonly SlotSummary[], tokens: readonly Token[]): Token | undefined {
  const here = tokens
    .filter(isCallable)
    .sort((a, b) => emergencyFirst(a, b) || (a.checkedInAt ?? 0) - (b.checkedInAt ?? 0));
  return nextToCall(
    slots.map(({ id }) => ({ strongestCallable: here.find(({ slotId }) => slotId === id) })),
    (a, b) => here.indexOf(a) - here.indexOf(b),
  );
}

function emergencyFirst(a: Token, b: Token): number {
  return Number(b.source === 'EMERGENCY') - Number(a.source === 'EMERGENCY');
}
