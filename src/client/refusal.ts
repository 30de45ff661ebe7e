/** What a failed call says for programs to act on: the details of its google.rpc.Status. */
import type { ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/google/rpc/error_details.js';
import { Status } from '../../gen/google/rpc/status.js';

/** A refusal as it came over the wire. */
export interface WireRefusal {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What is wrong with each wrong field, by its path. */
  readonly violations: Readonly<Record<string, string>>;
  /** Seconds after which it is worth asking again, where waiting helps. */
  readonly retryDelay: number | undefined;
}

/** Reads the refusal out of an error; undefined where the server has given no details. Throws where they are damaged. */
export function refusalFrom(error: unknown): WireRefusal | undefined {
  const [packed] = (error as Partial<ServiceError>)?.metadata?.get('grpc-status-details-bin') ?? [];
  if (!(packed instanceof Buffer)) return undefined;
  const status = Status.decode(packed);
  const info = detail(status, 'ErrorInfo', ErrorInfo);
  if (!info) return undefined;
  const violations = detail(status, 'BadRequest', BadRequest)?.fieldViolations ?? [];
  return {
    code: status.code,
    message: status.message,
    reason: info.reason,
    domain: info.domain,
    metadata: info.metadata,
    violations: Object.fromEntries(violations.map(({ field, description }) => [field, description])),
    retryDelay: detail(status, 'RetryInfo', RetryInfo)?.retryDelay?.seconds,
  };
}

function detail<T>(status: Status, type: string, codec: { decode(bytes: Uint8Array): T }): T | undefined {
  const found = status.details.filter(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${type}`);
  if (found.length > 1) throw new Error(`${found.length} details of type ${type}`);
  return found[0] && codec.decode(found[0].value);
}
