/** What happens to slots in the plain rules: R12, R13, R16, R17. */
import type { UpdateSlot } from '../../src/domain/command.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import { PlainSeats } from './plain-seats.js';
import { type CloseAll, clock, LIVE, moment, type PlainSlot, type PlainToken, QUEUED } from './plain-state.js';

export class PlainSlots extends PlainSeats {
  protected judgeSlot(start: string, end: string): Refusal | undefined {
    if (this.now >= moment(end)) {
      const violations = [{ field: 'end', description: 'the slot would already have ended' }];
      return { reason: 'INVALID_FIELDS', violations };
    }
    return this.judgeRoom(start, end);
  }

  /** Refuses times that another slot has. A closed slot without live tokens has none. */
  private judgeRoom(start: string, end: string, self?: PlainSlot): Refusal | undefined {
    for (const slot of this.slots) {
      const isApart = end <= slot.start || slot.end <= start;
      const isEmpty = !this.tokens.some((token) => token.slot === slot.start && LIVE.includes(token.status));
      if (slot !== self && !isApart && !(slot.closed && isEmpty)) return { reason: 'SLOT_OVERLAPS', slotId: slot.id };
    }
    return undefined;
  }

  protected judgeSlotUpdate({ slotId: id, start, end }: UpdateSlot): Refusal | undefined {
    const slot = this.slotOf(id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    const isRetimed = start !== undefined || end !== undefined;
    const [from, to] = [start === undefined ? slot.start : clock(start), end === undefined ? slot.end : clock(end)];
    if (isRetimed) {
      const wrong = (field: string, description: string): Refusal => {
        return { reason: 'INVALID_FIELDS', violations: [{ field, description }] };
      };
      if (from >= to)
        return end === undefined ? wrong('start', 'must be before end') : wrong('end', 'must be after start');
      const isToCome = this.now < moment(slot.start);
      if (isToCome && this.now >= moment(from)) return wrong('start', 'the slot would have begun already');
      const overlaps = this.judgeRoom(from, to, slot);
      if (overlaps) return overlaps;
    }
    const begun = isRetimed && this.now >= moment(slot.start) && this.now < moment(slot.end);
    if (begun) return { reason: 'SLOT_STARTED', slotId: id, startedAt: moment(slot.start) };
    return this.judgePlace(id);
  }

  protected judgeReopening(id: SlotId): Refusal | undefined {
    const slot = this.slotOf(id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    const overlaps = slot.closed ? this.judgeRoom(slot.start, slot.end, slot) : undefined;
    if (overlaps) return overlaps;
    if (this.now >= moment(slot.end)) return { reason: 'SLOT_ENDED', slotId: id, endedAt: moment(slot.end) };
    return slot.closed ? undefined : { reason: 'SLOT_NOT_CLOSED', slotId: id };
  }

  protected judgeDeletion(id: SlotId): Refusal | undefined {
    const slot = this.slotOf(id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    return slot.used ? { reason: 'SLOT_NOT_EMPTY', slotId: id } : undefined;
  }

  protected judgePlace(id: SlotId): Refusal | undefined {
    const slot = this.slots.find((each) => each.id === id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    if (this.now >= moment(slot.end)) return { reason: 'SLOT_ENDED', slotId: id, endedAt: moment(slot.end) };
    return slot.closed ? { reason: 'SLOT_CLOSED', slotId: id } : undefined;
  }

  protected createSlot(start: string, end: string, capacity: number) {
    const slot = { id: this.nextSlotId, start, end, capacity, closed: false, ended: false, used: false };
    this.slots.push(slot);
    this.sortSlots();
    this.touched.push(start);
    if (this.policy.rebalance === 'NEVER') return;
    for (const token of this.strongestFirst('DISPLACED')) {
      if (token.slot < start && this.seatsLeft(slot) > 0) this.move(token, slot);
    }
  }

  private sortSlots() {
    this.slots.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  protected updateSlot(slot: PlainSlot, { start, end, capacity }: UpdateSlot) {
    const isMoved = start !== undefined || end !== undefined;
    if (isMoved)
      this.retime(slot, start === undefined ? slot.start : clock(start), end === undefined ? slot.end : clock(end));
    if (capacity !== undefined) this.resize(slot, capacity);
    if (isMoved) this.fillAll(slot);
  }

  /** Tokens go with their slot. */
  private retime(slot: PlainSlot, start: string, end: string) {
    for (const token of this.tokens) {
      if (token.requested === slot.start) token.requested = start;
      if (token.slot === slot.start) token.slot = start;
    }
    slot.start = start;
    slot.end = end;
    this.sortSlots();
    this.touched.push(start);
  }

  protected reopen(slot: PlainSlot) {
    slot.closed = false;
    this.touched.push(slot.start);
    this.fillAll(slot);
  }

  protected remove(slot: PlainSlot) {
    this.touched.push(slot.start);
    this.deleted.push(slot.start);
    this.slots = this.slots.filter((each) => each !== slot);
  }

  private resize(slot: PlainSlot, capacity: number) {
    const before = slot.capacity;
    slot.capacity = capacity;
    this.touched.push(slot.start);
    for (let seat = before; seat < capacity; seat += 1) this.fillSeat(slot);
    while (capacity < before && this.seatsLeft(slot) < 0) {
      const victim = this.weakest(slot, (each) => !this.isProtected(each));
      if (!victim) break;
      this.become(victim, 'DISPLACED', 'displaced');
    }
    if (capacity < before && this.policy.rebalance !== 'NEVER') this.rebalance();
  }

  protected close(slot: PlainSlot) {
    this.closeAll([slot]);
  }

  protected closeAll(slots: PlainSlot[]) {
    for (const slot of slots) {
      slot.closed = true;
      this.touched.push(slot.start);
    }
    this.clear(slots);
  }

  /** The open slots that overlap some hours. */
  protected meant({ start, end }: CloseAll): PlainSlot[] {
    return this.slots.filter((slot) => !this.isOver(slot) && slot.start < clock(end) && clock(start) < slot.end);
  }

  protected clear(slots: PlainSlot[]) {
    const laterThan = (start: string) => this.slots.filter((each) => each.start > start && !this.isOver(each));
    const isThere = (token: PlainToken) => slots.some((slot) => slot.start === token.slot);
    const active = this.strongestFirst('ACTIVE').filter(isThere);
    let moved = 0;
    for (const token of active.filter(({ source }) => source === 'EMERGENCY')) {
      const [next] = laterThan(token.slot);
      if (!next) continue;
      const victim = this.seatsLeft(next) <= 0 ? this.weakest(next) : undefined;
      this.move(token, next);
      if (victim) this.displace(victim, token);
      moved += 1;
    }
    for (const token of active) {
      if (token.source !== 'EMERGENCY') this.become(token, 'DISPLACED', 'displaced');
    }
    for (const token of this.strongestFirst(...QUEUED).filter(isThere)) {
      const later = laterThan(token.slot);
      const free = later.find((each) => this.seatsLeft(each) > 0);
      if (free) this.move(token, free);
      else if (later[0]) this.move(token, later[0], token.status);
    }
    if (moved > 0 && this.policy.rebalance !== 'NEVER') this.rebalance();
  }
}
