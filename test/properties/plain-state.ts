/** A day as the plain rules know it: what there is, the few ways in which it changes, and the questions that are asked of it. */
import type { Command, RescheduleToken } from '../../src/domain/command.js';
import type { AllocationPolicy, DoctorId } from '../../src/domain/doctor.js';
import type { Refusal } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant, LocalDate, TimeOfDay } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';

/** All slots between two times are closed together. */
export interface CloseAll {
  readonly kind: 'CloseSlots';
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  readonly reason: string;
}

/** Whatever the plain rules can be told. */
export type PlainCommand = Command | RescheduleToken | CloseAll;

export const PLAIN_DATE = '2026-01-31' as LocalDate;
export const PLAIN_DOCTOR = 'doc_notation' as DoctorId;

export interface PlainSlot {
  id: SlotId;
  /** `09:00`; no two slots that are there at once start together. */
  start: string;
  end: string;
  capacity: number;
  closed: boolean;
  ended: boolean;
  /** Whether a token was ever in it. */
  used: boolean;
}

export interface PlainToken {
  number: number;
  source: string;
  status: string;
  /** The start of the slot that it is in. */
  slot: string;
  requested: string;
  patient: string;
  here: boolean;
  issuedAt: number;
  displacements: number;
  /** When it was last called in to the doctor. */
  calledAt: number;
  /** When it last got its seat. */
  seatedAt: number;
}

export type PlainOutcome = { effects: string[]; slots: string[] } | { refusal: Refusal };

const PRIORITIES: Record<string, number> = { EMERGENCY: 100, PAID: 80, FOLLOW_UP: 60, ONLINE: 40, WALK_IN: 20 };
const HOUR = 3_600_000;
export const SEATED = ['ACTIVE', 'SERVING', 'COMPLETED'];
export const QUEUED = ['WAITING', 'DISPLACED'];
export const LIVE = ['ACTIVE', 'SERVING', 'WAITING', 'DISPLACED'];

export class PlainState {
  revision = 0;
  slots: PlainSlot[] = [];
  tokens: PlainToken[] = [];
  protected latest = Number.NEGATIVE_INFINITY;
  protected now = 0;
  protected effects: string[] = [];
  protected touched: string[] = [];
  /** The starts of the slots that were deleted. */
  protected deleted: string[] = [];
  /** What the next slot is to be called. */
  nextSlotId = '' as SlotId;
  /** How long each consultation took. */
  protected consultations: number[] = [];

  constructor(
    readonly policy: AllocationPolicy,
    /** How the policy is written. */
    readonly policyName: string,
  ) {}

  /** Whatever it is that is done, it is one revision. */
  protected happen(deed: () => void): PlainOutcome {
    this.effects = [];
    this.touched = [];
    this.deleted = [];
    deed();
    this.revision += 1;
    this.latest = this.now;
    const slots = [...this.slots.map((slot) => slot.start), ...this.deleted].filter((start) =>
      this.touched.includes(start),
    );
    return { effects: this.effects, slots };
  }

  // ---- one token -------------------------------------------------------------------------------------------------

  protected issue(source: string, slot: PlainSlot, patient: string, status: 'ACTIVE' | 'WAITING'): PlainToken {
    const number = this.tokens.length + 1;
    const place = { slot: slot.start, requested: slot.start };
    const times = { issuedAt: this.now, seatedAt: this.now, calledAt: 0, displacements: 0 };
    const token = { number, source, status, ...place, patient, here: false, ...times };
    this.tokens.push(token);
    slot.used = true;
    this.tell(token, status === 'ACTIVE' ? 'allocated' : 'queued');
    return token;
  }

  protected displace(token: PlainToken, by: PlainToken) {
    this.become(token, 'DISPLACED', `displaced by ${by.number}${by.source[0]}`);
  }

  protected move(token: PlainToken, to: PlainSlot, status = 'ACTIVE') {
    const from = token.slot;
    this.touched.push(from);
    token.slot = to.start;
    to.used = true;
    this.become(token, status, `moved from ${from}`);
  }

  protected become(token: PlainToken, status: string, how: string) {
    token.status = status;
    if (status === 'SERVING') token.calledAt = this.now;
    if (status === 'COMPLETED') this.consultations.push(this.now - token.calledAt);
    if (status === 'ACTIVE') token.seatedAt = this.now;
    if (how.startsWith('displaced')) token.displacements += 1;
    this.tell(token, how);
  }

