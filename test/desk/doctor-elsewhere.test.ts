/** A doctor who is changed at one server is so at all: for reads, for commands, and for what time does. */
import pg from 'pg';
import { DayClock } from '../../src/desk/day-clock.js';
import type { DoctorUpdate } from '../../src/domain/doctor-update.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { Instant } from '../../src/domain/time.js';
import type { TestPostgres } from '../support/postgres.js';
import { accepted, NOW } from './clinic.js';
import { overOnePostgres, type Server, type SharedDay, type SlowStore, tomorrowAt, until } from './servers.js';

let postgres: TestPostgres;
let day: SharedDay;
let [a, b, c] = [] as unknown as SharedDay['servers'];
overOnePostgres((started, shared) => {
  [postgres, day] = [started, shared];
  [a, b, c] = shared.servers;
});

const GRACE: DoctorUpdate = { policy: { noShowGraceMilliseconds: 600_000 } };
const HOUR = 3_600_000;

const update = async (server: Server, asked: DoctorUpdate) =>
  accepted(await server.desk.updateDoctor(day.key.doctorId, asked));

const doctorAt = async (server: Server) => accepted(await server.desk.read(day.key, ({ doctor }) => answered(doctor)));

const queueAt = async (server: Server, slotId: SlotId) =>
  accepted(
    await server.desk.readSlot(slotId, (_, slot) => answered(slot.waitingQueue().map(({ patientRef }) => patientRef))),
  );

/** A slot of one seat that is taken, where a walk-in waits, and one who came an hour later and is stronger. */
async function queueOfTwo(): Promise<SlotId> {
  const slotId = await a.slot(day.key, 10, 1);
  accepted(await a.allocate(slotId, 'seated', undefined, 'PAID'));
  accepted(await a.allocate(slotId, 'earlier', undefined, 'WALK_IN'));
  a.now = (NOW + HOUR) as Instant;
  accepted(await a.allocate(slotId, 'later', undefined, 'ONLINE'));
  return slotId;
}

describe('what is read of a day that was in memory before the doctor was changed elsewhere', () => {
  test.each<[string, DoctorUpdate]>([
    ['name', { name: 'Dr Sen' }],
    ['department', { department: 'Cardiology' }],
    ['policy', { policy: { rebalance: 'NEVER', protectCheckedIn: true } }],
  ])('shows the new %s', async (_, asked) => {
    const changed = await update(a, asked);
    expect(await doctorAt(b)).toEqual(changed);
    expect(await doctorAt(c)).toEqual(changed);
  });

  test('R23 · shows the queue in its new order', async () => {
    const slotId = await queueOfTwo();
    expect(await queueAt(b, slotId)).toEqual(['later', 'earlier']);
    await update(a, { policy: { agingPointsPerHour: 100 } });
    expect(await queueAt(b, slotId)).toEqual(['earlier', 'later']);
    await update(c, { policy: { agingPointsPerHour: 0 } });
    expect(await queueAt(b, slotId)).toEqual(['later', 'earlier']);
  });

  test('shows the new policy, though the day was being loaded when that was changed', async () => {
    const anew = b.store as SlowStore;
    await update(b, {});
    const arrive = anew.delay('findDoctor');
    const early = doctorAt(b);
    await until(() => anew.late > 0);
    const changed = await update(a, GRACE);
    const late = doctorAt(b);
    arrive();
    await early;
    expect(await late).toEqual(changed);
  });

  test('R23 · is what the next cancellation promotes by, wherever it is asked for', async () => {
    await queueOfTwo();
    const { tokens } = await b.standing(day.key);
    await update(c, { policy: { agingPointsPerHour: 100 } });
    const cancelled = accepted(await b.cancel(tokens[0]?.id as never));
    const [, promoted] = cancelled.change.effects;
    expect([promoted?.kind, promoted?.token.patientRef]).toEqual(['PROMOTED', 'earlier']);
  });

  test('keeps its watchers, who miss nothing', async () => {
    const watcher = await b.watch(day.key, 1);
    accepted(await a.allocate(day.slotId, 'ann'));
    await until(() => watcher.seen.length === 1);
    await update(a, GRACE);
    await doctorAt(b);
    accepted(await a.allocate(day.slotId, 'bob'));
    accepted(await b.allocate(day.slotId, 'cem'));
    await until(() => watcher.seen.length === 3);
    expect(watcher.revisions).toEqual([2, 3, 4]);
  });
});

test('updates that two servers make at once are both kept', async () => {
  const [one, other] = [{ policy: { agingPointsPerHour: 3 } }, { policy: { displacementsMax: 2 } }];
  await Promise.all([update(a, one), update(b, other)]);
  for (const server of day.servers) {
    expect((await doctorAt(server)).policy).toMatchObject({ ...one.policy, ...other.policy });
  }
});

describe('R22 · a grace that is new', () => {
  /** Lets time come to a server, as its clock does. */
  const strike = async (server: Server, now: Instant) => {
    server.now = now;
    const clock = new DayClock(server.store, (key) => server.desk.letTimePass(key), {
      now: () => now,
      onFault: (error) => server.faults.push(error),
    });
    expect(await clock.strike()).toBe(true);
  };
  const statuses = async () => (await c.standing(day.key)).tokens.map(({ status }) => status);

  test('is seen to by the clock of a server that had the day in memory before', async () => {
    accepted(await b.allocate(day.slotId, 'ann'));
    await update(a, GRACE);
    await strike(b, NOW);
    await strike(b, tomorrowAt('09:10'));
    expect(await statuses()).toEqual(['NO_SHOW']);
  });

  test('is not taken back by a command that was decided before and lands after', async () => {
    const { doctorId, date } = day.key;
    // Somebody else is about to take the revision that b will want, and then does not.
    const rival = new pg.Client({ connectionString: day.address });
    await rival.connect();
    await rival.query('BEGIN');
    const taking = "INSERT INTO opd.journal VALUES ($1, $2, 2, 0, 1, '{}', '[]')";
    await rival.query(taking, [doctorId, date]);
    const allocating = b.allocate(day.slotId, 'ann');
    await untilOneWaits();
    await update(a, GRACE);
    await rival.query('ROLLBACK');
    await rival.end();
    accepted(await allocating);
    await strike(c, NOW);
    await strike(c, tomorrowAt('09:10'));
    expect(await statuses()).toEqual(['NO_SHOW']);
  });

  /** Until a statement of a server waits for a lock. */
  async function untilOneWaits(): Promise<void> {
    const waiting = `SELECT count(*)::integer FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'opd' AND wait_event_type = 'Lock'`;
    for (;;) {
      const [row] = await postgres.ask(day.address, waiting);
      if ((row as { count: number }).count > 0) return;
    }
  }

  test('is not taken back by a look at the day that began before', async () => {
    accepted(await b.allocate(day.slotId, 'ann'));
    const before = await b.store.findDoctor(day.key.doctorId);
    await update(a, GRACE);
    await b.store.noteDue(day.key, 2, tomorrowAt('10:00'), before);
    await strike(c, NOW);
    await strike(c, tomorrowAt('09:10'));
    expect(await statuses()).toEqual(['NO_SHOW']);
  });
});
