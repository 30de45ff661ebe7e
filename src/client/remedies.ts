/** What a caller is to do about each refusal. docs/clients.md says it in sentences; a test holds both against the server's reasons. */

/**
 * - `retry`: send the same again, under the same request_id, at once.
 * - `wait`: the same, after the delay that the refusal names.
 * - `ask`: the call was sound, but the queue stands otherwise: read it again and let a person choose.
 * - `give up`: the same call will be refused for ever.
 */
export type Remedy = 'retry' | 'wait' | 'ask' | 'give up';

export const REMEDIES = {
  INVALID_FIELDS: 'give up',
  REQUEST_ID_REUSED: 'give up',
  DOCTOR_NOT_FOUND: 'give up',
  SLOT_NOT_FOUND: 'give up',
  TOKEN_NOT_FOUND: 'give up',
  DOCTOR_RETIRED: 'ask',
  DOCTOR_HAS_SLOTS: 'ask',
  SLOT_OVERLAPS: 'ask',
  SLOT_ENDED: 'ask',
  SLOT_STARTED: 'ask',
  SLOT_CLOSED: 'ask',
  SLOT_NOT_CLOSED: 'give up',
  SLOT_NOT_EMPTY: 'ask',
  NO_OPEN_SLOT: 'ask',
  PATIENT_HAS_TOKEN: 'ask',
  DAY_FULL: 'ask',
  TOKEN_NOT_LIVE: 'give up',
  TOKEN_SERVING: 'ask',
  TOKEN_WITHOUT_SEAT: 'ask',
  TOKEN_IS_EMERGENCY: 'ask',
  NO_FREE_SEAT: 'ask',
  TOKEN_CHECKED_IN: 'give up',
  TOKEN_NOT_SERVING: 'ask',
  NOBODY_TO_CALL: 'ask',
  DOCTOR_BUSY: 'ask',
  CONFLICT: 'retry',
  SLOW_WATCHER: 'retry',
  TOO_MANY_WATCHERS: 'wait',
  TOO_MANY_REQUESTS: 'wait',
  DRAINING: 'wait',
  STORE_UNAVAILABLE: 'wait',
  INTERNAL: 'give up',
  // What the server says before a call has come to the desk.
  REQUEST_TOO_LARGE: 'give up',
  REQUEST_TOO_SLOW: 'retry',
  DEADLINE_EXCEEDED: 'retry',
  UNIMPLEMENTED: 'give up',
} as const satisfies Record<string, Remedy>;

/** The reasons that this version knows. A newer server may have more. */
export type KnownReason = keyof typeof REMEDIES;

/** A reason as it came: one of those known, completed by an editor, or any other. */
export type Reason = KnownReason | (string & Record<never, never>);
