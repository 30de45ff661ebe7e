/** CloseSlots on several servers over one PostgreSQL, while the others work on the same days. */
import { brokenInvariants } from '../../src/domain/invariants.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { LocalDate, TimeOfDay } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, newId, reasonOf, TOMORROW } from './clinic.js';
import { overOnePostgres, type Server, type SharedDay } from './servers.js';

const DAY_AFTER = '2026-02-02' as LocalDate;

let servers: SharedDay['servers'];
let [a, b, c] = [] as unknown as SharedDay['servers'];
let days: readonly [DayKey, DayKey];
let slots: readonly [SlotId, SlotId];
overOnePostgres((_, shared) => {
  servers = shared.servers;
  [a, b, c] = servers;
  days = [shared.key, { ...shared.key, date: DAY_AFTER }];
  slots = [shared.slotId, shared.slotId];
});

/** Both days have a slot of an hour from 09:00; all servers have them in memory. */
async function open(capacity = 20): Promise<void> {
  slots = [slots[0], await a.slot(days[1], 9, capacity)];
  for (const server of servers) for (const key of days) await server.standing(key);
}

function close(server: Server, requestId?: string) {
  const hours = { start: 0 as TimeOfDay, end: 1_440 as TimeOfDay };
  const wanted = { firstDate: TOMORROW, lastDate: DAY_AFTER, ...hours, reason: 'ill' };
  const request = requestId === undefined ? undefined : { id: requestId, digest: JSON.stringify(wanted) };
  return server.desk.closeSlots(days[0].doctorId, wanted, { request });
}

/** Every server sees both days as sound, with all slots closed, and they see the same. */
async function expectClosed(): Promise<void> {
  for (const key of days) {
    const views = await Promise.all(servers.map((server) => server.standing(key)));
    for (const view of views) expect(view).toEqual(views[0]);
    expect(views[0]?.slots.map(({ isClosed }) => isClosed)).not.toContain(false);
    const broken = await a.desk.read(key, (day) => answered(brokenInvariants(day, day.changedAt)));
    expect(accepted(broken)).toEqual([]);
  }
}

test('of three that close at once one does, and the others find nothing left to close', async () => {
  await open();
  const answers = await Promise.all(servers.map((server) => close(server)));
  expect(answers.map(reasonOf).sort()).toEqual(['NO_OPEN_SLOT', 'NO_OPEN_SLOT', 'answered']);
  await expectClosed();
});

test('R18 · under one request id three that close at once get one answer, and a later repeat elsewhere too', async () => {
  await open();
  const requestId = newId();
  const answers = (await Promise.all(servers.map((server) => close(server, requestId)))).map(accepted);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(accepted(await close(b, requestId))).toEqual(answers[0]);
  await expectClosed();
});

test('closes what another server has just made on a day that has nothing to close here', async () => {
  await open();
  accepted(await close(a));
  const late = await b.slot(days[1], 11, 3);
  const [done] = accepted(await close(a));
  expect([done?.key.date, done?.change.closed?.slotIds]).toEqual([DAY_AFTER, [late]]);
  await expectClosed();
});

test('while patients come on all servers nobody is left with a seat, and all who were accepted are told of', async () => {
  await open(5);
  let isOver = false;
  const issued: string[] = [];
  const clients = [a, b, c, a, b, c].map(async (server, client) => {
    for (let n = 0; !isOver && n < 200; n += 1) {
      const answer = await server.allocate(slots[client % 2] as SlotId, `${client}-${n}`);
      if (reasonOf(answer) === 'SLOT_CLOSED') return;
      if (answer.ok) issued.push(answer.value.change.effects[0]?.token.id ?? '');
      else expect(reasonOf(answer)).toBe('CONFLICT');
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const answer = await close(b);
  isOver = !answer.ok;
  await Promise.all(clients);
  const done = accepted(answer);
  const told = done.flatMap(({ change }) => change.closed?.left.map(({ id }) => id) ?? []);
  expect([...told].sort()).toEqual([...issued].sort());
  await expectClosed();
}, 30_000);
