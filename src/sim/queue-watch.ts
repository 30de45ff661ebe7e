/** One WatchQueue stream, read update by update, as a board in the waiting room would. */
import type { ClientReadableStream } from '@grpc/grpc-js';
import type { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { QueueChange, QueueSnapshot } from '../../gen/opd/v1/resources.js';

/** In real time: a watch that shows nothing is to fail the simulation, not to hang it. */
const SILENCE_SECONDS_MAX = 10;

/** A watch did not keep what the contract promises. */
export class WatchFailed extends Error {
  override readonly name = 'WatchFailed';
}

export class QueueWatch {
  readonly #updates: AsyncIterator<WatchQueueResponse>;

  constructor(private readonly stream: ClientReadableStream<WatchQueueResponse>) {
    // An error reaches whoever reads next; the one that close() causes reaches nobody.
    stream.on('error', () => {});
    this.#updates = stream[Symbol.asyncIterator]();
  }

  /** The next update, which must be a snapshot. */
  async snapshot(): Promise<QueueSnapshot> {
    const update = await this.#next();
    if (update?.$case !== 'snapshot')
      throw new WatchFailed(`the watch showed a ${update?.$case}, where a snapshot was due`);
    return update.value;
  }

  /** The next update, which must be a change. */
  async change(): Promise<QueueChange> {
    const update = await this.#next();
    if (update?.$case !== 'change')
      throw new WatchFailed(`the watch showed a ${update?.$case}, where a change was due`);
    return update.value;
  }

  close(): void {
    this.stream.cancel();
  }

  /** Heartbeats say that there is nothing to say. */
  async #next(): Promise<WatchQueueResponse['update']> {
    for (;;) {
      const { value, done } = await withinReason(this.#updates.next());
      if (done) throw new WatchFailed('the watch ended');
      if (value.update?.$case !== 'heartbeat') return value.update;
    }
  }
}

async function withinReason<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const milliseconds = SILENCE_SECONDS_MAX * 1_000;
    timer = setTimeout(
      () => reject(new WatchFailed(`the watch showed nothing for ${SILENCE_SECONDS_MAX} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
