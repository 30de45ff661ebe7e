/** What must be true of a run, judged from outside, by what the clients were told and what the journal says at the end. */
import { type QueueChange, type TokenChange, TokenChange_Kind } from '../../gen/opd/v1/resources.js';
import type { TimeZone } from '../../src/domain/time.js';
import { Board } from '../../src/sim/board.js';
import { bytesOf } from './clients.js';
import type { History } from './history.js';
import { orderBreaches } from './order.js';

/** Every promise that the run broke, in words; none where all were kept. */
export function breaches(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): string[] {
  return [
    ...[...journals].flatMap(([day, changes]) => ruleBreaches(changes).map((breach) => `${day}: ${breach}`)),
    ...commandBreaches(history, journals),
    ...halves([...journals.values()].flat()),
    ...scheduleHalves(journals),
    ...unclaimed(history, journals),
    ...watchBreaches(history, journals),
    ...orderBreaches(history),
  ];
}

/** I1 to I8: revisions dense, every change in keeping with the rules. */
function ruleBreaches(changes: readonly QueueChange[]): string[] {
  const board = new Board('UTC' as TimeZone);
  return changes.flatMap((change, index) => [
    ...(change.revision === index + 1 ? [] : [`revision ${change.revision} is number ${index + 1}`]),
    ...board
      .apply(change, change.at?.getTime() as never)
      .breaches.map((breach) => `revision ${change.revision}: ${breach}`),
  ]);
}

/** Acknowledged: there, as answered, once. Refused: not there. Given up: there wholly, or not at all, at the most once. */
function commandBreaches(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): string[] {
  const found: string[] = [];
  const acknowledged = new Map<string, string>();
  const newPatients = new Map<string, number>();
  for (const [day, changes] of journals) {
    for (const change of changes) {
      const own = change.tokens[0];
      const isNew = isIssued(own) && change.cause !== RESCHEDULE;
      const patient = `${day} ${own?.token?.patientRef}`;
      if (isNew) newPatients.set(patient, (newPatients.get(patient) ?? 0) + 1);
    }
  }
  for (const [patient, times] of newPatients)
    if (times > 1) found.push(`${patient} was given ${times} tokens by one request`);
  for (const { requestId, patientRef, day, outcome } of history.commands) {
    if (outcome === 'given up') continue;
    if ('refused' in outcome) {
      if (newPatients.has(`${day} ${patientRef}`))
        found.push(`${requestId} was refused (${outcome.refused}), but was carried out`);
      continue;
    }
    const { change } = outcome;
    const name = `${day} r${change.revision}`;
    const kept = journals.get(day)?.[change.revision - 1];
    if (!kept) found.push(`${requestId} was acknowledged as ${name}, which is lost`);
    else if (!bytesOf(kept).equals(bytesOf(change)))
      found.push(`${requestId} was answered with another ${name} than the journal has`);
    const other = acknowledged.get(name);
    if (other) found.push(`${requestId} and ${other} were both acknowledged as ${name}`);
    acknowledged.set(name, requestId);
  }
  return found;
}

/** Both days of a rescheduling have their part, or neither: each token given up for another came with that other, and once. */
function halves(changes: readonly QueueChange[]): string[] {
  const effects = changes.filter(({ cause }) => cause === RESCHEDULE).flatMap(({ tokens }) => tokens);
  const issued = effects.filter(isIssued).map(({ token }) => token?.rescheduledFromTokenId ?? '');
  const ended = effects.filter(({ kind }) => kind === TokenChange_Kind.CANCELLED).map(({ token }) => token?.id ?? '');
  return [
    ...issued.filter((id) => !ended.includes(id)).map((id) => `${id} was rescheduled, and not cancelled`),
    ...ended.filter((id) => !issued.includes(id)).map((id) => `${id} was cancelled, and not rescheduled`),
    ...issued.filter((id, index) => issued.indexOf(id) < index).map((id) => `${id} was rescheduled twice`),
  ];
}

/** A schedule opened its slots on all days of the doctor, or on none. */
function scheduleHalves(journals: ReadonlyMap<string, readonly QueueChange[]>): string[] {
  const opened = new Map<string, Map<string, string>>();
  for (const [day, changes] of journals) {
    const [doctorId = ''] = day.split(' ');
    const ofDoctor = opened.get(doctorId) ?? new Map<string, string>();
    opened.set(doctorId, ofDoctor.set(day, startsOfSchedules(changes).join(' ')));
  }
  return [...opened].flatMap(([doctorId, ofDoctor]) =>
    new Set(ofDoctor.values()).size === 1 ? [] : [`${doctorId}: schedules opened not the same slots on all days`],
  );
}

/** When the slots begin that schedules have opened on a day, in order. */
function startsOfSchedules(changes: readonly QueueChange[]): string[] {
  const known = new Set<string>();
  const starts: string[] = [];
  for (const { cause, slots } of changes) {
    for (const { id, start } of slots) {
      if (!known.has(id) && cause === SCHEDULE) starts.push(start);
      known.add(id);
    }
  }
  return starts.sort();
}

const RESCHEDULE = 'RescheduleToken';
const SCHEDULE = 'CreateSlots';

function isIssued(effect: TokenChange | undefined): boolean {
  return effect?.kind === TokenChange_Kind.ALLOCATED || effect?.kind === TokenChange_Kind.QUEUED;
}

/** A revision is a slot's creation beforehand, or was acknowledged to somebody, or is that of a command given up: there are no others. */
function unclaimed(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): string[] {
  return [...journals].flatMap(([day, changes]) => {
    const commands = history.commands.filter((command) => command.day === day);
    const acknowledged = commands.filter(({ outcome }) => typeof outcome === 'object' && 'change' in outcome).length;
    const givenUp = commands.filter(({ outcome }) => outcome === 'given up').length;
    const created = changes.filter(({ cause }) => cause === 'CreateSlot').length;
    const others = changes.length - created - acknowledged;
    return others <= givenUp
      ? []
      : [`${day}: ${others} revisions that nobody was told of, of ${givenUp} commands given up`];
  });
}

/** Every watcher saw every revision once, in order, as the journal has it. */
function watchBreaches(history: History, journals: ReadonlyMap<string, readonly QueueChange[]>): string[] {
  return history.watches.flatMap(({ day, changes }, index) => {
    const journal = journals.get(day) ?? [];
    const name = `watcher ${index} of ${day}`;
    if (changes.length !== journal.length) return [`${name} saw ${changes.length} changes of ${journal.length}`];
    const wrong = changes.findIndex((change, at) => !bytesOf(change).equals(bytesOf(journal[at] as QueueChange)));
    return wrong < 0 ? [] : [`${name} saw another revision ${wrong + 1} than the journal has`];
  });
}
