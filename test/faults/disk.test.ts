/** The real server before disks that fail in earnest: full, limited, held by another process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/store/sqlite/binding.js';
import { ServerProcess } from '../torture/server-process.js';
import { expectNothingLost, ordeal, untilLost } from './ordeal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opd-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** How long the trouble goes on once it has been felt. */
const TROUBLE_MILLISECONDS = 700;

async function served(data: string, act: (server: ServerProcess) => Promise<void>): Promise<void> {
  const server = new ServerProcess(data);
  await server.start();
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

describe('nothing is lost, and the server goes on by itself once the disk does', () => {
  test('when files may grow no further: a write fails half-way (EFBIG)', async () => {
    await served(join(folder, 'opd.sqlite'), async (server) => {
      const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]);
      const suffered = await ordeal(server.address, async (history) => {
        limit('100000');
        await untilLost(history);
        await sleep(TROUBLE_MILLISECONDS);
        limit('unlimited');
      });
      expectNothingLost(suffered);
    });
  });

  test('when another process holds the database for seconds', async () => {
    const data = join(folder, 'opd.sqlite');
    await served(data, async (server) => {
      const suffered = await ordeal(server.address, async (history) => {
        const other = new Database(data);
        other.exec('BEGIN IMMEDIATE');
        await untilLost(history, 5);
        await sleep(TROUBLE_MILLISECONDS);
        other.close();
      });
      expectNothingLost(suffered);
    });
  });

  const mounts = mayMount() ? test : test.skip;
  mounts(
    'when the file system is full (where this process may mount one; the page limit in test/store stands for it)',
    async () => {
      mount(folder);
      try {
        await served(join(folder, 'opd.sqlite'), async (server) => {
          const ballast = join(folder, 'ballast');
          const suffered = await ordeal(server.address, async (history) => {
            const { bavail, bsize } = statfsSync(folder);
            fill(ballast, bavail * bsize - 100_000);
            await untilLost(history);
            await sleep(TROUBLE_MILLISECONDS);
            rmSync(ballast);
          });
          expectNothingLost(suffered);
        });
      } finally {
        execFileSync('umount', ['-l', folder]);
      }
    },
  );
});

function mount(directory: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', directory], { stdio: 'ignore' });
}

function mayMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'opd-mount-'));
  try {
    mount(directory);
    execFileSync('umount', ['-l', directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The server goes on writing meanwhile, so there may be less room than there was: then it is full just the same. */
function fill(path: string, bytes: number): void {
  try {
    writeFileSync(path, Buffer.alloc(Math.max(0, bytes)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
