import { decodeEntry, encodeEntry, JOURNAL_FORMAT, JournalUnreadable } from '../../src/store/journal-codec.js';
import { allocated, allocateToken, day, tokenId } from './samples.js';

const SAYING = { command: allocateToken(), events: [allocated(1)] };
const SOUND = encodeEntry(SAYING);

test('an entry is written in the newest format and read back as it was', () => {
  expect(SOUND.format).toBe(JOURNAL_FORMAT);
  expect(decodeEntry(day(1), 1, SOUND)).toEqual(SAYING);
});

test('format 1 is read for ever as it was first written', () => {
  const id = tokenId(1);
  const written = {
    format: 1,
    command: `{"kind":"CancelToken","tokenId":"${id}","reason":"went home"}`,
    events: `[{"kind":"CANCELLED","tokenId":"${id}"}]`,
  };
  expect(decodeEntry(day(1), 1, written)).toEqual({
    command: { kind: 'CancelToken', tokenId: id, reason: 'went home' },
    events: [{ kind: 'CANCELLED', tokenId: id }],
  });
});

test('an optional field that a later program added is passed on', () => {
  const events = JSON.stringify([{ ...allocated(1), since: 7 }]);
  expect(decodeEntry(day(1), 1, { ...SOUND, events }).events).toEqual([{ ...allocated(1), since: 7 }]);
});

test.each([
  ['a format of the future', { format: JOURNAL_FORMAT + 1 }, /its format 2 is unknown/],
  ['a format that never was', { format: 0 }, /its format 0 is unknown/],
  ['a command cut short', { command: '{"kind":"Mark' }, /JSON/],
  ['a command that is nothing', { command: 'null' }, /its kind "" is unknown/],
  ['an unknown command', { command: '{"kind":"CloseDay"}' }, /its kind "CloseDay" is unknown/],
  ['a kind that every object answers to', { command: '{"kind":"toString"}' }, /its kind "toString" is unknown/],
  ['a command without a field', { command: '{"kind":"MarkNoShow"}' }, /its MarkNoShow has no string tokenId/],
  ['a field of another type', { events: '[{"kind":"PROMOTED","tokenId":1}]' }, /its PROMOTED has no string tokenId/],
  ['a target of nothing', { command: '{"kind":"InsertEmergency","target":null}' }, /has no object target/],
  ['an unknown event', { events: '[{"kind":"RENAMED"}]' }, /its kind "RENAMED" is unknown/],
  ['events that are no list', { events: '{}' }, /its events are no list/],
])('%s is refused, with the row named', (_, damage, why) => {
  const read = () => decodeEntry(day(1), 7, { ...SOUND, ...damage });
  expect(read).toThrow(JournalUnreadable);
  expect(read).toThrow(`the journal's row ${day(1).doctorId} 2026-01-31 revision 7 cannot be read: `);
  expect(read).toThrow(why);
});
