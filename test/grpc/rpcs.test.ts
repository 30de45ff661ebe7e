import { OpdServiceService, WatchQueueRequest, WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import {
  TokenChange_Kind as Kind,
  RebalancePolicy,
  SlotState,
  TokenSource,
  TokenStatus,
} from '../../gen/opd/v1/resources.js';
import { requestOf } from '../../src/client/call.js';
import { refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, policyOf, there } from '../support/clinic.js';
import { MORNING, TestService, TODAY } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

describe('doctors', () => {
  test('a doctor is created as asked for', async () => {
    const wanted = {
      name: 'Dr Rao',
      department: 'Cardiology',
      timeZone: 'America/Los_Angeles',
      policy: policyOf({ rebalance: RebalancePolicy.NEVER }),
    };
    const { doctor } = await service.client.createDoctor(wanted);
    expect(doctor).toEqual({
      ...wanted,
      retired: false,
      id: expect.stringMatching(/^doc_[0-9a-f-]{36}$/),
      createdAt: new Date(MORNING),
    });
    expect(await service.client.getDoctor({ doctorId: there(doctor).id })).toEqual({ doctor });
  });

  test.each([
    ['no policy', undefined],
    ['a policy that says nothing', policyOf({})],
  ])("%s and no zone: the default policy and the server's zone", async (_, policy) => {
    const { doctor } = await service.client.createDoctor({ name: 'x', policy });
    expect(doctor).toMatchObject({
      timeZone: 'Asia/Kolkata',
      department: '',
      policy: { rebalance: RebalancePolicy.ON_EMERGENCY },
    });
  });

  test('a time zone is answered as it was given', async () => {
    const { doctor } = await service.client.createDoctor({ name: 'x', timeZone: 'asia/calcutta' });
    expect(doctor?.timeZone).toBe('asia/calcutta');
  });
});

describe('ListDoctors', () => {
  let paged: TestService;
  const ids: string[] = [];
  beforeAll(async () => {
    paged = await TestService.start();
    for (let n = 0; n < 502; n += 1) ids.push((await aDoctor(paged.client)).id);
  });
  afterAll(() => paged.stop());

  test.each([
    ['0 is 50', 0, 50],
    ['1', 1, 1],
    ['500', 500, 500],
    ['501 is 500', 501, 500],
    ['the greatest int32 is 500', 2 ** 31 - 1, 500],
  ])('page_size %s', async (_, pageSize, length) => {
    const { doctors, nextPageToken } = await paged.client.listDoctors({ pageSize });
    expect(doctors.map(({ id }) => id)).toEqual(ids.slice(0, length));
    expect(nextPageToken).not.toBe('');
  });

  test.each([100, 251, 500])('pages of %i give every doctor once, in order of creation', async (pageSize) => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await paged.client.listDoctors({ pageSize, pageToken });
      seen.push(...page.doctors.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(seen).toEqual(ids);
  });

  test('a last page that is full has no next', async () => {
    const { nextPageToken: half } = await paged.client.listDoctors({ pageSize: 251 });
    const { doctors, nextPageToken } = await paged.client.listDoctors({ pageSize: 251, pageToken: half });
    expect([doctors.length, nextPageToken]).toEqual([251, '']);
  });

  test.each(['nonsense', 'ZG9jXzE', ' ', '=', 'ZG9j_==='])('page_token %j is refused', async (pageToken) => {
    const { reason, violations } = await refusal(paged.client.listDoctors({ pageToken }));
    expect([reason, Object.keys(violations)]).toEqual(['INVALID_FIELDS', ['page_token']]);
  });

  test('a page token in another spelling is refused', async () => {
    const { nextPageToken } = await paged.client.listDoctors({ pageSize: 1 });
    expect((await refusal(paged.client.listDoctors({ pageToken: `${nextPageToken}=` }))).reason).toBe('INVALID_FIELDS');
  });
});

describe('slots', () => {
  test('a slot is created, on today where no date is given', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    const { slot, change } = await service.client.createSlot({ doctorId, start: '10:00', end: '24:00', capacity: 3 });
    expect(slot).toEqual({
      id: expect.stringMatching(/^slot_[0-9a-f-]{36}$/),
      doctorId,
      date: TODAY,
      start: '10:00',
      end: '24:00',
      capacity: 3,
      seatsTaken: 0,
      waiting: 0,
      state: SlotState.OPEN,
    });
    const told = { revision: 1, at: new Date(MORNING), cause: 'CreateSlot', reason: '' };
    expect(change).toEqual({ doctorId, date: TODAY, ...told, tokens: [], slots: [slot] });
  });

  test('R16 · a slot that seats displaced tokens is answered with them', async () => {
    const doctor = await aDoctor(service.client);
    const early = await aSlot(service.client, doctor, 10);
    await aToken(service.client, early);
    await aToken(service.client, early, 'PAID');
    const { slot, change } = await service.client.createSlot({
      doctorId: doctor.id,
      start: '11:00',
      end: '12:00',
      capacity: 1,
    });
    expect(slot?.seatsTaken).toBe(1);
    expect(change?.tokens.map(({ kind, fromSlotId }) => [kind, fromSlotId])).toEqual([[Kind.MOVED, early.id]]);
    expect(change?.slots.map(({ id }) => id)).toEqual([early.id, slot?.id]);
  });

  test('ListSlots gives the slots by start', async () => {
    const doctor = await aDoctor(service.client);
    for (const hour of [14, 10, 12]) await aSlot(service.client, doctor, hour);
    const { slots, revision } = await service.client.listSlots({ doctorId: doctor.id });
    expect([slots.map(({ start }) => start), revision]).toEqual([['10:00', '12:00', '14:00'], 3]);
  });

  test('a day that nobody has touched has revision 0 and no slots', async () => {
    const doctor = await aDoctor(service.client);
    const date = '2031-01-01';
    expect(await service.client.listSlots({ doctorId: doctor.id, date })).toEqual({ slots: [], revision: 0 });
    const queue = { doctor, date, revision: 0, slots: [], epoch: expect.any(String) };
    expect(await service.client.getQueue({ doctorId: doctor.id, date })).toEqual({ queue });
  });
});

