/** Connections that cost a server without doing much: watchers who never read, requests that trickle in or are far too big. */
import { connect, type Socket } from 'node:net';
import { WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import type { Day } from '../torture/clients.js';
import { data, headers, opening, prefix, wholeCall } from './frames.js';

export interface NuisanceCounts {
  readonly deafWatchers: number;
  readonly tricklers: number;
  readonly oversized: number;
}

/** A thousand come a second. */
const ARRIVAL_MILLISECONDS = 20;
const ARRIVALS_AT_ONCE = 20;
const TRICKLE_MILLISECONDS = 250;
const TRICKLE_MESSAGE_BYTES = 60_000;
const OVERSIZED_BYTES = 1_000_000;
const FRAME_BYTES_MAX = 16_000;

export class Nuisances {
  readonly #sockets: Socket[] = [];
  readonly #tricklers: Socket[] = [];
  readonly #coming: (() => void)[] = [];
  readonly #timers: NodeJS.Timeout[];

  constructor(
    private readonly port: number,
    day: Day,
    counts: NuisanceCounts,
  ) {
    const watch = watchCall(day);
    const kinds = [
      // A window of nothing: the server may send headers, and not one byte of an update.
      [counts.deafWatchers, () => this.#open(Buffer.concat([opening(0), watch]))],
      [counts.oversized, () => this.#open(oversized())],
      [counts.tricklers, () => this.#tricklers.push(this.#open(trickling()))],
    ] as const;
    for (const [count, open] of kinds) for (let n = 0; n < count; n += 1) this.#coming.push(() => void open());
    this.#timers = [
      setInterval(() => this.#come(), ARRIVAL_MILLISECONDS),
      setInterval(() => this.#trickle(), TRICKLE_MILLISECONDS),
    ];
  }

  /** Those whose connections are still there. */
  get open(): number {
    return this.#sockets.filter(({ destroyed }) => !destroyed).length;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #come(): void {
    for (const open of this.#coming.splice(-ARRIVALS_AT_ONCE)) open();
  }

  #trickle(): void {
    const drop = data(1, Buffer.alloc(1), false);
    for (const socket of this.#tricklers) if (!socket.destroyed) socket.write(drop);
  }

  #open(bytes: Buffer): Socket {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(bytes);
    this.#sockets.push(socket);
    return socket;
  }
}

function watchCall({ doctorId, date }: Day): Buffer {
  const heartbeatInterval = { seconds: 1, nanos: 0 };
  const request = { doctorId, date, slotId: '', heartbeatInterval, afterRevision: 0, epoch: '' };
  return wholeCall(1, 'WatchQueue', WatchQueueRequest.encode(request).finish());
}

function trickling(): Buffer {
  return Buffer.concat([opening(), headers(1, 'AllocateToken'), data(1, prefix(TRICKLE_MESSAGE_BYTES), false)]);
}

function oversized(): Buffer {
  const frames = [opening(), headers(1, 'AllocateToken'), data(1, prefix(OVERSIZED_BYTES), false)];
  for (let sent = 0; sent < OVERSIZED_BYTES; sent += FRAME_BYTES_MAX) {
    frames.push(data(1, Buffer.alloc(FRAME_BYTES_MAX), false));
  }
  return Buffer.concat(frames);
}
