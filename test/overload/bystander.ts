/**
 * A thread that only wants to wake up every few milliseconds. How late it does tells for how long the machine, full of other
 * programs, lets somebody wait who asks for nothing: that much of a server's slowness is not the server's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';

const ROLE = 'bystander';
const NAP_MILLISECONDS = 5;

export class Bystander {
  readonly #worker = new Worker(new URL(import.meta.url), { workerData: ROLE });

  /** Answers with the longest that it overslept, in milliseconds. */
  async stop(): Promise<number> {
    const overslept = new Promise<number>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('stop');
    return overslept;
  }
}

async function nap(): Promise<void> {
  let longest = 0;
  let isOver = false;
  parentPort?.once('message', () => {
    isOver = true;
  });
  while (!isOver) {
    const at = performance.now();
    await sleep(NAP_MILLISECONDS);
    longest = Math.max(longest, performance.now() - at - NAP_MILLISECONDS);
  }
  parentPort?.postMessage(Math.round(longest));
}

if (workerData === ROLE) await nap();
