/**
 * The rules once more, as plainly as they can be put: one array of slots, one of tokens, sorted and searched afresh at each
 * step. Written from the rules' text alone, to be compared with the domain's on random days; it shares nothing with it but the words
 * for commands and refusals.
 */
import type { Command } from '../../src/domain/command.js';
import type { DoctorId, RebalancePolicy } from '../../src/domain/doctor.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, LocalDate } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';

export const PLAIN_DATE = '2026-01-31' as LocalDate;
export const PLAIN_DOCTOR = 'doc_notation' as DoctorId;

interface PlainSlot {
  /** `09:00` */
  start: string;
  end: string;
  capacity: number;
}

interface PlainToken {
  number: number;
  source: string;
  status: string;
  /** The start of the slot that it is in. */
  slot: string;
  requested: string;
  patient: string;
}

export type PlainOutcome = { effects: string[]; slots: string[] } | { refusal: Refusal };

const PRIORITIES = ['EMERGENCY', 'PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'];
const SEATED = ['ACTIVE', 'SERVING', 'COMPLETED'];
const QUEUED = ['WAITING', 'DISPLACED'];
const LIVE = ['ACTIVE', 'SERVING', 'WAITING', 'DISPLACED'];

export class PlainDay {
  revision = 0;
  slots: PlainSlot[] = [];
  tokens: PlainToken[] = [];
  private latest = Number.NEGATIVE_INFINITY;
  private now = 0;
  private effects: string[] = [];
  private touched: string[] = [];

  constructor(readonly policy: RebalancePolicy) {}

  /** Carries a command out, or says why not. */
  obey(command: Command, now: number): PlainOutcome {
    this.now = Math.max(now, this.latest);
    this.effects = [];
    this.touched = [];
    const refusal = this.judge(command);
    if (refusal) return { refusal };
    this.carryOut(command);
    this.revision += 1;
    this.latest = this.now;
    const slots = this.slots.map((slot) => slot.start).filter((start) => this.touched.includes(start));
    return { effects: this.effects, slots };
  }

  /** Has a token served, or done with: nothing that a command does yet. */
  serve(number: number, status: 'SERVING' | 'COMPLETED') {
    this.numbered(number).status = status;
  }

  // ---- saying no -------------------------------------------------------------------------------------------------

  private judge(command: Command): Refusal | undefined {
    switch (command.kind) {
      case 'CreateSlot':
        return this.judgeSlot(clock(command.start), clock(command.end));
      case 'AllocateToken':
        return this.judgeToken(command.slotId, command.patientRef, false);
      case 'InsertEmergency':
        if ('slotId' in command.target) return this.judgeToken(command.target.slotId, command.patientRef, true);
        if (!this.openSlot()) return { reason: 'NO_OPEN_SLOT', doctorId: PLAIN_DOCTOR };
        return this.judgePatient(command.patientRef, true);
      case 'CancelToken':
        return this.judgeEnd(command.tokenId, false);
      case 'MarkNoShow':
        return this.judgeEnd(command.tokenId, true);
    }
  }

  private judgeSlot(start: string, end: string): Refusal | undefined {
    if (this.now >= moment(end)) {
      const violations = [{ field: 'end', description: 'the slot would already have ended' }];
      return { reason: 'INVALID_FIELDS', violations };
    }
    for (const slot of this.slots) {
      const isApart = end <= slot.start || slot.end <= start;
      if (!isApart) return { reason: 'SLOT_OVERLAPS', slotId: slotId(slot.start) };
    }
    return undefined;
  }

  private judgeToken(id: SlotId, patient: string, isEmergency: boolean): Refusal | undefined {
    const slot = this.slots.find((each) => slotId(each.start) === id);
    if (!slot) return { reason: 'SLOT_NOT_FOUND', slotId: id };
    if (this.isOver(slot)) return { reason: 'SLOT_ENDED', slotId: id, endedAt: moment(slot.end) };
    return this.judgePatient(patient, isEmergency);
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

  // ---- doing it --------------------------------------------------------------------------------------------------

  private carryOut(command: Command) {
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
      case 'CancelToken':
        return this.end(this.numbered(numberOf(command.tokenId)), 'CANCELLED');
      case 'MarkNoShow':
        return this.end(this.numbered(numberOf(command.tokenId)), 'NO_SHOW');
    }
  }

  private createSlot(start: string, end: string, capacity: number) {
    const slot = { start, end, capacity };
    this.slots.push(slot);
    this.slots.sort((a, b) => (a.start < b.start ? -1 : 1));
    this.touched.push(start);
    if (this.policy === 'NEVER') return;
    for (const token of this.strongestFirst('DISPLACED')) {
      if (token.slot < start && this.seatsLeft(slot) > 0) this.move(token, slot);
    }
  }

