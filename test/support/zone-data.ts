/**
 * Two small zone databases for processes that a test starts. They differ in one law: by `2025b`,
 * America/Vancouver is eight hours behind UTC all year; by `2026b`, seven. Beside each compiled
 * file is the text that it was compiled from.
 */
import { fileURLToPath } from 'node:url';

// From dist/test/support/ to the package's root.
const FOLDER = fileURLToPath(new URL('../../../test/zone-data/', import.meta.url));

export type ZoneDataVersion = '2025b' | '2026b';

/** The environment variable by which ICU, and so Node.js, takes its zone data from a folder. */
export function zoneDataEnvironment(version: ZoneDataVersion): Record<string, string> {
  return { ICU_TIMEZONE_FILES_DIR: `${FOLDER}${version}` };
}
