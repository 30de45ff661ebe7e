/**
 * Random schedules: clients of two doctors ask, repeat themselves and watch, while batches are held, kept, lost or in
 * conflict, reads fail, days are let go and another server writes to the same days. What is on disk at the end tells
 * whether what anybody was told meanwhile was true.
 *
 * `OPD_RANDOM_RUNS` says how many schedules; a failure prints its seed and the shortest schedule that fails.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { nameOf } from '../../src/desk/loaded-day.js';
import type { RecordedCommand } from '../../src/domain/command.js';
import type { JournalEntry } from '../../src/store/store.js';
import { accepted, Clinic, reasonOf } from './clinic.js';
import { put, RandomClinic } from './random-clinic.js';
import { schedule } from './random-schedule.js';
import { ScriptedStore } from './scripted-store.js';

const RUNS = Number(process.env.OPD_RANDOM_RUNS ?? 100);

let store: ScriptedStore;

beforeAll(async () => {
  store = await ScriptedStore.open();
});

afterAll(() => store.close());

test(
  'whatever happens to the disk and in whatever order, what was told is what the journal says',
  async () => {
    const property = fc.asyncProperty(schedule, async (steps) => {
      const clinic = await RandomClinic.open(store);
      for (const step of steps) await clinic.take(step);
      await clinic.settle();
      await check(clinic);
    });
    await fc.assert(property, { numRuns: RUNS, endOnFailure: false });
  },
  Math.max(30_000, RUNS * 1_000),
);

async function check(random: RandomClinic): Promise<void> {
  await random.record();
  for (const key of random.days) await checkDay(random, random.recordOf(key));
  for (const reading of random.readings) checkReading(random, reading);
  for (const told of random.told) checkTold(random, told);
  checkRequests(random);
  checkUnmarked(random);
  checkTogether(random);
  checkClosings(random);
  await checkMemory(random);
  await checkAfterRestart(random);
}

type Record = ReturnType<RandomClinic['recordOf']>;

async function checkDay({ clinic, watchers }: RandomClinic, { key, entries, changes, standings }: Record) {
  same(
    entries.map(({ revision }) => revision),
    changes.map((_, index) => index + 1),
    'I7: revisions are 1..r',
  );
  same(accepted(await clinic.standing(key)), standings.at(-1), 'I8: the journal applied is what is served');
  for (const watcher of watchers.filter((each) => nameOf(each.key) === nameOf(key))) {
    const due = changes.slice(watcher.from, watcher.closedAt);
    same(
      watcher.seen.map(({ change }) => change),
      due,
      'a watcher gets every durable change once, in order',
    );
    for (const { change, durable } of watcher.seen)
      atMost(change.revision, durable, 'a watcher gets only what is on disk');
  }
}

function checkReading(random: RandomClinic, { key, standing, durable }: RandomClinic['readings'][number]) {
  atMost(standing.revision, durable, 'a reader sees only what is on disk');
  same(standing, random.recordOf(key).standings[standing.revision], 'a reader sees a state that the day was in');
}

function checkTold(random: RandomClinic, { asked, answer, durable }: RandomClinic['told'][number]) {
  const mark = asked.request;
  if (!answer.ok) {
    const others = random.entriesUnder(asked).filter(({ request }) => request?.digest !== mark?.digest);
    if (reasonOf(answer) === 'REQUEST_ID_REUSED') same(others.length, 1, 'R18: refused only where others had the id');
    return;
  }
  answer.value.forEach(({ key, change }, index) => {
    const { entries, changes } = random.recordOf(key);
    const entry = entries[change.revision - 1];
    atMost(change.revision, durable[index] as number, 'what is answered is on disk');
    same(change, changes[change.revision - 1], 'the very change that was answered is in the journal');
    same(entry && alone(entry.command), asked.command, 'what was done is what was asked for');
    same(entry?.request, index === 0 ? mark : undefined, 'it is kept under the id that it was asked for with');
  });
}

/** A command without what it says of its other days, and of whom it left where they were. */
function alone(command: RecordedCommand): RecordedCommand {
  const { elsewhere: _, left: __, ...rest } = command as RecordedCommand & { elsewhere?: unknown; left?: unknown };
  return rest as RecordedCommand;
}

