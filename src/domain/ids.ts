/** The names of things: a prefix that tells what is named, and a UUID. */
import type { Brand } from './brand.js';

/** `doc_` and a UUID. */
export type DoctorId = Brand<string, 'DoctorId'>;
/** `slot_` and a UUID. */
export type SlotId = Brand<string, 'SlotId'>;
/** `token_` and a UUID. */
export type TokenId = Brand<string, 'TokenId'>;
