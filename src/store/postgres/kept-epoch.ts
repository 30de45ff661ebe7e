/** The epoch that a server knows of its database, and that all it reads is of. */
import type { ClientBase } from 'pg';
import type { Epoch } from '../../domain/epoch.js';
import { StoreUnavailable } from '../store.js';
import { currentEpoch } from './epoch.js';

/** A database that changes its epoch more often while it is read is none that could be served. */
const READS_MAX = 3;

type Use = <T>(act: (client: ClientBase) => Promise<T>) => Promise<T>;

export class KeptEpoch {
  #looking: Promise<void> | undefined;
  /** Told as soon as another epoch is known. */
  onChange: () => void = () => {};

  constructor(
    private known: Epoch,
    private readonly use: Use,
  ) {}

  get now(): Epoch {
    return this.known;
  }

  keep(epoch: Epoch): void {
    if (epoch.id === this.known.id) return;
    this.known = epoch;
    this.onChange();
  }

  /**
   * What was read is of the epoch that is known when this resolves. Where the database has another
   * one, that is told first, and it is read again.
   *
   * @param idOf the id of the epoch that a row says it is of
   */
  async read<Row>(ask: () => Promise<Row[]>, idOf: (row: Row) => string | null): Promise<Row[]> {
    for (let reads = 1; reads <= READS_MAX; reads += 1) {
      const rows = await ask();
      const [first] = rows;
      if (!first || idOf(first) === this.known.id) return rows;
      await this.#look();
    }
    throw new StoreUnavailable('the database does not keep its epoch');
  }

  /** Once for all who have found that theirs does not hold. */
  #look(): Promise<void> {
    this.#looking ??= this.use(currentEpoch)
      .then((epoch) => this.keep(epoch))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }
}
