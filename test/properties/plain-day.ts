/**
 * The rules once more, as plainly as they can be put: one array of slots, one of tokens, sorted and searched afresh at each
 * step. Written from the rules' text alone, to be compared with the domain's on random days; it shares nothing with it but the words
 * for commands and refusals.
 */
import type {
  Admission,
  AttendToken,
  CallNextToken,
  CallToken,
  RescheduleToken,
  UpdateSlot,
  UpdateToken,
} from '../../src/domain/command.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { TokenId } from '../../src/domain/token.js';
import {
  type CloseAll,
  clock,
  LIVE,
  moment,
  numberOf,
  PLAIN_DOCTOR,
  type PlainCommand,
  type PlainOutcome,
  type PlainSlot,
  PlainState,
  type PlainToken,
  QUEUED,
  tokenId,
} from './plain-state.js';

export class PlainDay extends PlainState {
  /** Carries a command out, or says why not. */
  obey(command: PlainCommand, now: number): PlainOutcome {
    this.now = Math.max(now, this.latest);
    const refusal = this.judge(command);
    return refusal ? { refusal } : this.happen(() => this.carryOut(command));
  }

  // ---- saying no -------------------------------------------------------------------------------------------------

  private judge(command: PlainCommand): Refusal | undefined {
    switch (command.kind) {
      case 'CreateSlot':
        return this.judgeSlot(clock(command.start), clock(command.end));
      case 'AllocateToken':
        return (
          this.judgeToken(command.slotId, command.patientRef, false) ??
          this.judgeSeat(command.source, this.slotOf(command.slotId), command.seatOnly)
        );
      case 'InsertEmergency':
        if ('slotId' in command.target) return this.judgeToken(command.target.slotId, command.patientRef, true);
        if (!this.openSlot()) return { reason: 'NO_OPEN_SLOT', doctorId: PLAIN_DOCTOR };
        return this.judgePatient(command.patientRef, true);
      case 'UpdateToken':
        return this.judgeUpdate(command);
      case 'CancelToken':
        return this.judgeEnd(command.tokenId, false);
      case 'MarkNoShow':
        return this.judgeEnd(command.tokenId, true);
      case 'UpdateSlot':
        return this.judgeSlotUpdate(command);
      case 'CloseSlot':
        return this.judgePlace(command.slotId);
      case 'CloseSlots':
        return this.meant(command).length > 0 ? undefined : { reason: 'NO_OPEN_SLOT', doctorId: PLAIN_DOCTOR };
      case 'ReopenSlot':
        return this.judgeReopening(command.slotId);
      case 'DeleteSlot':
        return this.judgeDeletion(command.slotId);
      case 'CallNextToken':
        return this.judgeCallNext(command);
      case 'CLOCK':
        throw new Error('time has a file of its own: plain-clock.ts');
      case 'RescheduleToken':
        return this.judgeRescheduling(command);
      default:
        return this.judgeDoor(command);
    }
  }

  private judgeSlot(start: string, end: string): Refusal | undefined {
    if (this.now >= moment(end)) {
      const violations = [{ field: 'end', description: 'the slot would already have ended' }];
      return { reason: 'INVALID_FIELDS', violations };
    }
    return this.judgeRoom(start, end);
  }

  /** A closed slot where nobody is left is in nobody's way. */
  private judgeRoom(start: string, end: string, self?: PlainSlot): Refusal | undefined {
    for (const slot of this.slots) {
      const isApart = end <= slot.start || slot.end <= start;
      const isEmpty = !this.tokens.some((token) => token.slot === slot.start && LIVE.includes(token.status));
      if (slot !== self && !isApart && !(slot.closed && isEmpty)) return { reason: 'SLOT_OVERLAPS', slotId: slot.id };
    }
    return undefined;
  }

