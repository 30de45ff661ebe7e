/** Tokens in an order, none twice. Adding, removing and finding the ends cost a logarithm of their number. */
// A CommonJS package: its class is the `default` of what ESM sees as the default export.

import sortedBTree from 'sorted-btree';
import type { Token } from './token.js';

/**
 * Most slots have fewer tokens than this: then a ranking is one sorted array. Twice the library's own choice and more cost less,
 * up to here, at a hundred tokens a slot as at a thousand.
 */
const TOKENS_A_NODE_MAX = 128;

export class Ranking {
  /** Made when the first token comes: a slot has half a dozen rankings, and most of them stay empty. */
  #tree: sortedBTree.default<Token, undefined> | undefined;

  /** @param order negative where the first comes before the second; 0 for the same token alone */
  constructor(private readonly order: (a: Token, b: Token) => number) {}

  get size(): number {
    return this.#tree ? this.#tree.size : 0;
  }

  get first(): Token | undefined {
    return this.#tree?.minKey();
  }

  get last(): Token | undefined {
    return this.#tree?.maxKey();
  }

  /** All of them, in order. */
  tokens(): Token[] {
    return this.#tree?.keysArray() ?? [];
  }

  /** Those at the beginning of the order that pass a test, up to the first that does not. */
  takeWhile(passes: (token: Token) => boolean): Token[] {
    const taken: Token[] = [];
    for (const token of this.#tree?.keys() ?? []) {
      if (!passes(token)) break;
      taken.push(token);
    }
    return taken;
  }

  /** A ranking that stands as this one does, and goes its own way from here: the tree is copied as it changes. */
  copy(): Ranking {
    const copy = new Ranking(this.order);
    copy.#tree = this.#tree?.clone();
    return copy;
  }

  add(token: Token): void {
    this.#tree ??= new sortedBTree.default<Token, undefined>(undefined, this.order, TOKENS_A_NODE_MAX);
    this.#tree.set(token, undefined);
  }

  remove(token: Token): void {
    this.#tree?.delete(token);
  }
}
