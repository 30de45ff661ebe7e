/** By which rule an effect came about, where its kind alone does not tell. */
import type { TokenEffect } from './event.js';
import type { Occasion } from './occasion.js';

/** How a token came into a later slot. */
export function ruleOfMove(occasion: Occasion, effect: TokenEffect): 'R7' | 'R8' | 'R13' | 'R16' | 'R20' {
  const { token, fromSlotId = token.slotId } = effect;
  switch (occasion.cause) {
    case 'CreateSlot':
    case 'CreateSlots':
    case 'ReopenSlot':
      return 'R16';
    case 'CLOCK':
      return occasion.ends(fromSlotId) ? 'R20' : 'R8';
    case 'CancelToken':
    case 'MarkNoShow':
      return 'R8';
    case 'UpdateSlot':
      if (occasion.timesBefore(token.slotId)) return 'R16';
      return occasion.adds(token.slotId) ? 'R8' : 'R7';
    case 'InsertEmergency':
    case 'RescheduleToken':
      return fillsFreedSeat(occasion, effect) ? 'R8' : 'R7';
    default:
      return occasion.clears(fromSlotId) ? 'R13' : 'R7';
  }
}

/** R8 before R7: one freed seat seats one token, the first that comes into its slot after it was freed. */
function fillsFreedSeat(occasion: Occasion, effect: TokenEffect): boolean {
  const freed = occasion.leftBefore(effect);
  if (!freed) return false;
  const { effects } = occasion.change;
  const since = effects.slice(effects.indexOf(freed) + 1);
  const first = since.find(({ kind, token }) => {
    return (kind === 'MOVED' || kind === 'PROMOTED') && token.slotId === freed.token.slotId;
  });
  return first === effect;
}

/** Why a patient is said not to have come. */
export function ruleOfNoShow(occasion: Occasion, { token }: TokenEffect): 'R10' | 'R20' | 'R21' | 'R22' {
  if (occasion.cause !== 'CLOCK') return 'R10';
  const hasGrace = occasion.day.doctor.policy.noShowGraceMilliseconds !== undefined;
  if (occasion.ends(token.slotId) && (hasGrace || !occasion.endsDay)) return 'R20';
  return occasion.endsDay ? 'R21' : 'R22';
}

/** R13: who was left behind in a closed slot stays until the day ends. */
export function ruleOfExpiry(occasion: Occasion, effect: TokenEffect): 'R20' | 'R21' {
  const { slotId } = effect.token;
  const waitedForSlot = occasion.ends(slotId) && !occasion.heldSeat(effect) && !occasion.slot(slotId).isClosed;
  return waitedForSlot ? 'R20' : 'R21';
}
