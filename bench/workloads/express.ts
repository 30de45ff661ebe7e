/** Our durable AllocateToken against the design that it replaces. */
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { allocate, createDays } from '../days.js';
import { LeanClient } from '../lean-client.js';
import { load } from '../load.js';
import { ServerProcess } from '../process.js';
import { withScratch } from '../scratch.js';
import { startOpd } from '../servers/opd.js';
import { alternate, atLeast, ratios, type Size, sideOfLoads, type Workload } from '../workload.js';

const IN_FLIGHT = 128;
const SOURCES = ['PAID', 'FOLLOW_UP', 'ONLINE', 'WALK_IN'];

export const expressWorkload: Workload = {
  name: 'express',
  title: 'The design this engine replaces: Express, JSON, in memory, nothing durable',
  run: (size) =>
    withScratch(async (folder) => {
      const [opd, express] = [
        await startOpd(join(folder, 'opd.sqlite')),
        await ServerProcess.start('./servers/express.js'),
      ];
      try {
        return [await compare(size, opd, express)];
      } finally {
        await Promise.all([opd.stop(), express.stop()]);
      }
    }),
};

async function compare(size: Size, opd: ServerProcess, express: ServerProcess) {
  const count = size.name === 'tiny' ? 10 : 1_000;
  const client = new LeanClient(opd.address);
  const days = await createDays(client, count, 1, 100);
  client.close();
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const slotIds = await Promise.all(
    Array.from({ length: count }, async () => (await post(express, agent, '/slots', { capacity: 100 })).id as string),
  );
  let patient = 0;
  const terms = { inFlight: IN_FLIGHT, seconds: size.seconds };
  const ours = () =>
    load(opd, terms, (caller) => {
      const mine = patient++;
      return allocate(caller, days[mine % count]?.slotIds[0] ?? '', mine);
    });
  const theirs = () =>
    load(express, terms, (_caller, index) => {
      const body = { source: SOURCES[index % SOURCES.length], patientRef: `P-${index}` };
      return post(express, agent, `/slots/${slotIds[index % count]}/tokens`, body);
    });
  const [a, b] = await alternate(size.rounds, ours, theirs);
  agent.destroy();
  const value = ratios(
    a.map((each) => each.callsPerSecond),
    b.map((each) => each.callsPerSecond),
  );
  return {
    sides: [sideOfLoads('opd', a), sideOfLoads('express', b)],
    judged: atLeast('calls/s ÷ express', value, 4),
  };
}

function post(server: ServerProcess, agent: Agent, path: string, body: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const request = httpRequest(`http://${server.address}${path}`, { method: 'POST', agent, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => (response.statusCode === 201 ? resolve(JSON.parse(answer)) : reject(new Error(answer))));
    });
    request.on('error', reject);
    request.end(text);
  });
}
