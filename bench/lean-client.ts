/**
 * A client that costs as little as may be: the load generator shares the machine with the server, and the full client of
 * grpc-js takes twice the CPU of the server that it calls. Bare HTTP/2 streams, gRPC's five bytes before each message, and the
 * status from the trailers; no deadlines, retries or compression.
 */
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { OpdServiceService } from '../gen/opd/v1/opd_service.js';
import { type Method, type RequestOf, type ResponseOf, requestOf, type UnaryName } from '../src/client/call.js';

const FRAME_HEADER_BYTES = 5;

/** A call that ended with another status than OK. */
export class CallFailed extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export class LeanClient {
  readonly #session: ClientHttp2Session;

  constructor(address: string) {
    this.#session = connect(`http://${address}`);
    this.#session.on('error', () => {});
  }

  call<Name extends UnaryName>(name: Name, fields: Partial<RequestOf<Name>>): Promise<ResponseOf<Name>> {
    const method = OpdServiceService[name] as unknown as Method<RequestOf<Name>, ResponseOf<Name>>;
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: method.path,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [constants.HTTP2_HEADER_TE]: 'trailers',
      });
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A refusal may come with the headers alone, as the only ones there are.
      const judge = (headers: Record<string, unknown>) => {
        const status = headers['grpc-status'];
        if (status === undefined) return;
        if (status !== '0') return reject(new CallFailed(Number(status), String(headers['grpc-message'])));
        const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
        resolve(method.responseDeserialize(bytes.subarray(FRAME_HEADER_BYTES)));
      };
      stream.on('response', judge);
      stream.on('trailers', judge);
      stream.on('error', reject);
      stream.end(framed(method.requestSerialize(requestOf(name, fields))));
    });
  }

  close(): void {
    this.#session.close();
  }
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, FRAME_HEADER_BYTES);
  return frame;
}
