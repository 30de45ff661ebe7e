/** Who gets a seat, and who loses one, in the plain rules: R2, R7, R8. */
import type { Refusal } from '../../src/domain/refusal.js';
import { type PlainSlot, PlainState, type PlainToken, QUEUED } from './plain-state.js';

export class PlainSeats extends PlainState {
  /** Refuses if the command asks for a seat or nothing, and there is no seat. */
  protected judgeSeat(source: string, slot: PlainSlot, seatOnly = false): Refusal | undefined {
    const hasSeat = this.seatsLeft(slot) > 0 || this.victimOf({ source, issuedAt: this.now }, slot) !== undefined;
    return seatOnly && !hasSeat ? { reason: 'NO_FREE_SEAT', slotId: slot.id } : undefined;
  }

  /** R2: who makes way in a full slot, if anybody does. */
  protected victimOf(claim: Pick<PlainToken, 'source' | 'issuedAt'>, slot: PlainSlot): PlainToken | undefined {
    const victim = this.weakest(slot, (each) => !this.isProtected(each));
    return victim && this.strength(claim) > this.strength(victim) ? victim : undefined;
  }

  protected fillSeat(slot: PlainSlot) {
    if (this.isOver(slot) || this.seatsLeft(slot) <= 0) return;
    const own = this.strongestFirst(...QUEUED).filter((token) => token.slot === slot.start);
    if (own[0]) {
      this.become(own[0], 'ACTIVE', 'promoted');
      return;
    }
    const earlier = this.strongestFirst('DISPLACED').filter((token) => token.slot < slot.start);
    if (earlier[0] && this.policy.rebalance !== 'NEVER') this.move(earlier[0], slot);
  }

  /** Seat after seat, as long as anybody takes one. */
  protected fillAll(slot: PlainSlot) {
    for (let before = -1; before !== this.effects.length; this.fillSeat(slot)) before = this.effects.length;
  }

  protected rebalance() {
    for (const token of this.strongestFirst('DISPLACED')) {
      const free = this.slots.filter(
        (slot) => token.slot < slot.start && !this.isOver(slot) && this.seatsLeft(slot) > 0,
      );
      if (free[0]) this.move(token, free[0]);
    }
  }

  /** The weakest of a slot may have become weaker than somebody who waits. */
  protected giveWay(token: PlainToken, slot: PlainSlot) {
    const [stronger] = this.strongestFirst(...QUEUED).filter((each) => each.slot === token.slot);
    if (this.isOver(slot) || !stronger || this.weakest(slot, (each) => !this.isProtected(each)) !== token) return;
    if (this.strength(stronger) > this.strength(token)) this.handOver(token, stronger);
  }

  protected handOver(token: PlainToken, stronger: PlainToken) {
    this.displace(token, stronger);
    this.become(stronger, 'ACTIVE', 'promoted');
    if (this.policy.rebalance === 'ALWAYS') this.rebalance();
  }
}
