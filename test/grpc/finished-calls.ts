/** A program: how many bytes of calls that are over are left in the old space, of how many that passed the call guard. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { status as Code, Metadata, type ServerInterceptingCall } from '@grpc/grpc-js';
import { CallGuard } from '../../src/grpc/call-guard.js';
import { DEFAULT_CALL_LIMITS } from '../../src/grpc/calls.js';

const CALLS = 4_000;
const AT_ONCE = 20;
const WORDS = 256;

const guard = new CallGuard(DEFAULT_CALL_LIMITS, () => false);
const method = { path: '/opd.v1.OpdService/GetDoctor', requestStream: false } as never;
const listener = { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveHalfClose() {}, onCancel() {} };

/** Calls that stay open while a minor collection passes, and end before the next. */
async function passCalls(): Promise<void> {
  for (let passed = 0; passed < CALLS; passed += AT_ONCE) {
    const open = Array.from({ length: AT_ONCE }, begin);
    for (const { inside } of open) inside.onReceiveMetadata();
    collectYoung();
    for (const { call, inside } of open) {
      inside.onReceiveHalfClose();
      call.sendStatus({ code: Code.OK, details: '', metadata: new Metadata() });
    }
    await nextTurn();
  }
  collectYoung();
  collectYoung();
}

function begin() {
  let inside: typeof listener | undefined;
  const start = (given: typeof listener) => {
    inside = given;
  };
  const bare = { weight: new Array(WORDS).fill(0), start, sendStatus() {} };
  const call = guard.interceptor(method, bare as never) as ServerInterceptingCall;
  call.start(listener);
  return { call, inside: inside as unknown as typeof listener };
}

function collectYoung(): void {
  (globalThis.gc as unknown as (how: { type: 'minor' }) => void)({ type: 'minor' });
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}

await passCalls();
const before = oldBytes();
await passCalls();
process.stdout.write(JSON.stringify({ bytes: CALLS * WORDS * 8, kept: oldBytes() - before }));
