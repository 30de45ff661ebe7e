/** Asks a server for its health over and over, on a connection of its own, as a supervisor would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.js';

const EVERY_MILLISECONDS = 50;
const SECONDS_MAX = 10;
/** grpc.health.v1.HealthCheckResponse { status: SERVING } */
const SERVING = '0801';

export class HealthProbe {
  answers = 0;
  slowestMilliseconds = 0;
  /** What was said but SERVING, or went wrong. */
  readonly complaints: string[] = [];
  readonly #client: Client;
  readonly #over: Promise<void>;
  #stopped = false;

  constructor(address: string) {
    this.#client = new Client(address);
    this.#over = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#over;
    this.#client.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const askedAt = performance.now();
      const said = await this.#ask();
      this.answers += 1;
      this.slowestMilliseconds = Math.max(this.slowestMilliseconds, performance.now() - askedAt);
      if (said !== SERVING) this.complaints.push(said);
      await sleep(EVERY_MILLISECONDS);
    }
  }

  async #ask(): Promise<string> {
    try {
      const deadline = Date.now() + SECONDS_MAX * 1_000;
      return (await this.#client.raw('/grpc.health.v1.Health/Check', Buffer.alloc(0), { deadline })).toString('hex');
    } catch (error) {
      return String(error);
    }
  }
}
