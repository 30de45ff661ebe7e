/** Messages to bytes. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';

export interface Encoder<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
}

/** One writer for all messages: `finish` copies its bytes out and resets it, and its buffer need not grow anew each time. */
let writer = new BinaryWriter();

export function encode<T>(codec: Encoder<T>, message: T): Buffer {
  try {
    const bytes = codec.encode(message, writer).finish();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    // It holds half a message.
    writer = new BinaryWriter();
    throw error;
  }
}
