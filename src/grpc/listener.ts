/** The sockets that the server listens on: how many connections there may be, and how many begin in a turn of the event loop. */
import { lookup } from 'node:dns/promises';
import { createServer, isIP, type Server, type Socket } from 'node:net';
import { Turnstile } from './turnstile.js';

/** At some 0.2 ms each, where nobody else wants the processor. */
const CONNECTIONS_A_TURN = 8;

export class Listener {
  readonly #servers: Server[] = [];
  readonly #turnstile: Turnstile<Socket>;
  readonly #sockets = new Map<string, Socket>();

  /** @param connectionsMax at each address; one more is closed at once, unread */
  constructor(
    private readonly connectionsMax: number,
    take: (socket: Socket) => void,
  ) {
    this.#turnstile = new Turnstile(CONNECTIONS_A_TURN, (socket) => {
      if (socket.destroyed) return;
      take(socket);
      socket.resume();
    });
  }

  /**
   * Listens on `host:port`, an IPv6 host in brackets, port 0 for any free one; at each address that the host's name stands
   * for and this machine has, where it is a name.
   *
   * @returns the port
   */
  async listen(address: string): Promise<number> {
    const [, host = '', portText] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    let port = Number(portText);
    let absent: unknown;
    for (const each of await addressesOf(host)) {
      try {
        port = await this.#open(each, port);
      } catch (error) {
        absent = error;
        // A machine without IPv6 may still have `::1` among its names.
        if (!ABSENT.has((error as NodeJS.ErrnoException).code)) throw error;
      }
    }
    if (this.#servers.length === 0) throw absent;
    return port;
  }

  /**
   * Closes a connection at once, with all calls on it.
   *
   * @param peer as grpc-js names it, `address:port` without brackets
   * @returns whether there was one
   */
  hangUp(peer: string): boolean {
    const socket = this.#sockets.get(peer);
    socket?.destroy();
    return socket !== undefined;
  }

  /** Takes no more connections; resolves when those that there are have ended. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #open(host: string, port: number): Promise<number> {
    // Not read before it is taken: what is read then would be lost.
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      this.#sockets.set(peer, socket);
      socket.on('error', () => {}).once('close', () => this.#sockets.delete(peer));
      this.#turnstile.come(socket);
    });
    server.maxConnections = this.connectionsMax;
    return new Promise((resolve, reject) => {
      server.once('error', reject).listen({ host, port }, () => {
        this.#servers.push(server);
        resolve((server.address() as { port: number }).port);
      });
    });
  }
}

const ABSENT: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

async function addressesOf(host: string): Promise<Set<string>> {
  if (isIP(host)) return new Set([host]);
  return new Set((await lookup(host, { all: true })).map(({ address }) => address));
}
