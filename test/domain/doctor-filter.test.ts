import { type DoctorFilter, isListed } from '../../src/domain/doctor-filter.js';
import { parseDay } from '../../src/domain/notation.js';

const { doctor } = parseDay('2026-01-31 Asia/Kolkata ON_EMERGENCY');
const rao = { ...doctor, name: 'Dr Élodie Rao', department: 'Orthopaedics' };
const isShown = (filter: Partial<DoctorFilter>, isRetired = false) =>
  isListed({ ...rao, isRetired }, { showsRetired: false, ...filter });

test.each<[string, Partial<DoctorFilter>, boolean]>([
  ['nothing', {}, true],
  ['the department', { department: 'Orthopaedics' }, true],
  ['the department in another case', { department: 'ORTHOPAEDICS' }, true],
  ['a part of the department', { department: 'Ortho' }, false],
  ['another department', { department: 'ENT' }, false],
  ['the beginning of the name', { namePrefix: 'dr é' }, true],
  ['the beginning of a word of the name', { namePrefix: 'ra' }, true],
  ['the beginning in decomposed letters', { namePrefix: 'E\u0301lo' }, true],
  ['the middle of a word', { namePrefix: 'lodie' }, false],
  ['the department and another name', { department: 'Orthopaedics', namePrefix: 'Sen' }, false],
])('a list asked for by %s', (_, filter, shown) => {
  expect(isShown(filter)).toBe(shown);
});

test('a retired doctor is listed on request only', () => {
  expect([isShown({}, true), isShown({ showsRetired: true }, true)]).toEqual([false, true]);
});
