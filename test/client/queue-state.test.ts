/** What a watcher makes of snapshot and changes is what the server itself says of the day. */
import fc from 'fast-check';
import {
  type QueueChange,
  type QueueSnapshot,
  type SlotQueue,
  type Token,
  TokenSource,
} from '../../gen/opd/v1/resources.js';
import { afterChange } from '../../src/client/queue-state.js';
import type { Client } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, type Source } from '../support/clinic.js';
import { TestService, TODAY } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

const SOURCES: Source[] = ['PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'];
const STEPS = [
  'slot',
  'allocate',
  'allocate',
  'allocate',
  'emergency',
  'cancel',
  'noShow',
  'checkIn',
  'call',
  'capacity',
  'close',
  'close',
  'reopen',
  'delete',
  'move',
  'move',
  'correct',
];
const steps = fc.array(fc.record({ what: fc.constantFrom(...STEPS), which: fc.nat(99) }), { maxLength: 60 });

test('after any history, the changes applied one by one give the queue as the server tells it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const doctorId = await playedDay(history);
      const { queue } = await client.getQueue({ doctorId, date: TODAY });
      const untouched = { ...queue, revision: 0, slots: [] } as QueueSnapshot;
      const changes = await allChanges(doctorId);
      expect(changes.reduce((before, change) => afterChange(before, change), untouched)).toEqual(asWatched(queue));
    }),
    { numRuns: 15 },
  );
}, 60_000);

test('where one slot is watched, the others leave no trace', async () => {
  const doctor = await aDoctor(client);
  const [nine, ten] = [await aSlot(client, doctor, 11), await aSlot(client, doctor, 12)];
  await aToken(client, nine);
  await anEmergency(client, nine);
  const changes = await allChanges(doctor.id);
  const none: QueueSnapshot = { doctor, date: TODAY, revision: 0, slots: [], epoch: '' };
  const { slots } = changes.reduce((before, change) => afterChange(before, change, ten.id), none);
  expect(slots.map(({ slot, seated }) => [slot?.id, seated.length])).toEqual([[ten.id, 1]]);
});

test('a slot that is deleted is there no more', async () => {
  const doctor = await aDoctor(client);
  const [eleven, twelve] = [await aSlot(client, doctor, 11), await aSlot(client, doctor, 12)];
  await client.call('deleteSlot', { slotId: eleven.id });
  const none: QueueSnapshot = { doctor, date: TODAY, revision: 0, slots: [], epoch: '' };
  const { slots } = (await allChanges(doctor.id)).reduce((before, change) => afterChange(before, change), none);
  expect(slots.map(({ slot }) => slot?.id)).toEqual([twelve.id]);
});

test('slots with the same start stand as the server has them', async () => {
  const doctor = await aDoctor(client);
  const [moved, closed] = [await aSlot(client, doctor, 11), await aSlot(client, doctor, 13)];
  await client.call('closeSlot', { slotId: closed.id });
  await client.call('updateSlot', { slotId: moved.id, start: '13:00', end: '14:00' });
  const { queue } = await client.getQueue({ doctorId: doctor.id, date: TODAY });
  const none: QueueSnapshot = { doctor, date: TODAY, revision: 0, slots: [], epoch: queue?.epoch ?? '' };
  const changes = await allChanges(doctor.id);
  expect(changes.reduce((before, change) => afterChange(before, change), none)).toEqual(asWatched(queue));
});

test('a view that has been shown does not change afterwards', async () => {
  const doctor = await aDoctor(client);
  await aToken(client, await aSlot(client, doctor, 11));
  const [created, allocated] = (await allChanges(doctor.id)) as [QueueChange, QueueChange];
  const shown = afterChange({ doctor, date: TODAY, revision: 0, slots: [], epoch: '' }, created);
  const asItWas = structuredClone(shown);
  afterChange(shown, allocated);
  expect(shown).toEqual(asItWas);
});

test('R23 · where age adds to strength, an older token stands before a newer one of a higher priority', () => {
  const policy = { agingPointsPerHour: 30 } as NonNullable<QueueSnapshot['doctor']>['policy'];
  const day = { doctor: { policy }, date: TODAY, revision: 0, slots: [] } as unknown as QueueSnapshot;
  const older = waiting({ id: 'older', number: 1, priority: 20, createdAt: new Date('2026-03-02T04:00:00Z') });
  const newer = waiting({ id: 'newer', number: 2, priority: 40, createdAt: new Date('2026-03-02T05:00:00Z') });
  const change = {
    revision: 1,
    slots: [{ id: 'nine', start: '09:00' }],
    tokens: [newer, older],
  } as unknown as QueueChange;
  expect(afterChange(day, change).slots[0]?.waiting.map(({ id }) => id)).toEqual(['older', 'newer']);
});

function waiting(token: Partial<Token>) {
  return {
    fromSlotId: '',
    token: { slotId: 'nine', source: 'TOKEN_SOURCE_PAID', status: 'TOKEN_STATUS_WAITING', ...token },
  };
}

/** Plays a day; what is refused has changed nothing. Answers with the doctor's id. */
async function playedDay(history: readonly { what: string; which: number }[]): Promise<string> {
  const doctor = await aDoctor(client);
  const slots = [await aSlot(client, doctor, 11, 2)];
  const tokens: Token[] = [];
  for (const { what, which } of history) {
    const slot = slots[which % slots.length] as (typeof slots)[0];
    const tokenId = tokens[which % (tokens.length || 1)]?.id ?? '';
    const take: Record<string, () => Promise<unknown>> = {
      slot: async () => slots.push(await aSlot(client, doctor, 10 + (which % 10), 1 + (which % 2))),
      allocate: async () => tokens.push(await aToken(client, slot, SOURCES[which % 4])),
      emergency: async () => tokens.push(await anEmergency(client, slot)),
      cancel: () => client.cancelToken({ tokenId }),
      noShow: () => client.markNoShow({ tokenId }),
      checkIn: () => client.call('checkInToken', { tokenId }),
      call: () => client.call('callToken', { tokenId, completeCurrent: true }),
      capacity: () => client.call('updateSlot', { slotId: slot.id, capacity: 1 + (which % 3) }),
      close: () => client.call('closeSlot', { slotId: slot.id }),
      reopen: () => client.call('reopenSlot', { slotId: slot.id }),
      delete: () => client.call('deleteSlot', { slotId: slot.id }),
      move: () =>
        client.call('updateSlot', { slotId: slot.id, start: `${11 + (which % 9)}:00`, end: `${12 + (which % 9)}:00` }),
      correct: () =>
        client.call('updateToken', {
          tokenId,
          source: TokenSource[SOURCES[which % 4] as Source],
          updateMask: ['source'],
        }),
    };
    await take[what]?.().catch(() => {});
  }
  return doctor.id;
}

async function allChanges(doctorId: string): Promise<QueueChange[]> {
  return (await client.listChanges({ doctorId, date: TODAY, pageSize: 500 })).changes;
}

/** Estimates move with the clock, and are never in a watch. */
function asWatched(queue: QueueSnapshot | undefined): unknown {
  const bare = (tokens: Token[]) => tokens.map((token) => ({ ...token, estimate: undefined }));
  const slots = queue?.slots.map((each: SlotQueue) => ({
    ...each,
    seated: bare(each.seated),
    waiting: bare(each.waiting),
  }));
  return { ...queue, slots };
}
