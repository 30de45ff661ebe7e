/** What may happen on a random day. */
import type { TokenSource } from '../../src/domain/token.js';

/**
 * One thing that happens on a day. Starts may name no slot. A number beyond the next is counted
 * round, so that most name a token, and one in each round names nobody.
 */
export type Step =
  | { readonly does: 'create'; readonly start: string; readonly end: string; readonly capacity: number }
  | {
      readonly does: 'allocate';
      readonly source: Exclude<TokenSource, 'EMERGENCY'>;
      readonly start: string;
      readonly patient: string;
      readonly seatOnly: boolean;
    }
  /** Without a start: for the doctor. */
  | { readonly does: 'emergency'; readonly start?: string; readonly patient: string }
  | { readonly does: 'cancel' | 'noShow'; readonly number: number }
  | {
      readonly does: 'update';
      readonly number: number;
      readonly source?: Exclude<TokenSource, 'EMERGENCY'>;
      readonly patientRef?: string;
    }
  | { readonly does: 'resize'; readonly start: string; readonly capacity: number }
  | {
      readonly does: 'retime';
      readonly start: string;
      readonly to?: string;
      readonly end?: string;
      readonly capacity?: number;
    }
  | { readonly does: 'close' | 'reopen' | 'delete'; readonly start: string }
  /** All slots between two times together. */
  | { readonly does: 'closeAll'; readonly start: string; readonly end: string }
  | { readonly does: 'checkIn' | 'sendBack' | 'complete'; readonly number: number }
  /** Without a start: of all slots. */
  | ({ readonly does: 'callNext'; readonly start?: string } & Admitting)
  | ({ readonly does: 'call'; readonly number: number } & Admitting)
  | { readonly does: 'reschedule'; readonly number: number; readonly start: string; readonly seatOnly: boolean }
  /** Puts the clock on, or back. */
  | { readonly does: 'wait'; readonly minutes: number };

export interface Admitting {
  readonly completeCurrent: boolean;
  /** A number, or 0 for the one in the room; absent: nobody is expected. */
  readonly expected?: number;
}
