/** One WatchQueue stream, whose updates a test takes one by one. */
import type { ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import type { WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import type { QueueChange, QueueSnapshot } from '../../gen/opd/v1/resources.js';

export type Update = NonNullable<WatchQueueResponse['update']>;

export class Watch {
  /** All that has come so far. */
  readonly updates: Update[] = [];
  readonly headers: Promise<Metadata>;
  /** Resolves with the error that the stream ended with; never rejects. */
  readonly ended: Promise<ServiceError>;
  #taken = 0;
  #error: ServiceError | undefined;
  #wake: () => void = () => {};

  constructor(private readonly stream: ClientReadableStream<WatchQueueResponse>) {
    this.headers = new Promise((resolve) => stream.on('metadata', resolve));
    stream.on('data', ({ update }: WatchQueueResponse) => {
      if (update) this.updates.push(update);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      stream.on('error', (error: ServiceError) => {
        this.#error = error;
        this.#wake();
        resolve(error);
      });
    });
  }

  /** The next update that has not been taken; rejects with the stream's error where it ends before. */
  async next(): Promise<Update> {
    for (;;) {
      const update = this.updates[this.#taken];
      if (update) {
        this.#taken += 1;
        return update;
      }
      if (this.#error) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Takes updates up to the first that fits. */
  async until(fits: (update: Update) => boolean): Promise<Update> {
    for (;;) {
      const update = await this.next();
      if (fits(update)) return update;
    }
  }

  /** The next snapshot; heartbeats may come before it, and nothing else. */
  async snapshot(): Promise<QueueSnapshot> {
    return expected('snapshot', await this.until(isNews));
  }

  /** The next change, likewise. */
  async change(): Promise<QueueChange> {
    return expected('change', await this.until(isNews));
  }

  /** Takes updates up to the one that tells of a revision. */
  reaches(revision: number): Promise<Update> {
    return this.until(({ value }) => value.revision >= revision);
  }

  /** The revisions of the changes that have come. */
  get revisions(): number[] {
    return this.updates.filter(({ $case }) => $case === 'change').map(({ value }) => value.revision);
  }

  /** Stops reading: what the server sends piles up. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  cancel(): void {
    this.stream.cancel();
  }
}

function isNews({ $case }: Update): boolean {
  return $case !== 'heartbeat';
}

function expected<Case extends Update['$case']>(wanted: Case, { $case, value }: Update) {
  if ($case !== wanted) throw new Error(`a ${wanted} was to come, but a ${$case} did`);
  return value as Extract<Update, { $case: Case }>['value'];
}
