/** The promises of WatchQueue, by their numbers in the contract. */
import { status as Code } from '@grpc/grpc-js';
import type { Slot } from '../../gen/opd/v1/resources.js';
import { DEFAULT_CALL_LIMITS } from '../../src/grpc/calls.js';
import { type Client, refusal, refusalOf } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, there, tokens, unestimated } from '../support/clinic.js';
import { TemporaryFile, TestService, TODAY } from '../support/service.js';
import type { Watch } from '../support/watch.js';

const file = new TemporaryFile();
let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

const open: Watch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.cancel();
});
function watch(fields: Parameters<Client['watch']>[0], client = service.client): Watch {
  const opened = client.watch(fields);
  open.push(opened);
  return opened;
}

async function newSlot(capacity = 1): Promise<Slot> {
  return aSlot(service.client, await aDoctor(service.client), 10, capacity);
}

/** A second, the least there is. */
const SOON = { heartbeatInterval: { seconds: 1, nanos: 0 } };

const ANY_EPOCH = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe('Watch 1', () => {
  test('Watch 1 · headers come at once, though there is nothing to say for long', async () => {
    const { doctorId } = await newSlot();
    const quiet = watch({ doctorId, afterRevision: 1 });
    await quiet.headers;
    expect(quiet.updates.every(({ $case }) => $case === 'heartbeat')).toBe(true);
  });

  test('Watch 1 · it opens with a snapshot, the same as GetQueue gives but for estimates (R25)', async () => {
    const slot = await newSlot();
    await tokens(service.client, slot, 3);
    const { doctorId } = slot;
    const queue = there((await service.client.getQueue({ doctorId })).queue);
    expect(queue.slots[0]?.seated[0]?.estimate).toBeDefined();
    expect(await watch({ doctorId }).snapshot()).toEqual(unestimated(queue));
  });

  test('Watch 1 · a day that nobody has touched opens with revision 0, and goes on with 1', async () => {
    const doctor = await aDoctor(service.client);
    const fresh = watch({ doctorId: doctor.id });
    expect(await fresh.snapshot()).toEqual({ doctor, date: TODAY, revision: 0, slots: [], epoch: ANY_EPOCH });
    const slot = await aSlot(service.client, doctor);
    expect(await fresh.change()).toMatchObject({ revision: 1, tokens: [], slots: [slot] });
  });

  test('Watch 1 · after a revision it goes on with the next change', async () => {
    const slot = await newSlot();
    await tokens(service.client, slot, 3);
    const { doctorId } = slot;
    expect((await watch({ doctorId, afterRevision: 2 }).change()).revision).toBe(3);
    expect((await watch({ doctorId, afterRevision: 0 }).change()).slots).toEqual([slot]);
  });

  /** The first message must come long before a heartbeat is due. */
  async function firstOf(fields: Parameters<Client['watch']>[0]) {
    const startedAt = performance.now();
    const { $case, value } = await watch({ ...fields, heartbeatInterval: { seconds: 60, nanos: 0 } }).next();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    return [$case, value.revision];
  }

  test('Watch 1 · after the last revision a heartbeat comes at once', async () => {
    const { doctorId } = await newSlot();
    expect(await firstOf({ doctorId, afterRevision: 1 })).toEqual(['heartbeat', 1]);
  });

  test('Watch 1 · a heartbeat comes at once on a day that nobody has touched', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    expect(await firstOf({ doctorId, afterRevision: 0 })).toEqual(['heartbeat', 0]);
  });

  test.each([
    ['at hand', 5],
    ['in the journal alone', 200],
  ])('Watch 1 · a heartbeat comes at once where no change that is %s touches the slot', async (_, count) => {
    const doctor = await aDoctor(service.client);
    const [one, other] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11)];
    await tokens(service.client, other, count);
    const fields = { doctorId: doctor.id, slotId: one.id, afterRevision: 2 };
    expect(await firstOf(fields)).toEqual(['heartbeat', 2 + count]);
  });

  test('Watch 1 · what comes first is a change, and no heartbeat, where there is one', async () => {
    const slot = await newSlot();
    await tokens(service.client, slot, 200);
    expect(await firstOf({ doctorId: slot.doctorId, afterRevision: 1 })).toEqual(['change', 2]);
    expect(await firstOf({ doctorId: slot.doctorId, afterRevision: 200 })).toEqual(['change', 201]);
  });
});

