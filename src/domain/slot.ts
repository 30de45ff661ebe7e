/** A fixed time window of a doctor-day, its seats, and the queue of those who wait for one. */
import { type PolicyTerms, protects, protectsSome } from './doctor.js';
import type { SlotId } from './ids.js';
import { Ranking } from './ranking.js';
import { runTogether, type SlotSummary, type SlotTerms, type SlotTimes } from './slot-times.js';
import type { Strength } from './strength.js';
import type { Instant } from './time.js';
import { isCallable, type Token, type TokenStatus } from './token.js';

export type { SlotId, SlotSummary, SlotTerms, SlotTimes };

/** The statuses whose tokens still take part in the slot; those of the others are remembered by the doctor-day alone. */
const PRESENT = ['ACTIVE', 'SERVING', 'COMPLETED', 'WAITING', 'DISPLACED'] as const;
type PresentStatus = (typeof PRESENT)[number];

export class Slot {
  readonly id: SlotId;
  /** In order of strength, each. */
  #present: Readonly<Record<PresentStatus, Ranking>>;
  /** Those ACTIVE whose patients are here, in order of strength. */
  #callable: Ranking;
  /** Those ACTIVE whose patients are not here, in the order in which they become no-shows; kept only where they do (R22). */
  readonly #awaited: Ranking | undefined;
  /** Those ACTIVE whom others than emergencies may displace, in order of strength; kept only where they are not all (R24). */
  #unprotected: Ranking | undefined;
  #terms: SlotTerms;
  #capacity: number;
  #closed = false;
  #ended = false;
  #deleted = false;
  /** Whether a token was ever in it, seated or waiting. */
  #used = false;

