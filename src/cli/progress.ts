/** How far a command has come, on standard error where that is a terminal; nowhere else. */
import cliProgress from 'cli-progress';

export class Progress {
  // Ends by itself on SIGINT, and leaves that to do what it does.
  readonly #bar = new cliProgress.SingleBar(
    { format: '{stage} {bar} {percentage}%', stream: process.stderr, clearOnComplete: true, gracefulExit: false },
    cliProgress.Presets.shades_classic,
  );

  constructor(stage: string) {
    this.#bar.start(1, 0, { stage });
  }

  report(stage: string, done: number, total: number): void {
    // A server that goes on writing makes for more to do than there was.
    this.#bar.setTotal(Math.max(total, done));
    this.#bar.update(done, { stage });
  }

  end(): void {
    this.#bar.stop();
  }
}
