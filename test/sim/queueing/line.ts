/** Those who wait before a room, in classes: first come first served inside a class, and the highest claim first between them. */

/** What weighs for a customer who has waited so long. Whoever is of a more urgent class (a lower number) goes first where it is equal. */
export type Discipline = (urgency: number, waited: number) => number;

export const firstCome: Discipline = (_, waited) => waited;
export const fixedPriority: Discipline = (urgency) => -urgency;

/** A claim that grows at the class's own rate. */
export function accumulatingPriority(growth: readonly number[]): Discipline {
  return (urgency, waited) => (growth[urgency] ?? 0) * waited;
}

/** R23: a class's own points, and those of the time waited, at one rate for all. */
export function aging(points: readonly number[], pointsPerUnit: number): Discipline {
  return (urgency, waited) => (points[urgency] ?? 0) + pointsPerUnit * waited;
}

export interface Customer {
  /** 0 is the most urgent. */
  readonly urgency: number;
  readonly arrivedAt: number;
  readonly service: number;
}

export class Line {
  readonly #classes: Fifo[];

  constructor(
    classes: number,
    private readonly discipline: Discipline,
  ) {
    this.#classes = Array.from({ length: classes }, () => new Fifo());
  }

  join(customer: Customer): void {
    this.#classes[customer.urgency]?.add(customer);
  }

  /** Takes out whoever is next. */
  next(now: number): Customer | undefined {
    let best: Fifo | undefined;
    let highest = 0;
    for (const each of this.#classes) {
      const { first } = each;
      if (!first) continue;
      const claim = this.discipline(first.urgency, now - first.arrivedAt);
      if (!best || claim > highest) [best, highest] = [each, claim];
    }
    return best?.take();
  }
}

class Fifo {
  #customers: Customer[] = [];
  #head = 0;

  get first(): Customer | undefined {
    return this.#customers[this.#head];
  }

  add(customer: Customer): void {
    this.#customers.push(customer);
  }

  take(): Customer | undefined {
    const { first } = this;
    this.#head += 1;
    if (this.#head === this.#customers.length) {
      this.#customers = [];
      this.#head = 0;
    }
    return first;
  }
}
