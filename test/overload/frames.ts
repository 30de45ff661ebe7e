/**
 * HTTP/2 as bytes: just enough to ask gRPC calls in great numbers, and in ways that no client library would. Header fields go
 * out as literals, so no table is kept; of what comes back only the frames' own headers are read.
 */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const DATA = 0x0;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
const SETTINGS = 0x4;
const GOAWAY = 0x7;
const WINDOW_UPDATE = 0x8;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const INITIAL_WINDOW_SIZE = 0x4;
const CANCEL = 0x8;
const HEADER_BYTES = 9;
const WINDOW_BYTES_MAX = 2 ** 31 - 1;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** Agrees to the settings of the server. */
export const AGREEMENT = frame(SETTINGS, 0x1, 0, Buffer.alloc(0));

/** What a client says first. `windowBytes`: how much each stream may send before it is read. */
export function opening(windowBytes = WINDOW_BYTES_MAX): Buffer {
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(INITIAL_WINDOW_SIZE, 0);
  setting.writeUInt32BE(windowBytes, 2);
  const window = Buffer.alloc(4);
  window.writeUInt32BE(WINDOW_BYTES_MAX - 65_535);
  return Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, setting), frame(WINDOW_UPDATE, 0, 0, window)]);
}

/** The headers of a call, for which `stream` is to be 1, 3, 5, … on its connection. */
export function headers(stream: number, method: string): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': `/opd.v1.OpdService/${method}`,
    ':authority': 'overload',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const literals = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0x00]),
    ...[name, value].flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)]),
  ]);
  return frame(HEADERS, END_HEADERS, stream, Buffer.concat(literals));
}

export function data(stream: number, bytes: Buffer, isLast: boolean): Buffer {
  return frame(DATA, isLast ? END_STREAM : 0, stream, bytes);
}

/** gRPC's five bytes before a message. */
export function prefix(messageBytes: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(messageBytes, 1);
  return bytes;
}

/** A whole unary call. */
export function wholeCall(stream: number, method: string, message: Uint8Array): Buffer {
  return Buffer.concat([headers(stream, method), data(stream, Buffer.concat([prefix(message.length), message]), true)]);
}

/** The same call under another stream's number. */
export function renumbered(call: Buffer, stream: number): Buffer {
  const copy = Buffer.from(call);
  const dataAt = HEADER_BYTES + copy.readUIntBE(0, 3);
  copy.writeUInt32BE(stream, 5);
  copy.writeUInt32BE(stream, dataAt + 5);
  return copy;
}

export function hangUp(stream: number): Buffer {
  const reason = Buffer.alloc(4);
  reason.writeUInt32BE(CANCEL);
  return frame(RST_STREAM, 0, stream, reason);
}

/** Tells how each stream of a connection ends, from the bytes that come. */
export class EndingsReader {
  readonly #withData = new Set<number>();
  #rest = Buffer.alloc(0);
  #skip = 0;

  /**
   * @param ended `isAnswered`: with trailers after a message; otherwise with nothing but trailers, or reset
   * @param sentAway the server takes no more calls on this connection, and may leave those that are open unanswered
   */
  constructor(
    private readonly ended: (stream: number, isAnswered: boolean) => void,
    private readonly sentAway: () => void,
  ) {}

  read(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      bytes = bytes.subarray(skipped);
      this.#skip -= skipped;
      if (this.#skip > 0 || bytes.length < HEADER_BYTES) break;
      this.#note(bytes.readUInt8(3), bytes.readUInt8(4), bytes.readUInt32BE(5));
      this.#skip = HEADER_BYTES + bytes.readUIntBE(0, 3);
    }
    this.#rest = Buffer.from(bytes);
  }

  #note(type: number, flags: number, stream: number): void {
    if (type === DATA) this.#withData.add(stream);
    if (type === GOAWAY) this.sentAway();
    const isEnd = type === RST_STREAM || (type === HEADERS && (flags & END_STREAM) !== 0);
    if (isEnd) this.ended(stream, this.#withData.delete(stream));
  }
}
