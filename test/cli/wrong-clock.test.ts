/**
 * `opd serve` on a machine whose clock is wrong: libfaketime sets the wall clock of the server
 * alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Doctor, Token } from '../../gen/opd/v1/resources.js';
import { SlotState } from '../../gen/opd/v1/resources.js';
import { Client } from '../support/client.js';
import { aSlot, aToken, there } from '../support/clinic.js';
import { TemporaryFile } from '../support/service.js';
import { OPD } from './run-opd.js';

/** Where Debian's package `faketime` puts the library. */
const LIBRARY = readdirSync('/usr/lib')
  .map((directory) => `/usr/lib/${directory}/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

const started: ChildProcess[] = [];

class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly client: Client,
    private readonly log: { text: string },
  ) {}

  /** @param offset of the server's wall clock, as libfaketime has it, such as +1d */
  static async start(path: string, offset?: string, ...options: string[]): Promise<Server> {
    const fake = { LD_PRELOAD: LIBRARY, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const env = { PATH: process.env.PATH, TZ: 'UTC', ...(offset && fake) };
    const args = [OPD, 'serve', '--listen', '127.0.0.1:0', '--data', path, ...options];
    const child = spawn(process.execPath, args, { env });
    const log = { text: '' };
    child.stderr.on('data', (text) => {
      log.text += text;
    });
    started.push(child);
    let greeting = '';
    const ended = once(child, 'close').then(() => Promise.reject(new Error(`it ended: ${log.text}`)));
    ended.catch(() => {});
    while (!/try .*\n/.test(greeting)) greeting += (await Promise.race([once(child.stdout, 'data'), ended]))[0];
    return new Server(child, new Client(there(/listening on +(\S+)/.exec(greeting)?.[1])), log);
  }

  get logged(): string {
    return this.log.text;
  }

  async stop(): Promise<void> {
    this.client.close();
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}

/** A zone in which it is ten to eleven in the morning now. */
function zoneOfMorning(): string {
  const ahead = 10 - new Date().getUTCHours();
  const hours = ahead < -12 ? ahead + 24 : ahead;
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}

let file: TemporaryFile;
beforeEach(() => {
  file = new TemporaryFile();
});
afterEach(() => {
  // Those that a failed test has left.
  for (const child of started.splice(0)) child.kill('SIGKILL');
  file.remove();
});

(LIBRARY ? test : test.skip)(
  'a start with a clock that is a day ahead ends nothing, and once the clock is right the day goes on',
  async () => {
    const right = await Server.start(file.path);
    const { doctor } = await right.client.createDoctor({
      name: 'Dr Rao',
      timeZone: zoneOfMorning(),
      policy: undefined,
    });
    const date = there((await right.client.getQueue({ doctorId: there(doctor).id })).queue).date;
    const first = await aSlot(right.client, there(doctor), 12, 2, date);
    const second = await aSlot(right.client, there(doctor), 14, 2, date);
    const issued: Token[] = [];
    for (const slot of [first, first, first, second, second]) issued.push(await aToken(right.client, slot));
    await right.stop();

    const ahead = await Server.start(file.path, '+1d');
    await sleep(3_000);
    expect(ahead.logged).toMatch(/the system clock is 24 h ahead of what the server can explain/);
    await aToken(ahead.client, second);
    expect(await datesOf(ahead.client, there(doctor))).toEqual([date]);
    await ahead.stop();

    const again = await Server.start(file.path);
    expect(again.logged).not.toMatch(/the system clock is/);
    for (const { id, status } of issued) {
      const { token } = await again.client.getToken({ tokenId: id });
      expect(there(token).status).toBe(status);
    }
    const { slots } = await again.client.listSlots({ doctorId: there(doctor).id, date });
    expect(slots.map(({ state }) => state)).toEqual([SlotState.OPEN, SlotState.OPEN]);
    await aToken(again.client, first);
    await again.stop();
  },
  60_000,
);

(LIBRARY ? test : test.skip)(
  'an operator who trusts the clock is believed at once',
  async () => {
    const right = await Server.start(file.path);
    const { doctor } = await right.client.createDoctor({ name: 'Dr Rao', timeZone: 'Etc/GMT', policy: undefined });
    const [today] = await datesOf(right.client, there(doctor));
    await right.stop();
    const trusting = await Server.start(file.path, '+1d', '--trust-clock');
    expect(await datesOf(trusting.client, there(doctor))).not.toEqual([today]);
    await trusting.stop();
  },
  60_000,
);

/** The date that the server takes for today. */
async function datesOf(client: Client, { id }: Doctor): Promise<string[]> {
  return [there((await client.getQueue({ doctorId: id })).queue).date];
}
