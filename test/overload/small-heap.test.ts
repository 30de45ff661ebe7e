/** A heap that would not hold all days that pass through it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, createDays } from '../../bench/days.js';
import { LeanClient } from '../../bench/lean-client.js';
import { ServerProcess } from '../torture/server-process.js';

const HEAP_MEBIBYTES = 96;
/** Some 140 MiB of them. */
const TOKENS = 300_000;
const DAYS_AT_ONCE = 100;
const TOKENS_A_DAY = 250;
const CALLERS = 64;

test('does for more tokens than have room in it', async () => {
  const folder = mkdtempSync(join(process.cwd(), '.small-heap-'));
  const server = new ServerProcess(join(folder, 'opd.sqlite'), { heapMebibytesMax: HEAP_MEBIBYTES });
  await server.start();
  const client = new LeanClient(server.address);
  try {
    let issued = 0;
    while (issued < TOKENS) {
      const slotIds = (await createDays(client, DAYS_AT_ONCE, 1, 100)).map(({ slotIds: [slotId = ''] }) => slotId);
      const end = issued + DAYS_AT_ONCE * TOKENS_A_DAY;
      const caller = async () => {
        while (issued < end) {
          const mine = issued++;
          await allocate(client, slotIds[mine % DAYS_AT_ONCE] as string, mine);
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
    }
    expect(issued).toBe(TOKENS);
  } finally {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
