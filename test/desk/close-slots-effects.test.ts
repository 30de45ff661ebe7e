/**
 * CloseSlots over several days: all or none, also where a day has nothing to close, cut at each gap
 * of the order of effects.
 */
import type { LocalDate } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import {
  accepted,
  Clinic,
  durableRevision,
  inFreshClinic,
  isPending,
  newId,
  reasonOf,
  seenOf,
  TODAY,
  TOMORROW,
  tokenOf,
} from './clinic.js';

const DAY_AFTER = '2026-02-02' as LocalDate;
const SPAN = [TODAY, DAY_AFTER] as const;

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

/**
 * Today and the day after have a slot with Asha or Bala in it, tomorrow has none; each day is at
 * its revision 2, or 0.
 */
async function threeDays() {
  const { key: today, slotId: near } = await clinic.day(1, TODAY);
  const tomorrow = { ...today, date: TOMORROW };
  const dayAfter = { ...today, date: DAY_AFTER };
  const far = await clinic.slot(dayAfter, 1);
  const asha = tokenOf(await clinic.allocate(near, 'asha'));
  const bala = tokenOf(await clinic.allocate(far, 'bala'));
  return { today, tomorrow, dayAfter, near, far, asha, bala, doctorId: today.doctorId };
}
type ThreeDays = Awaited<ReturnType<typeof threeDays>>;

/** What somebody who comes anew makes of a day. */
async function seenBy(key: DayKey): Promise<string> {
  const { revision, slots, tokens } = accepted(await clinic.standing(key));
  const states = slots.map(({ isClosed }) => (isClosed ? 'closed' : 'open'));
  return [revision, ...states, ...tokens.map(({ patientRef, status }) => `${patientRef} ${status}`)].join(' ');
}
const seen = async ({ today, tomorrow, dayAfter }: ThreeDays) => [
  await seenBy(today),
  await seenBy(tomorrow),
  await seenBy(dayAfter),
];
const AFTER = ['3 closed asha DISPLACED', '0', '3 closed bala DISPLACED'];

describe('a day that has nothing to close', () => {
  test('stays untouched, and is not in the answer', async () => {
    const days = await threeDays();
    const done = accepted(await clinic.closeSlots(days.doctorId, SPAN));
    expect(done.map(({ key, change }) => [key.date, change.revision])).toEqual([
      [TODAY, 3],
      [DAY_AFTER, 3],
    ]);
    expect(await seen(days)).toEqual(AFTER);
    expect(await durableRevision(clinic, days.tomorrow)).toBe(0);
  });

  test.each(['failBefore', 'conflict'] as const)(
    'because of a change that is not on disk, and never comes there (%s): its slot is closed all the same',
    async (fate) => {
      const days = await threeDays();
      clinic.store.hold();
      const lost = clinic.closeSlot(days.far);
      const held = await clinic.store.nextHeld();
      const closing = clinic.closeSlots(days.doctorId, SPAN);
      await clinic.store.idle();
      if (fate === 'conflict') accepted(await clinic.elsewhere().cancel(days.bala));
      held.meet(fate === 'conflict' ? 'keep' : fate);
      clinic.store.release();
      await lost;
      const dates = accepted(await closing).map(({ key }) => key.date);
      const [first, , last] = await seen(days);
      expect([first, last]).not.toContainEqual(expect.stringContaining('open'));
      if (fate === 'failBefore') expect(dates).toEqual([TODAY, DAY_AFTER]);
    },
  );
});

