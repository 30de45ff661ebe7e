/** Recorded histories: a `.jsonl` of journal entries, a revision a line, and the `.day` that they lead to. */
import { readdirSync, readFileSync } from 'node:fs';
import { checkChange } from '../../src/domain/change-invariants.js';
import { checkLeft } from '../../src/domain/close-slots.js';
import type { Command } from '../../src/domain/command.js';
import type { DayEvent } from '../../src/domain/event.js';
import { brokenInvariants, snapshotOf } from '../../src/domain/invariants.js';
import { parseDay, printDay } from '../../src/domain/notation.js';
import type { TokenId } from '../../src/domain/token.js';
import { type Recorded, replay } from '../../src/domain/turn.js';

const FOLDER = new URL('../../../test/histories/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace('.jsonl', ''));

/** Every kind of event that has ever been written; one that is added here gets a history of its own. */
const KINDS: Record<DayEvent['kind'], true> = {
  SLOT_CREATED: true,
  ALLOCATED: true,
  QUEUED: true,
  DISPLACED: true,
  PROMOTED: true,
  MOVED: true,
  CANCELLED: true,
  NO_SHOW: true,
  SLOT_RESIZED: true,
  SLOT_CLOSED: true,
  SLOT_REOPENED: true,
  SLOT_DELETED: true,
  SLOT_RETIMED: true,
  CARRIED_OVER: true,
  CHECKED_IN: true,
  CALLED: true,
  RETURNED: true,
  COMPLETED: true,
  SLOT_ENDED: true,
  EXPIRED: true,
  UPDATED: true,
};

/** The first histories were recorded without their commands; what each was makes no difference to the day. */
const UNRECORDED: Command = { kind: 'MarkNoShow', tokenId: '' as TokenId };

describe('I8 · a recorded history', () => {
  test.each(NAMES)('I8 · leads to the day that it led to when it was recorded: %s', (name) => {
    const recordedDay = readFileSync(new URL(`${name}.day`, FOLDER), 'utf8').trim();
    const [header = ''] = recordedDay.split('\n');
    const day = parseDay(header.replace(/ r\d+$/, ''));
    for (const entry of journalOf(name)) {
      const before = snapshotOf(day);
      const change = replay(day, entry);
      const broken = checkChange(before, change, snapshotOf(day), day.doctor);
      expect([...broken, ...brokenInvariants(day, entry.at), ...checkLeft(day, change)]).toEqual([]);
    }
    expect(printDay(day)).toBe(recordedDay);
  });

  test('is there for every kind of event', () => {
    const kinds = NAMES.flatMap(journalOf).flatMap(({ events }) => events.map((event) => event.kind));
    expect(new Set(kinds)).toEqual(new Set(Object.keys(KINDS)));
  });
});

function journalOf(name: string): Recorded[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => ({ command: UNRECORDED, ...JSON.parse(line) }));
}
