/** The clients of a run: they ask, ask again when the server has gone, watch, and write down what they were told. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { OpdServiceClient, type WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import { QueueChange, TokenSource } from '../../gen/opd/v1/resources.js';
import { call } from '../../src/client/call.js';
import { formatTimeOfDay, type TimeOfDay } from '../../src/domain/time.js';
import { type CommandRecord, dayName, type History, type StreamRecord, type WatchRecord } from './history.js';

export interface Day {
  readonly doctorId: string;
  readonly date: string;
  readonly slotIds: readonly string[];
}

const SOURCES = [TokenSource.PAID, TokenSource.FOLLOW_UP, TokenSource.ONLINE, TokenSource.WALK_IN];
const CALL_SECONDS_MAX = 10;
const JOURNAL_SECONDS_MAX = 60;
const RETRY_MILLISECONDS = 25;
const AFTERNOON = 12 * 60;
const SLOT_MINUTES = 5;
const SLOTS_AN_AFTERNOON = 12 * 12;

export function connect(address: string): OpdServiceClient {
  return new OpdServiceClient(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 20,
    'grpc.min_reconnect_backoff_ms': 20,
    'grpc.max_reconnect_backoff_ms': 100,
  });
}

/** Whether the server went away, or the call was lost with it: then it may be asked again under its request id. */
function isLost(error: ServiceError): boolean {
  return LOST.includes(error.code);
}
/** ABORTED: other servers kept being first. */
const LOST = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.UNKNOWN, status.ABORTED];

const pick = <T>(values: readonly T[]) => values[Math.floor(Math.random() * values.length)] as T;

interface Command {
  /** Answers with a change a day. */
  readonly ask: () => Promise<QueueChange[]>;
  /** The days that it may change, by name. */
  readonly days: readonly string[];
}

/** Sends commands and reads, each to any of the servers, until it is told to stop. Now and then it does not ask again for a command that is lost. */
export class Caller {
  readonly #clients: readonly OpdServiceClient[];
  readonly #tokenIds = new Map<string, string[]>();

  constructor(
    addresses: readonly string[],
    private readonly days: readonly Day[],
    private readonly history: History,
    private readonly stopped: AbortSignal,
  ) {
    this.#clients = addresses.map(connect);
  }

