/**
 * A client that costs as little as may be. The load generator shares two cores with the server, and a whole HTTP/2 client takes
 * more CPU than the server that it calls: what would be measured then is the generator. So this one writes HTTP/2 frames itself:
 * the same header block for each call of a method, gRPC's five bytes, the message. Of an answer it reads the message; headers
 * and trailers it does not decode: an answer without a message is a refusal. No deadlines, no retries, one answer a frame.
 */
import { connect, type Socket } from 'node:net';
import { OpdServiceService } from '../gen/opd/v1/opd_service.js';
import { type Method, type RequestOf, type ResponseOf, requestOf, type UnaryName } from '../src/client/call.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME_HEADER_BYTES = 9;
const MESSAGE_HEADER_BYTES = 5;
const FRAME = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;
const INITIAL_WINDOW_SIZE = 4;
const WINDOW_MAX = 2 ** 31 - 1;
const WINDOW_DEFAULT = 65_535;

/** A call that was answered without a message. */
export class CallRefused extends Error {}

interface Waiting {
  readonly method: Method<unknown, unknown>;
  readonly resolve: (response: never) => void;
  readonly reject: (error: Error) => void;
  message: Buffer | undefined;
}

export class LeanClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #headerBlocks = new Map<string, Buffer>();
  #nextStream = 1;
  #unread: Buffer = Buffer.alloc(0);
  #outgoing: Buffer[] = [];

  constructor(address: string) {
    const [host, port] = address.split(':') as [string, string];
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(INITIAL_WINDOW_SIZE, 0);
    settings.writeUInt32BE(WINDOW_MAX, 2);
    const window = Buffer.alloc(4);
    window.writeUInt32BE(WINDOW_MAX - WINDOW_DEFAULT);
    this.#socket.write(
      Buffer.concat([
        Buffer.from(PREFACE),
        frame(FRAME.settings, 0, 0, settings),
        frame(FRAME.windowUpdate, 0, 0, window),
      ]),
    );
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** Rejects with {@link CallRefused} where the server refuses. */
  call<Name extends UnaryName>(name: Name, fields: Partial<RequestOf<Name>>): Promise<ResponseOf<Name>> {
    const method = OpdServiceService[name] as unknown as Method<unknown, unknown>;
    const stream = this.#nextStream;
    this.#nextStream += 2;
    return new Promise((resolve, reject) => {
      this.#waiting.set(stream, { method, resolve, reject, message: undefined });
      const message = method.requestSerialize(requestOf(name, fields));
      this.#write(frame(FRAME.headers, FLAG.endHeaders, stream, this.#headerBlock(method.path)));
      this.#write(dataFrame(stream, message));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** What is written in one turn of the event loop leaves in one piece. */
  #write(bytes: Buffer): void {
    this.#outgoing.push(bytes);
    if (this.#outgoing.length > 1) return;
    setImmediate(() => {
      this.#socket.write(this.#outgoing.length === 1 ? bytes : Buffer.concat(this.#outgoing));
      this.#outgoing = [];
    });
  }

  /** Literal fields, none indexed: HPACK without its tables. */
  #headerBlock(path: string): Buffer {
    let block = this.#headerBlocks.get(path);
    if (!block) {
      const fields = {
        ':method': 'POST',
        ':scheme': 'http',
        ':path': path,
        ':authority': 'bench',
        te: 'trailers',
        'content-type': 'application/grpc',
      };
      block = Buffer.concat(
        Object.entries(fields).map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])),
      );
      this.#headerBlocks.set(path, block);
    }
    return block;
  }

  #read(chunk: Buffer): void {
    let bytes = this.#unread.length > 0 ? Buffer.concat([this.#unread, chunk]) : chunk;
    while (bytes.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      const [type, flags, stream] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5) & WINDOW_MAX];
      this.#onFrame(type as number, flags, stream, bytes.subarray(FRAME_HEADER_BYTES, end));
      bytes = bytes.subarray(end);
    }
    this.#unread = bytes;
  }

  #onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FRAME.settings && !(flags & FLAG.ack))
      this.#write(frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)));
    if (type === FRAME.ping && !(flags & FLAG.ack)) this.#write(frame(FRAME.ping, FLAG.ack, 0, Buffer.from(payload)));
    if (type === FRAME.goAway) this.#fail(new Error('the server has gone away'));
    const waiting = this.#waiting.get(stream);
    if (!waiting) return;
    if (type === FRAME.data && payload.length > 0) {
      waiting.message = waiting.message ? Buffer.concat([waiting.message, payload]) : payload;
    }
    const isOver =
      type === FRAME.resetStream || ((type === FRAME.data || type === FRAME.headers) && (flags & FLAG.endStream) !== 0);
    if (isOver) this.#end(stream, waiting);
  }

  #end(stream: number, { method, message, resolve, reject }: Waiting): void {
    this.#waiting.delete(stream);
    if (message) resolve(method.responseDeserialize(message.subarray(MESSAGE_HEADER_BYTES)) as never);
    else reject(new CallRefused(method.path));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, payload.length, type, flags, stream);
  payload.copy(bytes, FRAME_HEADER_BYTES);
  return bytes;
}

/** The only message of a call, and the end of what it sends. */
function dataFrame(stream: number, message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + MESSAGE_HEADER_BYTES + message.length);
  writeFrameHeader(bytes, MESSAGE_HEADER_BYTES + message.length, FRAME.data, FLAG.endStream, stream);
  bytes.writeUInt8(0, FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(message.length, FRAME_HEADER_BYTES + 1);
  message.copy(bytes, FRAME_HEADER_BYTES + MESSAGE_HEADER_BYTES);
  return bytes;
}

function writeFrameHeader(bytes: Buffer, length: number, type: number, flags: number, stream: number): void {
  bytes.writeUIntBE(length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
}

/** A string of HPACK that is shorter than 127 bytes, not compressed. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
}
