/** Reads lines of text from left to right, by patterns. */
/** Reads a line, and says in an error which line it was. */
export function reading<T>(line: string, read: (reader: Reader) => T): T {
  try {
    return read(new Reader(line));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}, in the line: ${line}`);
  }
}

/** A line, and how far it has been read. */
export class Reader {
  #at = 0;

  constructor(readonly line: string) {}

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.line) ?? undefined;
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  expect(pattern: RegExp, what: string): RegExpExecArray {
    return this.take(pattern) ?? fail(`expected ${what} at column ${this.#at + 1}`);
  }
}

export function fail(complaint: string): never {
  throw new Error(complaint);
}
