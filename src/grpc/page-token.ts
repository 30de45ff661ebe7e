/** Page tokens: where the next page begins, opaque to callers, and refused where it is none that a page ended with. */
import { FieldCheck } from './field-check.js';

/** A page token that says after which id, or which revision, the next page begins. */
export function pageTokenAfter(last: string | number): string {
  return Buffer.from(String(last)).toString('base64url');
}

/** The id after which a page begins, as `read` checks it; undefined for the first page. */
export function pageStart<Id extends string>(
  check: FieldCheck,
  pageToken: string,
  read: (itself: FieldCheck, text: string) => Id,
): Id | undefined {
  if (pageToken === '') return undefined;
  const id = Buffer.from(pageToken, 'base64url').toString() as Id;
  const itself = new FieldCheck();
  if (!itself.answer(read(itself, id)).ok || pageTokenAfter(id) !== pageToken) refuse(check);
  return id;
}

/** The revision after which a page begins; undefined for the first page. */
export function pageStartRevision(check: FieldCheck, pageToken: string): number | undefined {
  if (pageToken === '') return undefined;
  const revision = Number(Buffer.from(pageToken, 'base64url').toString());
  if (!Number.isInteger(revision) || revision < 1 || pageTokenAfter(revision) !== pageToken) refuse(check);
  return revision;
}

function refuse(check: FieldCheck): void {
  check.violation('page_token', 'must be the next_page_token of a page before');
}
