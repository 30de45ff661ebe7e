/** What was served is not what the rules allow. Ends the simulation. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';

  /**
   * @param breaches a line each, which begins with the invariant's name
   * @param circumstances where it was found: doctor, time, command, the day as the board shows it
   */
  constructor(
    readonly breaches: readonly string[],
    readonly circumstances: string,
  ) {
    super([...breaches, circumstances].join('\n'));
  }
}
