import { parseDay } from '../../src/domain/notation.js';
import type { Token } from '../../src/domain/token.js';
import { Figures } from '../../src/sim/day-figures.js';

const MINUTE = 60_000;
const [paid] = [...parseDay('2026-01-31 UTC ON_EMERGENCY\n09:00-09:30 1/2: 1P').tokens] as [Token];

describe('the figures', () => {
  test('of a source are of its own patients: mean, and what all but one in twenty wait at most', () => {
    const figures = new Figures();
    for (let minutes = 1; minutes <= 40; minutes += 1) {
      figures.noteVisit({ token: paid, waitedMilliseconds: minutes * MINUTE, isLate: minutes > 38 });
    }
    figures.noteDay({ seats: 50, overtimeMilliseconds: 6 * MINUTE });
    figures.noteDay({ seats: 30, overtimeMilliseconds: 0 });

    const { sources, overtimeMinutesMean } = figures.report();
    const ofSource = (name: string) => sources.find(({ source }) => source === name);

    expect(ofSource('PAID')).toMatchObject({
      seen: 40,
      waitMinutesMean: 20.5,
      waitMinutesP95: 38,
      late: 2,
      seatsUsed: 0.5,
    });
    expect(ofSource('ALL')).toMatchObject({
      seen: 40,
      waitMinutesMean: 20.5,
      waitMinutesP95: 38,
      late: 2,
      seatsUsed: 0.5,
    });
    expect(ofSource('ONLINE')).toMatchObject({ seen: 0, waitMinutesMean: 0, waitMinutesP95: 0, late: 0, seatsUsed: 0 });
    expect(overtimeMinutesMean).toBe(3);
  });
});
