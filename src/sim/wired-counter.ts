/**
 * A counter at the other end of a connection: each request goes out as its command, and a witness sees to it that what is answered,
 * shown and allowed are the same.
 */
import {
  type AllocateTokenRequest,
  type InsertEmergencyRequest,
  OpdServiceService,
} from '../../gen/opd/v1/opd_service.js';
import { TokenSource as WireSource } from '../../gen/opd/v1/resources.js';
import type { DoctorId } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import { formatTimeOfDay, type Instant } from '../domain/time.js';
import { isLive, type Token, type TokenId } from '../domain/token.js';
import type { Counter, Request } from './counter.js';
import type { Random } from './random.js';
import type { VirtualClock } from './virtual-clock.js';
import type { Witness } from './witness.js';

/** The share of commands that are sent a second time under their request id (R18). */
const ASKED_AGAIN = 0.04;

export interface WiredCounterTerms {
  readonly doctorId: DoctorId;
  readonly witness: Witness;
  readonly clock: VirtualClock;
  /** When the day ends (R21). */
  readonly midnight: Instant;
  readonly random: Random;
  /** Has the server see to what is due by now. */
  readonly letTimePass: () => Promise<unknown>;
  /** Told of each request that was granted, `again`: also when asked again. */
  readonly onChange: (request: Request, change: Change, again: boolean) => void;
}

export class WiredCounter implements Counter {
  #accepted: AllocateTokenRequest | undefined;
  #looked = Number.NEGATIVE_INFINITY as Instant;

  constructor(private readonly terms: WiredCounterTerms) {}

  get doctorId(): DoctorId {
    return this.terms.doctorId;
  }

  get slots(): readonly SlotSummary[] {
    return this.terms.witness.board.slots;
  }

  get tokens(): readonly Token[] {
    return this.terms.witness.board.tokens;
  }

  token(id: TokenId): Token {
    return this.terms.witness.board.token(id);
  }

  /** The last AllocateToken that was granted. */
  get accepted(): AllocateTokenRequest | undefined {
    return this.#accepted;
  }

  /** As far as can be told from outside: when a slot ends (R20), somebody's grace does (R22), or the day (R21). */
  get nextDue(): Instant | undefined {
    const graces = this.tokens.map((token) => this.#noShowDue(token)).filter((due) => due !== undefined);
    const dues = [...this.slots.map(({ endsAt }) => endsAt), ...graces, this.terms.midnight];
    const next = Math.min(...dues.filter((due) => due > this.#looked));
    return Number.isFinite(next) ? (next as Instant) : undefined;
  }

  async look(): Promise<void> {
    const { now } = this.terms.clock;
    if ((this.nextDue ?? Number.POSITIVE_INFINITY) > now) return;
    this.#looked = now;
    await this.terms.letTimePass();
    await this.terms.witness.seeTimeAct(() => this.#overdue(now));
  }

  async ask(request: Request): Promise<Change> {
    const again = this.terms.random.chance(ASKED_AGAIN);
    const change = await this.#send(request, again);
    this.terms.onChange(request, change, again);
    return change;
  }

  #send(request: Request, again: boolean): Promise<Change> {
    const { witness } = this.terms;
    const common = { validateOnly: false, requestId: this.terms.random.uuid() };
    switch (request.kind) {
      case 'AllocateToken': {
        const { slotId, source, patientRef, seatOnly = false } = request;
        this.#accepted = { slotId, source: WireSource[source], patientRef, seatOnly, ...common };
        return witness.carryOut(OpdServiceService.allocateToken, this.#accepted, { again });
      }
      case 'InsertEmergency': {
        const { patientRef, target } = request;
        const message = { target: targetOf(target), patientRef, ...common };
        return witness.carryOut(OpdServiceService.insertEmergency, message, { again });
      }
      case 'CallNextToken': {
        const { completeCurrent, target, expectedCurrentTokenId = '' } = request;
        const message = { target: targetOf(target), completeCurrent, expectedCurrentTokenId, ...common };
        return witness.carryOut(OpdServiceService.callNextToken, message, { again });
      }
      case 'CallToken': {
        const message = { expectedCurrentTokenId: '', ...request, ...common };
        return witness.carryOut(OpdServiceService.callToken, message, { again });
      }
      case 'CancelToken':
        return witness.carryOut(OpdServiceService.cancelToken, { ...request, ...common }, { again });
      case 'CloseSlot':
        return witness.carryOut(OpdServiceService.closeSlot, { ...request, ...common }, { again });
      case 'MarkNoShow':
        return witness.carryOut(OpdServiceService.markNoShow, { ...request, ...common }, { again });
      case 'CheckInToken':
        return witness.carryOut(OpdServiceService.checkInToken, { ...request, ...common }, { again });
      case 'ReturnToken':
        return witness.carryOut(OpdServiceService.returnToken, { ...request, ...common }, { again });
      case 'CompleteToken':
        return witness.carryOut(OpdServiceService.completeToken, { ...request, ...common }, { again });
    }
  }

  /** R22: from when the slot has begun and the token its seat, since when nothing has happened to it. */
  #noShowDue({ status, checkedInAt, slotId, updatedAt }: Token): Instant | undefined {
    const { board } = this.terms.witness;
    const grace = board.terms.policy.noShowGraceMilliseconds;
    if (grace === undefined || status !== 'ACTIVE' || checkedInAt !== undefined) return undefined;
    return (Math.max(board.slot(slotId).startsAt, updatedAt) + grace) as Instant;
  }

  /** What time should have done by now, and has not. */
  #overdue(now: Instant): string[] {
    const absent = this.tokens.filter((token) => (this.#noShowDue(token) ?? Number.POSITIVE_INFINITY) <= now);
    const ended = this.slots.filter(({ endsAt, isClosed, waiting }) => endsAt <= now && !isClosed && waiting > 0);
    const left = now >= this.terms.midnight ? this.tokens.filter(isLive) : [];
    return [
      ...absent.map(({ number }) => `R22: #${number} has not come in time, and is no no-show`),
      ...ended.map(({ start }) => `R20: the slot of ${formatTimeOfDay(start)} has ended, and somebody waits in it`),
      ...left.map(({ number, status }) => `R21: the day is over, and #${number} is ${status}`),
    ];
  }
}

function targetOf(target: Extract<Request, { target: object }>['target']): InsertEmergencyRequest['target'] {
  return 'slotId' in target ? { $case: 'slotId', value: target.slotId } : { $case: 'doctorId', value: target.doctorId };
}
