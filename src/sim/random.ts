/** Chance, told by a seed: the same seed, the same draws, on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { v4 as uuidv4 } from 'uuid';

/** Seeds are 0 to this. */
export const SEED_MAX = 2 ** 32 - 1;

export class Random {
  readonly #generator: JumpableRandomGenerator;

  /**
   * @param seed 0 to {@link SEED_MAX}
   * @param stream 0, 1, 2, …: sequences of one seed that do not overlap. A doctor's day draws from a stream of its own, so
   * that one doctor more does not change the days of the others.
   */
  constructor(seed: number, stream: number) {
    this.#generator = xoroshiro128plus(seed);
    // Once even for the first: neighbouring seeds begin alike.
    for (let jumps = 0; jumps <= stream; jumps += 1) this.#generator.jump();
  }

  /** 0 up to, but not, 1. */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of a list, all equally likely; undefined where it is empty. */
  pick<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : choices[this.between(0, choices.length - 1)];
  }

  /** How long until the next of events that come independently of each other, `rate` of them in a unit of time. */
  wait(rate: number): number {
    return -Math.log(1 - this.fraction()) / rate;
  }

  /** A length of time of `mean`, of so many independent stages: the more, the less they differ; their deviation is mean ÷ √stages. */
  erlang(mean: number, stages: number): number {
    let sum = 0;
    for (let stage = 0; stage < stages; stage += 1) sum += this.wait(stages / mean);
    return sum;
  }

  /** A UUID for a request id. */
  uuid(): string {
    return uuidv4({ random: Uint8Array.from({ length: 16 }, () => this.between(0, 255)) });
  }
}
