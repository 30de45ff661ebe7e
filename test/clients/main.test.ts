/** `npm run test:clients` on a machine that lacks a toolchain. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = new URL('main.js', import.meta.url).pathname;

let path: string;
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'opd-bare-'));
  symlinkSync('/bin/sh', join(path, 'sh'));
});
afterAll(() => rmSync(path, { recursive: true }));

/** Runs it where there is a shell and nothing else. */
function run(names: string[], variables: Record<string, string> = {}): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: path, ...variables } };
    const child = execFile(process.execPath, [MAIN, ...names], options, (_error, out, err) => {
      resolve({ code: child.exitCode, out: out + err });
    });
  });
}

test('what cannot run is named with what it lacks, and counted as skipped', async () => {
  const { code, out } = await run(['go', 'java', 'grpcurl']);
  expect(out).toBe(
    '── go: not run, since there is no go\n' +
      '── java: not run, since there is no java, javac, mvn\n' +
      '── grpcurl: not run, since there is no grpcurl|go\n' +
      '0 passed, 0 failed, 3 skipped\n',
  );
  expect(code).toBe(0);
});

test('where CI=true, that is a failure', async () => {
  const { code, out } = await run(['go'], { CI: 'true' });
  expect(out).toContain('0 passed, 1 failed, 0 skipped');
  expect(code).toBe(1);
});

test('a name that there is not is told with those that there are', async () => {
  const { code, out } = await run(['cobol']);
  expect(out).toMatch(/^there is no cobol; there are: typescript, python, go, /);
  expect(code).toBe(2);
});
