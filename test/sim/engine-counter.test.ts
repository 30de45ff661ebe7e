import { DEFAULT_POLICY } from '../../src/domain/doctor.js';
import type { Change } from '../../src/domain/event.js';
import { formatTimeOfDay, type Instant, instantOf, type TimeOfDay } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import { BrokenInvariant } from '../../src/sim/broken-invariant.js';
import { doctorProfile } from '../../src/sim/doctors.js';
import { EngineCounter } from '../../src/sim/engine-counter.js';
import { doctorOf, openingOf } from '../../src/sim/opening.js';
import { Random } from '../../src/sim/random.js';
import { DATE, DAWN, ZONE } from '../../src/sim/scene.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const GRACE_MILLISECONDS = 10 * 60_000;

describe('the counter of the engine', () => {
  test('opens with the slots of the doctor', () => {
    const { counter } = begin();

    expect(counter.slots.map(({ start }) => formatTimeOfDay(start)).slice(0, 3)).toEqual(['09:00', '09:30', '10:00']);
    expect(counter.tokens).toEqual([]);
  });

  test('lets time do what is due, each thing at its own instant and in order', () => {
    const { counter, clock, changes } = begin();
    const [nine, half] = counter.slots;
    for (const slot of [nine, half]) {
      if (slot) counter.ask({ kind: 'AllocateToken', slotId: slot.id, source: 'PAID', patientRef: '' });
    }
    clock.advanceTo(at('09:45'));
    counter.look();

    expect(changes.slice(2).map((change) => [clockTime(change), ...change.effects.map(({ kind }) => kind)])).toEqual([
      ['09:10', 'NO_SHOW'],
      ['09:30'],
      ['09:40', 'NO_SHOW'],
    ]);
    expect(counter.nextDue).toBe(at('10:00'));
  });

  test('takes a refusal for a broken invariant, and shows the day', () => {
    const { counter } = begin();
    const ask = () => counter.ask({ kind: 'CancelToken', tokenId: 'token_9' as TokenId, reason: '' });

    expect(ask).toThrow(BrokenInvariant);
    expect(ask).toThrow(/refused: TOKEN_NOT_FOUND[\s\S]*after CancelToken, Dr Meera Iyer[\s\S]*09:00-09:30 0\/6:/);
  });
});

function begin() {
  const profile = doctorProfile(0, new Random(1, 0));
  const clock = new VirtualClock(DAWN);
  const policy = { ...DEFAULT_POLICY, noShowGraceMilliseconds: GRACE_MILLISECONDS };
  const changes: Change[] = [];
  const onChange = (change: Change) => void changes.push(change);
  const counter = new EngineCounter({
    doctor: doctorOf(profile, policy),
    date: DATE,
    opening: openingOf(profile),
    clock,
    onChange,
  });
  return { counter, clock, changes };
}

function at(time: string): Instant {
  const [hours, minutes] = time.split(':').map(Number);
  return instantOf(DATE, ((hours ?? 0) * 60 + (minutes ?? 0)) as TimeOfDay, ZONE);
}

function clockTime({ at: instant }: Change): string {
  return formatTimeOfDay(((instant - instantOf(DATE, 0 as TimeOfDay, ZONE)) / 60_000) as TimeOfDay);
}
