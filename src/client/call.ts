/** The generated stubs as promises, typed by the generated definition. */
import type { CallOptions, Client, Metadata } from '@grpc/grpc-js';
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';

type Definition = typeof OpdServiceService;

/** The contract's unary methods, by their names in lower camel case. */
export type UnaryMethod = Exclude<keyof Definition, 'watchQueue'>;
export type RequestOf<M extends UnaryMethod> = ReturnType<Definition[M]['requestDeserialize']>;
export type ResponseOf<M extends UnaryMethod> = ReturnType<Definition[M]['responseDeserialize']>;

/** What may be left out of a request, since the contract has a default for it. */
export type PartialRequest<M extends UnaryMethod> = Partial<RequestOf<M>>;

/** Bytes to a message; what a message lacks has the contract's default once it has been through here. */
interface Method {
  readonly path: string;
  readonly requestSerialize: (request: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

const EMPTY = Buffer.alloc(0);
const emptyRequests = new Map<UnaryMethod, object>();

/**
 * Calls a unary method.
 *
 * @param request fields left out have the contract's defaults
 * @throws ServiceError with the call's status
 */
export function call<M extends UnaryMethod>(
  client: Client,
  name: M,
  request: PartialRequest<M>,
  metadata?: Metadata,
  options: CallOptions = {},
): Promise<ResponseOf<M>> {
  const method = OpdServiceService[name] as Method;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, response: unknown) =>
      error ? reject(error) : resolve(response as ResponseOf<M>);
    const whole = { ...emptyRequest(name, method), ...request } as never;
    if (metadata)
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        whole,
        metadata,
        options,
        done,
      );
    else
      client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, whole, options, done);
  });
}

function emptyRequest(name: UnaryMethod, method: Method): object {
  let empty = emptyRequests.get(name);
  if (!empty) {
    empty = method.requestDeserialize(EMPTY) as object;
    emptyRequests.set(name, empty);
  }
  return empty;
}