describe('Watch 2 and 3', () => {
  test('Watch 2 and 3 · revisions are dense and unique from wherever one begins, while the queue moves', async () => {
    const slot = await newSlot();
    const { doctorId } = slot;
    const watches = Array.from({ length: 20 }, (_, n) => watch(n % 2 ? { doctorId } : { doctorId, afterRevision: 1 }));
    for (let round = 0; round < 10; round += 1) {
      watches.push(watch({ doctorId, afterRevision: round * 20 }));
      await tokens(service.client, slot, 20);
    }
    await Promise.all(watches.map((each) => each.reaches(201)));
    for (const { updates } of watches) expectDense(updates);
  });

  test('Watch 3 · with a slot, snapshots hold that slot alone', async () => {
    const doctor = await aDoctor(service.client);
    const [one, other] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11)];
    await aToken(service.client, other);
    const snapshot = await watch({ doctorId: doctor.id, slotId: one.id }).snapshot();
    expect([snapshot.revision, snapshot.slots.map(({ slot }) => slot?.id)]).toEqual([3, [one.id]]);
  });

  test('Watch 3 · with a slot, changes come whole, and only those that touch it; a token moved away does', async () => {
    const doctor = await aDoctor(service.client);
    const [one, other] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11, 2)];
    const watched = watch({ doctorId: doctor.id, slotId: one.id, afterRevision: 2 });
    await aToken(service.client, other); // 3, elsewhere
    const moved = await aToken(service.client, one); // 4
    await aSlot(service.client, doctor, 12); // 5, elsewhere
    await anEmergency(service.client, one); // 6, displaces and moves
    await service.client.cancelToken({ tokenId: moved.id }); // 7, elsewhere by now
    await aToken(service.client, one); // 8
    await watched.reaches(8);
    expect(watched.revisions).toEqual([4, 6, 8]);
    const whole = watch({ doctorId: doctor.id, afterRevision: 5 });
    expect(await whole.change()).toMatchObject({ revision: 6 });
    expect(whole.updates[0]).toEqual(watched.updates.filter(({ $case }) => $case === 'change')[1]);
  });

  test('Watch 3 · with a slot, heartbeats carry the revision reached', async () => {
    const doctor = await aDoctor(service.client);
    const [one, other] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11)];
    const watched = watch({ doctorId: doctor.id, slotId: one.id, afterRevision: 2, ...SOON });
    await watched.next();
    await tokens(service.client, other, 5);
    expect(await watched.next()).toMatchObject({ $case: 'heartbeat', value: { revision: 7 } });
  });

  test.each([
    ['no slot', async () => `slot_${NOBODY}`],
    ["another doctor's slot", async () => (await newSlot()).id],
  ])('Watch 3 · %s is SLOT_NOT_FOUND', async (_, slotOf) => {
    const [{ doctorId }, slotId] = [await newSlot(), await slotOf()];
    const refused = await refusal(watch({ doctorId, slotId }).next());
    expect([refused.code, refused.reason, refused.metadata]).toEqual([5, 'SLOT_NOT_FOUND', { slotId }]);
  });

  test('Watch 3 · a slot of another date is SLOT_NOT_FOUND', async () => {
    const { doctorId, id: slotId } = await newSlot();
    const { reason } = await refusal(watch({ doctorId, slotId, date: '2026-03-03' }).next());
    expect(reason).toBe('SLOT_NOT_FOUND');
  });
});

test('Watch 4 · all that one command did comes in one message', async () => {
  const doctor = await aDoctor(service.client);
  const early = await aSlot(service.client, doctor, 10);
  await aSlot(service.client, doctor, 11);
  await aToken(service.client, early);
  const watched = watch({ doctorId: doctor.id, afterRevision: 3 });
  await anEmergency(service.client, early);
  const { tokens: effects } = await watched.change();
  expect(effects.map(({ kind }) => kind)).toEqual(['KIND_ALLOCATED', 'KIND_DISPLACED', 'KIND_MOVED']);
});

test('Watch 5 · what a watcher has seen is there after a restart', async () => {
  const slot = await newSlot();
  const watched = watch({ doctorId: slot.doctorId, afterRevision: 1 });
  void Promise.allSettled(Array.from({ length: 50 }, () => aToken(service.client, slot)));
  await watched.reaches(20);
  await service.restart();
  const seen = Math.max(...watched.revisions);
  expect((await service.client.getSlot({ slotId: slot.id })).revision).toBeGreaterThanOrEqual(seen);
});

