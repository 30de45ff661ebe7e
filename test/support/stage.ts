/** The gRPC server before a desk that a test makes up, to look at what no real desk does on demand. */
import { ServerCredentials } from '@grpc/grpc-js';
import type { FrontDesk } from '../../src/desk/front-desk.js';
import { type Answer, refused } from '../../src/domain/refusal.js';
import { OpdServer, type ServerSurroundings } from '../../src/grpc/server.js';
import { Client } from './client.js';
import { NOBODY } from './clinic.js';
import { Clock, MORNING, RecordedLog } from './service.js';

export interface Opened {
  readonly server: OpdServer;
  readonly client: Client;
  readonly port: number;
  readonly log: RecordedLog;
}

export class Stage {
  #opened: Opened[] = [];

  async open(desk: Partial<FrontDesk>, surroundings: Partial<ServerSurroundings> = {}): Promise<Opened> {
    const log = new RecordedLog();
    const { now } = new Clock(MORNING);
    const server = new OpdServer(desk as FrontDesk, { log, now, drainSecondsMax: 1, ...surroundings });
    const port = await server.listen('127.0.0.1:0', ServerCredentials.createInsecure());
    const opened = { server, log, port, client: new Client(`127.0.0.1:${port}`) };
    this.#opened.push(opened);
    return opened;
  }

  async clear(): Promise<void> {
    for (const { server, client } of this.#opened.splice(0)) {
      client.close();
      await server.drain();
    }
  }
}

/** Answers of a desk that come when they are let go: DOCTOR_NOT_FOUND. */
export function holding() {
  let ask = () => {};
  let release = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    /** Resolves when the first has asked. */
    asked,
    release: () => release(),
    async answer(): Promise<Answer<never>> {
      ask();
      await released;
      return refused('DOCTOR_NOT_FOUND', { doctorId: `doc_${NOBODY}` as never });
    },
  };
}
