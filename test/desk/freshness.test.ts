/**
 * Whatever is asked at one server knows all that another had acknowledged before: reads that look at no day in memory, and those that
 * share with others a reading of the journal which began before.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { RECENT_CHANGES_MAX } from '../../src/desk/loaded-day.js';
import { answered } from '../../src/domain/refusal.js';
import type { Schedule } from '../../src/domain/schedule.js';
import type { TimeOfDay } from '../../src/domain/time.js';
import type { TokenFilter } from '../../src/domain/token-list.js';
import { accepted, askingOf, newId, reasonOf, TODAY, TOMORROW, tokenOf } from './clinic.js';
import { overOnePostgres, type Server, type SharedDay, type SlowStore, until } from './servers.js';

let day: SharedDay;
let [a, b, c] = [] as unknown as SharedDay['servers'];
overOnePostgres((_, shared) => {
  day = shared;
  [a, b, c] = shared.servers;
});

const ANY: TokenFilter = {
  doctorId: undefined,
  date: undefined,
  slotId: undefined,
  patientRef: undefined,
  statuses: [],
};

async function patientsAt(server: Server, filter: Partial<TokenFilter>): Promise<string[]> {
  const page = accepted(await server.desk.listTokens({ filter: { ...ANY, ...filter }, after: undefined, limit: 100 }));
  return page.things.map(({ token }) => `${token.patientRef} ${token.status}`);
}

async function changesAt(server: Server, afterRevision = 0): Promise<number[]> {
  const page = accepted(await server.desk.listChanges({ ...day.key, afterRevision, limit: 1_000 }));
  expect(page.goesOn).toBe(false);
  return page.things.map(({ revision }) => revision);
}

const upTo = (last: number, after = 0) => Array.from({ length: last - after }, (_, index) => after + index + 1);

/** Has a reading of the journal under way at a server: it began before what `meanwhile` does, and ends after `then` has been asked. */
async function whileReading<T>(server: Server, meanwhile: () => Promise<unknown>, then: () => Promise<T>): Promise<T> {
  const store = server.store as SlowStore;
  const arrive = store.delay('readJournal');
  const early = changesAt(server);
  await until(() => store.late > 0);
  await meanwhile();
  const asked = then();
  // Until it waits for the journal.
  await sleep(100);
  arrive();
  await early;
  return asked;
}

describe('the changes of a day', () => {
  test('are listed up to the newest', async () => {
    for (const server of day.servers) {
      const { change } = accepted(await server.allocate(day.slotId, ''));
      for (const other of day.servers) expect(await changesAt(other)).toEqual(upTo(change.revision));
    }
  });

  test('are listed up to the newest, though a reading that began before is shared', async () => {
    const listed = await whileReading(
      b,
      () => a.allocate(day.slotId, 'ann'),
      () => changesAt(b),
    );
    expect(listed).toEqual([1, 2]);
  });

  test('are listed beyond what was the end, though a reading that began before is shared', async () => {
    accepted(await a.allocate(day.slotId, 'ann'));
    const listed = await whileReading(
      b,
      () => a.allocate(day.slotId, 'bob'),
      () => changesAt(b, 2),
    );
    expect(listed).toEqual([3]);
  });

  test('are there for a watch that resumes from far back, though a reading that began before is shared', async () => {
    const last = 2 * RECENT_CHANGES_MAX + 2;
    for (let revision = 2; revision <= last; revision += 1) accepted(await a.allocate(day.slotId, ''));
    const resume = async () => {
      const revisions: number[] = [];
      for await (const { revision } of b.desk.history(day.key, 1)) revisions.push(revision);
      return revisions;
    };
    const read = await whileReading(b, () => a.allocate(day.slotId, 'ann'), resume);
    expect(read).toEqual(upTo(last + 1, 1));
  });
});

describe('tokens', () => {
  test('are listed as they were left, by day, by slot and by patient', async () => {
    const token = tokenOf(await a.allocate(day.slotId, 'ann'));
    const filters: Partial<TokenFilter>[] = [day.key, { slotId: day.slotId }, { patientRef: 'ann' }];
    for (const filter of filters) expect(await patientsAt(b, filter)).toEqual(['ann ACTIVE']);
    accepted(await c.cancel(token));
    for (const filter of filters) expect(await patientsAt(b, filter)).toEqual(['ann CANCELLED']);
  });

  test('of a slot that is new are listed, and so is a patient who is new', async () => {
    const slotId = await a.slot(day.key, 11, 5);
    accepted(await a.allocate(slotId, 'ann'));
    expect(await patientsAt(b, { slotId })).toEqual(['ann ACTIVE']);
    expect(await patientsAt(c, { patientRef: 'ann' })).toEqual(['ann ACTIVE']);
  });

  test('have their lives told to the end', async () => {
    const token = tokenOf(await a.allocate(day.slotId, 'ann'));
    const kindsAt = async (server: Server) =>
      accepted(await server.desk.explainToken(token)).steps.map(({ effect }) => effect?.kind);
    expect(await kindsAt(b)).toEqual(['ALLOCATED']);
    accepted(await c.desk.perform({ tokenId: token }, { kind: 'CheckInToken', tokenId: token }));
    expect(await kindsAt(b)).toEqual(['ALLOCATED', 'CHECKED_IN']);
    accepted(await a.cancel(token));
    expect(await kindsAt(b)).toEqual(['ALLOCATED', 'CHECKED_IN', 'CANCELLED']);
  });
});

test('a day that is being loaded shows what was acknowledged since that began', async () => {
  const [key, store] = [{ ...day.key, date: TODAY }, b.store as SlowStore];
  const arrive = store.delay('readJournal');
  const early = b.standing(key);
  await until(() => store.late > 0);
  await a.slot(key, 11, 5);
  const late = b.standing(key);
  arrive();
  await early;
  expect((await late).slots).toHaveLength(1);
});