describe('while the commit is under way', () => {
  test('the days that change are one group, and the day between is not in it', async () => {
    const days = await threeDays();
    clinic.store.hold();
    void clinic.closeSlots(days.doctorId, SPAN);
    const { batch } = await clinic.store.nextHeld();
    expect(batch.map(({ key, slots, tokens }) => [key.date, slots?.length, tokens?.length])).toEqual([
      [TODAY, 1, 1],
      [DAY_AFTER, 1, 1],
    ]);
    expect(batch[0]?.group).toBeDefined();
    expect(batch[1]?.group).toBe(batch[0]?.group);
  });

  test('nobody is told of any day: not the caller, no reader, no watcher', async () => {
    const days = await threeDays();
    const watchers = [await clinic.watch(days.today, 2), await clinic.watch(days.dayAfter, 2)];
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN);
    const held = await clinic.store.nextHeld();
    const reading = seen(days);
    for (const question of [command, reading]) expect(await isPending(clinic, question)).toBe(true);
    expect(watchers.map(({ revisions }) => revisions)).toEqual([[], []]);
    held.meet('keep');
    await command;
    expect(watchers.map(({ revisions }) => revisions)).toEqual([[3], [3]]);
    expect(await reading).toEqual(AFTER);
  });

  test('a token for one of the slots is refused once it has landed, and accepted if it is lost', async () => {
    const days = await threeDays();
    for (const [fate, reason] of [
      ['failBefore', 'answered'],
      ['keep', 'SLOT_CLOSED'],
    ] as const) {
      clinic.store.hold();
      const closing = clinic.closeSlots(days.doctorId, SPAN);
      const held = await clinic.store.nextHeld();
      const late = clinic.allocate(days.far, '');
      expect(await isPending(clinic, late)).toBe(true);
      held.meet(fate);
      clinic.store.release();
      await closing;
      // What was refused because of a change that was lost is told so, and may be asked again.
      const answer = await late;
      expect(reasonOf(fate === 'keep' ? answer : await clinic.allocate(days.far, ''))).toBe(reason);
    }
  });
});

describe('the commit landed, and its answer was lost', () => {
  test('all days show it, and the same id gets the whole answer', async () => {
    const days = await threeDays();
    const requestId = newId();
    clinic.store.hold();
    const first = clinic.closeSlots(days.doctorId, SPAN, { requestId });
    (await clinic.store.nextHeld()).meet('failAfter');
    expect(reasonOf(await first)).toBe('STORE_UNAVAILABLE');
    clinic.store.release();
    expect(await seen(days)).toEqual(AFTER);
    const again = accepted(await clinic.closeSlots(days.doctorId, SPAN, { requestId }));
    expect(again.map(({ key, change }) => [key.date, change.revision, change.closed?.left.length])).toEqual([
      [TODAY, 3, 1],
      [DAY_AFTER, 3, 1],
    ]);
    expect(await seen(days)).toEqual(AFTER);
  });

  test('a store that says "conflict" of what landed does not close twice', async () => {
    const days = await threeDays();
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN);
    (await clinic.store.nextHeld()).meet('conflictAfter');
    expect(accepted(await command)).toHaveLength(2);
    clinic.store.release();
    expect(await seen(days)).toEqual(AFTER);
  });
});

describe('published, and not yet answered', () => {
  test('watchers of the days that changed are woken before the caller goes on', async () => {
    const days = await threeDays();
    const order: string[] = [];
    for (const key of [days.today, days.tomorrow, days.dayAfter]) {
      accepted(await clinic.desk.subscribe(key, seenOf(clinic.store, 9), () => order.push(key.date)));
    }
    await clinic.closeSlots(days.doctorId, SPAN).then(() => order.push('answered'));
    expect(order).toEqual([TODAY, DAY_AFTER, 'answered']);
  });
});

describe('another server wins one of the days', () => {
  test.each([
    ['one that changes', 'far', ['3 closed asha DISPLACED', '0', '4 closed bala DISPLACED zoya WAITING']],
    ['the first', 'near', ['4 closed asha DISPLACED zoya WAITING', '0', '3 closed bala DISPLACED']],
  ] as const)('%s: it is decided anew on all', async (_, which, after) => {
    const days = await threeDays();
    const elsewhere = clinic.elsewhere();
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN);
    const held = await clinic.store.nextHeld();
    accepted(await elsewhere.allocate(days[which], 'zoya'));
    held.meet('keep');
    (await clinic.store.nextHeld()).meet('keep');
    accepted(await command);
    expect(await seen(days)).toEqual(after);
  });

  test('and closes its slot there: only the other day is left to close', async () => {
    const days = await threeDays();
    const elsewhere = clinic.elsewhere();
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN, { requestId: newId() });
    const held = await clinic.store.nextHeld();
    accepted(await elsewhere.closeSlot(days.near));
    held.meet('keep');
    (await clinic.store.nextHeld()).meet('keep');
    expect(accepted(await command).map(({ key }) => key.date)).toEqual([DAY_AFTER]);
    expect(await seen(days)).toEqual(AFTER);
  });

  test('and closes all of them: nothing is left to close', async () => {
    const days = await threeDays();
    const elsewhere = clinic.elsewhere();
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN);
    const held = await clinic.store.nextHeld();
    accepted(await elsewhere.closeSlots(days.doctorId, SPAN));
    clinic.store.release();
    held.meet('keep');
    expect(reasonOf(await command)).toBe('NO_OPEN_SLOT');
    expect(await seen(days)).toEqual(AFTER);
  });

  test('under the same request id: both get the one answer', async () => {
    const days = await threeDays();
    const [requestId, elsewhere] = [newId(), clinic.elsewhere()];
    clinic.store.hold();
    const command = clinic.closeSlots(days.doctorId, SPAN, { requestId });
    const held = await clinic.store.nextHeld();
    const first = accepted(await elsewhere.closeSlots(days.doctorId, SPAN, { requestId }));
    clinic.store.release();
    held.meet('keep');
    expect(accepted(await command)).toEqual(first);
    expect(await seen(days)).toEqual(AFTER);
  });
});

