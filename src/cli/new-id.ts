/** New ids: UUIDv7, each greater than the one before, so that ids are in order of their making. */
import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const BYTES = 16;
/** Randomness is drawn for many ids at once: a draw for each would cost more than all the rest of an id. */
const drawn = new Uint8Array(256 * BYTES);
let used = drawn.length;

/** The millisecond of the latest id, and how far its ids have been counted. */
let millisecond = 0;
let count = 0;

/** @param now the server's time, milliseconds since 1970 */
export function newId(now = Date.now()): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const random = drawn.subarray(used, used + BYTES);
  used += BYTES;
  if (now > millisecond) {
    millisecond = now;
    // 31 bits, so that counting up from here within the millisecond cannot run over.
    count = (new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1) as number;
  } else {
    count += 1;
  }
  return uuidv7({ random, msecs: millisecond, seq: count });
}