  constructor(
    terms: SlotTerms,
    private readonly doctor: PolicyTerms,
    private readonly strength: Strength,
  ) {
    this.id = terms.id;
    this.#terms = terms;
    const { compare } = strength;
    this.#present = {
      ACTIVE: new Ranking(compare),
      SERVING: new Ranking(compare),
      COMPLETED: new Ranking(compare),
      WAITING: new Ranking(compare),
      DISPLACED: new Ranking(compare),
    };
    this.#callable = new Ranking(compare);
    this.#capacity = terms.capacity;
    const isWaitedFor = doctor.policy.noShowGraceMilliseconds !== undefined;
    this.#unprotected = protectsSome(doctor.policy) ? new Ranking(compare) : undefined;
    this.#awaited = isWaitedFor ? new Ranking((a, b) => this.#byNoShow(a, b)) : undefined;
  }

  /** As created, but with the present times; the present capacity is {@link capacity}. */
  get terms(): SlotTerms {
    return this.#terms;
  }

  /** 1 to 1,000; as it is now (R12). */
  get capacity(): number {
    return this.#capacity;
  }

  /** R13: a closed slot takes no more tokens, promotes nobody, and nobody is moved into it. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether it never had a token, and so may be deleted. */
  get isUnused(): boolean {
    return !this.#used;
  }

  /** R13: whether other slots may not overlap it. Closed without live tokens: false. */
  get blocksItsTime(): boolean {
    return !this.#closed || this.hasLiveTokens;
  }

  /** R20: whether what is to be done at its end has been done. Whether it is past its end is for {@link hasEnded} to say. */
  get isEnded(): boolean {
    return this.#ended;
  }

  get seatsTaken(): number {
    const { ACTIVE, SERVING, COMPLETED } = this.#present;
    return ACTIVE.size + SERVING.size + COMPLETED.size;
  }

  /** How many wait: WAITING and DISPLACED. */
  get waiting(): number {
    return this.#present.WAITING.size + this.#present.DISPLACED.size;
  }

  get activeCount(): number {
    return this.#present.ACTIVE.size;
  }

  get hasLiveTokens(): boolean {
    return this.activeCount + this.#present.SERVING.size + this.waiting > 0;
  }

  get hasFreeSeat(): boolean {
    return this.seatsTaken < this.capacity;
  }

  /** R17: an ended slot takes no new tokens, promotes nobody, and nobody is moved into it. */
  hasEnded(now: Instant): boolean {
    return now >= this.terms.endsAt;
  }

  /** Neither closed nor ended: what the rules mean by an open slot. */
  isOpen(now: Instant): boolean {
    return !this.#closed && !this.hasEnded(now);
  }

  isRunning(now: Instant): boolean {
    return this.terms.startsAt <= now && now < this.terms.endsAt;
  }

  /** By local times or by instants; zone rules that change make them differ. */
  overlaps(other: SlotTimes): boolean {
    return (this.terms.start < other.end && other.start < this.terms.end) || runTogether(this.terms, other);
  }

  /** R4, R5: the weakest ACTIVE token that is no emergency: an emergency may displace it. */
  get weakestDisplaceable(): Token | undefined {
    const weakest = this.#present.ACTIVE.last;
    return weakest?.source === 'EMERGENCY' ? undefined : weakest;
  }

  /** R24: the weakest ACTIVE token that others than emergencies may displace; whether they do is for their strength to say. */
  get weakestUnprotected(): Token | undefined {
    return this.#unprotected ? this.#unprotected.last : this.weakestDisplaceable;
  }

  get strongestWaiting(): Token | undefined {
    return this.strength.stronger(this.#present.WAITING.first, this.#present.DISPLACED.first);
  }

  get strongestDisplaced(): Token | undefined {
    return this.#present.DISPLACED.first;
  }

  /** The strongest ACTIVE token that has checked in. */
  get strongestCallable(): Token | undefined {
    return this.#callable.first;
  }

  /** The ACTIVE emergencies that have checked in, in order of strength. */
  emergenciesHere(): Token[] {
    return this.#callable.takeWhile(({ source }) => source === 'EMERGENCY');
  }

  /** R22: the ACTIVE token that becomes a no-show before all others, unless its patient comes; undefined where none ever does. */
  get nextNoShow(): Token | undefined {
    return this.#awaited?.first;
  }

  /** R22: when an ACTIVE token of this slot becomes a no-show, unless its patient comes; undefined: never. */
  noShowDue({ seatedAt }: Token): Instant | undefined {
    const grace = this.doctor.policy.noShowGraceMilliseconds;
    if (grace === undefined) return undefined;
    const awaitedFrom = Math.max(this.terms.startsAt, seatedAt ?? this.terms.startsAt);
    // What was decided before this policy was set stays as it was.
    return Math.max(awaitedFrom + grace, this.doctor.policySince) as Instant;
  }

  /** Who is with the doctor. */
  get serving(): Token | undefined {
    return this.#present.SERVING.first;
  }

  /** Those ACTIVE, in order of strength. */
  active(): Token[] {
    return this.#inOrder('ACTIVE');
  }

  /** Those who hold a seat, in order of strength. */
  seated(): Token[] {
    return this.#inOrder('ACTIVE', 'SERVING', 'COMPLETED');
  }

  /** The waiting queue, in order of strength. */
  waitingQueue(): Token[] {
    return this.#inOrder('WAITING', 'DISPLACED');
  }

  summary(): SlotSummary {
    const { id, start, end, startsAt, endsAt } = this.terms;
    // Written out field by field: one is made for every command, and a spread copies several times more slowly.
    const summary = {
      id,
      start,
      end,
      startsAt,
      endsAt,
      capacity: this.#capacity,
      isClosed: this.#closed,
      seatsTaken: this.seatsTaken,
      waiting: this.waiting,
    };
    return this.#deleted ? { ...summary, isDeleted: true } : summary;
  }

  /** A slot that stands as this one does, and goes its own way from here. Costs little: most of its trees are copied as they change. */
  copy(): Slot {
    const copy = new Slot(this.terms, this.doctor, this.strength);
    const { ACTIVE, SERVING, COMPLETED, WAITING, DISPLACED } = this.#present;
    copy.#present = {
      ACTIVE: ACTIVE.copy(),
      SERVING: SERVING.copy(),
      COMPLETED: COMPLETED.copy(),
      WAITING: WAITING.copy(),
      DISPLACED: DISPLACED.copy(),
    };
    copy.#callable = this.#callable.copy();
    copy.#unprotected = this.#unprotected?.copy();
    // Not as they are: the order is the copy's own, so that it does not keep this slot from being forgotten.
    for (const token of this.#awaited?.tokens() ?? []) copy.#awaited?.add(token);
    copy.#capacity = this.#capacity;
    copy.#closed = this.#closed;
    copy.#ended = this.#ended;
    copy.#used = this.#used;
    return copy;
  }

  // The writers below are evolve's, the notation's and the doctor-day's alone: everybody else asks.

  setCapacity(capacity: number): void {
    this.#capacity = capacity;
  }

  close(): void {
    this.#closed = true;
  }

  reopen(): void {
    this.#closed = false;
  }

  delete(): void {
    if (this.#used) throw new Error(`${this.id} has had tokens`);
    this.#deleted = true;
  }

  /** Sorts the awaited tokens anew: when they become no-shows depends on the start. */
  retime({ start, end, startsAt, endsAt }: SlotTimes): void {
    const awaited = this.#awaited?.tokens() ?? [];
    for (const token of awaited) this.#awaited?.remove(token);
    this.#terms = { ...this.#terms, start, end, startsAt, endsAt };
    for (const token of awaited) this.#awaited?.add(token);
  }

  end(): void {
    if (this.#ended) throw new Error(`${this.id} has ended before`);
    this.#ended = true;
  }

  /** Keeps the books when a token comes in or changes. */
  enter(token: Token): void {
    this.#used = true;
    if (isPresent(token.status)) this.#present[token.status].add(token);
    if (isCallable(token)) this.#callable.add(token);
    if (this.#awaited && isAwaited(token)) this.#awaited.add(token);
    if (this.#unprotected && this.#isUnprotected(token)) this.#unprotected.add(token);
  }

  /** Keeps the books when a token goes or changes. */
  leave(token: Token): void {
    if (isPresent(token.status)) this.#present[token.status].remove(token);
    if (isCallable(token)) this.#callable.remove(token);
    if (this.#awaited && isAwaited(token)) this.#awaited.remove(token);
    if (this.#unprotected && this.#isUnprotected(token)) this.#unprotected.remove(token);
  }

  #isUnprotected(token: Token): boolean {
    return token.status === 'ACTIVE' && token.source !== 'EMERGENCY' && !protects(this.doctor.policy, token);
  }

  #byNoShow(a: Token, b: Token): number {
    return (this.noShowDue(a) ?? 0) - (this.noShowDue(b) ?? 0) || a.number - b.number;
  }

  #inOrder(...statuses: PresentStatus[]): Token[] {
    return statuses.flatMap((status) => this.#present[status].tokens()).sort(this.strength.compare);
  }
}

function isAwaited({ status, checkedInAt }: Token): boolean {
  return status === 'ACTIVE' && checkedInAt === undefined;
}

function isPresent(status: TokenStatus): status is PresentStatus {
  return (PRESENT as readonly TokenStatus[]).includes(status);
}
