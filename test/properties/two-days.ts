/** The domain's day and the plain one, side by side: told the same things, they must become the same. */

import { checkChange, checkRefusal } from '../../src/domain/change-invariants.js';
import { nextDue } from '../../src/domain/clock.js';
import { closeSlots } from '../../src/domain/close-slots.js';
import type { RecordedCommand, RescheduleToken } from '../../src/domain/command.js';
import { type Decision, decide } from '../../src/domain/decide.js';
import type { AllocationPolicy } from '../../src/domain/doctor.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import { estimator } from '../../src/domain/estimate.js';
import type { Change } from '../../src/domain/event.js';
import { follow } from '../../src/domain/explanation.js';
import { brokenInvariants, snapshotOf } from '../../src/domain/invariants.js';
import { parseDay, printDay, printEffect } from '../../src/domain/notation.js';
import { printPolicy } from '../../src/domain/policy-notation.js';
import { type Answer, answered } from '../../src/domain/refusal.js';
import { rescheduleToken } from '../../src/domain/reschedule.js';
import type { DayDecision, WideCircumstances } from '../../src/domain/several-days.js';
import type { SlotId, SlotSummary } from '../../src/domain/slot.js';
import { formatTimeOfDay, type Instant, type TimeOfDay } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import { type Recorded, replay } from '../../src/domain/turn.js';
import { PlainEstimate } from './plain-estimate.js';
import { type CloseAll, PLAIN_DATE, PLAIN_DOCTOR, type PlainCommand } from './plain-state.js';
import type { Step } from './step.js';
import { commandOf } from './step-command.js';

const NIGHTFALL: Step = { does: 'wait', minutes: 24 * 60 };

type Kept = Recorded & { readonly change: Change };

/** Goes through a day step by step, and on to its end; throws, with the day in its notation, where the two part or an invariant breaks. */
export function live(policy: AllocationPolicy, steps: readonly Step[]): void {
  const days = new TwoDays(policy);
  [...steps, NIGHTFALL].forEach((step, index) => {
    const before = days.notation;
    try {
      days.go(step);
    } catch (error) {
      const told = `step ${index + 1}, ${JSON.stringify(step)}, on the day\n${before}\nmade\n${days.notation}\n`;
      throw new Error(`${told}${error instanceof Error ? error.message : error}`);
    }
  });
  days.replay();
  days.explain();
}

class TwoDays {
  readonly #day: DoctorDay;
  readonly #plain: PlainEstimate;
  /** All that has happened, to be gone through again in the end. */
  readonly #kept: Kept[] = [];
  readonly #header: string;
  readonly #usedSlotIds = new Set<string>();
  #now = Date.parse(`${PLAIN_DATE}T08:55:00+05:30`);

  constructor(policy: AllocationPolicy) {
    this.#header = `${PLAIN_DATE} Asia/Kolkata ${printPolicy(policy)}`;
    this.#day = parseDay(this.#header);
    this.#plain = new PlainEstimate(policy, printPolicy(policy));
  }

