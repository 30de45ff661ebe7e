/** `opd backup` and `opd verify` beside a server that is kept busy. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Slot } from '../../gen/opd/v1/resources.js';
import { Database } from '../../src/store/sqlite/binding.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { Client } from '../support/client.js';
import { aDoctor, aSlot, aToken } from '../support/clinic.js';
import { TemporaryFile } from '../support/service.js';
import { ServerProcess } from '../torture/server-process.js';
import { DOCTOR, sampleCommit } from '../verification/sample-day.js';
import { runOpd, runOpdOnFullDisk } from './run-opd.js';

let file: TemporaryFile;
let copy: string;
beforeEach(() => {
  file = new TemporaryFile();
  copy = `${file.directory}/copy.sqlite`;
});
afterEach(() => file.remove());

const backup = (to = copy) => runOpd(['backup', to, '--data', file.path]);
const verify = (path: string) => runOpd(['verify', '--data', path]);

async function keepSample(): Promise<void> {
  const store = await openSqliteStore(file.path);
  await store.createDoctor(DOCTOR);
  await store.commit([sampleCommit()]);
  await store.close();
}

function tokenIds(path: string): Set<unknown> {
  const database = new Database(path, { readonly: true });
  const ids = database.prepare('SELECT id FROM token').pluck().all();
  database.close();
  return new Set(ids);
}

describe('while a server is busy', () => {
  let server: ServerProcess;
  let client: Client;
  let busy: Busy;
  beforeEach(async () => {
    server = new ServerProcess(file.path);
    await server.start();
    client = new Client(server.address);
    const doctors = await Promise.all([1, 2, 3, 4].map(() => aDoctor(client)));
    const slots = await Promise.all(doctors.map((doctor) => aSlot(client, doctor, 10, 1_000, '2099-01-31')));
    busy = new Busy(client, slots);
    await busy.hasAcknowledged(200);
  });
  afterEach(async () => {
    await busy.stop();
    client.close();
    await server.stop();
  });

  test('a backup holds all that was acknowledged before it began, and is sound', async () => {
    const before = [...busy.acknowledged];
    expect(await backup()).toMatchObject({ code: 0, err: '' });
    expect(busy.acknowledged.length).toBeGreaterThan(before.length);
    const kept = tokenIds(copy);
    expect(before.filter((id) => !kept.has(id))).toEqual([]);
    expect(await verify(copy)).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: 4 doctor-days, /) });
  });

  test('the database itself is found sound, and the server goes on', async () => {
    expect(await verify(file.path)).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: 4 doctor-days, /) });
    await busy.hasAcknowledged(busy.acknowledged.length + 10);
  });
});

describe('the copy', () => {
  beforeEach(keepSample);

  test('its size, its days and how to check it are told', async () => {
    const { code, out } = await backup();
    const bytes = statSync(copy).size.toLocaleString('en');
    expect(code).toBe(0);
    expect(out).toBe(`${copy}: ${bytes} bytes, 1 doctor-day\nto check it: opd verify --data ${copy}\n`);
  });

  test('is one file, and can be served', async () => {
    mkdirSync(`${file.directory}/shelf`);
    await backup(`${file.directory}/shelf/copy`);
    expect(readdirSync(`${file.directory}/shelf`)).toEqual(['copy']);
    const store = await openSqliteStore(`${file.directory}/shelf/copy`);
    expect(await store.findDoctor(DOCTOR.id)).toEqual(DOCTOR);
    await store.close();
  });

  test('verifying it leaves nothing beside it', async () => {
    mkdirSync(`${file.directory}/shelf`);
    await backup(`${file.directory}/shelf/copy`);
    expect((await verify(`${file.directory}/shelf/copy`)).code).toBe(0);
    expect(readdirSync(`${file.directory}/shelf`)).toEqual(['copy']);
  });
});

test('what a backup that was killed has left behind goes with the next one to that file, but nothing of one that runs', async () => {
  await keepSample();
  const { pid: gone } = spawnSync('true');
  const left = [`copy.sqlite.${gone}.part`, `copy.sqlite.${gone}.part-journal`];
  const kept = [`copy.sqlite.${process.pid}.part`, `other.sqlite.${gone}.part`, `copy.sqlite.${gone}.part.mine`];
  for (const name of [...left, ...kept]) writeFileSync(`${file.directory}/${name}`, 'half a copy');
  expect((await backup()).code).toBe(0);
  expect(
    readdirSync(file.directory)
      .filter((name) => name.includes('.part'))
      .sort(),
  ).toEqual(kept.sort());
});

describe('what it will not do', () => {
  beforeEach(keepSample);
  const failed = (sentence: RegExp) => ({ code: 1, out: '', err: expect.stringMatching(sentence) });
  const leftovers = (of: string) => readdirSync(dirname(of)).filter((name) => name.includes('.part'));

  test('write over a file that is there', async () => {
    writeFileSync(copy, 'precious');
    expect(await backup()).toEqual(failed(/^error: \S+copy\.sqlite is there already, and was left as it is/));
    expect(readFileSync(copy, 'utf8')).toBe('precious');
  });

  test('copy what is not there', async () => {
    expect(await runOpd(['backup', copy, '--data', `${file.path}.none`])).toEqual(failed(/^error: cannot read /));
    expect(existsSync(copy)).toBe(false);
  });

  test('write where there is no directory', async () => {
    expect(await backup(`${file.directory}/none/copy`)).toEqual(failed(/^error: cannot use .* Check the path/));
  });

  test('leave half a copy where the disk is full', async () => {
    const full = await runOpdOnFullDisk(72, ['backup', copy, '--data', file.path]);
    expect(full).toEqual(failed(/^error: cannot use \S+copy\.sqlite: .* make room on it/));
    expect([existsSync(copy), leftovers(copy)]).toEqual([false, []]);
  });
});

/** Clients that ask for one token after another. */
class Busy {
  readonly acknowledged: string[] = [];
  readonly #callers: Promise<void>[];
  #stopped = false;
  #wake = () => {};

  constructor(client: Client, slots: readonly Slot[]) {
    this.#callers = slots.map((slot) => this.#ask(client, slot));
  }

  async #ask(client: Client, slot: Slot): Promise<void> {
    while (!this.#stopped) {
      this.acknowledged.push((await aToken(client, slot)).id);
      this.#wake();
    }
  }

  async hasAcknowledged(count: number): Promise<void> {
    while (this.acknowledged.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#callers);
  }
}
