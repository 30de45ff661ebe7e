/**
 * Looks for damage in the write-ahead log that a crash left. SQLite reads the log up to the first frame that does not fit
 * and drops the rest without a word: right for what was being written when the power went, since that was never answered;
 * but what lies beyond a damaged frame was.
 *
 * The two are told apart by what follows. Every transaction is on disk before the next one is begun. So where a frame does not
 * fit, and a whole transaction ends at it or after it, and another one follows that, it was on disk once and has been
 * damaged since. Damage to the last transaction looks like a write that was cut off, and is not found.
 *
 * The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { StoreDamaged } from '../store.js';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

/** @throws StoreDamaged with the log as it was. Nobody may be writing it meanwhile. */
export function inspectLog(path: string): void {
  const log = `${path}-wal`;
  const file = openIfThere(log);
  if (file === undefined) return;
  try {
    if (isDamaged(file)) throw refusal(path, log);
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isDamaged(file: number): boolean {
  const { size } = fstatSync(file);
  if (size < HEADER_BYTES) return false;
  const header = readAt(file, 0, HEADER_BYTES);
  // A log that was made, and never written before the power went.
  if (header.every((byte) => byte === 0)) return false;
  if (!isHeader(header)) return true;
  return hasBreak(frames(file, size, header), seedOf(header, 24));
}

function isHeader(header: Buffer): boolean {
  if ((header.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return false;
  return sumsMatch(checksum(header.subarray(0, 24), [0, 0], isBigEndian(header)), seedOf(header, 24));
}

type Sums = readonly [number, number];

interface Frame {
  /** Whether it was written since the log was last begun anew. */
  readonly isCurrent: boolean;
  readonly endsTransaction: boolean;
  /** What its checksums are said to be. */
  readonly sums: Sums;
  /** What they are, where those before are `seed`. */
  sumsAfter(seed: Sums): Sums;
}

function* frames(file: number, size: number, header: Buffer): Generator<Frame> {
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
  const bigEndian = isBigEndian(header);
  for (let at = HEADER_BYTES; at + frameBytes <= size; at += frameBytes) {
    const frame = readAt(file, at, frameBytes);
    yield {
      isCurrent: frame.compare(header, 16, 24, 8, 16) === 0,
      endsTransaction: frame.readUInt32BE(4) !== 0,
      sums: seedOf(frame, 16),
      sumsAfter(seed) {
        const afterHeader = checksum(frame.subarray(0, 8), seed, bigEndian);
        return checksum(frame.subarray(FRAME_HEADER_BYTES), afterHeader, bigEndian);
      },
    };
  }
}

/** Whether a frame does not fit, and yet a transaction begins after one that ends at it or later. */
function hasBreak(log: Iterable<Frame>, seed: Sums): boolean {
  let before = seed;
  let isBroken = false;
  let transactionEnded = false;
  for (const frame of log) {
    const fits = frame.isCurrent && sumsMatch(frame.sumsAfter(before), frame.sums);
    if (!fits) isBroken = true;
    else if (transactionEnded) return true;
    transactionEnded = isBroken && frame.isCurrent && frame.endsTransaction;
    before = frame.sums;
  }
  return false;
}

function checksum(bytes: Buffer, [first, second]: Sums, bigEndian: boolean): Sums {
  let [a, b] = [first, second];
  const words = wordsOf(bytes, bigEndian);
  for (let at = 0; at < words.length; at += 2) {
    a = (a + (words[at] as number) + b) >>> 0;
    b = (b + (words[at + 1] as number) + a) >>> 0;
  }
  return [a, b];
}

function wordsOf(bytes: Buffer, bigEndian: boolean): Uint32Array {
  // A copy, since words must begin at a multiple of four.
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (bigEndian !== (endianness() === 'BE')) copy.swap32();
  return new Uint32Array(copy.buffer);
}

function isBigEndian(header: Buffer): boolean {
  return (header.readUInt32BE(0) & 1) === 1;
}

function seedOf(bytes: Buffer, at: number): Sums {
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
}

function sumsMatch(some: Sums, others: Sums): boolean {
  return some[0] === others[0] && some[1] === others[1];
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}

function refusal(path: string, log: string): StoreDamaged {
  return new StoreDamaged(
    `${log}, the log of ${path}, is damaged: changes that were answered would be lost. Both were left as they are. ` +
      `Put a backup in their place; or move ${log} away to go on with what ${path} holds without it.`,
  );
}