describe('Watch 6', () => {
  test.each([
    ['from the last change', 1_200],
    ['from a few changes back', 1_190],
    ['from farther back than is kept at hand', 1_000],
    ['from farther back than a page of the journal', 3],
    ['from the beginning', 0],
  ])('Watch 6 · resumes %s after a restart', async (_, afterRevision) => {
    const slot = await busySlot();
    await service.restart();
    const resumed = watch({ doctorId: slot.doctorId, afterRevision });
    await resumed.headers;
    const token = await aToken(service.client, slot);
    const { revision } = await service.client.getSlot({ slotId: slot.id });
    await resumed.reaches(revision);
    expect(resumed.revisions).toEqual(
      Array.from({ length: revision - afterRevision }, (_, n) => afterRevision + n + 1),
    );
    expect(resumed.updates.at(-1)).toMatchObject({ value: { tokens: [{ token: { id: token.id } }] } });
  });

  test('Watch 6 · changes are the same read from the journal as they were live', async () => {
    const slot = await newSlot();
    const live = watch({ doctorId: slot.doctorId, afterRevision: 0 });
    await tokens(service.client, slot, 5, 'MRN ');
    await anEmergency(service.client, slot, 'MRN 4');
    await live.reaches(7);
    await service.restart();
    const again = watch({ doctorId: slot.doctorId, afterRevision: 0 });
    await again.reaches(7);
    const changes = ({ updates }: Watch) => updates.filter(({ $case }) => $case === 'change');
    expect(changes(again)).toEqual(changes(live));
  });

  test.each([2, 1_000, 2 ** 32 - 1])(
    'Watch 6 · a revision from the future (%i) is answered with a snapshot',
    async (afterRevision) => {
      const slot = await newSlot();
      const watched = watch({ doctorId: slot.doctorId, afterRevision });
      expect((await watched.snapshot()).revision).toBe(1);
      await aToken(service.client, slot);
      expect((await watched.change()).revision).toBe(2);
    },
  );

  let busy: Slot | undefined;
  async function busySlot(): Promise<Slot> {
    if (busy) return busy;
    busy = await newSlot();
    for (let round = 0; round < 4; round += 1) await tokens(service.client, busy, 300);
    return busy;
  }
});

describe('Watch 7', () => {
  let limited: TestService;
  beforeEach(async () => {
    const limits = { ...DEFAULT_CALL_LIMITS, watcherSilenceSecondsMax: 1, watchersMax: 2 };
    limited = await TestService.start({ limits });
  });
  afterEach(() => limited.stop());

  const REF = 'x'.repeat(120);

  /** More than the connection and the client will take for one who does not read, slowly enough that no snapshot stands in. */
  async function flood(client: Client, slot: Slot): Promise<void> {
    for (let round = 0; round < 30; round += 1) await tokens(client, slot, 10, `${REF}${round}-`);
  }

  test('Watch 7 · one that reads nothing is given up with SLOW_WATCHER; others are not held up', async () => {
    const slot = await aSlot(limited.client, await aDoctor(limited.client));
    const [slow, quick] = [1, 2].map(() => watch({ doctorId: slot.doctorId }, limited.client)) as [Watch, Watch];
    await Promise.all([slow.snapshot(), quick.snapshot()]);
    slow.pause();
    await flood(limited.client, slot);
    await quick.reaches(301);
    expectDense(quick.updates);
    // The server says in its log when it gives one up.
    await limited.log.until(({ fields }) => (fields as { reason?: string }).reason === 'SLOW_WATCHER');
    slow.resume();
    const refused = refusalOf(await slow.ended);
    expect([refused.code, refused.reason]).toEqual([Code.RESOURCE_EXHAUSTED, 'SLOW_WATCHER']);
    expect(slow.updates.length).toBeLessThan(300);
  });

  test('Watch 7 · one that was given up counts for as long as its stream is there', async () => {
    const slot = await aSlot(limited.client, await aDoctor(limited.client));
    const slow = watch({ doctorId: slot.doctorId }, limited.client);
    await slow.snapshot();
    slow.pause();
    await flood(limited.client, slot);
    await limited.log.until(({ fields }) => (fields as { reason?: string }).reason === 'SLOW_WATCHER');
    const [second, third] = [1, 2].map(() => watch({ doctorId: slot.doctorId }, limited.client)) as [Watch, Watch];
    await second.snapshot();
    expect((await refusal(third.next())).reason).toBe('TOO_MANY_WATCHERS');
    slow.resume();
    await slow.ended;
    await watch({ doctorId: slot.doctorId }, limited.client).snapshot();
  });

  test('Watch 7 · one that resumes reading in time gets all there was, or a snapshot that stands for it', async () => {
    const slot = await newSlot();
    const watched = watch({ doctorId: slot.doctorId });
    await watched.snapshot();
    watched.pause();
    await flood(service.client, slot);
    watched.resume();
    await watched.reaches(301);
    expectDense(watched.updates);
    await aToken(service.client, slot);
    expect((await watched.change()).revision).toBe(302);
  });
});

