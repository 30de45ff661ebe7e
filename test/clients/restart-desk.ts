/** Restarts a server for client programs that ask for it, by a command of which they need to know nothing. */
import { createServer, type Server } from 'node:net';
import type { ServerProcess } from '../torture/server-process.js';

const ASK = new URL('ask-restart.js', import.meta.url).pathname;

export class RestartDesk {
  private constructor(
    private readonly listener: Server,
    /** Run in a shell, it ends with 0 when the server has been drained and is back at the same address. */
    readonly command: string,
  ) {}

  static async open(server: ServerProcess): Promise<RestartDesk> {
    const listener = createServer(async (caller) => {
      caller.on('error', () => {});
      await server.stop();
      await server.start();
      caller.end('done');
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    return new RestartDesk(listener, `'${process.execPath}' '${ASK}' ${port}`);
  }

  close(): void {
    this.listener.close();
  }
}
