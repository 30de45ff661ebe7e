import { Random } from '../../src/sim/random.js';

describe('chance', () => {
  test.each([
    { stages: 1, deviation: 1 },
    { stages: 3, deviation: 3 ** -0.5 },
  ])('Erlang lengths of $stages stages have the mean that was asked for, and deviate less the more stages', (of) => {
    const random = new Random(1, 0);
    const lengths = Array.from({ length: 40_000 }, () => random.erlang(5, of.stages));
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    const variance = lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length;

    expect(Math.abs(mean / 5 - 1)).toBeLessThan(0.02);
    expect(Math.abs(Math.sqrt(variance) / (5 * of.deviation) - 1)).toBeLessThan(0.03);
  });
});
