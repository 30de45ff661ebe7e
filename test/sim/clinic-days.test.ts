/** Many days on the engine in process, in few. */
import { type ClinicDaysReport, runClinicDays } from '../../src/sim/clinic-days.js';
import type { SourceFigures } from '../../src/sim/day-figures.js';
import { tellDays } from '../../src/sim/days-table.js';
import { plain } from '../../src/sim/paint.js';
import { POLICY_NAMES, type PolicyName } from '../../src/sim/policies.js';

const DAYS = 12;
let report: ClinicDaysReport;

beforeAll(async () => {
  report = await play();
});

describe('many days', () => {
  test('told twice by the same seed, come to the same; told by another, to other figures', async () => {
    expect(await play()).toEqual(report);
    expect(await play({ seed: 2 })).not.toEqual(report);
  });

  test('of a policy come to the same, whatever it is compared with', async () => {
    const alone = await play({ policies: ['grace'] });

    expect(alone.policies).toEqual(report.policies.filter(({ name }) => name === 'grace'));
  });

  test.each(POLICY_NAMES)('under %s account for every token', (name) => {
    for (const { source, issued, seen, cancelled, noShows, expired } of sourcesOf(name)) {
      expect({ source, issued }).toEqual({ source, issued: seen + cancelled + noShows + expired });
    }
  });

  test.each(POLICY_NAMES)('under %s see every emergency, and displace none', (name) => {
    const { issued, seen, displacements } = of(name, 'EMERGENCY');

    expect({ seen, displacements }).toEqual({ seen: issued, displacements: 0 });
  });

  test('bring the same patients under each policy', () => {
    const emergencies = POLICY_NAMES.map((name) => of(name, 'EMERGENCY').issued);
    const paid = POLICY_NAMES.filter((name) => name !== 'grace').map((name) => of(name, 'PAID').issued);

    expect(new Set(emergencies).size).toBe(1);
    // R22: under grace, who comes too late asks once more.
    expect(new Set(paid).size).toBe(1);
    expect(of('grace', 'PAID').issued).toBeGreaterThan(paid[0] ?? 0);
  });

  test('R22 · use more seats where those who do not come give theirs up', () => {
    expect(of('grace', 'ALL').seatsUsed).toBeGreaterThan(of('on-emergency', 'ALL').seatsUsed);
  });

  test('R23 · displace fewer where those who wait grow stronger', () => {
    expect(of('aging', 'ALL').displacements).toBeLessThan(of('on-emergency', 'ALL').displacements);
  });

  test('R24 · displace fewer where those who are here are protected', () => {
    expect(of('protective', 'ALL').displacements).toBeLessThan(of('on-emergency', 'ALL').displacements);
  });

  test('are told of one by one', async () => {
    const done: number[] = [];
    await runClinicDays({
      days: 3,
      doctors: 1,
      seed: 1,
      policies: ['never'],
      onDay: async (day) => void done.push(day),
    });

    expect(done).toEqual([1, 2, 3]);
  });
});

describe('the table of many days', () => {
  test('has a column for each policy, and a line for each figure and source', () => {
    const lines = tellDays(report, plain).split('\n');
    const expired = lines.findIndex((line) => line.startsWith('expired (a day)'));
    const figures = POLICY_NAMES.map((name) => (of(name, 'WALK_IN').expired / DAYS).toFixed(1));

    expect(lines[2]?.trim().split(/ +/)).toEqual(POLICY_NAMES);
    expect(lines[expired + 5]?.trim().split(/ +/)).toEqual(['walk-in', ...figures]);
  });
});

function play(terms: { seed?: number; policies?: readonly PolicyName[] } = {}): Promise<ClinicDaysReport> {
  return runClinicDays({ days: DAYS, doctors: 3, seed: 1, policies: POLICY_NAMES, ...terms });
}

function sourcesOf(name: PolicyName): readonly SourceFigures[] {
  return report.policies.find((policy) => policy.name === name)?.sources ?? [];
}

function of(name: PolicyName, source: SourceFigures['source']): SourceFigures {
  return sourcesOf(name).find((figures) => figures.source === source) as SourceFigures;
}
