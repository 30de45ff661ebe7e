import { TokenStatus } from '../../gen/opd/v1/resources.js';
import { Client } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, there, tokens } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let clients: Client[];
beforeAll(async () => {
  service = await TestService.start();
  clients = Array.from({ length: 10 }, () => new Client(service.address));
});
afterAll(async () => {
  for (const client of clients) client.close();
  await service.stop();
});

const SOURCES = ['WALK_IN', 'ONLINE', 'FOLLOW_UP', 'PAID'] as const;

test.each(SOURCES)('R1 · ten clients race for the last seat as %s: exactly one gets it', async (source) => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 3);
  await aToken(service.client, slot, source);
  await aToken(service.client, slot, source);
  const raced = await Promise.all(clients.map((client) => aToken(client, slot, source)));
  const seated = raced.filter(({ status }) => status === TokenStatus.ACTIVE);
  expect(seated.map(({ number }) => number)).toEqual([3]);
  expect(raced.filter(({ status }) => status === TokenStatus.WAITING)).toHaveLength(9);
  const { queue } = await service.client.getSlot({ slotId: slot.id });
  expect(queue?.slot).toMatchObject({ seatsTaken: 3, waiting: 9 });
});

test('R15 · 200 tokens asked for at once have the numbers 1 to 200, in dense revisions', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 50);
  const watched = service.client.watch({ doctorId: slot.doctorId, afterRevision: 1 });
  const issued = (await Promise.all(clients.map((client) => tokens(client, slot, 20)))).flat();
  const numbers = issued.map(({ number }) => number).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  expect((await watched.reaches(201)).value.revision).toBe(201);
  watched.cancel();
  const { queue, revision } = await service.client.getSlot({ slotId: slot.id });
  expect([revision, queue?.slot?.seatsTaken, queue?.slot?.waiting]).toEqual([201, 50, 150]);
});

test('R14 · ten clients race for one patient: exactly one token is issued', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 50);
  const raced = await Promise.allSettled(clients.map((client) => aToken(client, slot, 'PAID', 'MRN 1')));
  expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await service.client.getSlot({ slotId: slot.id })).queue?.seated).toHaveLength(1);
});

test('R8 · a seat that is freed while others ask for it goes to the one who waited', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 1);
  const [seated, waiting] = [await aToken(service.client, slot), await aToken(service.client, slot)];
  const asking = clients.map((client) => aToken(client, slot));
  await service.client.cancelToken({ tokenId: seated.id });
  await Promise.all(asking);
  const { queue } = await service.client.getSlot({ slotId: slot.id });
  expect(there(queue).seated.map(({ id }) => id)).toEqual([waiting.id]);
});

test('R11 · ten clients cancel one token: exactly one does, and one seat is filled', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 1);
  const seated = await aToken(service.client, slot);
  await tokens(service.client, slot, 5);
  const raced = await Promise.allSettled(clients.map((client) => client.cancelToken({ tokenId: seated.id })));
  expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await service.client.getSlot({ slotId: slot.id })).queue?.slot).toMatchObject({ seatsTaken: 1, waiting: 4 });
});

test('R5 · ten emergencies at once in a slot of three seats are all seated', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client), 10, 3);
  await tokens(service.client, slot, 5);
  const emergencies = await Promise.all(clients.map((client) => anEmergency(client, slot)));
  for (const { status } of emergencies) expect(status).toBe(TokenStatus.ACTIVE);
  expect((await service.client.getSlot({ slotId: slot.id })).queue?.slot).toMatchObject({ seatsTaken: 10, waiting: 5 });
});
