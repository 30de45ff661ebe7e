/**
 * A program that passes on what comes: `node relay.js FROM TO`, each a HOST:PORT or the path of a Unix socket. Says `ready` when it
 * listens, and ends with its standard input.
 */
import { connect, createServer, type Socket } from 'node:net';

const [from, to] = process.argv.slice(2).map(endOf);
if (!from || !to) throw new Error('relay FROM TO');

function endOf(text: string): { path: string } | { host: string; port: number } {
  if (text.startsWith('/')) return { path: text };
  const [host, port] = text.split(':');
  return { host: host as string, port: Number(port) };
}

function join(one: Socket, other: Socket): void {
  one.setNoDelay(true);
  one.pipe(other);
  one.on('error', () => {});
  one.on('close', () => other.destroy());
}

createServer((near) => {
  const far = connect(to);
  join(near, far);
  join(far, near);
}).listen(from, () => process.stdout.write('ready\n'));
process.stdin.resume().on('end', () => process.exit());
