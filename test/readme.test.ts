/** The README's examples, run as printed: only the port is another, and what watches is hung up on. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess } from './torture/server-process.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const BLOCK = /```sh\n(.*?)```/gs;
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const section = (title: string) => readme.split(/^## /m).find((each) => each.startsWith(title)) ?? '';
const blocks = (text: string) => [...text.matchAll(BLOCK)].map((match) => match[1] as string);

let folder: string;
let server: ServerProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opd-readme-'));
  server = new ServerProcess(join(folder, 'opd.sqlite'));
  await server.start();
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a script in bash from the project's root; answers with what it printed. */
async function bash(script: string): Promise<string> {
  const options = { cwd: ROOT, maxBuffer: 2 ** 24 };
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], options);
  return stdout + stderr;
}

test('the README · "Try it" does what it says it does', async () => {
  const lines = blocks(section('Try it'))
    // The grpcurl variant does the same; grpcurl may not be installed here.
    .filter((block) => !block.includes('grpcurl'))
    .join('\n')
    .replaceAll('127.0.0.1:50051', server.address)
    // A watch goes on until its caller hangs up.
    .replace('ask() { npx', 'ask() { $HANG_UP_AFTER npx')
    .replace(/^/, 'HANG_UP_AFTER=\n')
    .replace(/^(ask WatchQueue .*)$/gm, 'HANG_UP_AFTER="timeout 3" $1 || true')
    .replace(/^npx opd simulate$/m, 'npx opd simulate --doctors 1 > /dev/null');
  const printed = await bash(lines);
  expect(printed).toContain('KIND_DISPLACED');
  expect(printed).toContain('KIND_MOVED');
  expect(printed).toContain('KIND_PROMOTED');
  expect(printed).toContain('"revision": 6');
  expect(printed).toContain('TOKEN_STATUS_COMPLETED');
  expect(printed).toContain('Lost its seat in the 09:00 slot to #2, a paid booking (80 over its 20).');
}, 120_000);

test('the README · the table of options is what `opd serve --help` says', async () => {
  const help = await bash('node dist/src/cli/opd.js serve --help');
  const rows = [...section('For those who run it').matchAll(/^\| `(--[a-z-]+)` +\| `(OPD_[A-Z_]+)`/gm)];
  const options = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]);
  expect(rows.map((row) => row[1])).toEqual(options);
  for (const row of rows) expect(help.replaceAll(/\s+/g, ' ')).toContain(`env: ${row[2]}`);
});
