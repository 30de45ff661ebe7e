/** ListTokens and ListChanges: filters, pages, and the very changes that were answered. */
import { QueueChange, type Token, TokenStatus } from '../../gen/opd/v1/resources.js';
import { refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, NOBODY, there, tokens } from '../support/clinic.js';
import { TestService, TODAY } from '../support/service.js';

const TOMORROW = '2026-03-03';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

type Asked = Parameters<TestService['client']['listTokens']>[0];

async function list(asked: Asked): Promise<Token[]> {
  return (await service.client.listTokens(asked)).tokens;
}

describe('ListTokens', () => {
  test('lists a day by number, those that have ended included, as they stand', async () => {
    const doctor = await aDoctor(service.client);
    const slot = await aSlot(service.client, doctor);
    const first = await aToken(service.client, slot);
    await aToken(service.client, slot, 'PAID');
    await service.client.cancelToken({ tokenId: first.id });
    const listed = await list({ doctorId: doctor.id });
    expect(listed.map(({ number, status }) => [number, status])).toEqual([
      [1, TokenStatus.CANCELLED],
      [2, TokenStatus.ACTIVE],
    ]);
    expect(listed[0]).toEqual((await service.client.getToken({ tokenId: first.id })).token);
    expect(await list({ doctorId: doctor.id, statuses: [TokenStatus.ACTIVE] })).toEqual([listed[1]]);
    expect(await list({ slotId: slot.id, patientRef: 'nobody' })).toEqual([]);
  });

  test('lists a slot, a moved token where it is now', async () => {
    const doctor = await aDoctor(service.client);
    const [early, late] = [await aSlot(service.client, doctor, 10), await aSlot(service.client, doctor, 11)];
    const moved = await aToken(service.client, early);
    const urgent = await anEmergency(service.client, early);
    const idsIn = async (slotId: string) => (await list({ slotId })).map(({ id }) => id);
    expect(await idsIn(early.id)).toEqual([urgent.id]);
    expect(await idsIn(late.id)).toEqual([moved.id]);
  });

  test('lists a patient over all doctors and dates, in order of issue', async () => {
    const patientRef = 'MRN 7';
    const [rao, sen] = [await aDoctor(service.client), await aDoctor(service.client)];
    const later = await aToken(service.client, await aSlot(service.client, rao, 10, 1, TOMORROW), 'PAID', patientRef);
    const today = await aToken(service.client, await aSlot(service.client, sen), 'PAID', patientRef);
    await aToken(service.client, await aSlot(service.client, rao), 'PAID', 'MRN 8');
    const estimate = expect.objectContaining({ ahead: 0 });
    expect(await list({ patientRef })).toEqual([later, today].map((token) => ({ ...token, estimate })));
    expect(await list({ patientRef, doctorId: rao.id, date: TOMORROW })).toEqual([{ ...later, estimate }]);
    expect(await list({ patientRef, doctorId: rao.id })).toEqual([]);
    await service.client.cancelToken({ tokenId: today.id });
    expect(await list({ patientRef, statuses: [TokenStatus.CANCELLED, TokenStatus.NO_SHOW] })).toMatchObject([
      { id: today.id, status: TokenStatus.CANCELLED },
    ]);
  });

  test.each([
    ['of a day', async () => ({ doctorId: (await crowd()).doctorId })],
    ['of a slot', async () => ({ slotId: (await crowd()).id })],
    ['of a patient', patientOfSeven],
  ])('pages %s give every token once, and the last has no next', async (_, prepare) => {
    const asked = await prepare();
    const seen: string[] = [];
    const pages: number[] = [];
    for (let pageToken = ''; pages.length === 0 || pageToken; ) {
      const page = await service.client.listTokens({ ...asked, pageSize: 3, pageToken });
      pages.push(page.tokens.length);
      seen.push(...page.tokens.map(({ id }) => id));
      pageToken = page.nextPageToken;
    }
    expect(pages).toEqual([3, 3, 1]);
    expect(seen).toEqual((await list(asked)).map(({ id }) => id));
  });

  test('a page has 50 tokens where none is said, and 500 at most', async () => {
    const slot = await aSlot(service.client, await aDoctor(service.client), 10, 1_000);
    await tokens(service.client, slot, 501);
    const sizes = [0, 500, 501].map(async (pageSize) => (await list({ slotId: slot.id, pageSize })).length);
    expect(await Promise.all(sizes)).toEqual([50, 500, 500]);
  });

  test.each<[string, Asked, string[]]>([
    ['nothing named', {}, ['doctor_id']],
    ['only a date', { date: TODAY }, ['doctor_id', 'date']],
    ['a date beside a patient alone', { date: TODAY, patientRef: 'MRN 1' }, ['date']],
    [
      'all wrong',
      { doctorId: 'x', date: 'x', slotId: 'x', patientRef: '\0', pageSize: -1, pageToken: '?' },
      ['doctor_id', 'date', 'slot_id', 'patient_ref', 'page_size', 'page_token'],
    ],
    [
      'statuses that are none',
      { slotId: `slot_${NOBODY}`, statuses: [TokenStatus.ACTIVE, TokenStatus.UNSPECIFIED, 99 as never] },
      ['statuses[1]', 'statuses[2]'],
    ],
  ])('%s is refused', async (_, asked, paths) => {
    expect(Object.keys((await refusal(service.client.listTokens(asked))).violations).sort()).toEqual(paths.sort());
  });

  test('who or what nobody knows is not found', async () => {
    expect((await refusal(list({ doctorId: `doc_${NOBODY}` }))).reason).toBe('DOCTOR_NOT_FOUND');
    expect((await refusal(list({ slotId: `slot_${NOBODY}` }))).reason).toBe('SLOT_NOT_FOUND');
    expect(await list({ patientRef: 'never seen' })).toEqual([]);
  });

  test('a slot of another doctor or date is not found', async () => {
    const slot = await aSlot(service.client, await aDoctor(service.client));
    const other = await aDoctor(service.client);
    for (const asked of [{ doctorId: other.id }, { date: TOMORROW }]) {
      expect((await refusal(list({ slotId: slot.id, ...asked }))).metadata).toEqual({ slotId: slot.id });
    }
  });

  test('a page token of another list is refused', async () => {
    const [one, other] = [await crowd(), await crowd()];
    const { nextPageToken: pageToken } = await service.client.listTokens({ slotId: one.id, pageSize: 1 });
    const refused = await refusal(list({ slotId: other.id, pageToken }));
    expect(Object.keys(refused.violations)).toEqual(['page_token']);
  });
});

