import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClinicDaysReport } from '../../src/sim/clinic-days.js';
import type { OpdDayReport } from '../../src/sim/opd-day.js';
import { POLICY_NAMES } from '../../src/sim/policies.js';

const SRC = new URL('../../src/', import.meta.url);
const OPD = fileURLToPath(new URL('cli/opd.js', SRC));

describe('opd simulate', () => {
  test('tells the story and the summary, without colour where nobody sees it', async () => {
    const { code, out } = await run([OPD, 'simulate', '--doctors', '1']);

    expect(code).toBe(0);
    expect(out).toMatch(/^05:00 {2}General {3}Dr Meera Iyer takes bookings/);
    expect(out).toContain(
      'slot   source     issued  seen  displaced  moved in  moved out  promoted  cancelled  no-shows  expired',
    );
    expect(out).not.toContain('\u001b');
  });

  test('--json prints one document', async () => {
    const { code, out } = await run([OPD, 'simulate', '--json', '--seed', '7', '--doctors', '2']);
    const report: OpdDayReport = JSON.parse(out);

    expect(code).toBe(0);
    expect(report.seed).toBe(7);
    expect(report.doctors.map(({ label }) => label)).toEqual(['General', 'Ortho']);
    expect(report.timeline.at(-1)).toMatchObject({ what: 'closed', time: '24:00', doctor: 'Ortho' });
  });

  test('--days compares policies side by side, and shows no progress where there is no terminal', async () => {
    const { code, out, err } = await run([OPD, 'simulate', '--days', '2', '--policy', 'never', 'grace']);

    expect(code).toBe(0);
    expect(out).toMatch(/^2 days of 3 doctors, told by seed 1: the same patients under each policy\n/);
    expect(out).toMatch(/^ +never +grace$/m);
    expect(out).toMatch(/^wait, mean \(min\) +all +\d+\.\d +\d+\.\d$/m);
    expect(err).toBe('');
  });

  test('--days --json prints one document, of all policies where none is named', async () => {
    const { code, out } = await run([OPD, 'simulate', '--days', '1', '--doctors', '1', '--json']);
    const report: ClinicDaysReport = JSON.parse(out);

    expect(code).toBe(0);
    expect(report).toMatchObject({ days: 1, doctors: 1, seed: 1 });
    expect(report.policies.map(({ name }) => name)).toEqual(POLICY_NAMES);
  });

  test.each([
    [['--policy', 'grace'], "option '--policy' needs '--days'"],
    [['--days', '2', '--policy', 'mercy'], 'Allowed choices are on-emergency, always'],
  ])('refuses %j', async (options, message) => {
    const { code, err } = await run([OPD, 'simulate', ...options]);

    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  test.each([
    ['--days', '0'],
    ['--seed', '-1'],
    ['--seed', 'one'],
    ['--doctors', '0'],
    ['--doctors', '21'],
  ])('refuses %s %s', async (option, value) => {
    const { code, err } = await run([OPD, 'simulate', option, value]);

    expect(code).toBe(1);
    expect(err).toContain('It must be a whole number');
  });

  test('exits with 1 and names the invariant where one is broken', async () => {
    const reception = new URL('sim/reception.js', SRC);
    const lie = `import { Reception } from '${reception}';
      const { ask } = Reception.prototype;
      Reception.prototype.ask = async function (method, request) {
        const reply = await ask.call(this, method, request);
        if (method.path.endsWith('/GetQueue')) reply.response.queue.revision += 1;
        return reply;
      };`;
    const preload = `data:text/javascript,${encodeURIComponent(lie)}`;

    const { code, err } = await run(['--import', preload, OPD, 'simulate', '--doctors', '1']);

    expect(code).toBe(1);
    expect(err).toMatch(/^(I9|R18): revision \d+, where the board has \d+\nafter \w+, Dr Meera Iyer/);
    expect(err).toContain('to see it again: opd simulate --seed 1 --doctors 1');
  });
});

function run(args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env }, (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}
