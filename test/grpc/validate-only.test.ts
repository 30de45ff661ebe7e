/** validate_only: the very answer that the command would get, and nothing done. */
import { TokenChange_Kind as Kind, type QueueChange, TokenSource } from '../../gen/opd/v1/resources.js';
import { refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, newRequestId, there } from '../support/clinic.js';
import { TestService } from '../support/service.js';
import { fullSlot, SENDERS } from './commands.js';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

/** An answer as text, with the id of a token that it issued, which is another one each time, taken out. */
function told(answer: { change?: QueueChange | undefined }): string {
  const [own] = there(answer.change).tokens;
  const isIssued = own?.kind === Kind.ALLOCATED || own?.kind === Kind.QUEUED;
  const text = JSON.stringify(answer);
  return isIssued ? text.replaceAll(there(own.token).id, 'new') : text;
}

describe.each(SENDERS)('%s with validate_only', (_, ready) => {
  test('answers what the command then does; nothing is kept, nobody is told, the request id stays free', async () => {
    const { send } = await ready(service.client);
    const requestId = newRequestId();
    const first = await send({ validateOnly: true, requestId });
    const change = there(first.change);
    const watch = service.client.watch({ doctorId: change.doctorId, afterRevision: change.revision - 1 });
    expect(told(await send({ validateOnly: true, requestId }))).toBe(told(first));
    const { changes } = await service.client.listChanges(change);
    expect(changes.at(-1)?.revision).toBe(change.revision - 1);
    const done = await send({ requestId });
    expect(told(done)).toBe(told(first));
    expect(await watch.change()).toEqual(done.change);
    expect((await refusal(send({ validateOnly: true, requestId }))).reason).toBe('REQUEST_ID_REUSED');
    expect(await send({ requestId })).toEqual(done);
    expect(watch.revisions).toEqual([change.revision]);
    watch.cancel();
  });
});

test('what would be refused is refused, for the same reason', async () => {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  const token = await aToken(service.client, slot, 'WALK_IN', 'MRN 1');
  for (const validateOnly of [true, false]) {
    const asked = { slotId: slot.id, source: TokenSource.PAID, patientRef: 'MRN 1', validateOnly };
    const refused = await refusal(service.client.allocateToken(asked));
    expect([refused.reason, refused.metadata]).toEqual(['PATIENT_HAS_TOKEN', { tokenId: token.id }]);
  }
});

test('what is told builds on all that has been acknowledged', async () => {
  const { slot, waiting } = await fullSlot(service.client);
  await anEmergency(service.client, slot);
  const { token, change } = await service.client.cancelToken({ tokenId: waiting.id, validateOnly: true });
  expect([token?.id, change?.revision]).toEqual([waiting.id, 7]);
});

test('a token that was told of is not there', async () => {
  const { slot } = await fullSlot(service.client);
  const { token } = await service.client.allocateToken({
    ...{ slotId: slot.id, source: TokenSource.PAID, validateOnly: true },
  });
  expect((await refusal(service.client.getToken({ tokenId: there(token).id }))).reason).toBe('TOKEN_NOT_FOUND');
});

test('false is as if it were left out: the same contents under R18', async () => {
  const { seated } = await fullSlot(service.client);
  const asked = { tokenId: seated.id, requestId: newRequestId() };
  const first = await service.client.cancelToken(asked);
  expect(await service.client.cancelToken({ ...asked, validateOnly: false })).toEqual(first);
});

describe('over several days', () => {
  /** Ids of what would be created are other ones each time. */
  const anonymous = (answer: object) => JSON.stringify(answer).replace(/(slot|token)_[0-9a-f-]{36}/g, '$1');

  test('CreateSlots tells of every day, and makes no slot', async () => {
    const doctor = await aDoctor(service.client);
    const asked = {
      ...{ doctorId: doctor.id, firstDate: '2026-03-03', lastDate: '2026-03-05' },
      sessions: [{ start: '09:00', end: '10:00', slotMinutes: 30, capacity: 2 }],
    };
    const told = await service.client.call('createSlots', { ...asked, validateOnly: true });
    expect((await service.client.listSlots({ doctorId: doctor.id, date: '2026-03-04' })).revision).toBe(0);
    const done = await service.client.call('createSlots', asked);
    expect(done.slots).toHaveLength(6);
    expect(anonymous(told)).toBe(anonymous(done));
  });

  test('RescheduleToken tells of both days, and leaves the token where it is', async () => {
    const doctor = await aDoctor(service.client);
    const token = await aToken(service.client, await aSlot(service.client, doctor));
    const { id: slotId } = await aSlot(service.client, doctor, 10, 1, '2026-03-03');
    const asked = { tokenId: token.id, slotId };
    const told = await service.client.call('rescheduleToken', { ...asked, validateOnly: true });
    expect((await service.client.getToken({ tokenId: token.id })).token?.status).toBe(token.status);
    expect((await service.client.getQueue({ doctorId: doctor.id, date: '2026-03-03' })).queue?.revision).toBe(1);
    const done = await service.client.call('rescheduleToken', asked);
    expect(done.changes).toHaveLength(2);
    expect(anonymous(told)).toBe(anonymous(done));
  });
});

test('R20 · what is due by then comes before what is told of, and is not done by it', async () => {
  const own = await TestService.start({ clockTicks: false });
  const slot = await aSlot(own.client, await aDoctor(own.client), 10);
  const later = await aSlot(own.client, { id: slot.doctorId } as never, 11);
  own.clock.set('2026-03-02T05:31:00Z');
  const asked = { slotId: later.id, source: TokenSource.PAID };
  const { change } = await own.client.allocateToken({ ...asked, validateOnly: true });
  expect(change?.revision).toBe(4);
  expect((await own.client.listChanges({ doctorId: slot.doctorId })).changes).toHaveLength(2);
  expect((await own.client.allocateToken(asked)).change?.revision).toBe(4);
  await own.stop();
});
