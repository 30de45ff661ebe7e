/** The simulation's end of the gRPC connection: questions, and watches. Knows nothing of the rules. */
import { Client, credentials } from '@grpc/grpc-js';
import { OpdServiceService, type WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import { type Method, unary } from '../client/call.js';
import { refusalFrom } from '../client/refusal.js';
import { QueueWatch } from './queue-watch.js';

/** `reason` as google.rpc.ErrorInfo gives it. */
export type Reply<Response> =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly reason: string };

/** How long a call may take, in real time: a server that hangs is to fail the simulation, not to hang it. */
const CALL_SECONDS_MAX = 20;

export class Reception {
  readonly #client: Client;

  /** @param address `host:port` of a server that speaks plaintext */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** Rejects with ServiceError where the call failed otherwise than by a refusal of the contract. */
  async ask<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Reply<Response>> {
    const deadline = Date.now() + CALL_SECONDS_MAX * 1_000;
    try {
      return { ok: true, response: await unary(this.#client, method, request, { deadline }) };
    } catch (error) {
      const reason = refusalFrom(error)?.reason;
      if (!reason) throw error;
      return { ok: false, reason };
    }
  }

  /** Watches a doctor's day: from a snapshot on, or from right after a revision. */
  watch(doctorId: string, date: string, afterRevision?: number): QueueWatch {
    const { path, requestSerialize, responseDeserialize } = OpdServiceService.watchQueue;
    const request = { doctorId, date, slotId: '', afterRevision, heartbeatInterval: undefined, epoch: '' };
    return new QueueWatch(
      this.#client.makeServerStreamRequest<typeof request, WatchQueueResponse>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
      ),
    );
  }

  close(): void {
    this.#client.close();
  }
}
