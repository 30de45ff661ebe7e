/** What many days came to, as one table: policies side by side, a line for each figure and source. */
import type { ClinicDaysReport, PolicyReport } from './clinic-days.js';
import type { SourceFigures } from './day-figures.js';
import type { Paint } from './paint.js';
import { sourceWord } from './story.js';
import { align, type Row } from './table.js';

interface Measure {
  readonly name: string;
  readonly of: (figures: SourceFigures) => number;
  /** Counts are told for a day, of all doctors together. */
  readonly isADay: boolean;
}

const MEASURES: readonly Measure[] = [
  { name: 'wait, mean (min)', of: ({ waitMinutesMean }) => waitMinutesMean, isADay: false },
  { name: 'wait, 95 of 100 within (min)', of: ({ waitMinutesP95 }) => waitMinutesP95, isADay: false },
  { name: 'seats used (% of all)', of: ({ seatsUsed }) => 100 * seatsUsed, isADay: false },
  { name: 'seen after their slot (a day)', of: ({ late }) => late, isADay: true },
  { name: 'displacements (a day)', of: ({ displacements }) => displacements, isADay: true },
  { name: 'cancelled (a day)', of: ({ cancelled }) => cancelled, isADay: true },
  { name: 'no-shows (a day)', of: ({ noShows }) => noShows, isADay: true },
  { name: 'expired (a day)', of: ({ expired }) => expired, isADay: true },
  { name: 'tokens issued (a day)', of: ({ issued }) => issued, isADay: true },
];

/** Without a line break at the end. */
export function tellDays(report: ClinicDaysReport, paint: Paint): string {
  const { days, doctors, seed, policies } = report;
  const title = `${count(days, 'day')} of ${count(doctors, 'doctor')}, told by seed ${seed}: the same patients under each policy`;
  const head: Row = { cells: ['', '', ...policies.map(({ name }) => name)], strong: true };
  const rows = [head, ...MEASURES.flatMap((measure) => rowsOf(measure, report)), overtimeRow(policies)];
  const lines = align(rows, 2).map(({ text, strong }) => (strong ? paint('bold', text) : text));
  return [paint(['bold', 'underline'], title), '', ...lines].join('\n');
}

function rowsOf({ name, of, isADay }: Measure, { days, policies }: ClinicDaysReport): Row[] {
  const sources = policies[0]?.sources ?? [];
  return sources.map(({ source }, index) => {
    const figures = policies.map((policy) => policy.sources[index]).filter((each) => each !== undefined);
    const cells = figures.map((each) => figure(of(each) / (isADay ? days : 1)));
    return { cells: index === 0 ? [name, 'all', ...cells] : ['', sourceName(source), ...cells], strong: index === 0 };
  });
}

function overtimeRow(policies: readonly PolicyReport[]): Row {
  const figures = policies.map(({ overtimeMinutesMean }) => figure(overtimeMinutesMean));
  return { cells: ['doctor goes home after closing (min)', '', ...figures], strong: true };
}

function sourceName(source: SourceFigures['source']): string {
  return source === 'ALL' ? 'all' : sourceWord(source);
}

/** A dot for nothing, so that the eye finds what there is. */
function figure(value: number): string {
  return value === 0 ? '·' : value.toFixed(1);
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
