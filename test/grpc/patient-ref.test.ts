/** R14: one patient, however the reference was typed or scanned. */
import { TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { type Client, refusal } from '../support/client.js';
import { aDoctor, anEmergency, aSlot, aToken, newRequestId } from '../support/clinic.js';
import { TestService } from '../support/service.js';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await TestService.start();
  client = service.client;
});
afterAll(() => service.stop());

const FORMS = ['\ufeffMRN \u00e9', ' MRN \u00e9\r\n', 'MRN e\u0301', '\u200bMRN \u00e9\u00a0'];
const FORM = 'MRN \u00e9';

test.each(FORMS)('R14 · a second token is refused, an emergency replaces the first: %j', async (sent) => {
  const slot = await aSlot(client, await aDoctor(client), 10, 3);
  const first = await aToken(client, slot, 'WALK_IN', sent);
  expect(first.patientRef).toBe(FORM);
  const refused = await refusal(aToken(client, slot, 'PAID', FORM));
  expect([refused.reason, refused.metadata]).toEqual(['PATIENT_HAS_TOKEN', { tokenId: first.id }]);
  expect((await anEmergency(client, slot, sent)).patientRef).toBe(FORM);
  expect((await client.getToken({ tokenId: first.id })).token?.status).toBe(TokenStatus.CANCELLED);
});

test.each(FORMS)('ListTokens finds the patient, of a slot and over all days: %j', async (patientRef) => {
  const slot = await aSlot(client, await aDoctor(client), 10, 3);
  const { id } = await aToken(client, slot, 'WALK_IN', FORM);
  const idsOf = async (fields: object) => (await client.listTokens(fields)).tokens.map((token) => token.id);
  expect(await idsOf({ slotId: slot.id, patientRef })).toEqual([id]);
  expect(await idsOf({ patientRef, pageSize: 500 })).toContain(id);
});

const BLANK = ' \t\u3000\ufeff';

test('a blank reference is refused wherever there is one: the patient would not be checked', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const target = { $case: 'slotId' as const, value: slot.id };
  for (const call of [
    client.allocateToken({ slotId: slot.id, source: TokenSource.PAID, patientRef: BLANK }),
    client.insertEmergency({ target, patientRef: BLANK }),
    client.listTokens({ slotId: slot.id, patientRef: BLANK }),
    client.listTokens({ patientRef: BLANK }),
  ]) {
    const { reason, violations } = await refusal(call);
    expect([reason, violations]).toEqual(['INVALID_FIELDS', { patient_ref: expect.stringContaining('not be blank') }]);
  }
  expect((await client.getSlot({ slotId: slot.id })).revision).toBe(1);
});

test('the bound is on what is kept, and U+0000 is refused also at the ends', async () => {
  const slot = await aSlot(client, await aDoctor(client), 10, 9);
  const kept = async (patientRef: string) => (await aToken(client, slot, 'WALK_IN', patientRef)).patientRef;
  const violations = async (patientRef: string) => (await refusal(aToken(client, slot, 'PAID', patientRef))).violations;
  expect(await kept(`${' '.repeat(20_000)}${'a'.repeat(128)}${' '.repeat(20_000)}`)).toBe('a'.repeat(128));
  // 3 bytes each as they are sent, 2 as they are kept.
  expect(await kept('e\u0301'.repeat(64))).toBe('\u00e9'.repeat(64));
  const tooLong = { patient_ref: 'must be at most 128 bytes of UTF-8' };
  // Devanagari letters that NFC takes apart: 3 bytes each as they are sent, 6 as they are kept.
  expect(await violations('\u0958'.repeat(22))).toEqual(tooLong);
  expect(await violations(`a${' '.repeat(20_000)}a`)).toEqual(tooLong);
  expect(await violations('MRN 1\0')).toEqual({ patient_ref: 'must not contain U+0000' });
});

test('many combining marks are refused before they are put in order, which would take long', async () => {
  const slot = await aSlot(client, await aDoctor(client));
  const start = performance.now();
  const marks = `a${'\u0301\u0316'.repeat(12_000)}`;
  expect((await refusal(aToken(client, slot, 'PAID', marks))).violations).toHaveProperty('patient_ref');
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('R18 · a request id stands for the reference as it was sent', async () => {
  const slot = await aSlot(client, await aDoctor(client), 10, 2);
  const wanted = { slotId: slot.id, source: TokenSource.PAID, patientRef: ' MRN 7', requestId: newRequestId() };
  const first = await client.allocateToken(wanted);
  expect(await client.allocateToken(wanted)).toEqual(first);
  expect((await refusal(client.allocateToken({ ...wanted, patientRef: 'MRN 7' }))).reason).toBe('REQUEST_ID_REUSED');
});
