/** What `--listen` may say. */
import { BlockList, isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Checks `host:port`, an IPv6 host in brackets. */
export function parseListenAddress(text: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(text);
  if (!match || Number(match[2]) > 65_535) {
    throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051.');
  }
  return text;
}

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