describe('tokens', () => {
  test('R1 · a token is allocated', async () => {
    const { id: slotId, doctorId } = await aSlot(service.client, await aDoctor(service.client));
    const { token, change } = await service.client.allocateToken({
      slotId,
      source: TokenSource.FOLLOW_UP,
      patientRef: 'MRN 1',
    });
    expect(token).toEqual({
      id: expect.stringMatching(/^token_[0-9a-f-]{36}$/),
      number: 1,
      checkedInAt: undefined,
      estimate: undefined,
      rescheduledFromTokenId: '',
      calledAt: undefined,
      displacements: 0,
      doctorId,
      slotId,
      requestedSlotId: slotId,
      source: TokenSource.FOLLOW_UP,
      priority: 60,
      status: TokenStatus.ACTIVE,
      patientRef: 'MRN 1',
      createdAt: new Date(MORNING),
      updatedAt: new Date(MORNING),
    });
    const effect = { kind: Kind.ALLOCATED, token, fromSlotId: '', displacedByTokenId: '' };
    expect(change).toMatchObject({ doctorId, date: TODAY, revision: 2, tokens: [effect] });
    const estimate = expect.objectContaining({ ahead: 0 });
    expect(await service.client.getToken({ tokenId: there(token).id })).toEqual({ token: { ...token, estimate } });
  });

  test('R25 · every read tells alike when a turn may come, and no command does', async () => {
    const slot = await aSlot(service.client, await aDoctor(service.client), 10, 2);
    await aToken(service.client, slot, 'PAID');
    await aToken(service.client, slot, 'PAID');
    const third = await aToken(service.client, slot, 'PAID');
    // A slot of an hour from 10:00 in Kolkata, for two: half an hour each, four fifths of it if all goes quickly.
    const estimate = {
      ahead: 2,
      earliest: new Date('2026-03-02T05:18:00Z'),
      expected: new Date('2026-03-02T05:30:00Z'),
    };
    expect(third.estimate).toBeUndefined();
    const { token } = await service.client.getToken({ tokenId: third.id });
    const { queue } = await service.client.getSlot({ slotId: slot.id });
    const day = (await service.client.getQueue({ doctorId: slot.doctorId })).queue;
    const listed = await service.client.listTokens({ slotId: slot.id });
    const told = [token, queue?.waiting[0], day?.slots[0]?.waiting[0], listed.tokens[2]];
    expect(told).toEqual(told.map(() => ({ ...third, estimate })));
  });

  test('R19 · change.tokens begins with the own token and goes on in the order of effects', async () => {
    const doctor = await aDoctor(service.client);
    const [early, late] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11)];
    const walkIn = await aToken(service.client, early);
    const waiting = await aToken(service.client, late, 'PAID', 'MRN 7');
    const target = { $case: 'slotId' as const, value: early.id };
    const { token, change } = await service.client.insertEmergency({ target, patientRef: 'MRN 7' });
    expect(change?.tokens.map((each) => [each.kind, each.token?.id])).toEqual([
      [Kind.ALLOCATED, token?.id],
      [Kind.CANCELLED, waiting.id],
      [Kind.DISPLACED, walkIn.id],
      [Kind.MOVED, walkIn.id],
    ]);
    expect(change?.tokens[2]?.displacedByTokenId).toBe(token?.id);
    expect(change?.tokens[3]).toMatchObject({ fromSlotId: early.id, token: { slotId: late.id } });
    expect(change?.slots.map((each) => [each.id, each.seatsTaken])).toEqual([
      [early.id, 1],
      [late.id, 1],
    ]);
  });

  test.each([
    ['R8', 'cancelToken', TokenStatus.CANCELLED, Kind.CANCELLED],
    ['R10', 'markNoShow', TokenStatus.NO_SHOW, Kind.NO_SHOW],
  ] as const)('%s · %s answers with its token, then the one promoted', async (_, command, status, kind) => {
    const slot = await aSlot(service.client, await aDoctor(service.client));
    const seated = await aToken(service.client, slot);
    const waiting = await aToken(service.client, slot);
    const { token, change } = await service.client[command]({ tokenId: seated.id });
    expect(token).toMatchObject({ id: seated.id, status });
    expect(change?.tokens.map((each) => [each.kind, each.token?.id])).toEqual([
      [kind, seated.id],
      [Kind.PROMOTED, waiting.id],
    ]);
  });
});

