/**
 * Two servers over one PostgreSQL look for slots that are not at their local times, at the same
 * time and with different data.
 */
import { ZoneDataCheck, type ZoneDataReport } from '../../src/desk/zone-data-check.js';
import { answered } from '../../src/domain/refusal.js';
import type { Instant, TimeOfDay } from '../../src/domain/time.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import type { DayKey } from '../../src/store/store.js';
import { dayCommit, slotId } from '../store/samples.js';
import { accepted } from './clinic.js';
import { overOnePostgres, type Server, type SharedDay, tomorrowAt } from './servers.js';

let [a, b, c] = [] as unknown as SharedDay['servers'];
let key: DayKey;
overOnePostgres((_, shared) => {
  ({ key } = shared);
  [a, b, c] = shared.servers;
});

async function look(server: Server, zoneData: string): Promise<ZoneDataReport[]> {
  const reports: ZoneDataReport[] = [];
  const check = new ZoneDataCheck(server.store, server.desk, {
    now: () => server.now,
    zoneData: zoneData as ZoneDataVersion,
    onReport: (report) => reports.push(report),
    onFault: (error) => server.faults.push(error),
  });
  expect(await check.look()).toBe(true);
  return reports;
}

/**
 * A slot from 12:00, which other rules put an hour later; the day has one from 09:00 that is right.
 */
async function madeByOlderRules(): Promise<void> {
  const times = { start: (12 * 60) as TimeOfDay, end: (13 * 60) as TimeOfDay };
  const slot = { id: slotId(1), ...times, startsAt: tomorrowAt('13:00'), endsAt: tomorrowAt('14:00'), capacity: 2 };
  const command = { kind: 'CreateSlot', ...times, capacity: 2 } as const;
  const entry = { revision: 2, at: a.now, command, events: [{ kind: 'SLOT_CREATED', ...slot } as const] };
  const rows = [{ ...slot, isClosed: false, seatsTaken: 0, waiting: 0 }];
  expect(await a.store.commit([dayCommit(key, [entry], { slots: rows })])).toEqual(['committed']);
}

async function starts(server: Server): Promise<Instant[]> {
  return accepted(await server.desk.read(key, (day) => answered(day.slots.map(({ terms }) => terms.startsAt))));
}

test('R17 · servers that look at once retime a slot once, and all of them see it', async () => {
  await madeByOlderRules();
  const reports = (await Promise.all([look(a, '2026e'), look(b, '2026e'), look(c, '2026e')])).flat();
  expect(reports.reduce((sum, { slots }) => sum + slots, 0)).toBe(1);
  for (const server of [a, b, c]) {
    expect(await starts(server)).toEqual([tomorrowAt('09:00'), tomorrowAt('12:00')]);
    expect((await server.standing(key)).revision).toBe(3);
  }
});

test('R17 · one with older data leaves a slot alone, before and after one with newer data has retimed it', async () => {
  await look(b, '2026e');
  await madeByOlderRules();
  expect(await look(a, '2025c')).toMatchObject([{ newest: '2026e', slots: 0 }]);
  expect(await starts(a)).toEqual([tomorrowAt('09:00'), tomorrowAt('13:00')]);
  expect(await look(b, '2026e')).toMatchObject([{ newest: '2026e', slots: 1 }]);
  expect(await look(a, '2025c')).toMatchObject([{ newest: '2026e', slots: 0 }]);
  expect(await starts(a)).toEqual([tomorrowAt('09:00'), tomorrowAt('12:00')]);
});
