import { readFileSync } from 'node:fs';

// From dist/src/cli/ to the package's root.
const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** This program's version, as its package says. */
export const VERSION: string = manifest.version;
