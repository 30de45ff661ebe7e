/** A folder of the run's own on the disk that is measured: the one that holds the working directory, not a RAM disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export async function withScratch<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
