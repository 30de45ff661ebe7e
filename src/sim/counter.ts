/**
 * The front desk as those on this side of it know it: patients and the doctor ask, and see what came of it. Behind it is the engine
 * itself, or a server at the other end of a connection.
 */
import type { Command } from '../domain/command.js';
import type { DoctorId } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import type { SlotSummary } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { Token, TokenId } from '../domain/token.js';

/**
 * The commands of a simulated day. The clock's, those that make or change slots, and corrections
 * are not among them.
 */
export type Request = Exclude<
  Command,
  { readonly kind: 'CLOCK' | 'CreateSlot' | 'UpdateSlot' | 'ReopenSlot' | 'DeleteSlot' | 'UpdateToken' }
>;

export interface Counter {
  readonly doctorId: DoctorId;
  /** By start. */
  readonly slots: readonly SlotSummary[];
  /** By number, also those that are no longer live. */
  readonly tokens: readonly Token[];
  /** The token of an id that is known to be one. */
  token(id: TokenId): Token;

  /** When time will next do something by itself, if nothing is asked until then; undefined: never. */
  readonly nextDue: Instant | undefined;

  /** Sees what time has done by itself until now. To be done before anything is asked, since that may depend on it. */
  look(): void | Promise<void>;
  /** Asks what must be granted; answers with all that it did. A refusal is a broken invariant. */
  ask(request: Request): Change | Promise<Change>;
}
