/**
 * The epoch of a store: it names one history of revisions. A store that is restored from a backup,
 * copied or promoted may have lost revisions that somebody has seen, and gives their numbers to
 * others. From then on it has another epoch (docs/decisions/0017-epochs.md).
 */

export interface Epoch {
  /** A lower-case UUID. */
  readonly id: string;
  /** No other history of these doctor-days has ever been served, as far as the store can tell. */
  readonly isOnly: boolean;
}

/**
 * The last revision of a doctor-day that a watcher has seen, and the epoch that it belongs to;
 * absent where the watcher does not know it.
 */
export interface SeenRevision {
  readonly revision: number;
  readonly epoch: string | undefined;
}

/**
 * Watch 6 · whether a watch can go on after a revision that was seen: if it is part of this
 * history. Nobody has seen anything at revision 0, which all histories begin with.
 *
 * @param newest the day's newest revision in this history
 */
export function canResume({ revision, epoch }: SeenRevision, now: Epoch, newest: number): boolean {
  if (revision === 0) return true;
  if (revision > newest) return false;
  return epoch === undefined ? now.isOnly : epoch === now.id;
}