describe('Watch 8', () => {
  test('Watch 8 · a server that drains ends its watches with DRAINING, and they resume', async () => {
    const slot = await newSlot();
    const watched = watch({ doctorId: slot.doctorId });
    await watched.snapshot();
    await service.restart();
    const refused = refusalOf(await watched.ended);
    expect([refused.code, refused.reason, refused.retryDelay]).toEqual([Code.UNAVAILABLE, 'DRAINING', 1]);
    await aToken(service.client, slot);
    expect((await watch({ doctorId: slot.doctorId, afterRevision: 1 }).change()).revision).toBe(2);
  });

  test('Watch 8 · one that has come of age, or whose connection has, ends with DRAINING, and resumes', async () => {
    const limits = { ...DEFAULT_CALL_LIMITS, connectionSecondsMax: 0.2, watchSecondsMax: 0.5 };
    const aging = await TestService.start({ limits });
    const slot = await aSlot(aging.client, await aDoctor(aging.client));
    const first = aging.client.watch({ doctorId: slot.doctorId });
    await first.snapshot();
    const refused = refusalOf(await first.ended);
    expect([refused.code, refused.reason, refused.retryDelay]).toEqual([Code.UNAVAILABLE, 'DRAINING', 1]);
    await aToken(aging.client, slot);
    const second = aging.client.watch({ doctorId: slot.doctorId, afterRevision: 1 });
    expect((await second.change()).revision).toBe(2);
    expect(refusalOf(await second.ended).reason).toBe('DRAINING');
    await aging.stop();
  });

  test('Watch 8 · heartbeats come a second apart at the most often, whatever is asked for', async () => {
    const { doctorId } = await newSlot();
    const intervals = [{ seconds: 0, nanos: 0 }, { seconds: 0, nanos: 1 }, SOON.heartbeatInterval];
    const watches = intervals.map((heartbeatInterval) => watch({ doctorId, afterRevision: 1, heartbeatInterval }));
    await Promise.all(watches.map((each) => each.next()));
    const startedAt = performance.now();
    const beat = { $case: 'heartbeat', value: { revision: 1, at: new Date(service.clock.now()), epoch: ANY_EPOCH } };
    expect(await Promise.all(watches.map((each) => each.next()))).toEqual([beat, beat, beat]);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  test('Watch 8 · an update puts the next heartbeat off', async () => {
    const slot = await newSlot();
    const watched = watch({ doctorId: slot.doctorId, afterRevision: 1, ...SOON });
    await watched.next();
    await aToken(service.client, slot);
    await watched.change();
    const startedAt = performance.now();
    expect((await watched.next()).$case).toBe('heartbeat');
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  test.each([
    ['longer than any', { seconds: 315_576_000_000, nanos: 999_999_999 }],
    ['an hour', { seconds: 3_600, nanos: 0 }],
  ])('Watch 8 · an interval that is %s is taken', async (_, heartbeatInterval) => {
    const slot = await newSlot();
    const watched = watch({ doctorId: slot.doctorId, afterRevision: 1, heartbeatInterval });
    await watched.next();
    await aToken(service.client, slot);
    expect((await watched.next()).$case).toBe('change');
  });

  test.each([
    ['negative', { seconds: -1, nanos: 0 }],
    ['negative by a nanosecond', { seconds: 0, nanos: -1 }],
    ['of mixed signs', { seconds: 1, nanos: -1 }],
    ['of a thousand million nanoseconds', { seconds: 1, nanos: 1_000_000_000 }],
  ])('Watch 8 · an interval that is %s is refused', async (_, heartbeatInterval) => {
    const refused = await refusal(watch({ doctorId: `doc_${NOBODY}`, heartbeatInterval }).next());
    expect([refused.code, Object.keys(refused.violations)]).toEqual([3, ['heartbeat_interval']]);
  });

  test('Watch 8 · an unknown doctor is NOT_FOUND', async () => {
    const doctorId = `doc_${NOBODY}`;
    const refused = await refusal(watch({ doctorId }).next());
    expect([refused.code, refused.reason, refused.metadata]).toEqual([5, 'DOCTOR_NOT_FOUND', { doctorId }]);
  });
});

/** Promises 2 and 3: a change follows the revision before it; a snapshot goes forward; a heartbeat stays. */
function expectDense(updates: Watch['updates']): void {
  let reached: number | undefined;
  for (const { $case, value } of updates) {
    if (reached === undefined || $case === 'snapshot') expect(value.revision).toBeGreaterThanOrEqual(reached ?? 0);
    else expect(value.revision).toBe($case === 'change' ? reached + 1 : reached);
    reached = value.revision;
  }
}
