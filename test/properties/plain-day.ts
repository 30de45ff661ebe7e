/**
 * The rules once more, as plainly as they can be put: one array of slots, one of tokens, sorted and searched afresh at each
 * step. Written from the rules' text alone, to be compared with the domain's on random days; it shares nothing with it but the words
 * for commands and refusals.
 */
import type { RescheduleToken, UpdateToken } from '../../src/domain/command.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { TokenId } from '../../src/domain/token.js';
import { PlainCalls } from './plain-calls.js';
import {
  clock,
  LIVE,
  numberOf,
  PLAIN_DOCTOR,
  type PlainCommand,
  type PlainOutcome,
  type PlainSlot,
  type PlainToken,
  QUEUED,
  tokenId,
} from './plain-state.js';

export class PlainDay extends PlainCalls {
  /** Carries a command out, or says why not. */
  obey(command: PlainCommand, now: number): PlainOutcome {
    this.now = Math.max(now, this.latest);
    const refusal = this.judge(command);
    return refusal ? { refusal } : this.happen(() => this.carryOut(command));
  }

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

  private judgeToken(id: SlotId, patient: string, isEmergency: boolean): Refusal | undefined {
    return this.judgePlace(id) ?? this.judgePatient(patient, isEmergency);
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
}
