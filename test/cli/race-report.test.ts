/** Whoever runs servers over one database is told how often they got in each other's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RaceReport } from '../../src/cli/race-report.js';
import type { Races } from '../../src/desk/surroundings.js';
import { aDoctor, aSlot, aToken } from '../support/clinic.js';
import { TestPostgres } from '../support/postgres.js';
import { type LogLine, RecordedLog, TestService } from '../support/service.js';

const isReport = ({ message }: LogLine) => message.includes('other servers were first');

test('servers that want one day at once say how often, while it lasts and in the end', async () => {
  const postgres = await TestPostgres.start();
  const data = await postgres.database();
  const services = await Promise.all([1, 2, 3].map(() => TestService.start({ data, raceReportSeconds: 0.1 })));
  const [{ client }] = services as [TestService];
  const slot = await aSlot(client, await aDoctor(client), 10, 1_000);
  while (!services.every(({ log }) => log.lines.some(isReport))) {
    await Promise.all(services.flatMap(({ client }) => Array.from({ length: 32 }, () => aToken(client, slot))));
  }
  for (const { log } of services) {
    const [line] = log.lines.filter(isReport) as [LogLine];
    expect(line).toMatchObject({ level: 'info', fields: { seconds: 0.1, refused: 0 } });
    expect((line.fields as Races).conflicts).toBeGreaterThan(0);
  }
  for (const service of services) {
    await service.stop();
    expect(service.log.lines.filter(isReport).at(-1)?.message).toMatch(/^in all: /);
  }
  await postgres.stop();
}, 30_000);

describe('the report', () => {
  const counts: Races[] = [
    { landed: 10, conflicts: 0, refused: 0 },
    { landed: 30, conflicts: 4, refused: 1 },
    { landed: 30, conflicts: 4, refused: 1 },
    { landed: 35, conflicts: 6, refused: 1 },
  ];

  test('tells what is new since the last time, where anything is, and in the end all of it', async () => {
    const log = new RecordedLog();
    let asked = 0;
    const report = new RaceReport(() => counts[Math.min(asked++, 3)], log, 0.01);
    await log.until(() => log.lines.length === 2);
    report.end();
    const last = { fields: counts[3], message: expect.stringMatching(/^in all: .* nothing was lost$/) };
    expect(log.lines).toMatchObject([
      { fields: { landed: 20, conflicts: 4, refused: 1 } },
      { fields: { landed: 5, conflicts: 2, refused: 0 } },
      last,
    ]);
    await sleep(30);
    expect(log.lines).toHaveLength(3);
  });

  test('says nothing where there was nothing, or the server is alone', () => {
    const log = new RecordedLog();
    new RaceReport(() => counts[0], log).end();
    new RaceReport(() => undefined, log).end();
    expect(log.lines).toEqual([]);
  });
});
