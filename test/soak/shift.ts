/** One clerk at work: a doctor and a day after another, with all that happens on a day, watched for a while and left behind. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { OpdServiceClient } from '../../gen/opd/v1/opd_service.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import { call, type RequestOf, type ResponseOf, type UnaryName } from '../../src/client/call.js';
import { connect, type Day } from '../torture/clients.js';

const COMMANDS_A_DAY = 60;
const PAUSE_MILLISECONDS = 10;
const OLD_DAYS_MAX = 200;
const SOURCES = [TokenSource.PAID, TokenSource.FOLLOW_UP, TokenSource.ONLINE, TokenSource.WALK_IN];
const HOURS = ['09:00', '10:00', '11:00', '12:00'];
/** What the rules may say no with. */
const RULED_OUT = [status.FAILED_PRECONDITION, status.ALREADY_EXISTS];

const pick = <T>(values: readonly T[]) => values[Math.floor(Math.random() * values.length)] as T;

export class Shift {
  calls = 0;
  updates = 0;
  readonly #client: OpdServiceClient;
  readonly #oldDays: Day[] = [];

  constructor(address: string) {
    this.#client = connect(address);
  }

  /** Works until `endsAt`, by performance.now(). Rejects with the first answer that no rule explains. */
  async work(endsAt: number): Promise<void> {
    while (performance.now() < endsAt) await this.#day(endsAt);
    this.#client.close();
  }

  async #day(endsAt: number): Promise<void> {
    const day = await this.#newDay();
    const watches = [this.#watch(day), this.#watch(day)];
    const tokenIds: string[] = [];
    for (let n = 0; n < COMMANDS_A_DAY && performance.now() < endsAt; n += 1) {
      await this.#command(day, tokenIds);
      await this.#read(day, tokenIds);
      if (n % 10 === 0) watches.splice(0, 1, this.#watch(day))[0]?.cancel();
      await sleep(PAUSE_MILLISECONDS);
    }
    for (const watch of watches) watch.cancel();
    this.#oldDays.push(day);
    if (this.#oldDays.length > OLD_DAYS_MAX) this.#oldDays.shift();
  }

  async #newDay(): Promise<Day> {
    const { doctor } = await this.#ask('createDoctor', { name: 'Dr Rao', timeZone: 'UTC', requestId: randomUUID() });
    const [doctorId, date] = [doctor?.id as string, '2099-01-31'];
    const slotIds: string[] = [];
    for (const [n, start] of HOURS.slice(0, -1).entries()) {
      const hours = { start, end: HOURS[n + 1] as string, capacity: 4 };
      const { slot } = await this.#ask('createSlot', { doctorId, date, ...hours, requestId: randomUUID() });
      slotIds.push(slot?.id as string);
    }
    return { doctorId, date, slotIds };
  }

  async #command({ slotIds }: Day, tokenIds: string[]): Promise<void> {
    const requestId = randomUUID();
    const kind = Math.random();
    const [slotId, patientRef] = [pick(slotIds), `P-${requestId}`];
    try {
      if (kind < 0.3 && tokenIds.length > 0) {
        await this.#ask(kind < 0.2 ? 'cancelToken' : 'markNoShow', { tokenId: pick(tokenIds), requestId });
      } else if (kind > 0.95) {
        const target = { $case: 'slotId', value: slotId } as const;
        tokenIds.push((await this.#ask('insertEmergency', { target, patientRef, requestId })).token?.id as string);
      } else {
        const asked = { slotId, source: pick(SOURCES), patientRef, requestId };
        tokenIds.push((await this.#ask('allocateToken', asked)).token?.id as string);
        // R18: some ask twice.
        if (kind > 0.85) await this.#ask('allocateToken', asked);
      }
    } catch (error) {
      if (!RULED_OUT.includes((error as ServiceError).code)) throw error;
    }
  }

  /** Now and then of a day that has been let go. */
  async #read(today: Day, tokenIds: readonly string[]): Promise<void> {
    const day = Math.random() < 0.1 && this.#oldDays.length > 0 ? pick(this.#oldDays) : today;
    const { doctorId, date, slotIds } = day;
    await this.#ask('getQueue', { doctorId, date });
    await this.#ask('getSlot', { slotId: pick(slotIds) });
    if (tokenIds.length > 0) await this.#ask('getToken', { tokenId: pick(tokenIds) });
  }

  #watch({ doctorId, date }: Day) {
    const heartbeatInterval = { seconds: 1, nanos: 0 };
    const stream = this.#client.watchQueue({
      doctorId,
      date,
      slotId: '',
      afterRevision: undefined,
      epoch: '',
      heartbeatInterval,
    });
    stream
      .on('error', () => {})
      .on('data', () => {
        this.updates += 1;
      });
    return stream;
  }

  #ask<Name extends UnaryName>(name: Name, request: Partial<RequestOf<Name>>): Promise<ResponseOf<Name>> {
    this.calls += 1;
    return call(this.#client, name, request, { deadline: Date.now() + 10_000 });
  }
}