/** All days of a command, or none: what its first day says of the others is so, and no other day has a part of it. */
function checkTogether(random: RandomClinic) {
  const all = random.days.flatMap((key) => random.recordOf(key).entries.map((entry) => ({ key, entry })));
  const parts = all.filter(({ entry }) => entry.command.kind === 'RescheduleToken');
  const firsts = parts.filter(({ entry }) => isFirst(entry));
  const others = firsts.flatMap(({ key, entry }) => {
    const elsewhere = entry.command.kind === 'RescheduleToken' ? (entry.command.elsewhere ?? []) : [];
    return elsewhere.map(({ date, revision }) => {
      const other = random.recordOf({ ...key, date }).entries[revision - 1];
      same(other?.command, alone(entry.command), 'each day has its part');
      return other;
    });
  });
  same(firsts.length + others.length, parts.length, 'no day has a part alone');
}

/**
 * CloseSlots: its parts name each other, and a day that it passed over had no open slot at a moment
 * while it was asked for.
 */
function checkClosings(random: RandomClinic) {
  const parts = new Map<string, { readonly date: string; readonly entry: JournalEntry }[]>();
  for (const { key, entries } of random.days.map((each) => random.recordOf(each))) {
    for (const entry of entries) {
      if (entry.command.kind !== 'CloseSlots') continue;
      const { reason } = entry.command;
      parts.set(reason, [...(parts.get(reason) ?? []), { date: key.date, entry }]);
    }
  }
  for (const [first, ...others] of parts.values()) {
    const told = first?.entry.command.kind === 'CloseSlots' ? (first.entry.command.elsewhere ?? []) : [];
    const found = others.map(({ date, entry: { revision } }) => ({ date, revision }));
    same(told, found, 'the first day of CloseSlots names the others');
  }
  for (const { closed, passedOver } of random.closings) {
    atMost(1, closed.length, 'CloseSlots closes something');
    for (const { key, from, to } of passedOver) {
      const standings = random.recordOf(key).standings.slice(from, to + 1);
      const hadNone = standings.some(({ slots }) => slots.every(({ isClosed }) => isClosed));
      same(hadNone, true, `${key.date} had an open slot from revision ${from} to ${to}, and CloseSlots passed it over`);
    }
  }
}

/** The day of the new place: whose first event is the new token's. */
function isFirst({ events }: JournalEntry): boolean {
  return events[0]?.kind === 'ALLOCATED' || events[0]?.kind === 'QUEUED';
}

/** R18: once under an id, and what was refused is not there at all. */
function checkRequests(random: RandomClinic) {
  for (const { asked } of random.told) {
    const { request } = asked;
    if (!request) continue;
    const entries = random.entriesUnder(asked);
    atMost(entries.length, 1, 'R18: one command a request id');
    const answers = random.told.filter(({ asked: other }) => isDeepStrictEqual(other.request, request));
    const mayBeThere = answers.some(({ answer }) => answer.ok || reasonOf(answer) === 'STORE_UNAVAILABLE');
    if (!mayBeThere)
      same(
        entries.filter(({ request: mark }) => mark?.digest === request.digest),
        [],
        'I9',
      );
  }
}

/** Commands without an id: as often in the journal as they were accepted, or as the store's failing leaves open. */
function checkUnmarked(random: RandomClinic) {
  // A part of a command on another day than its first carries no id either.
  const isOnOneDay = ({ kind }: RecordedCommand) => kind !== 'RescheduleToken' && kind !== 'CloseSlots';
  const unmarked = random.told.filter(({ asked }) => !asked.request && isOnOneDay(asked.command));
  for (const { asked } of unmarked) {
    const alike = unmarked.filter(({ asked: other }) => isDeepStrictEqual(other.command, asked.command));
    const done = alike.filter(({ answer }) => answer.ok).length;
    const open = alike.filter(({ answer }) => reasonOf(answer) === 'STORE_UNAVAILABLE').length;
    const kept = random.entriesLike(asked.command).length;
    atMost(done, kept, 'all that was accepted is in the journal');
    atMost(kept, done + open, 'nothing that was refused is in the journal');
  }
}

async function checkMemory({ clinic, watchers }: RandomClinic) {
  await store.idle();
  const watched = new Set(watchers.filter(({ closedAt }) => closedAt === undefined).map(({ key }) => nameOf(key)));
  atMost(clinic.desk.held.days, Math.max(watched.size + 1, 2), 'memory is bounded');
}

async function checkAfterRestart({ told }: RandomClinic) {
  const restarted = Clinic.over(store);
  for (const { asked, answer } of told) {
    if (!answer.ok || !asked.request) continue;
    same(await put(restarted, asked), answer, 'R18: also after a restart');
  }
}

function same(actual: unknown, expected: unknown, rule: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${rule}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function atMost(actual: number, most: number, rule: string): void {
  if (actual > most) throw new Error(`${rule}: ${actual} is more than ${most}`);
}
