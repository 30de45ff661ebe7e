/** Stops a server that `npx opd serve` started, when npx is stopped. */

const LOOK_EVERY_MILLISECONDS = 500;

/**
 * Calls `onEnd` once the shell between npx and this process has ended. npx forwards a signal to
 * that shell only, and the shell ends without forwarding it. Without npx this does nothing.
 */
export function whenNpxEnds(onEnd: () => void): void {
  if (process.env.npm_command !== 'exec') return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MILLISECONDS);
  timer.unref();
}