describe('ListChanges', () => {
  test('gives every change as it was answered, byte for byte', async () => {
    const doctor = await aDoctor(service.client);
    const { slot, change } = await service.client.createSlot({
      doctorId: doctor.id,
      start: '10:00',
      end: '11:00',
      capacity: 1,
    });
    const ask = { slotId: there(slot).id, patientRef: '' };
    const answers = [
      { change },
      await service.client.insertEmergency({ target: { $case: 'slotId', value: ask.slotId }, patientRef: 'MRN 1' }),
      await service.client.insertEmergency({ target: { $case: 'slotId', value: ask.slotId }, patientRef: 'MRN 2' }),
    ];
    const { changes, nextPageToken } = await service.client.listChanges({ doctorId: doctor.id });
    const bytes = (each: QueueChange) => Buffer.from(QueueChange.encode(each).finish()).toString('hex');
    expect(changes.map(bytes)).toEqual(answers.map((answer) => bytes(there(answer.change))));
    expect(nextPageToken).toBe('');
  });

  test('goes on after a revision, a page at a time', async () => {
    const { doctorId } = await crowd();
    const asked = { doctorId, date: TODAY, afterRevision: 2, pageSize: 4 };
    const first = await service.client.listChanges(asked);
    expect(first.changes.map(({ revision }) => revision)).toEqual([3, 4, 5, 6]);
    const last = await service.client.listChanges({ ...asked, pageToken: first.nextPageToken });
    expect([last.changes.map(({ revision }) => revision), last.nextPageToken]).toEqual([[7, 8], '']);
    expect((await service.client.listChanges({ ...asked, afterRevision: 99 })).changes).toEqual([]);
  });

  test('a day that nobody has touched has no changes', async () => {
    const { id: doctorId } = await aDoctor(service.client);
    expect(await service.client.listChanges({ doctorId, date: '2031-01-01' })).toEqual({
      changes: [],
      nextPageToken: '',
    });
  });

  test('names every wrong field, and a doctor whom nobody knows', async () => {
    const wrong = { doctorId: 'x', date: 'x', pageSize: -1, pageToken: 'MDE' };
    const { violations } = await refusal(service.client.listChanges(wrong));
    expect(Object.keys(violations)).toEqual(['doctor_id', 'date', 'page_size', 'page_token']);
    expect((await refusal(service.client.listChanges({ doctorId: `doc_${NOBODY}` }))).reason).toBe('DOCTOR_NOT_FOUND');
  });
});

/** A slot with seven tokens. */
async function crowd() {
  const slot = await aSlot(service.client, await aDoctor(service.client));
  await tokens(service.client, slot, 7);
  return slot;
}

async function patientOfSeven() {
  for (let n = 0; n < 7; n += 1) {
    await aToken(service.client, await aSlot(service.client, await aDoctor(service.client)), 'PAID', 'MRN seven');
  }
  return { patientRef: 'MRN seven' };
}
