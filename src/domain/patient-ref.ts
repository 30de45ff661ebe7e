/**
 * R14: patients' references have one form, so that what one patient is known by is not taken for two. A scanner's byte order mark, a
 * pasted blank or an accent in two code points makes no other patient. Case does, and so does everything between the ends.
 */

/** Letters, digits and signs of ASCII, with blanks between them: most references are in their one form already. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** White space, control characters, the byte order mark, the zero width space, the word joiner, and the marks of writing direction. */
const UNSEEN = /[\p{White_Space}\p{Cc}\ufeff\u200b\u2060\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** A reference in its one form: without what is left out at its ends, in Unicode NFC. Costs by the length of the text. */
export function oneForm(reference: string): string {
  return PLAIN.test(reference) ? reference : withoutEnds(reference).normalize('NFC');
}

/** A reference without what is left out at its ends. No regular expression looks for the end: on a long run of blanks it takes too long. */
export function withoutEnds(reference: string): string {
  let [start, end] = [0, reference.length];
  while (start < end && isLeftOut(reference.charAt(start))) start += 1;
  while (start < end && isLeftOut(reference.charAt(end - 1))) end -= 1;
  return reference.slice(start, end);
}

/** U+0000 stays, to be refused. Joiners (U+200C, U+200D) stay, because in some scripts they are part of how a word is spelled. */
function isLeftOut(character: string): boolean {
  return character !== '\u0000' && UNSEEN.test(character);
}