  private allocate(source: string, slot: PlainSlot, patient: string) {
    if (this.seatsLeft(slot) > 0) {
      this.issue(source, slot, patient, 'ACTIVE');
      return;
    }
    const victim = this.weakest(slot);
    if (!victim || rank(victim.source) <= rank(source)) {
      this.issue(source, slot, patient, 'WAITING');
      return;
    }
    const token = this.issue(source, slot, patient, 'ACTIVE');
    this.displace(victim, token);
    if (this.policy === 'ALWAYS') this.rebalance();
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
      if (freed) this.fillSeat(this.slotOf(slotId(freed)));
    }
    if (this.policy !== 'NEVER') this.rebalance();
  }

  private end(token: PlainToken, status: 'CANCELLED' | 'NO_SHOW') {
    const heldSeat = token.status === 'ACTIVE';
    this.become(token, status, status === 'CANCELLED' ? 'cancelled' : 'no-show');
    if (heldSeat) this.fillSeat(this.slotOf(slotId(token.slot)));
  }

  private fillSeat(slot: PlainSlot) {
    if (this.isOver(slot) || this.seatsLeft(slot) <= 0) return;
    const own = this.strongestFirst(...QUEUED).filter((token) => token.slot === slot.start);
    if (own[0]) {
      this.become(own[0], 'ACTIVE', 'promoted');
      return;
    }
    const earlier = this.strongestFirst('DISPLACED').filter((token) => token.slot < slot.start);
    if (earlier[0] && this.policy !== 'NEVER') this.move(earlier[0], slot);
  }

  private rebalance() {
    for (const token of this.strongestFirst('DISPLACED')) {
      const free = this.slots.filter(
        (slot) => token.slot < slot.start && !this.isOver(slot) && this.seatsLeft(slot) > 0,
      );
      if (free[0]) this.move(token, free[0]);
    }
  }

  // ---- one token -------------------------------------------------------------------------------------------------

  private issue(source: string, slot: PlainSlot, patient: string, status: 'ACTIVE' | 'WAITING'): PlainToken {
    const number = this.tokens.length + 1;
    const token = { number, source, status, slot: slot.start, requested: slot.start, patient };
    this.tokens.push(token);
    this.tell(token, status === 'ACTIVE' ? 'allocated' : 'queued');
    return token;
  }

  private displace(token: PlainToken, by: PlainToken) {
    this.become(token, 'DISPLACED', `displaced by ${by.number}${by.source[0]}`);
  }

  private move(token: PlainToken, to: PlainSlot) {
    const from = token.slot;
    this.touched.push(from);
    token.slot = to.start;
    this.become(token, 'ACTIVE', `moved from ${from}`);
  }

  private become(token: PlainToken, status: string, how: string) {
    token.status = status;
    this.tell(token, how);
  }

  private tell(token: PlainToken, how: string) {
    this.touched.push(token.slot);
    this.effects.push(`${token.number}${token.source[0]}@${token.slot} ${how}`);
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  private strongestFirst(...statuses: string[]): PlainToken[] {
    const chosen = this.tokens.filter((token) => statuses.includes(token.status));
    return chosen.sort((a, b) => rank(a.source) - rank(b.source) || a.number - b.number);
  }

  private weakest(slot: PlainSlot): PlainToken | undefined {
    const seated = this.strongestFirst('ACTIVE').filter((token) => token.slot === slot.start);
    return seated.filter((token) => token.source !== 'EMERGENCY').pop();
  }

  private seatsLeft(slot: PlainSlot): number {
    const taken = this.tokens.filter((token) => token.slot === slot.start && SEATED.includes(token.status));
    return slot.capacity - taken.length;
  }

  private isOver(slot: PlainSlot): boolean {
    return this.now >= moment(slot.end);
  }

  private openSlot(): PlainSlot | undefined {
    const ahead = this.slots.filter((slot) => !this.isOver(slot));
    return ahead.find((slot) => this.now >= moment(slot.start)) ?? ahead[0];
  }

  private slotOf(id: SlotId): PlainSlot {
    return this.slots.find((slot) => slotId(slot.start) === id) as PlainSlot;
  }

  private numbered(number: number): PlainToken {
    return this.tokens.find((token) => token.number === number) as PlainToken;
  }

  private liveTokenOf(patient: string): PlainToken | undefined {
    return this.tokens.find((token) => patient !== '' && token.patient === patient && LIVE.includes(token.status));
  }

  // ---- the notation ----------------------------------------------------------------------------------------------

  print(): string {
    const lines = [`${PLAIN_DATE} Asia/Kolkata ${this.policy} r${this.revision}`];
    for (const slot of this.slots) {
      const here = (statuses: string[]) =>
        this.strongestFirst(...statuses).filter((token) => token.slot === slot.start);
      const seats = here(SEATED).map((token) => ` ${written(token)}`);
      const queue = here(QUEUED).map((token) => ` ${written(token)}`);
      const waiting = queue.length > 0 ? ` |${queue.join('')}` : '';
      lines.push(`${slot.start}-${slot.end} ${seats.length}/${slot.capacity}:${seats.join('')}${waiting}`);
    }
    const gone = this.tokens.filter((token) => !SEATED.includes(token.status) && !QUEUED.includes(token.status));
    const ends: Record<string, string> = { CANCELLED: 'cancelled', NO_SHOW: 'no-show' };
    const told = gone.map((token) => `${written(token)}@${token.slot} ${ends[token.status]}`);
    if (told.length > 0) lines.push(`gone: ${told.join(', ')}`);
    return lines.join('\n');
  }
}

function written({ number, source, status, slot, requested, patient }: PlainToken): string {
  const marks: Record<string, string> = { SERVING: '*', COMPLETED: '+', DISPLACED: '!' };
  const who = patient === '' ? '' : `(${patient})`;
  return `${number}${source[0]}${marks[status] ?? ''}${who}${requested === slot ? '' : `<${requested}`}`;
}

/** The lower, the stronger. */
function rank(source: string): number {
  return PRIORITIES.indexOf(source);
}

/** India keeps one time all year. */
function moment(time: string): Instant {
  return Date.parse(`${PLAIN_DATE}T${time}:00+05:30`) as Instant;
}

function clock(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(11, 16);
}

function slotId(start: string): SlotId {
  return `slot_${start}` as SlotId;
}

function tokenId(number: number): TokenId {
  return `token_${number}` as TokenId;
}

function numberOf(id: TokenId): number {
  return Number(id.slice('token_'.length));
}
