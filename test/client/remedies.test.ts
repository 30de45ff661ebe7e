/** Callers are told what to do about every refusal that the server knows, in the code and in docs/clients.md alike. */
import { readFileSync } from 'node:fs';
import { refusalFrom } from '../../src/client/refusal.js';
import { REMEDIES } from '../../src/client/remedies.js';
import { REASONS, type Refusal } from '../../src/domain/refusal.js';
import { toStatus } from '../../src/grpc/status.js';

const page = readFileSync(new URL('../../../docs/clients.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (retry|wait|ask|give up) +\| \S/gm)].map(([, reason, remedy]) => [
  reason,
  remedy,
]);

/** What the edge says where a call has not come to the desk. */
const EDGE = ['REQUEST_TOO_LARGE', 'REQUEST_TOO_SLOW', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED'];

test('every reason of the server has a remedy, and no other has one', () => {
  expect(Object.keys(REMEDIES)).toEqual([...REASONS, ...EDGE]);
});

test('every reason of the contract has a remedy, but those that no server gives yet', () => {
  const contract = readFileSync(new URL('../../../docs/contract.md', import.meta.url), 'utf8');
  const reasons = [...contract.matchAll(/^\| [A-Z_]+ +\| ([A-Z_, ]+?) +\|/gm)].flatMap(
    ([, cell]) => cell?.split(', ') ?? [],
  );
  const without = reasons.filter((reason) => !Object.hasOwn(REMEDIES, reason));
  expect(without).toEqual(['CREDENTIAL_MISSING', 'CREDENTIAL_INVALID', 'ROLE_LACKS_PERMISSION']);
  expect(reasons.length - without.length).toBe(Object.keys(REMEDIES).length);
});

test('docs/clients.md has a row for every reason, in order of precedence, with the remedy that the code has', () => {
  expect(rows).toEqual(Object.entries(REMEDIES));
});

test.each(REASONS)('%s · callers are told to wait exactly where the refusal says for how long', (reason) => {
  // The details that other reasons carry have no part in it.
  const { metadata } = toStatus({ reason, violations: [], endedAt: 0, startedAt: 0 } as unknown as Refusal);
  expect(refusalFrom({ metadata })?.retryDelay !== undefined).toBe(REMEDIES[reason] === 'wait');
});
