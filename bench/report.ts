/** Outcomes as a table for people. */
import Table from 'cli-table3';
import type { Outcome, Spread } from './workload.js';

export function report(title: string, outcomes: readonly Outcome[]): string {
  const sides = outcomes.flatMap((outcome) => outcome.sides);
  const names = [...new Set(sides.flatMap((side) => Object.keys(side.figures)))];
  const table = new Table({
    head: ['', ...names],
    style: { head: [], border: [] },
    colAligns: ['left', ...names.map(() => 'right' as const)],
  });
  for (const side of sides) {
    table.push([side.name, ...names.map((name) => (side.figures[name] ? format(side.figures[name] as Spread) : ''))]);
  }
  const verdicts = outcomes.map(
    ({ judged }) =>
      `${judged.reached ? 'reached' : 'MISSED '}  ${judged.what}: ${format(judged.value)}, to be ${judged.target}`,
  );
  return [title, ...(sides.length > 0 ? [table.toString()] : []), ...verdicts, ''].join('\n');
}

/** The median, and where there is one the spread. */
export function format({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