  async run(): Promise<void> {
    while (!this.stopped.aborted) await (Math.random() < 0.2 ? this.#read() : this.#command());
    for (const client of this.#clients) client.close();
  }

  get #client(): OpdServiceClient {
    return pick(this.#clients);
  }

  async #read(): Promise<void> {
    const { doctorId, date } = pick(this.days);
    const sentAt = performance.now();
    try {
      const { queue } = await call(this.#client, 'getQueue', { doctorId, date }, deadline());
      this.history.reads.push({
        day: dayName(doctorId, date),
        sentAt,
        endedAt: performance.now(),
        revision: queue?.revision ?? -1,
      });
    } catch (error) {
      if (!isLost(error as ServiceError)) throw error;
      this.#note(error as ServiceError, sentAt);
      await sleep(RETRY_MILLISECONDS);
    }
  }

  #note(error: ServiceError, askedAt: number): void {
    this.history.lost.push({ error, milliseconds: performance.now() - askedAt });
  }

  async #command(): Promise<void> {
    const day = pick(this.days);
    const requestId = randomUUID();
    const patientRef = `P-${requestId}`;
    const { ask, days } =
      this.#scheduleOf(day, requestId) ??
      this.#reschedulingOf(day, requestId) ??
      this.#commandOn(day, requestId, patientRef);
    const sentAt = performance.now();
    const note = (outcome: Exclude<CommandRecord['outcome'], { change: QueueChange }>) => {
      const endedAt = performance.now();
      for (const name of days) {
        this.history.commands.push({ requestId, patientRef, day: name, sentAt, endedAt, outcome });
      }
    };
    for (;;) {
      const askedAt = performance.now();
      try {
        const changes = await ask();
        const endedAt = performance.now();
        for (const change of changes) {
          const name = dayName(change.doctorId, change.date);
          this.history.commands.push({ requestId, patientRef, day: name, sentAt, endedAt, outcome: { change } });
        }
        if (Math.random() < 0.1) await this.#repeat(ask, changes);
        return;
      } catch (error) {
        const { code, details } = error as ServiceError;
        if (code === undefined) throw error;
        if (!isLost(error as ServiceError)) {
          return note({ refused: details });
        }
        this.#note(error as ServiceError, askedAt);
        if (this.stopped.aborted || Math.random() < 0.03) return note('given up');
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }

  /** R18: the same answer once more, if there is a server to give it. */
  async #repeat(ask: Command['ask'], first: readonly QueueChange[]): Promise<void> {
    const again = await ask().catch((error: ServiceError) => {
      if (isLost(error)) return undefined;
      throw new Error(`a repeated request was refused: ${error.details}`);
    });
    const bytes = (changes: readonly QueueChange[]) => Buffer.concat(changes.map(bytesOf));
    if (again && !bytes(again).equals(bytes(first))) throw new Error('a repeated request got another answer (R18)');
  }

  /** Rarely a further slot is opened on all days of the doctor, in the afternoon; refused where there is one at that time. */
  #scheduleOf({ doctorId }: Day, requestId: string): Command | undefined {
    if (Math.random() > 0.03) return undefined;
    const dates = this.days.filter((day) => day.doctorId === doctorId).map(({ date }) => date);
    const [firstDate, lastDate] = [dates[0] as string, dates.at(-1) as string];
    const minute = AFTERNOON + SLOT_MINUTES * Math.floor(Math.random() * SLOTS_AN_AFTERNOON);
    const [start, end] = [minute, minute + SLOT_MINUTES].map((each) => formatTimeOfDay(each as TimeOfDay));
    const session = { start: start as string, end: end as string, slotMinutes: SLOT_MINUTES, capacity: 1 };
    const request = { doctorId, firstDate, lastDate, sessions: [session], requestId };
    const ask = async () => (await call(this.#client, 'createSlots', request, deadline())).changes;
    return { ask, days: dates.map((date) => dayName(doctorId, date)) };
  }

  /** Now and then somebody asks for another slot, of either day of the doctor. */
  #reschedulingOf(day: Day, requestId: string): Command | undefined {
    const mine = this.#tokensOf(dayName(day.doctorId, day.date));
    if (mine.length === 0 || Math.random() > 0.15) return undefined;
    const tokenId = mine.splice(Math.floor(Math.random() * mine.length), 1)[0] as string;
    const other = pick(this.days.filter(({ doctorId }) => doctorId === day.doctorId));
    const slotId = pick(other.slotIds);
    const days = new Set([day, other].map(({ doctorId, date }) => dayName(doctorId, date)));
    const ask = async () => {
      const { token, changes } = await call(
        this.#client,
        'rescheduleToken',
        { tokenId, slotId, requestId },
        deadline(),
      );
      const theirs = this.#tokensOf(dayName(other.doctorId, other.date));
      if (token && !theirs.includes(token.id)) theirs.push(token.id);
      return changes;
    };
    return { ask, days: [...days] };
  }

  /** The tokens of a day that this caller has asked for. */
  #tokensOf(name: string): string[] {
    const mine = this.#tokenIds.get(name) ?? [];
    this.#tokenIds.set(name, mine);
    return mine;
  }

