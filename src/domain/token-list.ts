/** Which tokens of a doctor-day a list is to show. */
import type { DoctorId } from './doctor.js';
import type { DoctorDay } from './doctor-day.js';
import { oneForm } from './patient-ref.js';
import { type Answer, answered, refused } from './refusal.js';
import type { SlotId } from './slot.js';
import type { LocalDate } from './time.js';
import type { Token, TokenId, TokenStatus } from './token.js';

/** All that is named must fit; what is not named fits any. */
export interface TokenFilter {
  readonly doctorId: DoctorId | undefined;
  readonly date: LocalDate | undefined;
  /** Where the token sits or waits, or did when it ended. */
  readonly slotId: SlotId | undefined;
  /** In its one form (R14, patient-ref.ts). */
  readonly patientRef: string | undefined;
  /** Any of them; all where empty. */
  readonly statuses: readonly TokenStatus[];
}

/**
 * The tokens of a day that fit, by number, those after the token `after`, `limit` at the most.
 * Refused where the slot is none of this day, or the day is none that the filter names.
 */
export function tokensThatFit(
  day: DoctorDay,
  filter: TokenFilter,
  after: TokenId | undefined,
  limit: number,
): Answer<Token[]> {
  const { slotId } = filter;
  if (slotId && !(day.slot(slotId) && isDayOf(filter, day))) return refused('SLOT_NOT_FOUND', { slotId });
  const last = after && day.token(after);
  if (after && !last) return refused('INVALID_FIELDS', { violations: [PAGE_OF_ANOTHER_LIST] });

  const found: Token[] = [];
  for (const token of day.tokens) {
    if (found.length === limit) break;
    if (token.number > (last?.number ?? 0) && fits(token, filter)) found.push(token);
  }
  return answered(found);
}

const PAGE_OF_ANOTHER_LIST = { field: 'page_token', description: 'must be the next_page_token of a page of this list' };

function isDayOf({ doctorId, date }: TokenFilter, day: DoctorDay): boolean {
  return (doctorId ?? day.doctor.id) === day.doctor.id && (date ?? day.date) === day.date;
}

function fits(token: Token, { slotId, patientRef, statuses }: TokenFilter): boolean {
  if (slotId && token.slotId !== slotId) return false;
  if (patientRef !== undefined && oneForm(token.patientRef) !== patientRef) return false;
  return statuses.length === 0 || statuses.includes(token.status);
}