  private judgeSlotUpdate({ slotId: id, start, end }: UpdateSlot): Refusal | undefined {
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

  private judgeReopening(id: SlotId): Refusal | undefined {
    const slot = this.slotOf(id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    const overlaps = slot.closed ? this.judgeRoom(slot.start, slot.end, slot) : undefined;
    if (overlaps) return overlaps;
    if (this.now >= moment(slot.end)) return { reason: 'SLOT_ENDED', slotId: id, endedAt: moment(slot.end) };
    return slot.closed ? undefined : { reason: 'SLOT_NOT_CLOSED', slotId: id };
  }

  private judgeDeletion(id: SlotId): Refusal | undefined {
    const slot = this.slotOf(id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    return slot.used ? { reason: 'SLOT_NOT_EMPTY', slotId: id } : undefined;
  }

  private judgeToken(id: SlotId, patient: string, isEmergency: boolean): Refusal | undefined {
    return this.judgePlace(id) ?? this.judgePatient(patient, isEmergency);
  }

  private judgePlace(id: SlotId): Refusal | undefined {
    const slot = this.slots.find((each) => each.id === id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    if (this.now >= moment(slot.end)) return { reason: 'SLOT_ENDED', slotId: id, endedAt: moment(slot.end) };
    return slot.closed ? { reason: 'SLOT_CLOSED', slotId: id } : undefined;
  }

  private judgeCallNext(command: CallNextToken): Refusal | undefined {
    const { target } = command;
    const isThere = 'doctorId' in target || this.slots.some((slot) => slot.id === target.slotId);
    if (!isThere) return { reason: 'SLOT_NOT_FOUND', slotId: (target as { slotId: SlotId }).slotId };
    const unexpected = this.judgeUnknown(command) ?? this.judgeGone(command);
    if (unexpected) return unexpected;
    return this.nextToCall(target) ? this.judgeBusy(command) : { reason: 'NOBODY_TO_CALL', ...target };
  }

  /** Nobody has heard of the one who is thought to be with the doctor. */
  private judgeUnknown({ expectedCurrentTokenId: id }: Admission): Refusal | undefined {
    return id && !this.numbered(numberOf(id)) ? { reason: 'TOKEN_NOT_FOUND', tokenId: id } : undefined;
  }

  /** The room is empty, and the one who is thought to be there has not been seen to the end. */
  private judgeGone({ expectedCurrentTokenId: id }: Admission): Refusal | undefined {
    if (!id || this.strongestFirst('SERVING').length > 0) return undefined;
    const { status } = this.numbered(numberOf(id));
    return status === 'COMPLETED' ? undefined : { reason: 'TOKEN_NOT_SERVING', tokenId: id, status: status as never };
  }

  private judgeBusy({ completeCurrent, expectedCurrentTokenId: id }: Admission): Refusal | undefined {
    const current = this.strongestFirst('SERVING')[0];
    if (!current) return undefined;
    const isDone = completeCurrent && (!id || id === tokenId(current.number));
    return isDone ? undefined : { reason: 'DOCTOR_BUSY', tokenId: tokenId(current.number) };
  }

  private judgeDoor(command: AttendToken | CallToken): Refusal | undefined {
    const token = this.tokens.find((each) => tokenId(each.number) === command.tokenId);
    if (!token) return { reason: 'TOKEN_NOT_FOUND', tokenId: command.tokenId };
    const unknown = command.kind === 'CallToken' ? this.judgeUnknown(command) : undefined;
    if (unknown) return unknown;
    const told = { tokenId: command.tokenId, status: token.status as never };
    if (!LIVE.includes(token.status)) return { reason: 'TOKEN_NOT_LIVE', ...told };
    const isIn = token.status === 'SERVING';
    if (command.kind === 'ReturnToken' || command.kind === 'CompleteToken') {
      return isIn ? undefined : { reason: 'TOKEN_NOT_SERVING', ...told };
    }
    if (isIn) return { reason: 'TOKEN_SERVING', ...told };
    if (!('completeCurrent' in command)) return token.here ? { reason: 'TOKEN_CHECKED_IN', ...told } : undefined;
    if (token.status !== 'ACTIVE') return { reason: 'TOKEN_WITHOUT_SEAT', ...told };
    return this.judgeGone(command) ?? this.judgeBusy(command);
  }

  private judgePatient(patient: string, isEmergency: boolean): Refusal | undefined {
    const earlier = this.liveTokenOf(patient);
    if (!earlier) return undefined;
    const isReplaced = isEmergency && earlier.status !== 'SERVING' && earlier.source !== 'EMERGENCY';
    return isReplaced ? undefined : { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenId(earlier.number) };
  }

  private judgeEnd(id: TokenId, isNoShow: boolean): Refusal | undefined {
    const token = this.tokens.find((each) => tokenId(each.number) === id);
    if (!token) return { reason: 'TOKEN_NOT_FOUND', tokenId: id };
    const told = { tokenId: id, status: token.status as never };
    if (!LIVE.includes(token.status)) return { reason: 'TOKEN_NOT_LIVE', ...told };
    if (token.status === 'SERVING') return { reason: 'TOKEN_SERVING', ...told };
    if (isNoShow && token.status !== 'ACTIVE') return { reason: 'TOKEN_WITHOUT_SEAT', ...told };
    return undefined;
  }

  private judgeUpdate({ tokenId: id, source, patientRef = '' }: UpdateToken): Refusal | undefined {
    const token = this.tokens.find((each) => tokenId(each.number) === id);
    if (!token) return { reason: 'TOKEN_NOT_FOUND', tokenId: id };
    const other = this.liveTokenOf(patientRef);
    if (other && other !== token) return { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenId(other.number) };
    const told = { tokenId: id, status: token.status as never };
    if (!LIVE.includes(token.status)) return { reason: 'TOKEN_NOT_LIVE', ...told };
    return source && token.source === 'EMERGENCY' ? { reason: 'TOKEN_IS_EMERGENCY', ...told } : undefined;
  }

  private judgeRescheduling({ tokenId: id, slotId: to, seatOnly }: RescheduleToken): Refusal | undefined {
    const token = this.tokens.find((each) => tokenId(each.number) === id);
    if (!this.slotOf(to)) return { reason: 'SLOT_NOT_FOUND', slotId: to };
    if (!token) return { reason: 'TOKEN_NOT_FOUND', tokenId: id };
    if (this.slotAt(token.slot).id === to) {
      const description = 'must be another slot than the one that the token is in';
      return { reason: 'INVALID_FIELDS', violations: [{ field: 'slot_id', description }] };
    }
    const other = this.liveTokenOf(token.patient);
    const has: Refusal | undefined =
      other && other !== token ? { reason: 'PATIENT_HAS_TOKEN', tokenId: tokenId(other.number) } : undefined;
    const bound: Refusal | undefined =
      token.source === 'EMERGENCY'
        ? { reason: 'TOKEN_IS_EMERGENCY', tokenId: id, status: token.status as never }
        : undefined;
    const refused = this.judgePlace(to) ?? has ?? this.judgeEnd(id, false) ?? bound;
    return refused ?? this.judgeSeat(token.source, this.slotOf(to), seatOnly);
  }

  /** Where only a seat will do. */
  private judgeSeat(source: string, slot: PlainSlot, seatOnly = false): Refusal | undefined {
    const hasSeat = this.seatsLeft(slot) > 0 || this.victimOf({ source, issuedAt: this.now }, slot) !== undefined;
    return seatOnly && !hasSeat ? { reason: 'NO_FREE_SEAT', slotId: slot.id } : undefined;
  }

  // ---- doing it --------------------------------------------------------------------------------------------------

  private carryOut(command: PlainCommand) {
    switch (command.kind) {
      case 'CreateSlot':
        return this.createSlot(clock(command.start), clock(command.end), command.capacity);
      case 'AllocateToken':
        return this.allocate(command.source, this.slotOf(command.slotId), command.patientRef);
      case 'InsertEmergency': {
        const { target } = command;
        const slot = 'slotId' in target ? this.slotOf(target.slotId) : this.openSlot();
        return this.insertEmergency(slot as PlainSlot, command.patientRef);
      }
      case 'UpdateToken':
        return this.update(this.numbered(numberOf(command.tokenId)), command);
      case 'CancelToken':
        return this.end(this.numbered(numberOf(command.tokenId)), 'CANCELLED');
      case 'MarkNoShow':
        return this.end(this.numbered(numberOf(command.tokenId)), 'NO_SHOW');
      case 'UpdateSlot':
        return this.updateSlot(this.slotOf(command.slotId), command);
      case 'CloseSlot':
        return this.close(this.slotOf(command.slotId));
      case 'CloseSlots':
        return this.closeAll(this.meant(command));
      case 'ReopenSlot':
        return this.reopen(this.slotOf(command.slotId));
      case 'DeleteSlot':
        return this.remove(this.slotOf(command.slotId));
      case 'CallNextToken':
        return this.call(this.nextToCall(command.target) as PlainToken);
      case 'RescheduleToken':
        return this.reschedule(this.numbered(numberOf(command.tokenId)), this.slotOf(command.slotId));
      case 'CallToken':
        return this.call(this.numbered(numberOf(command.tokenId)));
      case 'CheckInToken':
        return this.checkIn(this.numbered(numberOf(command.tokenId)));
      case 'ReturnToken':
        return this.sendBack(this.numbered(numberOf(command.tokenId)));
      case 'CompleteToken':
        return this.become(this.numbered(numberOf(command.tokenId)), 'COMPLETED', 'completed');
    }
  }

  private createSlot(start: string, end: string, capacity: number) {
    const slot = { id: this.nextSlotId, start, end, capacity, closed: false, ended: false, used: false };
    this.slots.push(slot);
    this.sortSlots();
    this.touched.push(start);
    if (this.policy.rebalance === 'NEVER') return;
    for (const token of this.strongestFirst('DISPLACED')) {
      if (token.slot < start && this.seatsLeft(slot) > 0) this.move(token, slot);
    }
  }

  private allocate(source: string, slot: PlainSlot, patient: string) {
    const isDisplacing = this.place(source, slot, patient);
    if (isDisplacing && this.policy.rebalance === 'ALWAYS') this.rebalance();
  }

  /** R1 to R3; says whether somebody made way. */
  private place(source: string, slot: PlainSlot, patient: string): boolean {
    if (this.seatsLeft(slot) > 0) {
      this.issue(source, slot, patient, 'ACTIVE');
      return false;
    }
    const victim = this.victimOf({ source, issuedAt: this.now }, slot);
    if (!victim) {
      this.issue(source, slot, patient, 'WAITING');
      return false;
    }
    const token = this.issue(source, slot, patient, 'ACTIVE');
    this.displace(victim, token);
    return true;
  }

  /** R2: who makes way in a full slot, if anybody does. */
  private victimOf(claim: Pick<PlainToken, 'source' | 'issuedAt'>, slot: PlainSlot): PlainToken | undefined {
    const victim = this.weakest(slot, (each) => !this.isProtected(each));
    return victim && this.strength(claim) > this.strength(victim) ? victim : undefined;
  }

  private reschedule(token: PlainToken, slot: PlainSlot) {
    const isDisplacing = this.place(token.source, slot, token.patient);
    this.end(token, 'CANCELLED');
    if (isDisplacing && this.policy.rebalance === 'ALWAYS') this.rebalance();
  }

  private update(token: PlainToken, { source, patientRef }: UpdateToken) {
    const before = this.strength(token);
    token.source = source ?? token.source;
    token.patient = patientRef ?? token.patient;
    this.tell(token, 'updated');
    const slot = this.slotAt(token.slot);
    if (this.strength(token) < before && token.status === 'ACTIVE') this.giveWay(token, slot);
    const victim = QUEUED.includes(token.status) ? this.victimOf(token, slot) : undefined;
    if (victim && this.strength(token) > before && !this.isOver(slot)) this.handOver(victim, token);
  }

  private insertEmergency(slot: PlainSlot, patient: string) {
    const earlier = this.liveTokenOf(patient);
    const freed = earlier?.status === 'ACTIVE' ? earlier.slot : undefined;
    const isFull = this.seatsLeft(slot) <= 0;
    const victim = this.weakest(slot);
    const token = this.issue('EMERGENCY', slot, patient, 'ACTIVE');
    if (earlier) this.become(earlier, 'CANCELLED', 'cancelled');
    if (freed !== slot.start) {
      if (isFull && victim) this.displace(victim, token);
      if (freed) this.fillSeat(this.slotAt(freed));
    }
    if (this.policy.rebalance !== 'NEVER') this.rebalance();
  }

  protected end(token: PlainToken, status: 'CANCELLED' | 'NO_SHOW') {
    const heldSeat = token.status === 'ACTIVE';
    this.become(token, status, status === 'CANCELLED' ? 'cancelled' : 'no-show');
    if (heldSeat) this.fillSeat(this.slotAt(token.slot));
  }

  private fillSeat(slot: PlainSlot) {
    if (this.isOver(slot) || this.seatsLeft(slot) <= 0) return;
    const own = this.strongestFirst(...QUEUED).filter((token) => token.slot === slot.start);
    if (own[0]) {
      this.become(own[0], 'ACTIVE', 'promoted');
      return;
    }
    const earlier = this.strongestFirst('DISPLACED').filter((token) => token.slot < slot.start);
    if (earlier[0] && this.policy.rebalance !== 'NEVER') this.move(earlier[0], slot);
  }

  private rebalance() {
    for (const token of this.strongestFirst('DISPLACED')) {
      const free = this.slots.filter(
        (slot) => token.slot < slot.start && !this.isOver(slot) && this.seatsLeft(slot) > 0,
      );
      if (free[0]) this.move(token, free[0]);
    }
  }

  private sortSlots() {
    this.slots.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  private updateSlot(slot: PlainSlot, { start, end, capacity }: UpdateSlot) {
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

  /** Seat after seat, as long as anybody takes one. */
  private fillAll(slot: PlainSlot) {
    for (let before = -1; before !== this.effects.length; this.fillSeat(slot)) before = this.effects.length;
  }

  private reopen(slot: PlainSlot) {
    slot.closed = false;
    this.touched.push(slot.start);
    this.fillAll(slot);
  }

  private remove(slot: PlainSlot) {
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

  private close(slot: PlainSlot) {
    this.closeAll([slot]);
  }

  private closeAll(slots: PlainSlot[]) {
    for (const slot of slots) {
      slot.closed = true;
      this.touched.push(slot.start);
    }
    this.clear(slots);
  }

  /** The open slots that overlap some hours. */
  private meant({ start, end }: CloseAll): PlainSlot[] {
    return this.slots.filter((slot) => !this.isOver(slot) && slot.start < clock(end) && clock(start) < slot.end);
  }

  private clear(slots: PlainSlot[]) {
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

  // ---- the doctor's door -----------------------------------------------------------------------------------------

  private checkIn(token: PlainToken) {
    token.here = true;
    this.tell(token, 'checked-in');
  }

  private call(token: PlainToken) {
    const current = this.strongestFirst('SERVING')[0];
    this.become(token, 'SERVING', 'called');
    if (current) this.become(current, 'COMPLETED', 'completed');
  }

  private sendBack(token: PlainToken) {
    this.become(token, 'ACTIVE', 'returned');
    const slot = this.slotAt(token.slot);
    if (slot.closed) {
      this.clear([slot]);
      return;
    }
    this.giveWay(token, slot);
  }

  /** The weakest of a slot may have become weaker than somebody who waits. */
  private giveWay(token: PlainToken, slot: PlainSlot) {
    const [stronger] = this.strongestFirst(...QUEUED).filter((each) => each.slot === token.slot);
    if (this.isOver(slot) || !stronger || this.weakest(slot, (each) => !this.isProtected(each)) !== token) return;
    if (this.strength(stronger) > this.strength(token)) this.handOver(token, stronger);
  }

  private handOver(token: PlainToken, stronger: PlainToken) {
    this.displace(token, stronger);
    this.become(stronger, 'ACTIVE', 'promoted');
    if (this.policy.rebalance === 'ALWAYS') this.rebalance();
  }

  private nextToCall(target: CallNextToken['target']): PlainToken | undefined {
    const isMeant = ({ slot }: PlainToken) => 'doctorId' in target || this.slotAt(slot).id === target.slotId;
    return this.inLine.find((token) => token.status === 'ACTIVE' && token.here && isMeant(token));
  }
}