  #commandOn(day: Day, requestId: string, patientRef: string): Command {
    const name = dayName(day.doctorId, day.date);
    const mine = this.#tokensOf(name);
    const slotId = pick(day.slotIds);
    const kind = Math.random();
    if (kind < 0.25 && mine.length > 0) {
      const tokenId = mine.splice(Math.floor(Math.random() * mine.length), 1)[0] as string;
      const method = kind < 0.17 ? 'cancelToken' : 'markNoShow';
      const ask = async () => [changeOf(await call(this.#client, method, { tokenId, requestId }, deadline()))];
      return { ask, days: [name] };
    }
    const target = { $case: 'slotId' as const, value: slotId };
    const source = pick(SOURCES);
    const ask = async () => {
      const answer = await (kind > 0.95
        ? call(this.#client, 'insertEmergency', { target, patientRef, requestId }, deadline())
        : call(this.#client, 'allocateToken', { slotId, source, patientRef, requestId }, deadline()));
      const id = answer.token?.id as string;
      if (!mine.includes(id)) mine.push(id);
      return [changeOf(answer)];
    };
    return { ask, days: [name] };
  }
}

/** Watches a day until it is told to stop, going on after the last revision it saw whenever the stream breaks off, at any server. */
export async function watch(
  addresses: readonly string[],
  day: Day,
  history: History,
  stopped: AbortSignal,
): Promise<void> {
  const clients = addresses.map(connect);
  const record: WatchRecord = { day: dayName(day.doctorId, day.date), changes: [] };
  history.watches.push(record);
  const fate: StreamRecord = { breaks: [], silenceMillisecondsMax: 0 };
  history.streams.push(fate);
  let epoch = '';
  while (!stopped.aborted) {
    const afterRevision = record.changes.at(-1)?.revision ?? 0;
    const request: WatchQueueRequest = {
      doctorId: day.doctorId,
      date: day.date,
      slotId: '',
      afterRevision,
      epoch,
      heartbeatInterval: { seconds: 1, nanos: 0 },
    };
    const stream = pick(clients).watchQueue(request);
    const hangUp = () => stream.cancel();
    stopped.addEventListener('abort', hangUp);
    let heardAt = performance.now();
    const hear = () => {
      fate.silenceMillisecondsMax = Math.max(fate.silenceMillisecondsMax, performance.now() - heardAt);
      heardAt = performance.now();
    };
    stream.on('data', ({ update }) => {
      hear();
      if (update?.$case === 'change') record.changes.push(update.value);
      if (update?.$case === 'heartbeat') ({ epoch } = update.value);
      if (update?.$case !== 'snapshot') return;
      // In another epoch it must. Here nothing is lost that was acknowledged: so the changes
      // themselves are to be had all the same.
      const isOther = update.value.epoch !== epoch;
      ({ epoch } = update.value);
      stream.destroy(new Error(isOther ? 'another epoch' : 'a snapshot came in place of changes'));
    });
    const error = await new Promise<ServiceError | undefined>((resolve) =>
      stream.once('error', (broken) => resolve(broken as ServiceError)).once('end', () => resolve(undefined)),
    );
    // One that is broken off here may yet hear that its connection is.
    stream.on('error', () => {});
    hear();
    if (error && !stopped.aborted) fate.breaks.push(error);
    stopped.removeEventListener('abort', hangUp);
    await sleep(RETRY_MILLISECONDS);
  }
  for (const client of clients) client.close();
}

/** All changes of a day, from its journal, as a watcher reads them who has seen nothing yet. */
export async function readAllChanges(address: string, day: Day): Promise<QueueChange[]> {
  const client = connect(address);
  const { queue } = await call(client, 'getQueue', { doctorId: day.doctorId, date: day.date }, deadline());
  const changes: QueueChange[] = [];
  const request = {
    doctorId: day.doctorId,
    date: day.date,
    slotId: '',
    afterRevision: 0,
    epoch: '',
    heartbeatInterval: undefined,
  };
  const stream = client.watchQueue(request, { deadline: Date.now() + JOURNAL_SECONDS_MAX * 1_000 });
  for await (const { update } of stream) {
    if (update?.$case !== 'change') throw new Error(`${update?.$case} came in place of a change`);
    changes.push(update.value);
    if (update.value.revision === queue?.revision) break;
  }
  client.close();
  return changes;
}

export function bytesOf(change: QueueChange): Buffer {
  return Buffer.from(QueueChange.encode(change).finish());
}

function changeOf({ change }: { change: QueueChange | undefined }): QueueChange {
  if (!change) throw new Error('an answer without its change');
  return change;
}

function deadline() {
  return { deadline: Date.now() + CALL_SECONDS_MAX * 1_000 };
}
