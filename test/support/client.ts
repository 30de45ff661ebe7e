/** The service as a client sees it: calls as promises, refusals in words, watches that a test can wait on. */
import { type CallOptions, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { OpdServiceClient, type WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import {
  call,
  type RequestOf,
  type ResponseOf,
  requestOf,
  type UnaryName,
  type UnaryOptions,
} from '../../src/client/call.js';
import { refusalFrom, type WireRefusal } from '../../src/client/refusal.js';
import { Watch } from './watch.js';

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
  readonly listTokens = this.#method('listTokens');
  readonly listChanges = this.#method('listChanges');

  /** Calls a method; fields that are left out are as the wire's defaults have them. */
  call<Name extends UnaryName>(
    name: Name,
    fields: Partial<RequestOf<Name>>,
    options?: UnaryOptions,
  ): Promise<ResponseOf<Name>> {
    return call(this.stub, name, fields, options);
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

/** Reads the refusal out of an error. Throws where its parts contradict each other, or there is none. */
export function refusalOf(error: unknown): Omit<WireRefusal, 'domain'> {
  const { code, details: message } = error as ServiceError;
  const read = refusalFrom(error);
  if (!read) throw new Error(`no status details, but: ${error}`);
  const { domain, ...refusal } = read;
  if (refusal.code !== code || refusal.message !== message) {
    throw new Error(`the call says ${code} "${message}", its details ${refusal.code} "${refusal.message}"`);
  }
  if (domain !== 'opd.v1') throw new Error(`domain is ${domain}`);
  return refusal;
}

/** The refusal that a call is to end with. */
export async function refusal(call: Promise<unknown>): Promise<Omit<WireRefusal, 'domain'>> {
  const answer = await call.catch((error) => refusalOf(error));
  if (typeof (answer as Partial<WireRefusal>)?.reason !== 'string') throw new Error('the call was not refused');
  return answer as Omit<WireRefusal, 'domain'>;
}
