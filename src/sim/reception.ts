/** The simulation's end of the gRPC connection: questions, and watches. Knows nothing of the rules. */
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { ErrorInfo } from '../../gen/google/rpc/error_details.js';
import { Status } from '../../gen/google/rpc/status.js';
import { OpdServiceService, type WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import { QueueWatch } from './queue-watch.js';

/** A unary method of the contract, as the generated code describes it. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseSerialize: (response: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

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
  ask<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Reply<Response>> {
    const { path, requestSerialize, responseDeserialize } = method;
    const deadline = Date.now() + CALL_SECONDS_MAX * 1_000;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        (error, response) => {
          if (!error && response) return resolve({ ok: true, response });
          const reason = error ? reasonOf(error) : undefined;
          return reason ? resolve({ ok: false, reason }) : reject(error ?? new Error(`${path} answered nothing`));
        },
      );
    });
  }

  /** Watches a doctor's day: from a snapshot on, or from right after a revision. */
  watch(doctorId: string, date: string, afterRevision?: number): QueueWatch {
    const { path, requestSerialize, responseDeserialize } = OpdServiceService.watchQueue;
    const request = { doctorId, date, slotId: '', afterRevision, heartbeatInterval: undefined };
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

function reasonOf(error: ServiceError): string | undefined {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!(bytes instanceof Buffer)) return undefined;
  const info = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl.endsWith('/google.rpc.ErrorInfo'));
  return info && ErrorInfo.decode(info.value).reason;
}
