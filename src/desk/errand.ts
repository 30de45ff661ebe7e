/** Where a request points, how a command is asked for, and what comes back of it. */
import type { Command } from '../domain/command.js';
import type { DoctorId } from '../domain/doctor.js';
import type { Change } from '../domain/event.js';
import type { SlotId } from '../domain/slot.js';
import type { LocalDate } from '../domain/time.js';
import type { TokenId } from '../domain/token.js';
import type { DayKey, RequestMark } from '../store/store.js';

/** Where a request points: at a doctor's day (today's where no date is named), or at the day of a slot or token. */
export type Place =
  | { readonly doctorId: DoctorId; readonly date?: LocalDate | undefined }
  | { readonly slotId: SlotId }
  | { readonly tokenId: TokenId };

/** An accepted command: the day it changed, and all that it did there. */
export interface Done {
  readonly key: DayKey;
  readonly change: Change;
}

/** A command and the call that it was given in. */
export interface IdentifiedCommand {
  readonly command: Command;
  /**
   * A UUIDv7: made once for each call, and kept over its attempts. The journal keeps it with the
   * revision.
   */
  readonly commandId: string;
}

/** How a command is asked for. */
export interface Asking {
  readonly request?: RequestMark | undefined;
  /** Only what would happen is asked for: nothing is done. */
  readonly validateOnly?: boolean;
}
