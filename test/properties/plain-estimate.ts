/** When somebody may expect to be called, in the plain rules: R25. */
import { PlainClock } from './plain-clock.js';
import { isEmergency, moment, type PlainSlot, type PlainToken, QUEUED } from './plain-state.js';

export interface PlainEstimateOf {
  ahead: number;
  earliest: number;
  expected: number;
}

export class PlainEstimate extends PlainClock {
  /** Nothing for those who are with the doctor, or gone. */
  estimate(number: number, now: number): PlainEstimateOf | undefined {
    this.now = Math.max(now, this.latest);
    const token = this.tokens[number - 1];
    if (!token || !['ACTIVE', ...QUEUED].includes(token.status)) return undefined;
    const ahead = this.inLine.slice(0, this.inLine.indexOf(token)).filter((each) => this.isWaitedFor(each));
    return { ahead: ahead.length, earliest: this.callOf(token, ahead, 0.8), expected: this.callOf(token, ahead, 1) };
  }

  private isWaitedFor(token: PlainToken): boolean {
    if (!this.isOver(this.slotOfToken(token))) return true;
    return token.status === 'ACTIVE' && (token.here || isEmergency(token));
  }

  /** Goes through the day as a doctor who works at this share of the pace. */
  private callOf(token: PlainToken, ahead: PlainToken[], share: number): number {
    const serving = this.tokens.find((each) => each.status === 'SERVING');
    let time = this.now;
    if (serving) time = Math.max(time, serving.calledAt + this.pace(this.slotOfToken(serving)) * share);
    for (const each of ahead) time = Math.max(time, this.begins(each)) + this.pace(this.slotOfToken(each)) * share;
    return Math.round(Math.max(time, this.begins(token)));
  }

  /**
   * When its slot starts; for an emergency who is here, when the first slot starts that has still
   * to be worked in.
   */
  private begins(token: PlainToken): number {
    if (!isEmergency(token) || !token.here) return moment(token.slot);
    const first = this.slots.find((slot) => !this.isOver(slot) || this.isSomebodyLeftIn(slot));
    return first ? moment(first.start) : this.now;
  }

  private isSomebodyLeftIn({ start }: PlainSlot): boolean {
    return this.tokens.some((token) => token.slot === start && token.status === 'ACTIVE' && this.isWaitedFor(token));
  }

  private pace({ start, end, capacity }: PlainSlot): number {
    const latest = this.consultations.slice(-5);
    const isEnough = latest.length >= 3;
    if (!isEnough) return (moment(end) - moment(start)) / capacity;
    return latest.reduce((sum, each) => sum + each) / latest.length;
  }

  private slotOfToken(token: PlainToken): PlainSlot {
    return this.slots.find((slot) => slot.start === token.slot) as PlainSlot;
  }
}
