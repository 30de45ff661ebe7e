/** A server that lies over its connection is found out, whichever answer it lies in. */
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import type { Method } from '../../src/client/call.js';
import { BrokenInvariant } from '../../src/sim/broken-invariant.js';
import { Reception, type Reply } from '../../src/sim/reception.js';
import { playDay } from './played-day.js';

type Lie = (path: string, reply: Reply<unknown>, timesAsked: number) => Reply<unknown>;

/** Tells the simulation something else than the server has answered. */
class LyingReception extends Reception {
  readonly #asked = new Map<string, number>();

  constructor(
    address: string,
    private readonly lie: Lie,
  ) {
    super(address);
  }

  override async ask<Request, Response>(method: Method<Request, Response>, request: Request) {
    const bytes = method.requestSerialize(request).toString('hex');
    const timesAsked = (this.#asked.get(bytes) ?? 0) + 1;
    this.#asked.set(bytes, timesAsked);
    const reply = await super.ask(method, request);
    return this.lie(method.path, reply, timesAsked) as Reply<Response>;
  }
}

const { allocateToken, getQueue } = OpdServiceService;

const LIES: { name: string; lie: Lie; breach: RegExp }[] = [
  {
    name: 'an answer that is not what the watch shows',
    lie: (path, reply) =>
      path === allocateToken.path ? tampered(reply, (change) => ({ ...change, slots: [] })) : reply,
    breach: /^watch: revision \d+ was shown otherwise/,
  },
  {
    name: 'R18 · another answer when asked again',
    lie: (path, reply, timesAsked) =>
      path === allocateToken.path && timesAsked > 1 ? tampered(reply, (change) => ({ ...change, revision: 0 })) : reply,
    breach: /^R18: asked again under its request id/,
  },
  {
    name: 'I9 · a refusal that leaves the queue changed',
    lie: (path, reply) => (path === getQueue.path ? emptied(reply) : reply),
    breach: /^(I9|R18): 0 slots, where the board has \d+/,
  },
  {
    name: 'another reason for a refusal',
    lie: (_path, reply) => (reply.ok ? reply : { ok: false, reason: 'INTERNAL' }),
    breach: /^contract: refused as INTERNAL, where [A-Z_]+ was due/,
  },
  {
    name: 'a refusal where there is no reason for one',
    lie: (path, reply) => (path === allocateToken.path ? { ok: false, reason: 'DAY_FULL' } : reply),
    breach: /^contract: refused as DAY_FULL/,
  },
];

describe('the witness', () => {
  test.each(LIES)('finds out $name', async ({ lie, breach }) => {
    const played = playDay({ seed: 1 }, (address) => new LyingReception(address, lie));
    const broken = await played.then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(broken).toBeInstanceOf(BrokenInvariant);
    expect((broken as BrokenInvariant).breaches[0]).toMatch(breach);
    expect((broken as BrokenInvariant).circumstances).toMatch(
      /^after \w+, Dr [\w ]+ on 2026-02-02, at .*, revision \d+/,
    );
  });
});

test('R20, R22 · a server that lets no time pass is found out', async () => {
  const played = playDay({ seed: 1 }, undefined, async () => true);

  await expect(played).rejects.toThrow(/^R2[02]: /);
});

function tampered(reply: Reply<unknown>, lie: (change: object) => object): Reply<unknown> {
  if (!reply.ok) return reply;
  const response = reply.response as { change: object };
  return { ok: true, response: { ...response, change: lie(response.change) } };
}

function emptied(reply: Reply<unknown>): Reply<unknown> {
  if (!reply.ok) return reply;
  const { queue } = reply.response as { queue: object };
  return { ok: true, response: { queue: { ...queue, slots: [] } } };
}
