/** The way from one server to its database, which can be cut, fall silent, or lead to another. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Wire {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #isHushed = false;

  private constructor(
    private readonly server: Server,
    private port: number,
  ) {
    server.on('connection', (near) => this.#join(near));
  }

  /** @param path of a Unix socket where it begins; without one it begins at a port of its own */
  static async to(port: number, path?: string): Promise<Wire> {
    const server = createServer().listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
    await once(server, 'listening');
    return new Wire(server, port);
  }

  /** The database's address by this way. */
  through(address: string): string {
    const url = new URL(address);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** All connections break off, and no new ones come about. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing comes through any more, and nobody is told. */
  hush(): void {
    this.#isHushed = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** The same address leads to another database from now on, as a name or a virtual address does; what led to the old one breaks off. */
  leadTo(port: number): void {
    this.port = port;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
    this.#isHushed = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('data', (bytes) => other.write(bytes));
      if (this.#isHushed) one.pause();
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
