/** The summary as tables: for each doctor a line for each slot and source, and the whole day beneath. */
import type { DoctorReport, OpdDayReport } from './opd-day.js';
import type { Paint } from './paint.js';
import { policyWords, sourceWord } from './story.js';
import type { DaySummary, SourceTally, Tally } from './summary.js';
import { align, type Row } from './table.js';

const HEADINGS = {
  issued: 'issued',
  seen: 'seen',
  displaced: 'displaced',
  movedIn: 'moved in',
  movedOut: 'moved out',
  promoted: 'promoted',
  cancelled: 'cancelled',
  noShows: 'no-shows',
  expired: 'expired',
} as const satisfies Record<keyof Tally, string>;
const COLUMNS = Object.keys(HEADINGS) as (keyof Tally)[];

/** The summary, without a line break at the end. */
export function tellSummary({ doctors, checks }: OpdDayReport, paint: Paint): string {
  const { commands, acts, refusals, repeats, comparisons } = checks;
  return [
    ...doctors.map((doctor) => tellDoctor(doctor, paint)),
    `${commands} commands and ${acts} acts of time watched and checked against the invariants, ${refusals} refused ` +
      `without a trace, ${repeats} asked twice and answered alike; ${comparisons} days read back from their journals: all as it should be.`,
  ].join('\n\n');
}

function tellDoctor({ name, department, policy, summary }: DoctorReport, paint: Paint): string {
  const head: Row = {
    cells: ['slot', 'source', ...COLUMNS.map((column) => HEADINGS[column]), 'peak overflow'],
    strong: true,
  };
  const lines = align([head, ...rowsOf(summary)], 2).map(({ text, strong }) => (strong ? paint('bold', text) : text));
  return [paint(['bold', 'underline'], `${name}, ${department} (${policyWords(policy)})`), ...lines].join('\n');
}

function rowsOf({ slots, bySource, total, peakOverflow }: DaySummary): Row[] {
  const ofSlots = slots.flatMap((slot) => [
    row(slot.start, `${slot.capacity} seats`, slot.total, slot.peakOverflow),
    ...slot.bySource.map(sourceRow),
  ]);
  return [...ofSlots, row('day', 'all', total, peakOverflow), ...bySource.map(sourceRow)];
}

/** A line of its own, of the whole slot or day. */
function row(first: string, second: string, tally: Tally, peakOverflow: number): Row {
  return { cells: [first, second, ...figures(tally), figure(peakOverflow)], strong: true };
}

function sourceRow(tally: SourceTally): Row {
  return { cells: ['', sourceWord(tally.source), ...figures(tally), ''], strong: false };
}

function figures(tally: Tally): string[] {
  return COLUMNS.map((column) => figure(tally[column]));
}

/** A dot for nothing, so that the eye finds what there is. */
function figure(count: number): string {
  return count === 0 ? '·' : String(count);
}
