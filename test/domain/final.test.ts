import type { TokenStatus } from '../../src/domain/token.js';
import { cancel, given, noShow, tokenOf } from './scenario.js';

const gone = (how: string) => `09:00-09:30 0/1:\ngone: 1W@09:00 ${how}`;
const FINAL: [TokenStatus, string][] = [
  ['COMPLETED', '09:00-09:30 1/1: 1W+'],
  ['CANCELLED', gone('cancelled')],
  ['NO_SHOW', gone('no-show')],
  ['EXPIRED', gone('expired')],
];

describe('R11 · final', () => {
  test.each(FINAL)('R11 · a %s token is not cancelled, and the refusal names its status', (status, day) => {
    given(day)
      .when(cancel(1))
      .refuses({ reason: 'TOKEN_NOT_LIVE', tokenId: tokenOf(1), status });
  });

  test.each(FINAL)('R11 · a %s token is no no-show, and the refusal names its status', (status, day) => {
    given(day)
      .when(noShow(1))
      .refuses({ reason: 'TOKEN_NOT_LIVE', tokenId: tokenOf(1), status });
  });

  test('R11 · a SERVING token cannot be cancelled', () => {
    given('09:00-09:30 1/1: 1W*')
      .when(cancel(1))
      .refuses({ reason: 'TOKEN_SERVING', tokenId: tokenOf(1), status: 'SERVING' });
  });

  test('R11 · a second cancellation promotes nobody else', () => {
    given('09:00-09:30 1/1: 1P | 2W 3W')
      .when(cancel(1))
      .when(cancel(1))
      .refuses({ reason: 'TOKEN_NOT_LIVE', tokenId: tokenOf(1), status: 'CANCELLED' });
  });

  test('a token that nobody has been given is not found', () => {
    given('09:00-09:30 1/1: 1P')
      .when(cancel(2))
      .refuses({ reason: 'TOKEN_NOT_FOUND', tokenId: tokenOf(2) });
    given('09:00-09:30 1/1: 1P')
      .when(noShow(2))
      .refuses({ reason: 'TOKEN_NOT_FOUND', tokenId: tokenOf(2) });
  });
});