  go(step: Step): void {
    if (step.does === 'wait') this.#wait(step.minutes);
    else if (!this.#makesTwins(step)) this.#command(commandOf(this.#day, step), this.#now);
    expect(nextDue(this.#day)).toBe(this.#plain.due);
    this.#compareEstimates();
    this.#compareOrders();
  }

  /**
   * R25: one order of calling. Of the tokens that can be called (ACTIVE, checked in) CallNextToken
   * for the doctor calls the one with the fewest ahead, and no two have as many. It says
   * NOBODY_TO_CALL only where there is none.
   */
  #compareOrders(): void {
    const now = this.#now as Instant;
    const estimateOf = estimator(this.#day, now);
    const callable = [...this.#day.tokens].filter((token) => token.status === 'ACTIVE' && token.checkedInAt);
    const aheadOf = new Map(callable.map((token) => [token.id, estimateOf(token)?.ahead ?? -1]));
    expect(new Set(aheadOf.values()).size).toBe(callable.length);
    const [first] = callable.sort((a, b) => (aheadOf.get(a.id) ?? 0) - (aheadOf.get(b.id) ?? 0));
    const target = { doctorId: PLAIN_DOCTOR };
    const command = { kind: 'CallNextToken', target, completeCurrent: true } as const;
    const answer = decide(this.#day.copy(), command, { now, newId: '' });
    const called = answer.ok ? answer.value.change.effects[0]?.token.id : answer.refusal.reason;
    expect(called).toBe(first?.id ?? 'NOBODY_TO_CALL');
  }

  /** Whether a step would give two slots one start. The plain day names slots by their starts. */
  #makesTwins(step: Step): boolean {
    const start =
      step.does === 'create' ? step.start : step.does === 'retime' && step.to !== step.start ? step.to : undefined;
    return (
      start !== undefined &&
      this.#day.slots.some((slot) => slot.isClosed && formatTimeOfDay(slot.terms.start) === start)
    );
  }

  #compareEstimates(): void {
    const estimateOf = estimator(this.#day, this.#now as Instant);
    for (const token of this.#day.tokens) {
      expect({ ...estimateOf(token) }).toEqual({ ...this.#plain.estimate(token.number, this.#now) });
      expect(token.calledAt ?? 0).toBe(this.#plain.tokens[token.number - 1]?.calledAt);
    }
  }

  /** Whatever falls due meanwhile happens, each at its own instant. */
  #wait(minutes: number): void {
    this.#now += minutes * 60_000;
    const now = Math.max(this.#now, this.#day.changedAt);
    for (let due = nextDue(this.#day); due !== undefined && due <= now; due = nextDue(this.#day)) {
      expect(due).toBe(this.#plain.due);
      this.#command({ kind: 'CLOCK' }, due);
    }
  }

  /** I8: the journal, applied from the start, gives the same day and the same changes. */
  replay(): void {
    let again = parseDay(this.#header);
    for (const kept of this.#kept) {
      // Each change on a copy: which goes on as the day itself would, and leaves it alone.
      const [left, before] = [again, printDay(again)];
      again = left.copy();
      expect(replay(again, kept)).toEqual(kept.change);
      expect(printDay(left)).toBe(before);
    }
    expect(printDay(again)).toBe(this.notation);
    // The notation does not say when a token was issued.
    if (this.#day.doctor.policy.agingPointsPerHour > 0) return;
    // Nor that of a slot before it got other times, by which tokens may have been asked for.
    if (this.#kept.some(({ command }) => command.kind === 'UpdateSlot' && command.start !== undefined)) return;
    expect(printDay(parseDay(this.notation))).toBe(this.notation);
  }

  /** Whatever has happened to a token can be told in a sentence; one token a revision is looked at. */
  explain(): void {
    const again = parseDay(this.#header);
    for (const kept of this.#kept) {
      const { effects, revision } = kept.change;
      const id = effects[revision % effects.length]?.token.id ?? ('' as TokenId);
      const steps = follow(again, kept, id);
      // Of other times of its slot a token is told as well, which is no effect on it.
      const told = steps.flatMap(({ effect }) => effect ?? []);
      expect(told).toEqual(effects.filter(({ token }) => token.id === id));
      for (const { rule, sentence } of steps) expect(`${rule} ${sentence}`).toMatch(/^(R\d+)? [A-Z][^?]*\.$/);
    }
  }

  get notation(): string {
    return printDay(this.#day);
  }

  #command(command: PlainCommand, now: number): void {
    const before = snapshotOf(this.#day);
    const newId = command.kind === 'CreateSlot' ? this.#newSlotId(command.start) : String(this.#day.nextNumber);
    this.#plain.nextSlotId = `slot_${newId}` as SlotId;
    const answer = this.#decide(command, now as Instant, newId);
    const outcome = command.kind === 'CLOCK' ? this.#plain.letTimePass(now) : this.#plain.obey(command, now);
    const after = snapshotOf(this.#day);
    if (!answer.ok) {
      expect({ refusal: answer.refusal }).toEqual(outcome);
      expect(checkRefusal(before, after)).toEqual([]);
    } else {
      const { change, events, command: recorded } = answer.value;
      if (change.closed) this.#compareLeft(change.closed, before.slots);
      const effects = change.effects.map((effect) => printEffect(this.#day, effect));
      const slots = change.slots.map((slot) => formatTimeOfDay(slot.start));
      expect({ effects, slots }).toEqual(outcome);
      const broken = checkChange(before, change, after, this.#day.doctor);
      expect([...broken, ...brokenInvariants(this.#day, change.at)]).toEqual([]);
      if (command.kind === 'CreateSlot') this.#usedSlotIds.add(`slot_${newId}`);
      this.#kept.push({ revision: change.revision, at: change.at, command: recorded, events, change });
    }
    expect(this.notation).toBe(this.#plain.print());
  }

  /**
   * Which slots CloseSlots closed, and who is still in them: all live tokens but the one with the
   * doctor.
   */
  #compareLeft({ slotIds, left }: NonNullable<Change['closed']>, before: readonly SlotSummary[]): void {
    const wasOpen = new Set(before.filter(({ isClosed }) => !isClosed).map(({ id }) => id));
    const closed = this.#plain.slots.filter((slot) => slot.closed && wasOpen.has(slot.id));
    expect(slotIds).toEqual(closed.map(({ id }) => id));
    const isIn = (start: string) => closed.some((slot) => slot.start === start);
    const there = this.#plain.tokens.filter(({ slot, status }) => isIn(slot) && STAYS.includes(status));
    expect(left.map(({ number, status }) => [number, status])).toEqual(
      there.map(({ number, status }) => [number, status]),
    );
  }

  #decide(
    command: PlainCommand,
    now: Instant,
    newId: string,
  ): Answer<Decision & { readonly command: RecordedCommand }> {
    if (command.kind !== 'RescheduleToken' && command.kind !== 'CloseSlots') {
      const answer = decide(this.#day, command, { now, newId });
      return answer.ok ? answered({ ...answer.value, command }) : answer;
    }
    const answer = this.#decideWide(command, { now, newId: () => newId });
    return answer.ok ? answered(answer.value[0] as DayDecision) : answer;
  }

  #decideWide(command: RescheduleToken | CloseAll, circumstances: WideCircumstances): Answer<readonly DayDecision[]> {
    if (command.kind === 'RescheduleToken') {
      return rescheduleToken({ to: this.#day, from: this.#day }, command, circumstances);
    }
    const wanted = { ...command, firstDate: PLAIN_DATE, lastDate: PLAIN_DATE };
    return closeSlots([this.#day], wanted, circumstances);
  }

  /** The start, unless a slot was called by it that now starts at another time, or is no more. */
  #newSlotId(start: TimeOfDay): string {
    const name = formatTimeOfDay(start);
    return this.#usedSlotIds.has(`slot_${name}`) ? `${name}#${this.#usedSlotIds.size}` : name;
  }
}

const STAYS = ['ACTIVE', 'WAITING', 'DISPLACED'];
