/** Our server, as it ships. */
import { ServerProcess } from '../process.js';

export const MEMORY = ':memory:';

export function startOpd(data: string, nodeArgs: readonly string[] = []): Promise<ServerProcess> {
  const args = ['serve', '--listen', '127.0.0.1:0', '--data', data, '--time-zone', 'UTC', '--log-level', 'warn'];
  return ServerProcess.start('../src/cli/opd.js', args, nodeArgs);
}