describe('R18 · a repeat', () => {
  test.each([
    ['gets the very answer of the first time', false, 0],
    ['gets it after a restart', true, 0],
    ['gets it when neither change is among the latest', false, 100],
    ['gets it from the journals after a restart', true, 100],
  ])('%s', async (_, restarts, later) => {
    const days = await threeDays();
    const requestId = newId();
    const first = accepted(await clinic.closeSlots(days.doctorId, SPAN, { requestId }));
    expect(first.map(({ change }) => change.closed?.left.map(({ patientRef }) => patientRef))).toEqual([
      ['asha'],
      ['bala'],
    ]);
    // Who was left is told as it stood then, whatever has become of it since.
    accepted(await clinic.cancel(days.asha));
    for (const key of [days.today, days.dayAfter]) {
      for (let made = 0; made < later; made += 1) {
        const hour = 10 + (made % 2);
        await clinic.createSlot(key, { hour });
        await clinic.closeSlots(days.doctorId, [key.date, key.date], { hours: [hour, hour + 1] });
      }
    }
    if (restarts) clinic.restart();
    expect(accepted(await clinic.closeSlots(days.doctorId, SPAN, { requestId }))).toEqual(first);
  });

  test('is answered though its first day was passed over, and looked for on the day that changed', async () => {
    const { key, slotId } = await clinic.day(1, DAY_AFTER);
    accepted(await clinic.allocate(slotId, 'asha'));
    const requestId = newId();
    const first = accepted(await clinic.closeSlots(key.doctorId, SPAN, { requestId }));
    clinic.restart();
    expect(accepted(await clinic.closeSlots(key.doctorId, SPAN, { requestId }))).toEqual(first);
  });

  test('duplicates that race are one command, and all get its answer', async () => {
    const days = await threeDays();
    const requestId = newId();
    clinic.restart();
    const all = Array.from({ length: 10 }, () => clinic.closeSlots(days.doctorId, SPAN, { requestId }));
    const answers = (await Promise.all(all)).map(accepted);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await seen(days)).toEqual(AFTER);
  });

  test('with other contents is refused, also after a restart; a refused one may be sent again', async () => {
    const days = await threeDays();
    const [requestId, other] = [newId(), newId()];
    accepted(await clinic.closeSlots(days.doctorId, SPAN, { requestId }));
    expect(reasonOf(await clinic.closeSlots(days.doctorId, SPAN, { requestId: other }))).toBe('NO_OPEN_SLOT');
    clinic.restart();
    expect(reasonOf(await clinic.closeSlots(days.doctorId, SPAN, { hours: [9, 10], requestId }))).toBe(
      'REQUEST_ID_REUSED',
    );
    await clinic.slot(days.tomorrow);
    accepted(await clinic.closeSlots(days.doctorId, SPAN, { requestId: other }));
  });
});

test('a year is closed with few days in memory, and they are let go again', async () => {
  const own = Clinic.over(clinic.store, { daysMax: 4, tokensMax: 10 });
  const { id } = await own.doctor();
  const year = ['2026-02-01', '2027-01-31'] as [LocalDate, LocalDate];
  accepted(await own.schedule(id, year));
  expect(accepted(await own.closeSlots(id, year))).toHaveLength(365);
  await clinic.store.idle();
  expect(own.desk.held.days).toBeLessThanOrEqual(4);
});
