/** A client of the service: the contract's unary calls as promises, with deadlines and typed refusals. */
import { type ChannelCredentials, type ChannelOptions, credentials, type Metadata } from '@grpc/grpc-js';
import { OpdServiceClient, OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { call, type RequestOf, type ResponseOf, type UnaryName } from './call.js';
import { CallFailed } from './call-failed.js';

export interface ClientOptions {
  /** Plaintext where none are given. */
  readonly credentials?: ChannelCredentials;
  /** How long a call may take where it does not say itself. 10 s where absent. */
  readonly timeoutMilliseconds?: number;
  /** Options of the grpc-js channel, over our own. */
  readonly channel?: ChannelOptions;
}

export interface AskOptions {
  /** How long the call may take, until it fails with DEADLINE_EXCEEDED; at most 24 days. */
  readonly timeoutMilliseconds?: number;
  /** Hangs up when it is aborted; the call then rejects with the signal's own reason. */
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
}

/** Asks one thing. Fields that are left out or undefined are as the wire's defaults have them. Rejects with {@link CallFailed}. */
export type Ask<Name extends UnaryName> = (
  fields?: Fields<RequestOf<Name>>,
  options?: AskOptions,
) => Promise<ResponseOf<Name>>;

/** Some fields of a message. */
export type Fields<Message> = { readonly [Field in keyof Message]?: Message[Field] | undefined };

export type OpdClient = { readonly [Name in UnaryName]: Ask<Name> } & {
  /** The generated client, for what is not here. */
  readonly stub: OpdServiceClient;
  /** Lets the connection go. Calls under way are finished first. */
  close(): void;
};

const TIMEOUT_MILLISECONDS = 10_000;

const CHANNEL: ChannelOptions = {
  // By itself, grpc-js waits up to two minutes between attempts to connect: long after the server is back.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 5_000,
  // A server that is gone without a word is found out in less than a minute.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/**
 * Makes a client. Nothing is connected before the first call; afterwards the connection is kept, and made anew when it is lost.
 *
 * @param address `host:port`
 */
export function createClient(address: string, options: ClientOptions = {}): OpdClient {
  const { timeoutMilliseconds = TIMEOUT_MILLISECONDS, channel } = options;
  const stub = new OpdServiceClient(address, options.credentials ?? credentials.createInsecure(), {
    ...CHANNEL,
    ...channel,
  });
  const asks = UNARY.map((name) => {
    const ask: Ask<typeof name> = (fields = {}, own = {}) =>
      perform(stub, name, fields, { timeoutMilliseconds, ...own });
    return [name, ask];
  });
  return { ...Object.fromEntries(asks), stub, close: () => stub.close() };
}

const UNARY = Object.entries(OpdServiceService)
  .filter(([, { responseStream }]) => !responseStream)
  .map(([name]) => name as UnaryName);

async function perform<Name extends UnaryName>(
  stub: OpdServiceClient,
  name: Name,
  fields: Fields<RequestOf<Name>>,
  { timeoutMilliseconds = TIMEOUT_MILLISECONDS, signal, metadata }: AskOptions,
): Promise<ResponseOf<Name>> {
  signal?.throwIfAborted();
  let hangUp = () => {};
  const onAbort = () => hangUp();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await call(stub, name, given(fields), {
      deadline: Date.now() + timeoutMilliseconds,
      onStart: (started) => {
        hangUp = () => started.cancel();
      },
      ...(metadata && { metadata }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw CallFailed.from(error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The encoder takes undefined for a value; a caller means nothing by it. */
function given<Message>(fields: Fields<Message>): Partial<Message> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Message>;
}
