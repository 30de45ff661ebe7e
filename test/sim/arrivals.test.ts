import { arrivals, poisson, SOURCES } from '../../src/sim/arrivals.js';
import { doctorProfile } from '../../src/sim/doctors.js';
import { Random } from '../../src/sim/random.js';

describe('arrivals', () => {
  test('come as often as expected, in order, and only while the course lasts', () => {
    const minutes = poisson(
      [
        [100, 1],
        [200, 3],
        [300, 1],
      ],
      10_000,
      new Random(1, 0),
    );

    // Four standard deviations of a Poisson count of 10,000.
    expect(Math.abs(minutes.length - 10_000)).toBeLessThan(400);
    expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
    expect(minutes[0]).toBeGreaterThan(100);
    expect(minutes.at(-1)).toBeLessThan(300);
  });

  test('are as dense as the course is busy', () => {
    const minutes = poisson(
      [
        [0, 1],
        [100, 3],
      ],
      10_000,
      new Random(2, 0),
    );
    const share = minutes.filter((minute) => minute < 50).length / minutes.length;

    // The area under the first half is 75 of 200.
    expect(Math.abs(share - 75 / 200)).toBeLessThan(0.02);
  });

  test('of walk-ins have their peak in the morning', () => {
    const general = doctorProfile(0, new Random(1, 0));
    const days = Array.from({ length: 200 }, (_, seed) => arrivals(general, 'WALK_IN', new Random(seed, 0))).flat();
    const between = (from: number, to: number) => days.filter((minute) => minute >= from && minute < to).length;

    expect(between(555, 585)).toBeGreaterThan(2 * between(660, 690)); // 09:15 to 09:45, 11:00 to 11:30
  });

  test('leave a little more demand than there are seats', () => {
    const general = doctorProfile(0, new Random(1, 0));
    const seats = general.capacity * general.slotCount;
    const days = Array.from({ length: 200 }, (_, seed) => new Random(seed, 0));
    const asked = days.flatMap((random) => SOURCES.flatMap((source) => arrivals(general, source, random)));

    expect(Math.abs(asked.length / (200 * seats) - 1.27)).toBeLessThan(0.05);
  });
});
