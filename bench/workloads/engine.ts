/** The engine alone, in process: what a command costs on days of differing size. */
import type { Command } from '../../src/domain/command.js';
import { decide } from '../../src/domain/decide.js';
import { DEFAULT_POLICY, type Doctor } from '../../src/domain/doctor.js';
import { DoctorDay } from '../../src/domain/doctor-day.js';
import type { DoctorId, SlotId, TokenId } from '../../src/domain/ids.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import { DATE } from '../days.js';
import { atLeast, atMost, type Outcome, type Side, type Size, spread, type Workload } from '../workload.js';

const SOURCES = ['PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'] as const;
const SLOTS = 10;
const SIZES = [10, 1_000, 10_000];

export const engineWorkload: Workload = {
  name: 'engine',
  title: 'The engine alone, in process: allocate to the full day, every fifth token cancelled',
  run: async (size) => {
    const costs = SIZES.map((tokens) => costOfDay(size, tokens));
    const sides: Side[] = costs.map((cost, i) => ({
      name: `days of ${SIZES[i]} tokens`,
      figures: { 'µs/command': cost, 'commands/s': inverse(cost) },
    }));
    const [ten, thousand, tenThousand] = costs.map((cost) => cost.median) as [number, number, number];
    const outcomes: Outcome[] = [
      { sides, judged: atLeast('commands/s at 10', inverse(costs[0] as never), 500_000) },
      { sides: [], judged: atLeast('commands/s at 1,000', inverse(costs[1] as never), 500_000) },
      { sides: [], judged: atMost('cost at 10,000 ÷ at 1,000', spread([tenThousand / Math.min(ten, thousand)]), 2) },
    ];
    return outcomes;
  },
};

function inverse(microseconds: { median: number; min: number; max: number }) {
  const rate = (value: number) => 1_000_000 / value;
  return { median: rate(microseconds.median), min: rate(microseconds.max), max: rate(microseconds.min) };
}

/** Microseconds a command on days of so many tokens. */
export function costOfDay(size: Size, tokens: number) {
  const fills = size.name === 'tiny' ? 1 : Math.ceil(300_000 / tokens);
  const rounds = size.name === 'tiny' ? 1 : 7;
  const asked = commandsFor(tokens);
  // The first counts for nothing: the compiler is still at work.
  const samples = Array.from({ length: rounds + 1 }, () => costOfFilling(fills, tokens, asked));
  return spread(samples.slice(1));
}

/** A command, and the id of what it makes. */
interface Asked {
  readonly command: Command;
  readonly newId: string;
}

/** Microseconds a command. Days are made beforehand; ids and commands once for all: neither they nor their garbage are the engine's. */
function costOfFilling(fills: number, tokens: number, asked: readonly Asked[]): number {
  let microseconds = 0;
  for (let fill = 0; fill < fills; fill++) {
    const day = emptyDay(tokens);
    const before = performance.now();
    for (const { command, newId } of asked) decide(day, command, { now: 1 as Instant, newId });
    microseconds += (performance.now() - before) * 1_000;
  }
  return microseconds / (fills * asked.length);
}

/** Every day has the same slots, and so the same commands. */
function commandsFor(tokens: number): Asked[] {
  const slotIds = emptyDay(tokens).slots.map(({ id }) => id);
  return Array.from({ length: tokens }, (_, index): Asked[] => {
    const slotId = slotIds[index % SLOTS] as SlotId;
    const source = SOURCES[(index * 7) % SOURCES.length] as (typeof SOURCES)[number];
    const allocate: Command = { kind: 'AllocateToken', slotId, source, patientRef: `P-${index}` };
    const asked: Asked[] = [{ command: allocate, newId: String(index) }];
    if (index % 5 === 4) {
      const tokenId = `token_${index - 3}` as TokenId;
      asked.push({ command: { kind: 'CancelToken', tokenId, reason: '' }, newId: '' });
    }
    return asked;
  }).flat();
}

function emptyDay(tokens: number): DoctorDay {
  const doctor: Doctor = {
    id: 'doc_1' as DoctorId,
    name: '',
    department: '',
    timeZone: 'UTC' as TimeZone,
    policy: DEFAULT_POLICY,
    policySince: 0 as Instant,
    createdAt: 0 as Instant,
    isRetired: false,
  };
  const day = new DoctorDay(doctor, DATE as LocalDate);
  // Half of them find a seat.
  const capacity = Math.ceil(tokens / SLOTS / 2);
  for (let hour = 0; hour < SLOTS; hour++) {
    const [start, end] = [hour * 60, (hour + 1) * 60] as [TimeOfDay, TimeOfDay];
    decide(day, { kind: 'CreateSlot', start, end, capacity }, { now: 0 as Instant, newId: String(hour) });
  }
  return day;
}
