/** Callers who wait for their answer before they ask again: how fast the server is, and how long each answer took. */
import { CallRefused, LeanClient } from '../../bench/lean-client.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';

export interface Pace {
  readonly callsPerSecond: number;
  /** Milliseconds of those answered. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  readonly refused: number;
}

/** Callers that ask for tokens of slots for a time, on two connections. */
export async function steady(
  address: string,
  slotIds: readonly string[],
  terms: { seconds: number; callers: number },
): Promise<Pace> {
  const clients = [new LeanClient(address), new LeanClient(address)] as const;
  const endsAt = performance.now() + terms.seconds * 1_000;
  const milliseconds: number[] = [];
  let refused = 0;
  const caller = async (_: unknown, number: number) => {
    for (let n = number; performance.now() < endsAt; n += 1) {
      const askedAt = performance.now();
      const slotId = slotIds[n % slotIds.length] as string;
      try {
        await clients[number % 2 === 0 ? 0 : 1].call('allocateToken', { slotId, source: TokenSource.WALK_IN });
        milliseconds.push(performance.now() - askedAt);
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error;
        refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: terms.callers }, caller));
  for (const client of clients) client.close();
  milliseconds.sort((a, b) => a - b);
  const at = (share: number) => Math.round(milliseconds[Math.floor(share * (milliseconds.length - 1))] ?? Number.NaN);
  return {
    callsPerSecond: Math.round(milliseconds.length / terms.seconds),
    p50: at(0.5),
    p99: at(0.99),
    slowest: at(1),
    refused,
  };
}
