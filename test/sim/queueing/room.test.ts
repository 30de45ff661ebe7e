/** One finite day, exact: start = the later of the appointment and the end of the one before (Lindley). */
import type { Customer } from './line.js';
import { accumulatingPriority, aging, type Discipline, firstCome, fixedPriority } from './line.js';
import { serve, type Visit } from './queue.js';

const SERVICE = [12, 8, 15, 5, 10, 20, 6, 9];

describe('the room, on one finite day', () => {
  test.each([
    ['every ten minutes', [0, 10, 20, 30, 40, 50, 60, 70], [0, 2, 0, 5, 0, 0, 10, 6]],
    ["two at the start (Bailey's rule)", [0, 0, 10, 20, 30, 40, 50, 60], [0, 12, 10, 15, 10, 10, 20, 16]],
  ])('%s', async (_name, appointments, waits) => {
    const visits = await visitsOf(
      appointments.map((arrivedAt, index) => ({ urgency: 0, arrivedAt, service: SERVICE[index] ?? 0 })),
    );

    expect(visits.map(({ begins, customer }) => begins - customer.arrivedAt)).toEqual(waits);
    expect(idleOf(visits)).toBe(0);
    expect(endOf(visits)).toBe(85);
  });

  test('stands idle until somebody comes', async () => {
    const visits = await visitsOf([
      { urgency: 0, arrivedAt: 0, service: 5 },
      { urgency: 0, arrivedAt: 9, service: 1 },
    ]);

    expect(idleOf(visits)).toBe(4);
    expect(endOf(visits)).toBe(10);
  });

  test('of two doctors takes two at a time', async () => {
    const three = [1, 2, 3].map((service) => ({ urgency: 0, arrivedAt: 0, service }));
    const visits = await visitsOf(three, { servers: 2 });

    expect(visits.map(({ begins }) => begins)).toEqual([0, 0, 1]);
  });

  const [lessUrgentFirst, mostUrgent, lastLeast] = [customer(1, 1), customer(0, 3), customer(2, 2)];
  test.each<[string, Discipline, Customer[]]>([
    ['first come', firstCome, [lessUrgentFirst, lastLeast, mostUrgent]],
    ['fixed priority', fixedPriority, [mostUrgent, lessUrgentFirst, lastLeast]],
    // At 10 the claims are 7 × 3, 9 × 2, 8 × 1.
    ['accumulating priority', accumulatingPriority([3, 2, 1]), [mostUrgent, lessUrgentFirst, lastLeast]],
    // At 10 they are 1 + 7, 0 + 9, 0 + 8.
    ['aging', aging([1, 0, 0], 1), [lessUrgentFirst, mostUrgent, lastLeast]],
  ])('takes those who wait in the order of %s', async (_name, discipline, order) => {
    const first = { urgency: 0, arrivedAt: 0, service: 10 };
    const visits = await visitsOf([first, lessUrgentFirst, lastLeast, mostUrgent], { discipline, classes: 3 });

    expect(visits.slice(1).map((visit) => visit.customer)).toEqual(order);
  });
});

function customer(urgency: number, arrivedAt: number): Customer {
  return { urgency, arrivedAt, service: 0 };
}

async function visitsOf(customers: Customer[], queue: Parameters<typeof serve>[1] = {}): Promise<Visit[]> {
  const visits: Visit[] = [];
  await serve(customers[Symbol.iterator](), queue, (visit) => visits.push(visit));
  return visits;
}

/** How long the one server has had nobody, up to the last who came. */
function idleOf(visits: readonly Visit[]): number {
  let [free, idle] = [0, 0];
  for (const {
    begins,
    customer: { service },
  } of visits) {
    idle += begins - free;
    free = begins + service;
  }
  return idle;
}

function endOf(visits: readonly Visit[]): number {
  return Math.max(...visits.map(({ begins, customer: { service } }) => begins + service));
}
