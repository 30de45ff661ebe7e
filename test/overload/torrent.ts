/**
 * A thread that asks at a fixed rate, whatever comes of it, over many connections: one call in four for a token, the others how
 * the slots of a day stand. Of every two calls it hangs up on one a moment later. Like any client it keeps to the server's bound
 * on streams; what does not fit is left out, as by a caller who has given up. A connection that the server closes, or that it
 * tells to go away, is opened anew: node tells that to one that hangs up on more than 1,000 calls at once and 33 a second.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { AllocateTokenRequest, ListSlotsRequest } from '../../gen/opd/v1/opd_service.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import type { Day } from '../torture/clients.js';
import { AGREEMENT, EndingsReader, hangUp, opening, renumbered, wholeCall } from './frames.js';

export interface TorrentOrders {
  readonly port: number;
  readonly days: readonly Day[];
  readonly callsPerSecond: number;
  readonly connections: number;
  /** Calls that a connection may have open. */
  readonly streamsMax: number;
  readonly seconds: number;
}

export interface TorrentReport {
  offered: number;
  sent: number;
  answered: number;
  refused: number;
  hungUp: number;
  reconnects: number;
}

const TICK_MILLISECONDS = 5;
/** A few at a time, so that both calls kept and calls hung up on are on each connection. */
const CALLS_AT_ONCE = 8;

/** How long those who hang up wait for their answer. */
const PATIENCE_MILLISECONDS = 100;

const report: TorrentReport = { offered: 0, sent: 0, answered: 0, refused: 0, hungUp: 0, reconnects: 0 };

class Source {
  readonly #open = new Set<number>();
  #socket: Socket;
  #nextStream = 1;
  #toHangUp: { readonly stream: number; readonly at: number }[] = [];

  /** @param calls what it asks, one after another and from the start again, beginning with the `asked`th */
  constructor(
    private readonly orders: TorrentOrders,
    private readonly calls: readonly Buffer[],
    private asked: number,
  ) {
    this.#socket = this.#connect();
  }

  send(): void {
    report.offered += CALLS_AT_ONCE;
    if (this.#socket.destroyed) this.#reconnect();
    const frames = this.#hangUps();
    const room = Math.min(CALLS_AT_ONCE, this.orders.streamsMax - this.#open.size);
    for (let n = 0; n < room; n += 1) {
      const stream = this.#nextStream;
      this.#nextStream += 2;
      this.#open.add(stream);
      frames.push(renumbered(this.calls[this.asked++ % this.calls.length] as Buffer, stream));
      if (n % 2 === 1) this.#toHangUp.push({ stream, at: performance.now() + PATIENCE_MILLISECONDS });
      report.sent += 1;
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
  }

  close(): void {
    this.#socket.destroy();
  }

  #hangUps(): Buffer[] {
    const now = performance.now();
    const due = this.#toHangUp.findIndex(({ at }) => at > now);
    const streams = this.#toHangUp.splice(0, due < 0 ? this.#toHangUp.length : due).map(({ stream }) => stream);
    const open = streams.filter((stream) => this.#open.delete(stream));
    report.hungUp += open.length;
    return open.map(hangUp);
  }

  #reconnect(): void {
    report.reconnects += 1;
    report.refused += this.#open.size;
    this.#open.clear();
    this.#toHangUp = [];
    this.#nextStream = 1;
    this.#socket = this.#connect();
  }

  #connect(): Socket {
    const socket = connect(this.orders.port, '127.0.0.1');
    const ended = (stream: number, isAnswered: boolean) => {
      if (this.#open.delete(stream)) report[isAnswered ? 'answered' : 'refused'] += 1;
    };
    const endings = new EndingsReader(ended, () => socket.destroy());
    socket.on('error', () => {}).once('data', () => socket.write(AGREEMENT));
    socket.on('data', (chunk) => endings.read(chunk)).on('end', () => socket.destroy());
    socket.write(opening());
    return socket;
  }
}

async function pour(orders: TorrentOrders): Promise<TorrentReport> {
  const { days, callsPerSecond, connections, seconds } = orders;
  const calls = days.flatMap(({ doctorId, date, slotIds: [slotId = ''] }) => {
    const [source, unsaid] = [
      TokenSource.WALK_IN,
      { patientRef: '', seatOnly: false, validateOnly: false, requestId: '' },
    ];
    const allocate = wholeCall(1, 'AllocateToken', AllocateTokenRequest.encode({ slotId, source, ...unsaid }).finish());
    const look = wholeCall(1, 'ListSlots', ListSlotsRequest.encode({ doctorId, date }).finish());
    return [allocate, look, look, look];
  });
  const sources = Array.from({ length: connections }, (_, n) => new Source(orders, calls, n));
  await sleep(100);
  const startedAt = performance.now();
  let turn = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    const due = ((performance.now() - startedAt) / 1_000) * callsPerSecond;
    while (report.offered < due) sources[turn++ % sources.length]?.send();
    await sleep(TICK_MILLISECONDS);
  }
  await sleep(500);
  for (const source of sources) source.close();
  return report;
}

parentPort?.postMessage(await pour(workerData as TorrentOrders));
