/** The clinic's own agenda and room, with a line of customers before it in place of the engine. */
import type { Instant } from '../../../src/domain/time.js';
import { Agenda } from '../../../src/sim/agenda.js';
import { Random } from '../../../src/sim/random.js';
import { Room } from '../../../src/sim/room.js';
import { VirtualClock } from '../../../src/sim/virtual-clock.js';
import { type Rates, type Service, sum } from './formulas.js';
import { type Customer, type Discipline, firstCome, Line } from './line.js';

/** Somebody who went in. */
export interface Visit {
  readonly customer: Customer;
  readonly begins: number;
}

export interface Queue {
  readonly discipline?: Discipline;
  readonly classes?: number;
  readonly servers?: number;
}

/**
 * Serves customers as they come, and tells of each who goes in.
 *
 * @param customers in order of arrival; each is asked for when the one before has come
 */
export async function serve(
  customers: Iterator<Customer, undefined, undefined>,
  { discipline = firstCome, classes = 1, servers = 1 }: Queue,
  tell: (visit: Visit) => void,
): Promise<void> {
  const clock = new VirtualClock(0 as Instant);
  const agenda = new Agenda(clock);
  const line = new Line(classes, discipline);
  const room = new Room(agenda, { admit }, servers);
  expectNext();
  await agenda.run();

  function admit(): number | undefined {
    const customer = line.next(clock.now);
    if (customer) tell({ customer, begins: clock.now });
    return customer?.service;
  }

  function expectNext(): void {
    const { value: customer } = customers.next();
    if (!customer) return;
    agenda.add(customer.arrivedAt as Instant, () => {
      line.join(customer);
      expectNext();
      return room.knock();
    });
  }
}

export interface SteadyState extends Queue {
  readonly rates: Rates;
  readonly service?: Service;
  readonly customers: number;
  readonly seed: number;
}

/**
 * How long each class waits on average, in units of the mean service.
 *
 * Half of the customers come in the mirror image of the other half: where the one has a long time between arrivals or a long
 * service, the other has a short one. Their errors cancel for a good part, so that a million are enough for two in a hundred.
 */
export async function steadyWaits(terms: SteadyState): Promise<number[]> {
  const waited = terms.rates.map(() => 0);
  const counted = terms.rates.map(() => 0);
  for (const random of [new Random(terms.seed, 0), new MirroredRandom(terms.seed, 0)]) {
    const customers = arrivals(terms, terms.customers / 2, random);
    await serve(
      customers,
      { ...terms, classes: terms.rates.length },
      ({ customer: { urgency, arrivedAt }, begins }) => {
        waited[urgency] = (waited[urgency] ?? 0) + begins - arrivedAt;
        counted[urgency] = (counted[urgency] ?? 0) + 1;
      },
    );
  }
  return waited.map((total, urgency) => total / (counted[urgency] ?? 0));
}

class MirroredRandom extends Random {
  /** The largest below 1. */
  static readonly #LAST = 1 - 2 ** -53;

  override fraction(): number {
    return MirroredRandom.#LAST - super.fraction();
  }
}

/** Poisson arrivals of all classes. */
function* arrivals(
  { rates, service = 'exponential' }: SteadyState,
  customers: number,
  random: Random,
): Generator<Customer, undefined, undefined> {
  const total = sum(rates);
  let arrivedAt = 0;
  for (let count = 0; count < customers; count += 1) {
    arrivedAt += random.wait(total);
    const urgency = drawn(rates, random.fraction() * total);
    yield { urgency, arrivedAt, service: service === 'exponential' ? random.wait(1) : 1 };
  }
  return undefined;
}

function drawn(rates: Rates, point: number): number {
  let left = point;
  const urgency = rates.findIndex((rate) => {
    left -= rate;
    return left < 0;
  });
  return urgency < 0 ? rates.length - 1 : urgency;
}
