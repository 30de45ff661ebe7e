/** Start-up on a large database, and memory however many doctor-days pass through. */
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Command } from '../../src/domain/command.js';
import { decide } from '../../src/domain/decide.js';
import { DEFAULT_POLICY, type Doctor } from '../../src/domain/doctor.js';
import { DoctorDay } from '../../src/domain/doctor-day.js';
import type { DoctorId } from '../../src/domain/ids.js';
import type { Instant, LocalDate, TimeOfDay, TimeZone } from '../../src/domain/time.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { DayCommit, JournalEntry } from '../../src/store/store.js';
import { createSlot, DATE } from '../days.js';
import { LeanClient } from '../lean-client.js';
import { withScratch } from '../scratch.js';
import { startOpd } from '../servers/opd.js';
import { alternate, atMost, type Outcome, spread, type Workload } from '../workload.js';

const DAYS_A_BATCH = 20;
const FIRST_CALLS = 50;

/** Fills a database with doctors of one day each, as the desk would have, and answers with the doctors. */
async function fill(path: string, days: number, tokensADay: number): Promise<DoctorId[]> {
  const store = await openSqliteStore(path);
  const doctors: DoctorId[] = [];
  for (let first = 0; first < days; first += DAYS_A_BATCH) {
    const made = Array.from({ length: Math.min(DAYS_A_BATCH, days - first) }, (_, i) => fullDay(first + i, tokensADay));
    await Promise.all(made.map(({ doctor }) => store.createDoctor(doctor)));
    await store.commit(made.map(({ commit }) => commit));
    doctors.push(...made.map(({ doctor }) => doctor.id));
  }
  await store.close();
  return doctors;
}

function fullDay(index: number, tokens: number): { doctor: Doctor; commit: DayCommit } {
  const now = Date.now() as Instant;
  const id = `doc_${uuidv7()}` as DoctorId;
  const doctor: Doctor = {
    id,
    name: `Doctor ${index}`,
    department: '',
    timeZone: 'UTC' as TimeZone,
    policy: DEFAULT_POLICY,
    policySince: now,
    createdAt: now,
    isRetired: false,
  };
  const day = new DoctorDay(doctor, DATE as LocalDate);
  const entries: JournalEntry[] = [];
  const perform = (command: Command) => {
    const decision = decide(day, command, { now, newId: uuidv7() });
    if (!decision.ok) throw new Error(decision.refusal.reason);
    const { events, change } = decision.value;
    entries.push({ revision: change.revision, at: change.at, command, events });
  };
  perform({ kind: 'CreateSlot', start: 540 as TimeOfDay, end: 780 as TimeOfDay, capacity: Math.ceil(tokens / 2) });
  const slotId = (day.slots[0] as (typeof day.slots)[number]).id;
  for (let i = 0; i < tokens; i++) {
    perform({ kind: 'AllocateToken', slotId, source: i % 3 ? 'ONLINE' : 'PAID', patientRef: `P-${i}` });
  }
  const slots = day.slots.map((slot) => slot.summary());
  return { doctor, commit: { key: { doctorId: id, date: day.date }, entries, slots, tokens: [...day.tokens] } };
}

const startUp: Workload = {
  name: 'start-up',
  title: 'Start-up on 1,000,000 tokens over 10,000 doctor-days, and the first call on an old day',
  run: (size) =>
    withScratch(async (folder): Promise<Outcome[]> => {
      const [full, empty] = [join(folder, 'full.sqlite'), join(folder, 'empty.sqlite')];
      const doctors = await fill(full, size.name === 'tiny' ? 20 : 10_000, 100);
      const firstCalls: number[] = [];
      const start = async (path: string) => {
        const server = await startOpd(path);
        if (path === full) firstCalls.push(...(await timeFirstCalls(server.address, doctors)));
        await server.stop();
        return server.readyMilliseconds;
      };
      await start(empty);
      const [a, b] = await alternate(
        size.rounds,
        () => start(full),
        () => start(empty),
      );
      const more = spread(a.map((each, round) => each - (b[round] ?? 0)));
      const sides = [
        { name: 'full', figures: { 'ready ms': spread(a), 'first call ms': spread(firstCalls) } },
        { name: 'empty', figures: { 'ready ms': spread(b) } },
      ];
      const slowest = spread([Math.max(...firstCalls)]);
      return [
        { sides, judged: atMost('ready later by, ms', more, 1_000) },
        { sides: [], judged: atMost('slowest first call on an old day, ms', slowest, 50) },
      ];
    }),
};

async function timeFirstCalls(address: string, doctors: readonly DoctorId[]): Promise<number[]> {
  const client = new LeanClient(address);
  await client.call('listDoctors', { pageSize: 1 }); // connects
  const milliseconds: number[] = [];
  for (let i = 0; i < FIRST_CALLS; i++) {
    const doctorId = doctors[Math.floor((i * doctors.length) / FIRST_CALLS)] ?? '';
    const before = performance.now();
    await client.call('getQueue', { doctorId, date: DATE });
    milliseconds.push(performance.now() - before);
  }
  client.close();
  return milliseconds;
}

const manyDays: Workload = {
  name: 'many-days',
  title: '100,000 doctor-days touched one after another, against 1,000',
  run: (size) =>
    withScratch(async (folder): Promise<Outcome[]> => {
      const [few, many] = size.name === 'tiny' ? [10, 100] : [1_000, 100_000];
      const server = await startOpd(join(folder, 'opd.sqlite'));
      const client = new LeanClient(server.address);
      const { doctor } = await client.call('createDoctor', { name: 'Doctor', timeZone: 'UTC' });
      const touch = async (first: number, last: number) => {
        let next = first;
        const toucher = async () => {
          while (next < last) await createSlot(client, doctor?.id ?? '', dateOf(next++), 9, 10);
        };
        await Promise.all(Array.from({ length: 64 }, toucher));
        return server.residentBytes() / 2 ** 20;
      };
      const [after, afterMany] = [await touch(0, few), await touch(few, many)];
      client.close();
      await server.stop();
      const sides = [
        { name: `${few} days`, figures: { 'RSS MiB': spread([after]) } },
        { name: `${many} days`, figures: { 'RSS MiB': spread([afterMany]) } },
      ];
      return [{ sides, judged: atMost('RSS more by, MB', spread([((afterMany - after) * 2 ** 20) / 1e6]), 100) }];
    }),
};

/** A date of its own for each index, for as long as the calendar lasts. */
function dateOf(index: number): string {
  return new Date(Date.UTC(2100, 0, 1 + index)).toISOString().slice(0, 10);
}

export const storageWorkloads: readonly Workload[] = [startUp, manyDays];
