import type { OpdDayReport } from '../../src/sim/opd-day.js';
import { plain } from '../../src/sim/paint.js';
import { tellEntry } from '../../src/sim/story.js';
import type { Tally } from '../../src/sim/summary.js';
import { tellSummary } from '../../src/sim/summary-table.js';
import type { CarriedOut, TimeActed } from '../../src/sim/timeline.js';
import { playDay } from './played-day.js';

const SEEDS = [1, 2, 3, 4, 5];
const reports = new Map<number, OpdDayReport>();

beforeAll(async () => {
  for (const seed of SEEDS) reports.set(seed, await playDay({ seed }));
}, 120_000);

describe('a simulated day', () => {
  test('told twice by the same seed, is the same byte for byte', async () => {
    const again = await playDay({ seed: 1 });

    expect(JSON.stringify(again)).toBe(JSON.stringify(reportOf(1)));
    expect(told(again)).toBe(told(reportOf(1)));
  });

  test('told by another seed, is another', () => {
    expect(new Set(SEEDS.map((seed) => told(reportOf(seed)))).size).toBe(SEEDS.length);
  });

  test('names no id, for ids differ each time', () => {
    expect(JSON.stringify(reportOf(1)) + told(reportOf(1))).not.toMatch(/(doc|slot|token)_|[0-9a-f]{8}-[0-9a-f]{4}/);
  });

  test('with one doctor more, is the same for the others', async () => {
    const { timeline } = await playDay({ seed: 1, doctors: 4 });

    const ofTheOthers = timeline.filter(({ doctor }) => doctor !== 'Skin');
    expect(ofTheOthers.length).toBeLessThan(timeline.length);
    expect(ofTheOthers).toEqual(reportOf(1).timeline);
  });

  test.each(SEEDS)('told by seed %i, keeps every invariant, and every check has been made', (seed) => {
    const { checks, doctors, timeline } = reportOf(seed);
    const slots = doctors.reduce((count, { summary }) => count + summary.slots.length, 0);

    expect(checks.commands).toBe(commandsOf(reportOf(seed)).length + slots);
    expect(checks.acts).toBe(timeline.filter(({ what }) => what === 'time').length);
    expect(checks.refusals).toBe(timeline.filter(({ what }) => what === 'refused').length);
    expect(checks.repeats).toBe(commandsOf(reportOf(seed)).filter(({ again }) => again).length);
    expect(checks.comparisons).toBe(doctors.length);
    expect(Math.min(checks.refusals, checks.repeats)).toBeGreaterThan(0);
  });

  test.each(SEEDS)('told by seed %i, sees displacement, moves, promotion and overflow', (seed) => {
    const kinds = kindsOf(seed);
    kinds.delete('RETURNED');

    expect([...kinds].sort()).toEqual(
      [
        ...['ALLOCATED', 'CALLED', 'CANCELLED', 'CHECKED_IN', 'COMPLETED', 'DISPLACED', 'EXPIRED', 'MOVED', 'NO_SHOW'],
        ...['PROMOTED', 'QUEUED'],
      ].sort(),
    );
    expect(Math.max(...reportOf(seed).doctors.map(({ summary }) => summary.peakOverflow))).toBeGreaterThan(0);
  });

  test('sees, on one day or another, somebody who does not come when called', () => {
    expect(SEEDS.filter((seed) => kindsOf(seed).has('RETURNED')).length).toBeGreaterThan(0);
  });

  test('told by seed 1, can be read to the end', () => {
    const lines = reportOf(1).timeline.flatMap((entry) => tellEntry(entry, plain).split('\n'));

    expect(lines.length).toBeGreaterThan(400);
    expect(lines.length).toBeLessThan(600);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test('R7 · moves nobody downstream where the policy is NEVER', () => {
    const paediatrics = reportOf(1).doctors.find(({ policy }) => policy.rebalance === 'NEVER');
    const commands = commandsOf(reportOf(1)).filter(({ doctor }) => doctor === paediatrics?.label);

    expect(commands.flatMap(({ effects }) => effects.filter(({ kind }) => kind === 'MOVED'))).toEqual([]);
    expect(paediatrics?.summary.total.displaced).toBeGreaterThan(0);
  });
});

describe('the summary', () => {
  test.each(SEEDS)('of seed %i agrees with the timeline', (seed) => {
    for (const { label, summary } of reportOf(seed).doctors) {
      for (const slot of summary.slots) {
        for (const { source, ...tally } of slot.bySource) {
          expect({ label, start: slot.start, source, ...tally }).toEqual({
            ...{ label, start: slot.start, source },
            ...retold(changesOf(reportOf(seed)), { label, start: slot.start, source }),
          });
        }
      }
    }
  });

  test.each(SEEDS)('of seed %i accounts for every token', (seed) => {
    for (const { label, summary } of reportOf(seed).doctors) {
      const issued = commandsOf(reportOf(seed)).filter(
        ({ doctor, effects }) => doctor === label && /ALLOCATED|QUEUED/.test(effects[0]?.kind ?? ''),
      );
      expect(summary.total.issued).toBe(issued.length);
      for (const { total, bySource } of summary.slots) for (const tally of [total, ...bySource]) expectBalanced(tally);
      for (const tally of [summary.total, ...summary.bySource]) expectBalanced(tally);
    }
  });

  test('of seed 1 knows the peak of the overflow that its story tells of', () => {
    const ortho = reportOf(1).doctors.find(({ label }) => label === 'Ortho');
    const overflows = commandsOf(reportOf(1))
      .filter(({ doctor }) => doctor === 'Ortho')
      .map(({ overflow }) => overflow);

    expect(ortho?.summary.peakOverflow).toBe(Math.max(...overflows));
  });
});

function reportOf(seed: number): OpdDayReport {
  const report = reports.get(seed);
  if (!report) throw new Error(`no day was told by seed ${seed}`);
  return report;
}

function told(report: OpdDayReport): string {
  return [...report.timeline.map((entry) => tellEntry(entry, plain)), tellSummary(report, plain)].join('\n');
}

function kindsOf(seed: number): Set<string> {
  return new Set(changesOf(reportOf(seed)).flatMap(({ effects }) => effects.map(({ kind }) => kind)));
}

function changesOf({ timeline }: OpdDayReport): (CarriedOut | TimeActed)[] {
  return timeline.filter((entry) => entry.what === 'command' || entry.what === 'time');
}

function commandsOf({ timeline }: OpdDayReport): CarriedOut[] {
  return timeline.filter((entry) => entry.what === 'command');
}

/** The tally of a slot and source, made anew of what the timeline tells. */
function retold(changes: (CarriedOut | TimeActed)[], of: { label: string; start: string; source: string }): Tally {
  const effects = changes.filter(({ doctor }) => doctor === of.label).flatMap((change) => change.effects);
  const ofSource = effects.filter(({ token }) => token.source === of.source);
  const here = ofSource.filter(({ token }) => token.slot === of.start);
  const last = new Map(ofSource.map(({ token }) => [token.number, token]));
  const now = [...last.values()].filter(({ slot }) => slot === of.start);
  const count = (...kinds: string[]) => here.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    issued: count('ALLOCATED', 'QUEUED'),
    seen: now.filter(({ status }) => status === 'COMPLETED').length,
    displaced: count('DISPLACED'),
    movedIn: count('MOVED'),
    movedOut: ofSource.filter(({ from }) => from === of.start).length,
    promoted: count('PROMOTED'),
    cancelled: count('CANCELLED'),
    noShows: count('NO_SHOW'),
    expired: count('EXPIRED'),
  };
}

function expectBalanced({ issued, movedIn, movedOut, seen, cancelled, noShows, expired }: Tally): void {
  expect(issued + movedIn - movedOut).toBe(seen + cancelled + noShows + expired);
}
