/** By which rule an effect came about, where its kind alone does not tell. */
import type { TokenEffect } from './event.js';
import type { Occasion } from './occasion.js';

/** How a token came into a later slot. */
export function ruleOfMove(occasion: Occasion, effect: TokenEffect): 'R7' | 'R8' | 'R13' | 'R16' | 'R20' {
  const { token, fromSlotId = token.slotId } = effect;
  switch (occasion.cause) {
    case 'CreateSlot':
    case 'CreateSlots':
      return 'R16';
    case 'CLOCK':
      return occasion.hasEnded(fromSlotId) && !fillsFreedSeat(occasion, effect) ? 'R20' : 'R8';
    case 'CancelToken':
    case 'MarkNoShow':
      return 'R8';
    case 'UpdateSlot':
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

/** Why a patient who did not come is said not to have. */
export function ruleOfNoShow(occasion: Occasion, effect: TokenEffect): 'R10' | 'R20' | 'R21' | 'R22' {
  if (occasion.cause !== 'CLOCK') return 'R10';
  const { at } = occasion.change;
  const { slotId } = effect.token;
  const { endsAt } = occasion.slot(slotId).terms;
  const endsWithDay = endsAt >= occasion.midnight;
  const hasGrace = occasion.day.doctor.policy.noShowGraceMilliseconds !== undefined;
  if (at >= occasion.midnight && !(endsWithDay && hasGrace)) return 'R21';
  // Whoever came back to a seat after the slot's end was not there to be looked at then.
  const seatedAt = occasion.tokenBefore(effect)?.seatedAt ?? endsAt;
  return occasion.hasEnded(slotId) && seatedAt < endsAt ? 'R20' : 'R22';
}

export function ruleOfExpiry(occasion: Occasion, effect: TokenEffect): 'R20' | 'R21' {
  const { midnight } = occasion;
  const endsWithDay = occasion.slot(effect.token.slotId).terms.endsAt >= midnight;
  if (occasion.change.at >= midnight && !endsWithDay) return 'R21';
  return occasion.heldSeat(effect) ? 'R21' : 'R20';
}
