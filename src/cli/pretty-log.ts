/** Log lines for a terminal. Elsewhere they are JSON, a line each. */
import prettyStream from 'pino-pretty';

export function pretty() {
  return prettyStream({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
}
