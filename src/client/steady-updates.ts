/** The updates of a watch that comes back whenever it is cut off, until it is refused for good or its owner hangs up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientReadableStream, status as Code } from '@grpc/grpc-js';
import type { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import { Backoff } from './backoff.js';
import { CallFailed } from './call-failed.js';

export type Stream = ClientReadableStream<WatchQueueResponse>;
export type Update = NonNullable<WatchQueueResponse['update']>;

/** The watch is cut off; the next attempt comes after the wait. */
export interface Loss {
  readonly $case: 'loss';
  readonly error: CallFailed;
  readonly waitMilliseconds: number;
}

/**
 * @param open begins the watch, where it was cut off
 * @param silenceMillisecondsMax how long nothing may come, not even a heartbeat, before the watch counts as cut off. Only the time in which
 *   the next update is waited for counts, not what its reader spends on the last one.
 * @throws CallFailed where the watch is refused in a way that no repetition mends
 */
export async function* steadyUpdates(
  open: () => Stream,
  silenceMillisecondsMax: number,
  signal?: AbortSignal,
): AsyncGenerator<Update | Loss, void, void> {
  const backoff = new Backoff();
  while (!signal?.aborted) {
    let error: CallFailed;
    try {
      for await (const update of updatesOf(open(), silenceMillisecondsMax, signal)) {
        backoff.reset();
        yield update;
      }
      error = new CallFailed(Code.UNAVAILABLE, 'the watch ended');
    } catch (cause) {
      error = CallFailed.from(cause);
    }
    if (signal?.aborted) return;
    if (error.isFinal) throw error;
    const waitMilliseconds = backoff.next(error.retryAfterMilliseconds);
    yield { $case: 'loss', error, waitMilliseconds };
    await sleep(waitMilliseconds, undefined, signal && { signal }).catch(() => {});
  }
}

async function* updatesOf(stream: Stream, silenceMillisecondsMax: number, signal?: AbortSignal) {
  let silent = false;
  const onSilence = () => {
    silent = true;
    stream.cancel();
  };
  const hangUp = () => stream.cancel();
  // An error reaches whoever reads next; the one that hanging up causes reaches nobody.
  stream.on('error', () => {});
  signal?.addEventListener('abort', hangUp, { once: true });
  let timer = setTimeout(onSilence, silenceMillisecondsMax);
  try {
    for await (const { update } of stream as AsyncIterable<WatchQueueResponse>) {
      clearTimeout(timer);
      // A newer server's kind of update says nothing to this version, but that the stream lives.
      if (update) yield update;
      timer = setTimeout(onSilence, silenceMillisecondsMax);
    }
  } catch (error) {
    throw silent ? new CallFailed(Code.UNAVAILABLE, `nothing came for ${silenceMillisecondsMax} ms`) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', hangUp);
    hangUp();
  }
}
