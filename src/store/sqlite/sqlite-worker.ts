/** The thread that waits for the disk, so that no other does. It does one call after another, and answers in order. */

import { parentPort, workerData } from 'node:worker_threads';
import { SqliteError } from './binding.js';
import { Connection, ConnectionLost } from './connection.js';
import { refusalOf } from './inspection.js';
import type { Answer, Calls, Failure, Greeting, OperationName, WorkerOrders } from './messages.js';
import type { Tables } from './tables.js';

const port = parentPort;
if (!port) throw new Error('sqlite-worker runs as a worker thread only');
const { path, options, again } = workerData as WorkerOrders;

const connection = open();
if (connection) {
  greet({ opened: true });
  port.on('message', (calls: Calls) => {
    const answers: Answer[] = calls.map(([number, name, given]) => answer(connection, number, name, given));
    port.postMessage(answers);
    if (calls.at(-1)?.[1] === 'close') port.close();
  });
}

function open(): Connection | undefined {
  try {
    return again ? Connection.again(path, options) : Connection.first(path, options);
  } catch (error) {
    greet({ opened: false, why: refusalOf(path, error).message });
    return undefined;
  }
}

function greet(greeting: Greeting): void {
  port?.postMessage(greeting);
}

function answer(on: Connection, number: number, name: OperationName, given: readonly unknown[]): Answer {
  try {
    if (name === 'close') return { number, value: on.close() };
    // The sender's types say that the arguments fit the operation.
    return { number, value: on.run((tables: Tables) => Reflect.apply(tables[name], tables, given)) };
  } catch (error) {
    return { number, failure: failure(error) };
  }
}

/** A constraint that fails here is none of those that mean a conflict: a bug, as is anything but a database's error. */
function failure(error: unknown): Failure {
  const { message } = error as Error;
  if (error instanceof ConnectionLost) return { message, code: undefined, isUnavailable: true };
  if (!(error instanceof SqliteError)) return { message, code: undefined, isUnavailable: false };
  return { message, code: error.code, isUnavailable: !error.code.startsWith('SQLITE_CONSTRAINT') };
}
