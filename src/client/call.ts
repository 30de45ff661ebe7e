/** The generated stubs as promises, typed by the generated definition. */
import { type CallOptions, type Client, Metadata } from '@grpc/grpc-js';
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';

/** A unary method of the contract, as the generated code describes it. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseSerialize: (response: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** The contract's methods, by their names in lower camel case. */
export type MethodName = keyof typeof OpdServiceService;
export type UnaryName = Exclude<MethodName, 'watchQueue'>;
export type RequestOf<Name extends MethodName> = ReturnType<OpdServiceService[Name]['requestDeserialize']>;
export type ResponseOf<Name extends UnaryName> = ReturnType<OpdServiceService[Name]['responseDeserialize']>;

export interface UnaryOptions extends CallOptions {
  /** Told of the call once it has begun, so that it can be cancelled. */
  readonly onStart?: (call: { cancel(): void }) => void;
  /** Sent beside the request. */
  readonly metadata?: Metadata;
}

/**
 * Calls a unary method.
 *
 * @throws ServiceError with the call's status where that is not OK
 */
export function unary<Request, Response>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: Method<Request, Response>,
  request: Request,
  { onStart, metadata = new Metadata(), ...options }: UnaryOptions = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const started = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      options,
      (error, response) => {
        if (error) reject(error);
        else resolve(response as Response);
      },
    );
    onStart?.(started);
  });
}

/** Calls a unary method by its name; fields that are left out are as the wire's defaults have them. */
export function call<Name extends UnaryName>(
  client: Client,
  name: Name,
  fields: Partial<RequestOf<Name>>,
  options?: UnaryOptions,
): Promise<ResponseOf<Name>> {
  const method = OpdServiceService[name] as unknown as Method<RequestOf<Name>, ResponseOf<Name>>;
  return unary(client, method, requestOf(name, fields), options);
}

const NO_BYTES = Buffer.alloc(0);
const emptyRequests = new Map<MethodName, unknown>();

/** A whole request of some of its fields. */
export function requestOf<Name extends MethodName>(name: Name, fields: Partial<RequestOf<Name>>): RequestOf<Name> {
  let empty = emptyRequests.get(name) as RequestOf<Name> | undefined;
  if (!empty) {
    empty = OpdServiceService[name].requestDeserialize(NO_BYTES) as RequestOf<Name>;
    emptyRequests.set(name, empty);
  }
  return { ...empty, ...fields };
}
