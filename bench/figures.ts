/** `npm run bench:figures`: measures what docs/performance.md shows as pictures, and draws them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { allocate, createDays } from './days.js';
import { LeanClient } from './lean-client.js';
import { type Call, type Load, load } from './load.js';
import { ServerProcess } from './process.js';
import { withScratch } from './scratch.js';
import { startOpd } from './servers/opd.js';
import { SIZES } from './workload.js';
import { costOfDay } from './workloads/engine.js';

const FOLDER = 'docs/figures';
const IN_FLIGHT = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SECONDS = 3;
const DAY_SIZES = [10, 30, 100, 300, 1_000, 3_000, 10_000];
const SLOT = 'slot_01a20e25-a2ff-7059-8895-194685575b40';

interface Point {
  readonly server: string;
  readonly inFlight: number;
  readonly load: Load;
}

async function measureCurve(): Promise<Point[]> {
  return withScratch(async (folder) => {
    const opd = await startOpd(join(folder, 'opd.sqlite'));
    const echo = await ServerProcess.start('./servers/echo.js');
    try {
      return await curvesOf(opd, echo);
    } finally {
      await Promise.all([opd.stop(), echo.stop()]);
    }
  });
}

async function curvesOf(opd: ServerProcess, echo: ServerProcess): Promise<Point[]> {
  const client = new LeanClient(opd.address);
  const days = await createDays(client, 1_000, 1, 100);
  client.close();
  let patient = 0;
  const ours: Call = (caller) => {
    const mine = patient++;
    return allocate(caller, days[mine % days.length]?.slotIds[0] ?? '', mine);
  };
  const theirs: Call = (caller, index) => allocate(caller, SLOT, index);
  const points: Point[] = [];
  for (const inFlight of IN_FLIGHT) {
    points.push({ server: 'opd, durable', inFlight, load: await load(opd, { inFlight, seconds: SECONDS }, ours) });
    points.push({
      server: 'grpc-js, empty',
      inFlight,
      load: await load(echo, { inFlight, seconds: SECONDS }, theirs),
    });
  }
  return points;
}

async function draw(name: string, spec: TopLevelSpec): Promise<void> {
  const svg = await new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
  writeFileSync(join(FOLDER, `${name}.svg`), svg);
}

const size = { width: 420, height: 260, background: 'white' } as const;
const inFlight = {
  field: 'inFlight',
  type: 'quantitative',
  scale: { type: 'log', base: 2 },
  title: 'calls in flight',
} as const;

function curve(points: readonly Point[], title: string, field: string, logarithmic: boolean): TopLevelSpec {
  const values = points.map(({ server, inFlight, load }) => ({ server, inFlight, ...load }));
  return {
    ...size,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: inFlight,
      y: { field, type: 'quantitative', title, scale: { type: logarithmic ? 'log' : 'linear' } },
      color: { field: 'server', type: 'nominal', title: null },
    },
  };
}

mkdirSync(FOLDER, { recursive: true });
const points = await measureCurve();
await draw('throughput', curve(points, 'calls/s', 'callsPerSecond', false));
await draw('latency', curve(points, 'p99 latency, ms', 'p99', true));
const costs = DAY_SIZES.map((tokens) => ({ tokens, cost: costOfDay(SIZES.full, tokens).median }));
await draw('engine', {
  ...size,
  data: { values: costs },
  mark: { type: 'line', point: true },
  encoding: {
    x: { field: 'tokens', type: 'quantitative', scale: { type: 'log' }, title: 'tokens of the day' },
    y: { field: 'cost', type: 'quantitative', scale: { zero: true }, title: 'µs a command, engine alone' },
  },
});
for (const { server, inFlight, load } of points) {
  const [rate, p50, p99] = [load.callsPerSecond, load.p50, load.p99].map((each) => each.toFixed(each < 100 ? 2 : 0));
  process.stdout.write(
    `${server.padEnd(16)} ${String(inFlight).padStart(4)} in flight  ${rate} calls/s  p50 ${p50} ms  p99 ${p99} ms\n`,
  );
}
for (const { tokens, cost } of costs)
  process.stdout.write(`day of ${tokens} tokens: ${cost.toFixed(2)} µs a command\n`);
