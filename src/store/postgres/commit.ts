/**
 * Commits of many days. What another server took first is found day by day, in the same round trip. What fails the whole statement
 * is rare: a request id that came before at the doctor, on another day or server; or a group of days, some of which were taken. Then
 * one look tells which days it is, and the others go again.
 */
import type { Doctor } from '../../domain/doctor.js';
import { entryRow, slotRow, tokenRow } from '../rows.js';
import type { CommitOutcome, DayCommit } from '../store.js';
import type { Connections } from './connections.js';
import { STATEMENTS, WIDTHS } from './statements.js';
import { codeOf, DIVISION_BY_ZERO, isOvertaken, UNIQUE_VIOLATION } from './unavailable.js';

/** How often a batch goes to the database before what is left of it counts as in conflict: its days are to be read anew in any case. */
const PASSES_MAX = 5;

type Row = readonly (string | number | null)[];
/** Days that land together or not at all; most often one. */
type Unit = readonly DayCommit[];

/** Makes a batch durable. Outcomes come in its order. Rejects with StoreUnavailable. */
export async function commitBatch(connections: Connections, batch: readonly DayCommit[]): Promise<CommitOutcome[]> {
  const landed = new Set<DayCommit>();
  for (const wave of wavesOf(unitsOf(batch))) await commitWave(connections, wave, landed);
  return batch.map((day) => (landed.has(day) ? 'committed' : 'conflict'));
}

async function commitWave(connections: Connections, wave: readonly Unit[], landed: Set<DayCommit>): Promise<void> {
  let left = wave;
  for (let pass = 1; pass <= PASSES_MAX && left.length > 0; pass += 1) {
    const days = left.flat();
    const entries = columnsOf(days.flatMap(entryRows), WIDTHS.entry);
    try {
      const kept = namesOf(await connections.ask(STATEMENTS.commit, [...entries, ...thingsOf(days)]));
      for (const day of days) if (kept.has(nameOf(day))) landed.add(day);
      return;
    } catch (error) {
      if (FAILED_WHOLE.has(codeOf(error) ?? '')) {
        const taken = namesOf(await connections.ask(STATEMENTS.findTaken, entries));
        left = left.filter((unit) => !unit.some((day) => taken.has(nameOf(day))));
      } else if (!isOvertaken((error as Error).cause)) throw error;
    }
  }
}

const FAILED_WHOLE = new Set([UNIQUE_VIOLATION, DIVISION_BY_ZERO]);

function unitsOf(batch: readonly DayCommit[]): Unit[] {
  const groups = new Map<number | DayCommit, DayCommit[]>();
  for (const day of batch) {
    const name = day.group ?? day;
    const group = groups.get(name);
    if (group) group.push(day);
    else groups.set(name, [day]);
  }
  return [...groups.values()];
}

/**
 * R18: a request id that comes twice within a batch goes to the first that lands with it, so that each later one has to wait and
 * see. Nearly always all of a batch is one wave. What has an id twice in itself never lands.
 */
function wavesOf(units: readonly Unit[]): Unit[][] {
  const waves: { units: Unit[]; ids: Set<string> }[] = [];
  for (const unit of units) {
    const ids = unit.flatMap(({ key, entries }) =>
      entries.flatMap(({ request }) => (request ? [`${key.doctorId} ${request.id}`] : [])),
    );
    if (new Set(ids).size < ids.length) continue;
    // After the last wave that has one of its ids.
    const place = waves.findLastIndex((wave) => ids.some((id) => wave.ids.has(id))) + 1;
    const wave = waves[place] ?? { units: [], ids: new Set() };
    waves[place] = wave;
    wave.units.push(unit);
    for (const id of ids) wave.ids.add(id);
  }
  return waves.map((wave) => wave.units);
}

function entryRows({ key, entries, group, doctor, epoch }: DayCommit): Row[] {
  const first = entries[0]?.revision;
  return entries.map((entry) => [
    entry.revision === first ? 1 : 0,
    group ?? null,
    doctor ? policyMark(doctor) : null,
    epoch ?? null,
    key.doctorId,
    key.date,
    ...entryRow(entry),
  ]);
}

/** Slots, tokens, what is due, and the days that have nothing but those. */
function thingsOf(days: readonly DayCommit[]): Row[] {
  const bare = days.filter(({ entries }) => entries.length === 0);
  return [
    ...columnsOf(
      days.flatMap(({ key, slots }) => slots.map((slot) => slotRow(key, slot))),
      WIDTHS.slot,
    ),
    ...columnsOf(
      days.flatMap(({ key, tokens }) => tokens.map((token) => tokenRow(key, token))),
      WIDTHS.token,
    ),
    ...columnsOf(days.flatMap(dueRows), WIDTHS.due),
    ...columnsOf(
      bare.map(({ key }) => [key.doctorId, key.date]),
      WIDTHS.day,
    ),
  ];
}

/**
 * All that a day is decided by: the policy and its instant, the zone, whether the doctor is
 * retired. The statement compares it with the doctor's row.
 */
function policyMark({ policy, policySince, timeZone, isRetired }: Doctor): string {
  const { rebalance, noShowGraceMilliseconds = -1, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  const terms = [noShowGraceMilliseconds, agingPointsPerHour, protectCheckedIn ? 1 : 0, displacementsMax];
  return [policySince, rebalance, ...terms, timeZone, isRetired ? 1 : 0].join(' ');
}

function dueRows({ key, entries, due, doctor }: DayCommit): Row[] {
  return due ? [[key.doctorId, key.date, entries.at(-1)?.revision ?? 0, due.at ?? null, policySinceOf(doctor)]] : [];
}

/** How old the policy is by which something was reckoned; older than all where nobody says. */
export function policySinceOf(doctor: Doctor | undefined): number {
  return doctor?.policySince ?? 0;
}

function columnsOf(rows: readonly Row[], width: number): Row[] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}

const DAY_MILLISECONDS = 86_400_000;

/**
 * Names a day in the database's answer: an id and a number, whose text does not depend on settings.
 */
function nameOf({ key }: DayCommit): string {
  return `${key.doctorId} ${Date.parse(`${key.date}T00:00:00Z`) / DAY_MILLISECONDS}`;
}

function namesOf(days: readonly unknown[][]): Set<string> {
  return new Set(days.map(([doctorId, dayNumber]) => `${doctorId} ${dayNumber}`));
}
