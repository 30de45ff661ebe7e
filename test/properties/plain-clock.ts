/** What time does by itself, in the plain rules: R20 to R22. */
import { PlainDay } from './plain-day.js';
import { LIVE, moment, type PlainOutcome, type PlainSlot, type PlainToken, QUEUED } from './plain-state.js';

export class PlainClock extends PlainDay {
  /** When the next thing is due; it may be past. */
  get due(): number | undefined {
    const ends = this.slots.filter((slot) => !slot.ended).map((slot) => moment(slot.end));
    const dues = this.tokens.map((token) => this.noShowAt(token));
    const isOn = this.tokens.some((token) => LIVE.includes(token.status));
    const all = [...ends, ...dues, ...(isOn ? [moment('24:00')] : [])];
    const next = Math.min(...all);
    return Number.isFinite(next) ? next : undefined;
  }

  letTimePass(now: number): PlainOutcome {
    this.now = Math.max(now, this.latest);
    return this.happen(() => {
      for (const slot of this.slots) {
        if (!slot.ended && moment(slot.end) <= this.now) this.endSlot(slot);
      }
      for (let absent = this.absent(); absent; absent = this.absent()) this.end(absent, 'NO_SHOW');
      if (moment('24:00') <= this.now) this.endDay();
    });
  }

  private endSlot(slot: PlainSlot) {
    slot.ended = true;
    this.touched.push(slot.start);
    const next = this.slots.find((each) => each.start > slot.start && !this.isOver(each));
    for (const token of this.strongestFirst(...QUEUED).filter((each) => each.slot === slot.start)) {
      if (next) this.move(token, next, this.seatsLeft(next) > 0 ? 'ACTIVE' : token.status);
      else if (!slot.closed) this.become(token, 'EXPIRED', 'expired');
    }
    if (this.policy.noShowGraceMilliseconds === undefined) return;
    for (const token of this.strongestFirst('ACTIVE')) {
      if (token.slot === slot.start && !token.here) this.become(token, 'NO_SHOW', 'no-show');
    }
  }

  private endDay() {
    for (const token of this.tokens) {
      if (QUEUED.includes(token.status)) this.become(token, 'EXPIRED', 'expired');
      else if (token.status === 'SERVING') this.become(token, 'COMPLETED', 'completed');
      else if (token.status === 'ACTIVE' && token.here) this.become(token, 'EXPIRED', 'expired');
      else if (token.status === 'ACTIVE') this.become(token, 'NO_SHOW', 'no-show');
    }
  }

  /** The one whose no-show was due first, if any is due. */
  private absent(): PlainToken | undefined {
    const due = this.tokens.filter((token) => this.noShowAt(token) <= this.now);
    return due.sort((a, b) => this.noShowAt(a) - this.noShowAt(b) || a.number - b.number)[0];
  }

  private noShowAt({ status, here, slot, seatedAt }: PlainToken): number {
    const grace = this.policy.noShowGraceMilliseconds;
    if (grace === undefined || status !== 'ACTIVE' || here) return Number.POSITIVE_INFINITY;
    return Math.max(moment(slot), seatedAt) + grace;
  }
}
