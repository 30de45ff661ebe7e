/** The engine lets them in in exactly the order of the line whose waits are held against the closed forms. */
import { decide } from '../../../src/domain/decide.js';
import { DEFAULT_POLICY, type Doctor } from '../../../src/domain/doctor.js';
import { DoctorDay } from '../../../src/domain/doctor-day.js';
import { parseDay } from '../../../src/domain/notation.js';
import type { Instant } from '../../../src/domain/time.js';
import type { TokenSource } from '../../../src/domain/token.js';
import { Agenda } from '../../../src/sim/agenda.js';
import { Random } from '../../../src/sim/random.js';
import { Room } from '../../../src/sim/room.js';
import { VirtualClock } from '../../../src/sim/virtual-clock.js';
import { aging, type Customer, type Discipline, fixedPriority } from './line.js';
import { serve } from './queue.js';

const SOURCES: readonly TokenSource[] = ['EMERGENCY', 'PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'];
/** An emergency is above all, however long the others have waited. */
const POINTS = [Number.POSITIVE_INFINITY, 80, 60, 40, 20];
const MINUTE = 60_000;
const POINTS_PER_HOUR = 1_000;

describe('the engine, at the door of the same room', () => {
  test.each<[string, number, Discipline]>([
    ['R8 · in order of priority', 0, fixedPriority],
    ['R23 · in order of strength that grows', POINTS_PER_HOUR, aging(POINTS, POINTS_PER_HOUR / (60 * MINUTE))],
  ])('%s', async (_name, agingPointsPerHour, discipline) => {
    const customers = draw(new Random(1, 0));
    const inLine: number[] = [];
    await serve(customers.values(), { discipline, classes: SOURCES.length }, ({ customer }) => {
      inLine.push(customers.indexOf(customer) + 1);
    });

    const calledByEngine = await callAll(customers, agingPointsPerHour);

    expect(calledByEngine).toEqual(inLine);
    // It is an order of its own: not that of arrival.
    expect(inLine).not.toEqual([...inLine].sort((a, b) => a - b));
  });
});

/** A thousand of a busy day, a minute each on average, in whole milliseconds. */
function draw(random: Random): Customer[] {
  let arrivedAt = 0;
  return Array.from({ length: 1_000 }, () => {
    arrivedAt += Math.ceil(random.wait(0.95) * MINUTE);
    const service = Math.ceil(random.wait(1) * MINUTE);
    return { urgency: random.between(0, SOURCES.length - 1), arrivedAt, service };
  });
}

/** The numbers of the tokens, in the order in which the doctor calls them. */
async function callAll(customers: readonly Customer[], agingPointsPerHour: number): Promise<number[]> {
  const day = roomyDay(agingPointsPerHour);
  const [slot] = day.slots;
  if (!slot) throw new Error('the day has no slot');
  const target = { slotId: slot.id };
  const clock = new VirtualClock(slot.terms.startsAt);
  const agenda = new Agenda(clock);
  const called: number[] = [];
  const room = new Room(agenda, {
    admit() {
      const answer = decide(
        day,
        { kind: 'CallNextToken', target, completeCurrent: true },
        { now: clock.now, newId: '' },
      );
      const number = answer.ok ? answer.value.change.effects[0]?.token.number : undefined;
      if (number === undefined) return undefined;
      called.push(number);
      return customers[number - 1]?.service;
    },
  });
  for (const [index, { urgency, arrivedAt }] of customers.entries()) {
    agenda.add((slot.terms.startsAt + arrivedAt) as Instant, () => {
      const circumstances = { now: clock.now, newId: String(index) };
      const source = SOURCES[urgency] ?? 'WALK_IN';
      const issued =
        source === 'EMERGENCY'
          ? decide(day, { kind: 'InsertEmergency', target, patientRef: '' }, circumstances)
          : decide(day, { kind: 'AllocateToken', ...target, source, patientRef: '' }, circumstances);
      const tokenId = issued.ok ? issued.value.change.effects[0]?.token.id : undefined;
      if (tokenId) decide(day, { kind: 'CheckInToken', tokenId }, circumstances);
      return room.knock();
    });
  }
  await agenda.run();
  return called;
}

/** One slot, as long as the day and with a seat for everybody. */
function roomyDay(agingPointsPerHour: number): DoctorDay {
  const noted = parseDay('2026-01-31 UTC NEVER\n00:00-24:00 0/1000:');
  const policy = { ...DEFAULT_POLICY, agingPointsPerHour };
  const doctor: Doctor = { ...noted.doctor, policy };
  const day = new DoctorDay(doctor, noted.date);
  for (const slot of noted.slots) day.addSlot(slot.terms);
  return day;
}