  protected tell(token: PlainToken, how: string) {
    this.touched.push(token.slot);
    this.effects.push(`${token.number}${token.source[0]}@${token.slot} ${how}`);
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  protected strongestFirst(...statuses: string[]): PlainToken[] {
    const chosen = this.tokens.filter((token) => statuses.includes(token.status));
    const emergencyFirst = (a: PlainToken, b: PlainToken) => Number(isEmergency(b)) - Number(isEmergency(a));
    const byStrength = (a: PlainToken, b: PlainToken) => this.strength(b) - this.strength(a);
    return chosen.sort((a, b) => emergencyFirst(a, b) || byStrength(a, b) || a.number - b.number);
  }

  /** As it is now, times the milliseconds of an hour, so that nothing is rounded. */
  protected strength({ source, issuedAt }: Pick<PlainToken, 'source' | 'issuedAt'>): number {
    return (PRIORITIES[source] ?? 0) * HOUR + this.policy.agingPointsPerHour * (this.now - issuedAt);
  }

  /**
   * Everybody in the order of calling: emergencies who are here, then slot by slot those with a
   * seat and those without.
   */
  protected get inLine(): PlainToken[] {
    const first = this.strongestFirst('ACTIVE').filter((token) => isEmergency(token) && token.here);
    const bySlot = this.slots.flatMap((slot) =>
      [...this.strongestFirst('ACTIVE'), ...this.strongestFirst(...QUEUED)].filter(
        ({ slot: its }) => its === slot.start,
      ),
    );
    return [...first, ...bySlot.filter((token) => !first.includes(token))];
  }

  protected weakest(slot: PlainSlot, isMeant = (_: PlainToken) => true): PlainToken | undefined {
    const seated = this.strongestFirst('ACTIVE').filter((token) => token.slot === slot.start);
    return seated.filter((token) => !isEmergency(token) && isMeant(token)).pop();
  }

  protected isProtected({ here, displacements }: PlainToken): boolean {
    const { protectCheckedIn, displacementsMax } = this.policy;
    const isWornOut = displacementsMax !== 0 && displacementsMax <= displacements;
    return isWornOut || (protectCheckedIn && here);
  }

  protected seatsLeft(slot: PlainSlot): number {
    const taken = this.tokens.filter((token) => token.slot === slot.start && SEATED.includes(token.status));
    return slot.capacity - taken.length;
  }

  /** Closed slots are as good as over: nobody comes into them any more. */
  protected isOver(slot: PlainSlot): boolean {
    return slot.closed || this.now >= moment(slot.end);
  }

  protected openSlot(): PlainSlot | undefined {
    const ahead = this.slots.filter((slot) => !this.isOver(slot));
    return ahead.find((slot) => this.now >= moment(slot.start)) ?? ahead[0];
  }

  protected slotOf(id: SlotId): PlainSlot {
    return this.slots.find((slot) => slot.id === id) as PlainSlot;
  }

  protected slotAt(start: string): PlainSlot {
    return this.slots.find((slot) => slot.start === start) as PlainSlot;
  }

  protected numbered(number: number): PlainToken {
    return this.tokens.find((token) => token.number === number) as PlainToken;
  }

  protected liveTokenOf(patient: string): PlainToken | undefined {
    return this.tokens.find((token) => patient !== '' && token.patient === patient && LIVE.includes(token.status));
  }

  // ---- the notation ----------------------------------------------------------------------------------------------

  print(): string {
    const lines = [`${PLAIN_DATE} Asia/Kolkata ${this.policyName} r${this.revision}`];
    for (const slot of this.slots) {
      const here = (statuses: string[]) =>
        this.strongestFirst(...statuses).filter((token) => token.slot === slot.start);
      const seats = here(SEATED).map((token) => ` ${this.written(token)}`);
      const queue = here(QUEUED).map((token) => ` ${this.written(token)}`);
      const waiting = queue.length > 0 ? ` |${queue.join('')}` : '';
      const state = `${slot.closed ? ' closed' : ''}${slot.ended ? ' ended' : ''}`;
      lines.push(`${slot.start}-${slot.end} ${seats.length}/${slot.capacity}${state}:${seats.join('')}${waiting}`);
    }
    const gone = this.tokens.filter((token) => !SEATED.includes(token.status) && !QUEUED.includes(token.status));
    const ends: Record<string, string> = { CANCELLED: 'cancelled', NO_SHOW: 'no-show', EXPIRED: 'expired' };
    const told = gone.map((token) => `${this.written(token)}@${token.slot} ${ends[token.status]}`);
    if (told.length > 0) lines.push(`gone: ${told.join(', ')}`);
    return lines.join('\n');
  }

  private written({ number, source, status, slot, requested, patient, here, displacements }: PlainToken): string {
    const marks: Record<string, string> = { SERVING: '*', COMPLETED: '+', DISPLACED: '!' };
    const times = this.policy.displacementsMax > 0 && displacements > 0 ? `x${displacements}` : '';
    const who = patient === '' ? '' : `(${patient})`;
    const asked = requested === slot ? '' : `<${requested}`;
    return `${number}${source[0]}${marks[status] ?? ''}${times}${here ? '^' : ''}${who}${asked}`;
  }
}

export function isEmergency({ source }: PlainToken): boolean {
  return source === 'EMERGENCY';
}

/** India keeps one time all year. */
export function moment(time: string): Instant {
  return Date.parse(`${PLAIN_DATE}T${time}:00+05:30`) as Instant;
}

export function clock(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(11, 16);
}

export function tokenId(number: number): TokenId {
  return `token_${number}` as TokenId;
}

export function numberOf(id: TokenId): number {
  return Number(id.slice('token_'.length));
}
