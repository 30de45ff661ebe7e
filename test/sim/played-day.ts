/** A simulated day against a service of its own, for the tests. */
import { startService } from '../../src/cli/service.js';
import type { TimeZone } from '../../src/domain/time.js';
import { type OpdDayReport, runOpdDay } from '../../src/sim/opd-day.js';
import { Reception } from '../../src/sim/reception.js';
import { DAWN } from '../../src/sim/scene.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const SILENT = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };

/**
 * @param receptionAt makes the connection: a test that lies brings its own
 * @param letTimePass has the server see to what is due, unless a test would rather not
 */
export async function playDay(
  { seed, doctors = 3 }: { seed: number; doctors?: number },
  receptionAt: (address: string) => Reception = (address) => new Reception(address),
  letTimePass?: () => Promise<unknown>,
): Promise<OpdDayReport> {
  const clock = new VirtualClock(DAWN);
  const service = await startService({
    data: ':memory:',
    listen: '127.0.0.1:0',
    timeZone: 'UTC' as TimeZone,
    log: SILENT,
    now: () => clock.now,
    clockTicks: false,
  });
  const reception = receptionAt(service.address);
  try {
    return await runOpdDay({
      reception,
      clock,
      letTimePass: letTimePass ?? (() => service.letTimePass()),
      seed,
      doctors,
    });
  } finally {
    reception.close();
    await service.stop();
  }
}
