/** One change as somebody looks back on it: what there was before, what happened, and what it led to. */
import type { DoctorDay } from './doctor-day.js';
import type { Change, DayEvent, TokenEffect } from './event.js';
import type { Slot, SlotId } from './slot.js';
import type { SlotTimes } from './slot-times.js';
import { holdsSeat, type Token, type TokenId } from './token.js';

/** What a change was to touch, as it stood before. */
export interface Before {
  readonly tokens: ReadonlyMap<TokenId, Token>;
  /** Of the slot whose seats it was to change. */
  readonly capacity: number | undefined;
  /** The slots that it was to end (R20). */
  readonly ending: ReadonlySet<SlotId>;
  /** The slots that it was to close (R13). */
  readonly closing: ReadonlySet<SlotId>;
  /** The earlier times of the slots that the change retimed (R17). */
  readonly times: ReadonlyMap<SlotId, SlotTimes>;
}

export function takeDown(day: DoctorDay, events: readonly DayEvent[]): Before {
  const tokens = new Map<TokenId, Token>();
  const ending = new Set<SlotId>();
  const closing = new Set<SlotId>();
  const times = new Map<SlotId, SlotTimes>();
  let capacity: number | undefined;
  for (const event of events) {
    const token = 'tokenId' in event ? day.token(event.tokenId) : undefined;
    if (token) tokens.set(token.id, token);
    if (event.kind === 'SLOT_RESIZED') capacity = day.slotOf(event.slotId).capacity;
    if (event.kind === 'SLOT_ENDED') ending.add(event.slotId);
    if (event.kind === 'SLOT_CLOSED') closing.add(event.slotId);
    if (event.kind === 'SLOT_RETIMED') times.set(event.slotId, day.slotOf(event.slotId).terms);
  }
  return { tokens, capacity, ending, closing, times };
}

export class Occasion {
  /** @param day as it stands after the change */
  constructor(
    readonly day: DoctorDay,
    readonly change: Change,
    private readonly before: Before,
  ) {}

  get cause(): Change['cause'] {
    return this.change.cause;
  }

  /** The token of an effect as it stood before it; undefined where it was issued by it. */
  tokenBefore(effect: TokenEffect): Token | undefined {
    const { effects } = this.change;
    const earlier = effects.slice(0, effects.indexOf(effect)).filter(({ token }) => token.id === effect.token.id);
    return earlier.at(-1)?.token ?? this.before.tokens.get(effect.token.id);
  }

  /** Who made way for a token. */
  displacedFor(id: TokenId): Token | undefined {
    return this.change.effects.find(({ displacedByTokenId }) => displacedByTokenId === id)?.token;
  }

  /** R19: the end of the token that an emergency of its patient replaced. */
  get replaced(): TokenEffect | undefined {
    if (this.cause !== 'InsertEmergency') return undefined;
    return this.change.effects.find(({ kind }) => kind === 'CANCELLED');
  }

  /** Whose leaving freed the seat that an effect fills: the last before it who left that slot. */
  leftBefore(effect: TokenEffect): TokenEffect | undefined {
    const { effects } = this.change;
    const earlier = effects.slice(0, effects.indexOf(effect));
    return earlier.findLast((other) => {
      const leaves = other.kind === 'CANCELLED' || other.kind === 'NO_SHOW';
      return leaves && other.token.slotId === effect.token.slotId && this.heldSeat(other);
    });
  }

  /** Whether the token held a seat before an effect. */
  heldSeat(effect: TokenEffect): boolean {
    const before = this.tokenBefore(effect);
    return before !== undefined && holdsSeat(before);
  }

  /** Whether it gave a slot more seats. */
  adds(slotId: SlotId): boolean {
    const { capacity } = this.before;
    return slotId === this.change.changedSlotId && capacity !== undefined && this.slot(slotId).capacity > capacity;
  }

  /** Whether it cleared a slot, so that all who could left it: one that was closed, or is and had somebody sent back to it. */
  clears(slotId: SlotId): boolean {
    return this.before.closing.has(slotId) || (this.cause === 'ReturnToken' && this.slot(slotId).isClosed);
  }

  /** R20: whether it ended a slot. */
  ends(slotId: SlotId): boolean {
    return this.before.ending.has(slotId);
  }

  /** R17: the earlier times of a slot; undefined if the change did not retime it. */
  timesBefore(slotId: SlotId): SlotTimes | undefined {
    return this.before.times.get(slotId);
  }

  /** R21: whether it ended the day. */
  get endsDay(): boolean {
    return this.cause === 'CLOCK' && this.change.at >= this.day.endsAt;
  }

  slot(id: SlotId): Slot {
    return this.day.slotOf(id);
  }
}
