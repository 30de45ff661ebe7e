/** Many watchers of one queue. They read bytes and decode only what is measured: they share the machine with the server. */
import { type ClientReadableStream, credentials } from '@grpc/grpc-js';
import { OpdServiceClient, OpdServiceService, WatchQueueResponse } from '../gen/opd/v1/opd_service.js';

const STREAMS_A_CONNECTION = 100;

export class Watchers {
  readonly #clients: OpdServiceClient[];
  readonly #streams: ClientReadableStream<Buffer>[] = [];
  #received = 0;
  #awaited = Number.POSITIVE_INFINITY;
  #onAwaited = () => {};
  /** Milliseconds from the decision to the delivery, one for each message of a change. */
  readonly latencies: number[] = [];

  private constructor(address: string, count: number) {
    const connections = Math.ceil(count / STREAMS_A_CONNECTION);
    // Without pools of their own, all would share one connection.
    const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_channelz': 0 };
    this.#clients = Array.from(
      { length: connections },
      () => new OpdServiceClient(address, credentials.createInsecure(), options),
    );
  }

  /** Opens so many watches, and waits until each has its first message. */
  static async open(address: string, count: number, doctorId: string, date: string): Promise<Watchers> {
    const watchers = new Watchers(address, count);
    const opened = watchers.received(count);
    // An hour of silence is not broken by heartbeats: 60 s is as long as the server waits.
    const request = {
      doctorId,
      date,
      slotId: '',
      afterRevision: undefined,
      epoch: '',
      heartbeatInterval: { seconds: 60, nanos: 0 },
    };
    const { path, requestSerialize } = OpdServiceService.watchQueue;
    for (let index = 0; index < count; index++) {
      const client = watchers.#clients[Math.floor(index / STREAMS_A_CONNECTION)] as OpdServiceClient;
      const stream = client.makeServerStreamRequest(path, requestSerialize, (bytes: Buffer) => bytes, request);
      stream.on('data', watchers.#onMessage);
      stream.on('error', () => {});
      watchers.#streams.push(stream);
    }
    await opened;
    watchers.latencies.length = 0;
    return watchers;
  }

  /** Resolves when so many more messages have come. */
  received(count: number): Promise<void> {
    this.#awaited = this.#received + count;
    return new Promise((resolve) => {
      this.#onAwaited = resolve;
    });
  }

  close(): void {
    for (const stream of this.#streams) stream.cancel();
    for (const client of this.#clients) client.close();
  }

  readonly #onMessage = (bytes: Buffer): void => {
    this.#received += 1;
    const { update } = WatchQueueResponse.decode(bytes);
    if (update?.$case === 'change' && update.value.at) this.latencies.push(Date.now() - update.value.at.getTime());
    if (this.#received >= this.#awaited) this.#onAwaited();
  };
}
