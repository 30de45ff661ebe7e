import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OpdDayReport } from '../../src/sim/opd-day.js';

const SRC = new URL('../../src/', import.meta.url);
const OPD = fileURLToPath(new URL('cli/opd.js', SRC));

describe('opd simulate', () => {
  test('tells the story and the summary, without colour where nobody sees it', async () => {
    const { code, out } = await run([OPD, 'simulate', '--doctors', '1']);

    expect(code).toBe(0);
    expect(out).toMatch(/^05:00 {2}General {3}Dr Meera Iyer takes bookings/);
    expect(out).toContain(
      'slot   source     issued  seated  waiting  displaced  moved in  moved out  promoted  cancelled',
    );
    expect(out).not.toContain('\u001b');
  });

  test('--json prints one document', async () => {
    const { code, out } = await run([OPD, 'simulate', '--json', '--seed', '7', '--doctors', '2']);
    const report: OpdDayReport = JSON.parse(out);

    expect(code).toBe(0);
    expect(report.seed).toBe(7);
    expect(report.doctors.map(({ label }) => label)).toEqual(['General', 'Ortho']);
    expect(report.timeline.at(-1)).toMatchObject({ what: 'closed', time: '13:00', doctor: 'General' });
  });

  test.each([
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