test('doctors are found and listed as they were left', async () => {
  const { doctorId } = day.key;
  const listedAt = async (server: Server) =>
    accepted(await server.desk.listDoctors(undefined, 10, { showsRetired: true }));
  for (const name of ['Dr Sen', 'Dr Bose']) {
    const changed = accepted(await a.desk.updateDoctor(doctorId, { name, policy: { rebalance: 'NEVER' } }));
    for (const server of day.servers) {
      expect(accepted(await server.desk.findDoctor(doctorId))).toEqual(changed);
      expect(await listedAt(server)).toEqual([changed]);
    }
  }
  const wanted = { name: 'Dr Iyer', department: '', timeZone: undefined, policy: {} };
  const created = accepted(await b.desk.createDoctor(wanted));
  expect(accepted(await c.desk.findDoctor(created.id))).toEqual(created);
  expect(await listedAt(c)).toHaveLength(2);
});

describe('what a command would do', () => {
  const allocation = { kind: 'AllocateToken', source: 'PAID', patientRef: 'ann' } as const;
  const rehearse = (server: Server, requestId?: string) => {
    const command = { ...allocation, slotId: day.slotId };
    return server.desk.perform(day.key, command, { ...askingOf(requestId, command), validateOnly: true });
  };

  test('is told from the day as it was left', async () => {
    for (const server of day.servers) {
      const { change } = accepted(await server.allocate(day.slotId, ''));
      expect(accepted(await rehearse(b)).change.revision).toBe(change.revision + 1);
    }
    accepted(await c.allocate(day.slotId, 'ann'));
    expect(reasonOf(await rehearse(b))).toBe('PATIENT_HAS_TOKEN');
  });

  test('is told by the policy as it was left', async () => {
    const [narrow] = [await a.slot(day.key, 11, 1), await a.slot(day.key, 12, 1)];
    accepted(await a.allocate(narrow, 'walks in', undefined, 'WALK_IN'));
    const kinds = async () => {
      const told = b.desk.perform(day.key, { ...allocation, slotId: narrow }, { validateOnly: true });
      return accepted(await told).change.effects.map(({ kind }) => kind);
    };
    expect(await kinds()).toEqual(['ALLOCATED', 'DISPLACED']);
    accepted(await c.desk.updateDoctor(day.key.doctorId, { policy: { rebalance: 'ALWAYS' } }));
    expect(await kinds()).toEqual(['ALLOCATED', 'DISPLACED', 'MOVED']);
  });

  test('R18 · is told under an id that came elsewhere as what was done then', async () => {
    const requestId = newId();
    const done = accepted(
      await a.desk.perform(
        day.key,
        { ...allocation, slotId: day.slotId },
        askingOf(requestId, { ...allocation, slotId: day.slotId }),
      ),
    );
    expect(accepted(await rehearse(b, requestId))).toEqual(done);
    const mark = { id: requestId, digest: '' };
    const update = await c.desk.updateDoctor(day.key.doctorId, {}, { request: mark, validateOnly: true });
    expect(reasonOf(update)).toBe('REQUEST_ID_REUSED');
  });

  test('of an update of a doctor is told from the doctor as it was left', async () => {
    accepted(await a.desk.updateDoctor(day.key.doctorId, { policy: { displacementsMax: 7 } }));
    const told = await b.desk.updateDoctor(day.key.doctorId, { name: 'Dr Sen' }, { validateOnly: true });
    expect(accepted(told)).toMatchObject({ name: 'Dr Sen', policy: { displacementsMax: 7 } });
  });

  test('over several days is told from all of them as they were left', async () => {
    const [start, end] = [660, 720] as TimeOfDay[] as [TimeOfDay, TimeOfDay];
    const sessions = [{ start, end, slotMinutes: 60, capacity: 1 }];
    const schedule: Schedule = { firstDate: TODAY, lastDate: TOMORROW, daysOfWeek: [], exceptDates: [], sessions };
    const tell = () => b.desk.createSlots(day.key.doctorId, schedule, { validateOnly: true });
    const token = tokenOf(await a.allocate(day.slotId, 'ann'));
    expect(accepted(await tell()).map(({ change }) => change.revision)).toEqual([1, 3]);
    const today = await a.slot({ ...day.key, date: TODAY }, 11, 1);
    expect(reasonOf(await tell())).toBe('SLOT_OVERLAPS');
    const move = () => b.desk.rescheduleToken({ tokenId: token, slotId: today }, { validateOnly: true });
    expect(accepted(await move()).map(({ change }) => change.revision)).toEqual([2, 3]);
    accepted(await c.cancel(token));
    expect(reasonOf(await move())).toBe('TOKEN_NOT_LIVE');
  });
});

test('reads are answered while all servers want the day, and show the newest', async () => {
  let acknowledged = 1;
  const change = async (server: Server) => {
    for (let round = 0; round < 40; round += 1) {
      const answer = await server.allocate(day.slotId, '');
      if (answer.ok) acknowledged = Math.max(acknowledged, answer.value.change.revision);
      else expect(answer.refusal.reason).toBe('CONFLICT');
    }
  };
  const ask = async (server: Server) => {
    for (let round = 0; round < 40; round += 1) {
      const known = acknowledged;
      const read = await server.desk.read(day.key, ({ revision }) => answered(revision));
      expect(accepted(read)).toBeGreaterThanOrEqual(known);
    }
  };
  await Promise.all(day.servers.flatMap((server) => [change(server), change(server), ask(server)]));
});
