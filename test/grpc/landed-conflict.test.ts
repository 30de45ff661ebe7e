/** One call, one token, also over a store that keeps each commit and answers `conflict` to it. */
import { status as Code } from '@grpc/grpc-js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { FaultyStore } from '../faults/faulty-store.js';
import { aDoctor, anEmergency, aSlot, aToken } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let store: FaultyStore;
let service: TestService;
beforeEach(async () => {
  store = new FaultyStore(await openSqliteStore(':memory:'));
  service = await TestService.start({ store: store.door });
  store.faultOf = (operation) => (operation === 'commit' ? 'conflictAfter' : undefined);
});
afterEach(() => service.stop());

test('each call is carried out once', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 3);
  const first = await aToken(service.client, slot);
  const emergency = await anEmergency(service.client, slot);
  expect([first.number, emergency.number]).toEqual([1, 2]);
  const { queue, revision } = await service.client.getSlot({ slotId: slot.id });
  expect([revision, queue?.slot?.seatsTaken]).toEqual([3, 2]);
});

test('a commit that landed and failed issues one token, and may be asked for again', async () => {
  store.faultOf = () => undefined;
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 3);
  store.faultOf = (operation) => (operation === 'commit' ? 'failsAfter' : undefined);
  await expect(aToken(service.client, slot)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  store.faultOf = () => undefined;
  const { queue } = await service.client.getSlot({ slotId: slot.id });
  expect(queue?.seated).toHaveLength(1);
});
