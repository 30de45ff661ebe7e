/**
 * Writes the recorded histories: `node dist/test/histories/record.js`, from the project's root. One that is there already
 * is left alone: journals of its time are still about, and must be read for ever. A new event kind gets a new history.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { nextDue } from '../../src/domain/clock.js';
import { closeSlots } from '../../src/domain/close-slots.js';
import type { Command } from '../../src/domain/command.js';
import { decide } from '../../src/domain/decide.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import type { SlotCreated } from '../../src/domain/event.js';
import { parseDay, printDay } from '../../src/domain/notation.js';
import { answered } from '../../src/domain/refusal.js';
import type { DayDecision } from '../../src/domain/several-days.js';
import { formatTimeOfDay, type Instant } from '../../src/domain/time.js';
import { CLOCK } from '../domain/scenario.js';
import { type CloseAll, HISTORIES, type History } from './histories.js';

function record({ day: header, from, commands, until, minutesLaterBefore = 0 }: History): {
  journal: string;
  day: string;
} {
  const day = parseDay(header);
  const entries = commands.flatMap((command, index) => {
    const now = (Date.parse(from) + index * 60_000) as Instant;
    return [...pass(day, now), carryOut(day, command, now, minutesLaterBefore * 60_000)];
  });
  if (until) entries.push(...pass(day, Date.parse(until) as Instant));
  return { journal: `${entries.join('\n')}\n`, day: `${printDay(day)}\n` };
}

/** Lets happen what falls due until then. */
function* pass(day: DoctorDay, until: Instant): Generator<string> {
  for (let due = nextDue(day); due !== undefined && due <= until; due = nextDue(day)) yield carryOut(day, CLOCK, due);
}

/** Answers with the journal's line. */
function carryOut(day: DoctorDay, given: Command | CloseAll, now: Instant, later = 0): string {
  const answer = given.kind === 'CloseSlots' ? decideAll(day, given, now) : decideOne(day, given, now);
  if (!answer.ok) throw new Error(`after\n${printDay(day)}\n${given.kind} is refused, ${answer.refusal.reason}`);
  const { change, events, command } = answer.value;
  const asThen = events.map((event) => (event.kind === 'SLOT_CREATED' ? putLater(day, event, later) : event));
  return JSON.stringify({ revision: change.revision, at: change.at, command, events: asThen });
}

function decideOne(day: DoctorDay, command: Command, now: Instant) {
  const newId = command.kind === 'CreateSlot' ? formatTimeOfDay(command.start) : String(day.nextNumber);
  const answer = decide(day, command, { now, newId });
  return answer.ok ? answered({ ...answer.value, command }) : answer;
}

function decideAll(day: DoctorDay, { kind: _, ...hours }: CloseAll, now: Instant) {
  const newId = () => String(day.nextNumber);
  const answer = closeSlots([day], { ...hours, firstDate: day.date, lastDate: day.date }, { now, newId });
  return answer.ok ? answered(answer.value[0] as DayDecision) : answer;
}

function putLater(day: DoctorDay, event: SlotCreated, later: number): SlotCreated {
  const [startsAt, endsAt] = [(event.startsAt + later) as Instant, (event.endsAt + later) as Instant];
  day.retimeSlot(event.id, { ...event, startsAt, endsAt });
  return { ...event, startsAt, endsAt };
}

const folder = new URL('../../../test/histories/', import.meta.url);
for (const history of HISTORIES) {
  const journal = new URL(`${history.name}.jsonl`, folder);
  if (existsSync(journal)) continue;
  const recorded = record(history);
  writeFileSync(journal, recorded.journal);
  writeFileSync(new URL(`${history.name}.day`, folder), recorded.day);
}
