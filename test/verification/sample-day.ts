/**
 * A sound doctor-day of every kind of event but one, as a store would keep it and as a reader would find it:
 *
 *     2026-01-31 Asia/Kolkata ON_EMERGENCY r6
 *     09:00-10:00 1/1: 1W
 *     10:00-11:00 1/1: 2P<09:00
 *     gone: 3E@09:00 cancelled
 */
import { createHash } from 'node:crypto';
import { nextDue } from '../../src/domain/clock.js';
import type { Command } from '../../src/domain/command.js';
import { decide } from '../../src/domain/decide.js';
import { DoctorDay } from '../../src/domain/doctor-day.js';
import { snapshotOf } from '../../src/domain/invariants.js';
import type { Instant } from '../../src/domain/time.js';
import { encodeEntry } from '../../src/store/journal-codec.js';
import type { DayCommit, JournalEntry } from '../../src/store/store.js';
import type { DayRecord } from '../../src/store/store-reader.js';
import { AT, doctor, day as keyOf, slotId, tokenId } from '../store/samples.js';

export const DOCTOR = doctor(1);
export const KEY = keyOf(1);

const slot = (hour: number): Command => ({
  kind: 'CreateSlot',
  start: (hour * 60) as never,
  end: (hour * 60 + 60) as never,
  capacity: 1,
});

// The n-th command creates what it creates under the n-th id.
const COMMANDS: readonly Command[] = [
  slot(9),
  slot(10),
  { kind: 'AllocateToken', slotId: slotId(1), source: 'WALK_IN', patientRef: 'MRN-SECRET-1' },
  { kind: 'AllocateToken', slotId: slotId(1), source: 'PAID', patientRef: 'MRN-SECRET-2' },
  { kind: 'InsertEmergency', target: { slotId: slotId(1) }, patientRef: 'MRN-SECRET-3' },
  { kind: 'CancelToken', tokenId: tokenId(5), reason: '' },
];

/** What a store is given to keep; of a day that goes on, with commands of its own. */
export function sampleCommit(more: readonly Command[] = []): DayCommit {
  const day = new DoctorDay(DOCTOR, KEY.date);
  const entries = [...COMMANDS, ...more].map((command, index): JournalEntry => {
    const newId = slotId(index + 1).slice('slot_'.length);
    const answer = decide(day, command, { now: (AT + index) as Instant, newId });
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
    const { change, events } = answer.value;
    const digest = `${command.kind}:${createHash('sha256').update(newId).digest('base64')}`;
    return {
      revision: change.revision,
      at: change.at,
      command,
      events,
      request: { id: newId, digest },
      commandId: newId,
    };
  });
  const { slots, tokens } = snapshotOf(day);
  return { key: KEY, entries, slots, tokens, due: { at: nextDue(day) } };
}

/** What a reader finds. */
export function sampleRecord(more: readonly Command[] = []): DayRecord {
  const { key, entries, slots, tokens, due } = sampleCommit(more);
  const journal = entries.map((entry) => ({
    revision: entry.revision,
    at: entry.at,
    text: encodeEntry(entry),
    requestId: entry.request?.id ?? null,
    requestDigest: entry.request?.digest ?? null,
    commandId: entry.commandId ?? null,
  }));
  return { key, doctor: DOCTOR, journal, slots, tokens, dueAt: due?.at };
}
