/** The service as a client sees it: calls as promises, refusals in words, watches that a test can wait on. */
import { type CallOptions, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/google/rpc/error_details.js';
import { Status } from '../../gen/google/rpc/status.js';
import { OpdServiceClient, OpdServiceService, type WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import { Watch } from './watch.js';

export type UnaryName = Exclude<keyof OpdServiceService, 'watchQueue'>;
export type RequestOf<Name extends keyof OpdServiceService> = ReturnType<OpdServiceService[Name]['requestDeserialize']>;
export type ResponseOf<Name extends UnaryName> = ReturnType<OpdServiceService[Name]['responseDeserialize']>;

type StubCall = (
  request: unknown,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: unknown) => void,
) => { cancel(): void };

export class Client {
  readonly stub: OpdServiceClient;

  constructor(readonly address: string) {
    // Without its own pool, all clients of a process would share one connection.
    this.stub = new OpdServiceClient(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  readonly createDoctor = this.#method('createDoctor');
  readonly getDoctor = this.#method('getDoctor');
  readonly listDoctors = this.#method('listDoctors');
  readonly createSlot = this.#method('createSlot');
  readonly getSlot = this.#method('getSlot');
  readonly listSlots = this.#method('listSlots');
  readonly allocateToken = this.#method('allocateToken');
  readonly insertEmergency = this.#method('insertEmergency');
  readonly cancelToken = this.#method('cancelToken');
  readonly markNoShow = this.#method('markNoShow');
  readonly getToken = this.#method('getToken');
  readonly getQueue = this.#method('getQueue');

  /** Calls a method; fields that are left out are as the wire's defaults have them. */
  call<Name extends UnaryName>(
    name: Name,
    fields: Partial<RequestOf<Name>>,
    options: Partial<CallOptions> & { onStart?: (call: { cancel(): void }) => void } = {},
  ): Promise<ResponseOf<Name>> {
    const { onStart, ...callOptions } = options;
    return new Promise((resolve, reject) => {
      const stubCall = this.stub[name].bind(this.stub) as unknown as StubCall;
      const call = stubCall(requestOf(name, fields), new Metadata(), callOptions, (error, response) => {
        if (error) reject(error);
        else resolve(response as ResponseOf<Name>);
      });
      onStart?.(call);
    });
  }

  /** Sends bytes as they are, and answers with the bytes that come. */
  raw(path: string, bytes: Uint8Array, options: Partial<CallOptions> = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const asItIs = (value: Buffer) => value;
      this.stub.makeUnaryRequest(path, asItIs, asItIs, Buffer.from(bytes), new Metadata(), options, (error, answer) => {
        if (error) reject(error);
        else resolve(answer as Buffer);
      });
    });
  }

  watch(fields: Partial<WatchQueueRequest>): Watch {
    return new Watch(this.stub.watchQueue(requestOf('watchQueue', fields)));
  }

  close(): void {
    this.stub.close();
  }

  #method<Name extends UnaryName>(name: Name) {
    return (fields: Partial<RequestOf<Name>> = {}) => this.call(name, fields);
  }
}

/** A whole request of some of its fields. */
export function requestOf<Name extends keyof OpdServiceService>(
  name: Name,
  fields: Partial<RequestOf<Name>>,
): RequestOf<Name> {
  const empty = OpdServiceService[name].requestDeserialize(Buffer.alloc(0)) as RequestOf<Name>;
  return { ...empty, ...fields };
}

/** A refusal as it came over the wire. */
export interface WireRefusal {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The violations of a BadRequest by their paths. */
  readonly violations: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly retryDelay: number | undefined;
}

/** Reads the refusal out of an error. Throws where its parts contradict each other, or there is none. */
export function refusalOf(error: unknown): WireRefusal {
  const { code, details: message, metadata } = error as ServiceError;
  const packed = metadata?.get('grpc-status-details-bin') ?? [];
  if (packed.length !== 1) throw new Error(`no status details, but: ${error}`);
  const status = Status.decode(packed[0] as Buffer);
  if (status.code !== code || status.message !== message) {
    throw new Error(`the call says ${code} "${message}", its details ${status.code} "${status.message}"`);
  }
  const info = detail(status, 'ErrorInfo', ErrorInfo);
  if (info?.domain !== 'opd.v1') throw new Error(`domain is ${info?.domain}`);
  const violations = detail(status, 'BadRequest', BadRequest)?.fieldViolations ?? [];
  return {
    code,
    message,
    reason: info.reason,
    metadata: info.metadata,
    violations: Object.fromEntries(violations.map(({ field, description }) => [field, description])),
    retryDelay: detail(status, 'RetryInfo', RetryInfo)?.retryDelay?.seconds,
  };
}

/** The refusal that a call is to end with. */
export async function refusal(call: Promise<unknown>): Promise<WireRefusal> {
  const answer = await call.catch((error) => refusalOf(error));
  if (typeof (answer as Partial<WireRefusal>)?.reason !== 'string') throw new Error('the call was not refused');
  return answer as WireRefusal;
}

function detail<T>(status: Status, type: string, codec: { decode(bytes: Uint8Array): T }): T | undefined {
  const found = status.details.filter(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${type}`);
  if (found.length > 1) throw new Error(`${found.length} details of type ${type}`);
  return found[0] && codec.decode(found[0].value);
}
