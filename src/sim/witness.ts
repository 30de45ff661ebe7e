/**
 * Sends commands to one doctor's day and believes nothing: after each it waits until the watch shows it, and checks from
 * outside that what was answered, what is shown and what the rules allow are one and the same.
 */
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { QueueChange, type QueueSnapshot } from '../../gen/opd/v1/resources.js';
import type { Method } from '../client/call.js';
import type { Change } from '../domain/event.js';
import type { Instant } from '../domain/time.js';
import { Board } from './board.js';
import { BrokenInvariant } from './broken-invariant.js';
import { UnreadableMessage } from './from-wire.js';
import { type QueueWatch, WatchFailed } from './queue-watch.js';
import type { Reception } from './reception.js';
import type { VirtualClock } from './virtual-clock.js';

/** What the answer to every command on a doctor-day has. */
interface ChangeResponse {
  change: QueueChange | undefined;
}

/** How often each thing was done and found right. */
export interface Checks {
  /** Commands carried out: watched, and checked against I1 to I7. */
  readonly commands: number;
  /** What time did by itself: watched, and checked like a command. */
  readonly acts: number;
  /** Commands refused, with the day unchanged (I9). */
  readonly refusals: number;
  /** Commands asked again under their request id, and answered as the first time (R18). */
  readonly repeats: number;
  /** Days read whole, from their journal too, and found as the watch had shown them (I8). */
  readonly comparisons: number;
}

interface Place {
  readonly doctorId: string;
  readonly doctorName: string;
  readonly date: string;
}

export class Witness {
  /** Told of each change that time made by itself. */
  whenTimeActs: (change: Change) => void = () => {};
  #checks: Checks = { commands: 0, acts: 0, refusals: 0, repeats: 0, comparisons: 0 };

  private constructor(
    private readonly reception: Reception,
    private readonly clock: VirtualClock,
    private readonly place: Place,
    private readonly watch: QueueWatch,
    readonly board: Board,
  ) {}

  /** Begins to watch a day that nobody has touched. */
  static async begin(reception: Reception, clock: VirtualClock, place: Place, board: Board): Promise<Witness> {
    const watch = reception.watch(place.doctorId, place.date);
    const witness = new Witness(reception, clock, place, watch, board);
    witness.#demand('WatchQueue', board.differences(await watch.snapshot()));
    return witness;
  }

  get checks(): Checks {
    return this.#checks;
  }

  /** Sends a command that must be accepted; `again`: and once more under its request id. Answers with what it did. */
  async carryOut<Request, Response extends ChangeResponse>(
    method: Method<Request, Response>,
    request: Request,
    { again = false } = {},
  ): Promise<Change> {
    const reply = await this.reception.ask(method, request);
    if (!reply.ok) return this.#fail(method.path, [`contract: refused as ${reply.reason}`]);
    const change = await this.#witness(method.path, reply.response.change);
    this.#count('commands');
    if (again) await this.#repeat(method, request, reply.response);
    return change;
  }

  /** Sees what time has done by itself, for which there is no answer; and that it has done `due`, each a line what must be no more. */
  async seeTimeAct(due: () => readonly string[]): Promise<void> {
    const queue = await this.#readQueue('CLOCK');
    while (this.board.revision < queue.revision) {
      const shown = await this.#trusted('CLOCK', () => this.watch.change());
      if (shown.cause !== 'CLOCK') this.#fail('CLOCK', [`contract: a ${shown.cause} for which nobody had asked`]);
      await this.#seeAct(shown);
    }
    this.#demand('CLOCK', [...this.board.differences(queue).map((difference) => `watch: ${difference}`), ...due()]);
  }