describe('queues', () => {
  test('GetSlot and GetQueue give each list in order of strength', async () => {
    const doctor = await aDoctor(service.client, 'NEVER');
    const slot = await aSlot(service.client, doctor, 10, 2);
    for (const source of ['WALK_IN', 'ONLINE', 'PAID', 'FOLLOW_UP', 'WALK_IN', 'FOLLOW_UP'] as const) {
      await aToken(service.client, slot, source);
    }
    await anEmergency(service.client, slot);
    const { queue, revision } = await service.client.getSlot({ slotId: slot.id });
    expect(queue?.seated.map(({ number }) => number)).toEqual([7, 3]);
    expect(queue?.waiting.map(({ number }) => number)).toEqual([4, 6, 2, 1, 5]);
    expect(queue?.slot).toMatchObject({ seatsTaken: 2, waiting: 5 });
    const whole = { doctor, date: TODAY, revision, slots: [queue], epoch: expect.any(String) };
    expect(await service.client.getQueue({ doctorId: doctor.id })).toEqual({ queue: whole });
  });

  test('R11 · tokens that are no longer live are in neither list, and still have their id', async () => {
    const slot = await aSlot(service.client, await aDoctor(service.client));
    const gone = await aToken(service.client, slot);
    await service.client.cancelToken({ tokenId: gone.id, reason: 'went home' });
    const { queue } = await service.client.getSlot({ slotId: slot.id });
    expect(queue).toMatchObject({ seated: [], waiting: [] });
    expect((await service.client.getToken({ tokenId: gone.id })).token?.status).toBe(TokenStatus.CANCELLED);
  });
});

describe('one change, one message', () => {
  test("a command's answer holds the change byte for byte as watchers get it, live and resumed", async () => {
    const slot = await aSlot(service.client, await aDoctor(service.client));
    const watched = { doctorId: slot.doctorId, afterRevision: 1 };
    const live = firstBytes(watched);
    const { path, requestSerialize } = OpdServiceService.allocateToken;
    const fields = { slotId: slot.id, source: TokenSource.PAID, patientRef: 'Zoë' };
    const answer = await service.client.raw(path, requestSerialize(requestOf('allocateToken', fields)));
    const update = await live;
    // In both messages the change is field 2, and the last one.
    expect(answer.subarray(-update.length)).toEqual(update);
    expect(await firstBytes(watched)).toEqual(update);
  });

  /** Of the first update that is no heartbeat. */
  function firstBytes(fields: Partial<WatchQueueRequest>): Promise<Buffer> {
    const bytes = Buffer.from(WatchQueueRequest.encode(requestOf('watchQueue', fields)).finish());
    const asItIs = (value: Buffer) => value;
    const stream = service.client.stub.makeServerStreamRequest(
      OpdServiceService.watchQueue.path,
      asItIs,
      asItIs,
      bytes,
    );
    return new Promise((resolve, reject) => {
      stream.on('error', reject).on('data', (update: Buffer) => {
        if (WatchQueueResponse.decode(update).update?.$case === 'heartbeat') return;
        stream.removeListener('error', reject).on('error', () => {});
        stream.cancel();
        resolve(update);
      });
    });
  }
});
