/** Who comes to the doctor and goes, in the plain rules. */
import type { Admission, AttendToken, CallNextToken, CallToken } from '../../src/domain/command.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import { PlainSlots } from './plain-slots.js';
import { LIVE, numberOf, type PlainToken, tokenId } from './plain-state.js';

export class PlainCalls extends PlainSlots {
  protected judgeCallNext(command: CallNextToken): Refusal | undefined {
    const { target } = command;
    const isThere = 'doctorId' in target || this.slots.some((slot) => slot.id === target.slotId);
    if (!isThere) return { reason: 'SLOT_NOT_FOUND', slotId: (target as { slotId: SlotId }).slotId };
    const unexpected = this.judgeUnknown(command) ?? this.judgeGone(command);
    if (unexpected) return unexpected;
    return this.nextToCall(target) ? this.judgeBusy(command) : { reason: 'NOBODY_TO_CALL', ...target };
  }

  /** Refuses if the token that the caller expects with the doctor does not exist. */
  private judgeUnknown({ expectedCurrentTokenId: id }: Admission): Refusal | undefined {
    return id && !this.numbered(numberOf(id)) ? { reason: 'TOKEN_NOT_FOUND', tokenId: id } : undefined;
  }

  /** Refuses if nobody is with the doctor, and the expected token is not COMPLETED. */
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

  protected judgeDoor(command: AttendToken | CallToken): Refusal | undefined {
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

  protected checkIn(token: PlainToken) {
    token.here = true;
    this.tell(token, 'checked-in');
  }

  protected call(token: PlainToken) {
    const current = this.strongestFirst('SERVING')[0];
    this.become(token, 'SERVING', 'called');
    if (current) this.become(current, 'COMPLETED', 'completed');
  }

  protected sendBack(token: PlainToken) {
    this.become(token, 'ACTIVE', 'returned');
    const slot = this.slotAt(token.slot);
    if (slot.closed) {
      this.clear([slot]);
      return;
    }
    this.giveWay(token, slot);
  }

  protected nextToCall(target: CallNextToken['target']): PlainToken | undefined {
    const isMeant = ({ slot }: PlainToken) => 'doctorId' in target || this.slotAt(slot).id === target.slotId;
    return this.inLine.find((token) => token.status === 'ACTIVE' && token.here && isMeant(token));
  }
}