  /** I9: sends a command that must be refused for a reason, and must leave the day as it is. */
  async seeRefused<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    reason: string,
  ): Promise<void> {
    const reply = await this.reception.ask(method, request);
    const given = reply.ok ? 'accepted' : `refused as ${reply.reason}`;
    if (reply.ok || reply.reason !== reason) this.#fail(method.path, [`contract: ${given}, where ${reason} was due`]);
    await this.#compareWithQueue(method.path, 'I9');
    this.#count('refusals');
  }

  /** Compares the board with the queue as it is read, and with one filled from the journal (I8); ends the watch. */
  async end(): Promise<void> {
    await this.#compareWithQueue('GetQueue', 'watch');
    await this.#compareWithJournal();
    this.#count('comparisons');
    this.close();
  }

  close(): void {
    this.watch.close();
  }

  async #witness(during: string, answered: QueueChange | undefined): Promise<Change> {
    if (!answered) return this.#fail(during, ['contract: the answer has no change']);
    const shown = await this.#changeByCommand(during);
    if (!bytesOf(answered).equals(bytesOf(shown))) {
      this.#fail(during, [
        `watch: revision ${shown.revision} was shown otherwise than ${answered.revision} was answered`,
      ]);
    }
    const { change, breaches } = await this.#trusted(during, async () => this.board.apply(shown, this.clock.now));
    this.#demand(during, breaches);
    return change;
  }

  /** The next change that somebody asked for. What time did before it is seen on the way. */
  async #changeByCommand(during: string): Promise<QueueChange> {
    for (;;) {
      const shown = await this.#trusted(during, () => this.watch.change());
      if (shown.cause !== 'CLOCK') return shown;
      await this.#seeAct(shown);
    }
  }

  /** It happened when it was due, whenever it is seen. */
  async #seeAct(shown: QueueChange): Promise<void> {
    const at = (shown.at?.getTime() ?? 0) as Instant;
    const { change, breaches } = await this.#trusted('CLOCK', async () => this.board.apply(shown, at));
    this.#demand('CLOCK', breaches);
    this.#count('acts');
    this.whenTimeActs(change);
  }

  async #repeat<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    first: Response,
  ): Promise<void> {
    const reply = await this.reception.ask(method, request);
    const isSame = reply.ok && method.responseSerialize(reply.response).equals(method.responseSerialize(first));
    if (!isSame) this.#fail(method.path, ['R18: asked again under its request id, it was answered otherwise']);
    await this.#compareWithQueue(method.path, 'R18');
    this.#count('repeats');
  }

  async #readQueue(during: string): Promise<QueueSnapshot> {
    const { doctorId, date } = this.place;
    const reply = await this.reception.ask(OpdServiceService.getQueue, { doctorId, date });
    const queue = reply.ok ? reply.response.queue : undefined;
    return queue ?? this.#fail(during, ['contract: GetQueue answered without a queue']);
  }

  async #compareWithQueue(during: string, name: string): Promise<void> {
    const queue = await this.#readQueue(during);
    const differences = await this.#trusted(during, async () => this.board.differences(queue));
    this.#demand(
      during,
      differences.map((difference) => `${name}: ${difference}`),
    );
  }

  /** A watch from revision 0 on is the journal, from the start. */
  async #compareWithJournal(): Promise<void> {
    const replayed = new Board(this.board.zone, this.board.terms);
    const watch = this.reception.watch(this.place.doctorId, this.place.date, 0);
    try {
      while (replayed.revision < this.board.revision) {
        const shown = await this.#trusted('the journal', () => watch.change());
        const at = (shown.at?.getTime() ?? 0) as typeof this.clock.now;
        this.#demand('the journal', replayed.apply(shown, at).breaches);
      }
    } finally {
      watch.close();
    }
    if (!replayed.isLike(this.board)) this.#fail('the journal', ['I8: the journal leads to another day']);
  }

  #count(what: keyof Checks): void {
    this.#checks = { ...this.#checks, [what]: this.#checks[what] + 1 };
  }

  /** Reads what the server sent; where that cannot be, it has broken its contract. */
  async #trusted<T>(during: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UnreadableMessage || error instanceof WatchFailed)) throw error;
      return this.#fail(during, [`contract: ${error.message}`]);
    }
  }

  #demand(during: string, breaches: readonly string[]): void {
    if (breaches.length > 0) this.#fail(during, breaches);
  }

  #fail(during: string, breaches: readonly string[]): never {
    const command = during.split('/').at(-1);
    const { doctorName, date } = this.place;
    const time = new Date(this.clock.now).toISOString();
    throw new BrokenInvariant(breaches, `after ${command}, ${doctorName} on ${date}, at ${time}, ${this.board}`);
  }
}

function bytesOf(change: QueueChange): Buffer {
  return Buffer.from(QueueChange.encode(change).finish());
}
