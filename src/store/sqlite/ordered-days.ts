/** Rows in the order of their days, taken a day at a time. */

/** Date and doctor id; what rows in this order begin with. */
export type DayRow = readonly [date: string, doctorId: string, ...rest: unknown[]];

export class OrderedDays<Row extends DayRow> {
  #head: IteratorResult<Row, undefined>;

  constructor(private readonly rows: Generator<Row, undefined>) {
    this.#head = rows.next();
  }

  /** The first row that has not been taken; undefined when all have been. */
  get next(): Row | undefined {
    return this.#head.value;
  }

  /** Takes the rows of a day, where it is the next one. */
  take([date, doctorId]: DayRow): Row[] {
    const taken: Row[] = [];
    for (let row = this.next; row && row[0] === date && row[1] === doctorId; row = this.next) {
      taken.push(row);
      this.#head = this.rows.next();
    }
    return taken;
  }

  end(): void {
    this.rows.return(undefined);
  }
}
