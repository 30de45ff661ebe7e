/**
 * R14: a patient reference has one form: Unicode NFC, without white space and invisible characters
 * at its ends. So a scanner's byte order mark, a pasted blank or an accent in two code points does
 * not make a second patient. Case counts, and so does everything between the ends.
 */

/** Printable ASCII without blanks at its ends: already in its one form, as most references are. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * White space, control characters, the byte order mark, the zero width space, the word joiner, and
 * the marks of writing direction.
 */
const INVISIBLE = /[\p{White_Space}\p{Cc}\ufeff\u200b\u2060\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** A reference in its one form. Takes time proportional to the length of the text. */
export function oneForm(reference: string): string {
  return PLAIN.test(reference) ? reference : withoutEnds(reference).normalize('NFC');
}

/**
 * A reference without white space and invisible characters at its ends. A regular expression would
 * take quadratic time on long runs of blanks.
 */
export function withoutEnds(reference: string): string {
  let [start, end] = [0, reference.length];
  while (start < end && isLeftOut(reference.charAt(start))) start += 1;
  while (start < end && isLeftOut(reference.charAt(end - 1))) end -= 1;
  return reference.slice(start, end);
}

/**
 * U+0000 stays, to be refused. Joiners (U+200C, U+200D) stay, because in some scripts they are part
 * of how a word is spelled.
 */
function isLeftOut(character: string): boolean {
  return character !== '\u0000' && INVISIBLE.test(character);
}
