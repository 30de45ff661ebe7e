import type { Command } from '../../src/domain/command.js';
import { estimator } from '../../src/domain/estimate.js';
import { answered } from '../../src/domain/refusal.js';
import type { TokenId } from '../../src/domain/token.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, type Clinic, inFreshClinic, reasonOf, recordOf, tokenOf } from './clinic.js';

let clinic: Clinic;
inFreshClinic((fresh) => {
  clinic = fresh;
});

/** Lets a patient have a seat and check in. */
async function here(slotId: Parameters<Clinic['allocate']>[0], patientRef: string): Promise<TokenId> {
  const tokenId = tokenOf(await clinic.allocate(slotId, patientRef));
  accepted(await clinic.ask({ tokenId }, { kind: 'CheckInToken', tokenId }));
  return tokenId;
}

function callNext({ doctorId }: DayKey, completeCurrent = true) {
  const command: Command = { kind: 'CallNextToken', target: { doctorId }, completeCurrent };
  return clinic.ask({ doctorId }, command);
}

test('R18 · whom a call expects to be with the doctor is kept in the journal with it, and a refusal leaves nothing', async () => {
  const { key, slotId } = await clinic.day();
  const [a, b, c] = [await here(slotId, 'a'), await here(slotId, 'b'), await here(slotId, 'c')];
  await callNext(key);
  const expecting = (expectedCurrentTokenId: TokenId) =>
    clinic.ask(key, { kind: 'CallNextToken', target: key, completeCurrent: true, expectedCurrentTokenId });
  const pressedTwice = await Promise.all([expecting(a), expecting(a)]);
  expect(pressedTwice.map(reasonOf)).toEqual(['answered', 'DOCTOR_BUSY']);
  const { entries } = await recordOf(clinic.store, key);
  expect(entries.at(-1)?.command).toMatchObject({ expectedCurrentTokenId: a });
  expect(entries.at(-2)?.command).not.toHaveProperty('expectedCurrentTokenId');
  clinic.restart();
  expect(await expecting(a)).toMatchObject({ refusal: { reason: 'DOCTOR_BUSY', tokenId: b } });
  expect(tokenOf(await expecting(b))).toBe(c);
});

test('when a token was called is what the store has of it, in the journal as in the tables, also after a restart', async () => {
  const { key, slotId } = await clinic.day();
  const tokenId = await here(slotId, 'a');
  const calledAt = clinic.now;
  await callNext(key);
  clinic.now = (calledAt + 60_000) as typeof clinic.now;
  accepted(await clinic.ask({ tokenId }, { kind: 'ReturnToken', tokenId }));
  const [kept] = await clinic.store.inner.listTokensOf('a', [], undefined, 1);
  expect(kept?.token).toMatchObject({ status: 'ACTIVE', calledAt, updatedAt: clinic.now });
  clinic.restart();
  expect(accepted(await clinic.standing(key)).tokens).toEqual([kept?.token]);
});

function aheadOf(key: DayKey, tokenId: TokenId) {
  return clinic.desk.read(key, (day) => answered(estimator(day, clinic.now)(day.tokenOf(tokenId))?.ahead));
}

test('R25 · who is left over when a slot ends is called before those of the next slot, as the estimates say', async () => {
  const { key, slotId } = await clinic.day();
  const next = await clinic.slot(key, 10, 10);
  const [a1, a2, b1] = [await here(slotId, 'a1'), await here(slotId, 'a2'), await here(next, 'b1')];
  clinic.now = Date.parse('2026-01-31T10:01:00Z') as typeof clinic.now;
  const ahead = await Promise.all([a1, a2, b1].map((tokenId) => aheadOf(key, tokenId)));
  expect(ahead.map(accepted)).toEqual([0, 1, 2]);
  expect(tokenOf(await callNext(key))).toBe(a1);
  clinic.restart();
  expect(tokenOf(await callNext(key))).toBe(a2);
  expect(tokenOf(await callNext(key))).toBe(b1);
});
