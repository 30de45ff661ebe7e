/**
 * The words by which servers wake each other: which days a batch has moved, and how far. A word goes out after its batch is durable
 * and on its own, so that those who notify never wait for each other's disk; a server that dies in between has lost its word, which
 * the slow look makes up for.
 */
import type { DoctorId } from '../../domain/doctor.js';
import type { LocalDate } from '../../domain/time.js';
import type { MovedDay } from '../store.js';
import type { Connections } from './connections.js';
import { STATEMENTS } from './statements.js';

export const CHANNEL = 'opd';

/** PostgreSQL takes less than 8,000 bytes. A batch with more days than fit says only that many have moved. */
const WORD_BYTES_MAX = 7_900;
const MANY = '*';

export class Bell {
  #gathered = new Map<string, MovedDay>();
  #isRinging = false;

  /** @param server names this server among all, so that it need not listen to itself */
  constructor(
    private readonly connections: Pick<Connections, 'ask'>,
    private readonly server: string,
  ) {}

  /** Says that days have moved; days that move while a word is on its way go into the next one. */
  ring(days: readonly MovedDay[]): void {
    for (const day of days) this.#gathered.set(`${day.key.doctorId} ${day.key.date}`, day);
    if (!this.#isRinging && this.#gathered.size > 0) void this.#send();
  }

  async #send(): Promise<void> {
    this.#isRinging = true;
    while (this.#gathered.size > 0) {
      const word = wordOf(this.server, [...this.#gathered.values()]);
      this.#gathered.clear();
      // A word that is lost is made up for.
      await this.connections.ask(STATEMENTS.ring, [CHANNEL, word]).catch(() => {});
    }
    this.#isRinging = false;
  }
}

function wordOf(server: string, days: readonly MovedDay[]): string {
  const lines = days.map(({ key, revision }) => `${key.doctorId} ${key.date} ${revision}`);
  const word = [server, ...lines].join('\n');
  // All of it is ASCII: ids, dates, numbers.
  return word.length <= WORD_BYTES_MAX ? word : `${server}\n${MANY}`;
}

/** What a word says: which server sends it, and the days that it has moved, or `many`. */
export function readWord(word: string): { readonly server: string; readonly days: readonly MovedDay[] | 'many' } {
  const [server = '', ...lines] = word.split('\n');
  if (lines[0] === MANY) return { server, days: 'many' };
  const days = lines.map((line) => {
    const [doctorId, date, revision] = line.split(' ');
    return { key: { doctorId: doctorId as DoctorId, date: date as LocalDate }, revision: Number(revision) };
  });
  return { server, days };
}
