/**
 * The main thread's end of the line to the worker: numbers the calls, sends those of one turn together, and starts another
 * worker where one has died. Calls under way then, and those made before the next one is there, are refused.
 */
import type { Worker } from 'node:worker_threads';
import { StoreRefused, StoreUnavailable } from '../store.js';
import type { Answer, Calls, Failure, Greeting, OperationName, Operations } from './messages.js';

/** Starts a worker; `again` is false for the first one of a store. */
export type StartWorker = (again: boolean) => Worker;

const RESTART_MILLISECONDS_MIN = 50;
const RESTART_MILLISECONDS_MAX = 5_000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class WorkerLine {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #outbox: Calls[number][] = [];
  #lastNumber = 0;
  #failedStarts = 0;
  #restart: NodeJS.Timeout | undefined;
  #starting: Worker | undefined;
  #ended: Promise<void> | undefined;

  /** @param canRestart false where what a dead worker held died with it */
  private constructor(
    private readonly startWorker: StartWorker,
    private readonly canRestart: boolean,
  ) {}

  /** @throws StoreRefused where the first worker cannot open the database */
  static async open(startWorker: StartWorker, canRestart: boolean): Promise<WorkerLine> {
    const line = new WorkerLine(startWorker, canRestart);
    const why = await line.#start(false);
    if (why !== undefined) throw new StoreRefused(why);
    return line;
  }

  call<Name extends OperationName>(
    name: Name,
    ...given: Parameters<Operations[Name]>
  ): Promise<ReturnType<Operations[Name]>> {
    if (this.#ended) return Promise.reject(new StoreUnavailable('the store has been closed'));
    return this.#send(name, given) as Promise<ReturnType<Operations[Name]>>;
  }

  /** Lets the worker finish what it was asked before, and waits for its end. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restart);
    await this.#starting?.terminate();
    const worker = this.#worker;
    if (!worker) return;
    const exit = new Promise((resolve) => worker.once('exit', resolve));
    await this.#send('close', []).finally(() => exit);
  }

  /** Answers once the worker has opened the database, or with why it could not. */
  #start(again: boolean): Promise<string | undefined> {
    const worker = this.startWorker(again);
    this.#starting = worker;
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    return new Promise((resolve) => {
      worker.once('message', (greeting: Greeting) => {
        if (!greeting.opened) return resolve(greeting.why);
        this.#serve(worker);
        resolve(undefined);
      });
      worker.once('exit', () => {
        this.#starting = undefined;
        resolve(`the store's worker died as it started: ${cause instanceof Error ? cause.message : 'no reason given'}`);
        if (this.#worker === worker) this.#lose(cause);
      });
    });
  }

  #serve(worker: Worker): void {
    this.#worker = worker;
    this.#starting = undefined;
    this.#failedStarts = 0;
    worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#settle(answer);
    });
  }

  #lose(cause: unknown): void {
    this.#worker = undefined;
    this.#outbox = [];
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(new StoreUnavailable("the store's worker died", { cause }));
    this.#startLater();
  }

  #startLater(): void {
    if (this.#ended || !this.canRestart) return;
    const wait = Math.min(RESTART_MILLISECONDS_MIN * 2 ** this.#failedStarts, RESTART_MILLISECONDS_MAX);
    this.#failedStarts += 1;
    this.#restart = setTimeout(async () => {
      const why = await this.#start(true);
      if (why !== undefined) this.#startLater();
    }, wait);
  }

  #send(name: OperationName, given: readonly unknown[]): Promise<unknown> {
    if (!this.#worker) return Promise.reject(new StoreUnavailable("the store's worker is being started again"));
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    if (this.#outbox.length === 0) queueMicrotask(() => this.#post());
    this.#outbox.push([number, name, given]);
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
  }

  #post(): void {
    const calls = this.#outbox;
    this.#outbox = [];
    this.#worker?.postMessage(calls);
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ('failure' in answer) waiting?.reject(asError(answer.failure));
    else waiting?.resolve(answer.value);
  }
}

function asError({ message, code, isUnavailable }: Failure): Error {
  const cause = Object.assign(new Error(message), { code });
  return isUnavailable ? new StoreUnavailable(`the database could not do it: ${message}`, { cause }) : cause;
}
