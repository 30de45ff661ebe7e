/** What the store and its worker say to each other. */
import type { ConnectionOptions } from './connection.js';
import type { Tables } from './tables.js';

/** What the worker is started with. */
export interface WorkerOrders {
  readonly path: string;
  readonly options: ConnectionOptions;
  /** Whether an earlier worker has opened this database for this store. */
  readonly again: boolean;
}

/** What can be asked of the worker; `close` ends it. */
export type Operations = Pick<Tables, Exclude<keyof Tables, symbol>> & { close(): void };
export type OperationName = keyof Operations;

/** Calls that were made in one turn of the event loop, in order: number, operation, arguments. */
export type Calls = readonly (readonly [number, OperationName, readonly unknown[]])[];

export interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  /** Whether the database could not do it, rather than a bug in this program. */
  readonly isUnavailable: boolean;
}

export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly failure: Failure };

/** The worker's first word. */
export type Greeting = { readonly opened: true } | { readonly opened: false; readonly why: string };
