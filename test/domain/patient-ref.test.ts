/** R14: the one form of patients' references. */
import fc from 'fast-check';
import { oneForm } from '../../src/domain/patient-ref.js';

test.each([
  ['nothing to change', 'MRN-1/2 b', 'MRN-1/2 b'],
  ['nothing at all', '', ''],
  ['blanks, tabs and line ends', ' \t\r\nMRN 1 \u0085\u2028', 'MRN 1'],
  ['other blanks of Unicode', '\u00a0\u3000MRN 1\u2003\u202f', 'MRN 1'],
  ['a byte order mark', '\ufeffMRN 1', 'MRN 1'],
  ['characters of no width', '\u200bMRN 1\u2060', 'MRN 1'],
  ['marks of direction', '\u200f\u202aMRN 1\u202c\u2069', 'MRN 1'],
  ['the frame of a scanner', '\u0002MRN 1\u001d\u0003', 'MRN 1'],
  ['an accent in two code points', 'Jose\u0301', 'Jos\u00e9'],
  ['a Korean name in its letters', '\u1100\u1161\u11a8', '\uac01'],
  ['an Ångström sign', '\u212b', '\u00c5'],
  ['blanks alone', ' \ufeff\t', ''],
])('R14 · of %s', (_, reference, form) => {
  expect(oneForm(reference)).toBe(form);
});

test.each([
  ['case', 'Mrn 1'],
  ['blanks between the ends', 'MRN  1'],
  ['compatibility characters', 'MRN \u00b9'],
  ['a joiner at the end, which is part of the spelling', '\u0d28\u0d4d\u200d'],
  ['U+0000 at the end, which is refused', 'MRN 1\0'],
])('R14 · %s is left as it is', (_, reference) => {
  expect(oneForm(reference)).toBe(reference);
});

test('R14 · the one form of a reference is its own', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(' ', '\ufeff', 'a', '\u0301', '\u0344') }),
  );
  fc.assert(fc.property(text, (reference) => oneForm(oneForm(reference)) === oneForm(reference)));
});

test('a long run of blanks takes no long time', () => {
  const [start, blanks] = [performance.now(), ' '.repeat(60_000)];
  expect(oneForm(`x${blanks}x`)).toHaveLength(60_002);
  expect(oneForm(`\u00e9${blanks}\u00e9${blanks}`)).toHaveLength(60_002);
  expect(performance.now() - start).toBeLessThan(1_000);
});
