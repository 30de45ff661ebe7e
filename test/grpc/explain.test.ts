/** ExplainToken: a token's life, in order, in the words of the front desk. */
import { TokenChange_Kind as Kind, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, there } from '../support/clinic.js';
import { TemporaryFile, TestService } from '../support/service.js';

const file = new TemporaryFile();
let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ data: file.path });
});
afterAll(async () => {
  await service.stop();
  file.remove();
});

async function sentences(tokenId: string): Promise<string[]> {
  const { steps } = await service.client.call('explainToken', { tokenId });
  return steps.map(({ rule, sentence }) => `${rule} ${sentence}`.trim());
}

test('tells all that happened to the token that was moved most, and why, also after a restart', async () => {
  const doctor = await aDoctor(service.client);
  const [early, middle, late] = [
    await aSlot(service.client, doctor, 10),
    await aSlot(service.client, doctor, 11),
    await aSlot(service.client, doctor, 12),
  ];
  const moved = await aToken(service.client, early, 'ONLINE', 'MRN 1');
  await anEmergency(service.client, early);
  await service.client.call('closeSlot', { slotId: middle.id, reason: 'called to the ward' });
  await service.client.call('checkInToken', { tokenId: moved.id });
  await service.client.call('callToken', { tokenId: moved.id });
  await service.client.call('completeToken', { tokenId: moved.id });
  const life = [
    'R1 Got a free seat in the 10:00 slot.',
    'R5 Lost its seat in the 10:00 slot to #2, an emergency (100 over its 40).',
    'R7 Moved from the queue of the 10:00 slot to a free seat in the 11:00 slot.',
    'R13 Lost its seat in the 11:00 slot, which was closed ("called to the ward").',
    'R13 Moved from the 11:00 slot, which was closed ("called to the ward"), to a free seat in the 12:00 slot.',
    'The patient checked in.',
    'Called in.',
    'Seen by the doctor.',
  ];
  expect(await sentences(moved.id)).toEqual(life);
  await service.restart();
  expect(await sentences(moved.id)).toEqual(life);
  expect((await service.client.getToken({ tokenId: moved.id })).token?.slotId).toBe(late.id);
});

test('each step has its revision, instant, cause and change, as they were answered', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const { token, change: issued } = await service.client.allocateToken({ slotId: slot.id, source: TokenSource.PAID });
  service.clock.set('2026-03-02T04:10:00Z');
  const tokenId = there(token).id;
  const { token: gone, change: ended } = await service.client.cancelToken({ tokenId, reason: 'ill' });
  expect(await service.client.call('explainToken', { tokenId })).toEqual({
    token: gone,
    steps: [
      step(there(issued), 'R1', 'Got a free seat in the 10:00 slot.'),
      step(there(ended), '', 'Cancelled ("ill"): gave up its seat in the 10:00 slot.'),
    ],
  });
});

type Change = NonNullable<Awaited<ReturnType<TestService['client']['cancelToken']>>['change']>;

function step({ revision, at, cause, tokens }: Change, rule: string, sentence: string) {
  return { revision, at, cause, change: tokens[0], rule, sentence };
}

test('a token of which little has happened has a short life', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  await aToken(service.client, slot, 'PAID');
  const waiting = await aToken(service.client, slot);
  const { token, steps } = await service.client.call('explainToken', { tokenId: waiting.id });
  expect(token?.status).toBe(TokenStatus.WAITING);
  expect(steps).toMatchObject([{ cause: 'AllocateToken', change: { kind: Kind.QUEUED }, rule: 'R3' }]);
});

test('no sentence names a patient', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const token = await aToken(service.client, slot, 'WALK_IN', 'MRN-SECRET');
  await anEmergency(service.client, slot, 'MRN-SECRET');
  expect((await sentences(token.id)).join(' ')).not.toContain('SECRET');
});

test('a token that nobody knows is not found', async () => {
  const refused = await refusal(service.client.call('explainToken', { tokenId: `token_${NOBODY}` }));
  expect(refused.reason).toBe('TOKEN_NOT_FOUND');
});
